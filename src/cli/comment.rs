//! `wheelhouse comment`: a person's words on an incident.

use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format};
use super::session::Session;
use super::{naming, reach, typed};
use crate::incident::{Body, EntryId, IncidentId, Notice, Trouble};
use crate::wire::{Command, Draft, Reply};

/// Writes a comment on an incident
#[derive(Debug, clap::Args)]
pub struct CommentArgs {
    /// The incident: its id, or as much of its beginning or end as is unique
    incident: String,

    /// The comment; `-` reads it from the standard input
    text: String,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Recorded {
    entry: EntryId,
    incident: IncidentId,
}

/// Writes a comment.
pub(super) async fn run(args: CommentArgs, session: &mut Session) -> Result<Exit, Notice> {
    let incident = naming::incident(&session.history()?, &args.incident)?;
    let text = typed::text(args.text).await?;
    if text.trim().is_empty() {
        return Err(Notice::new(Trouble::Usage, "the comment is empty").hint("say something"));
    }
    let draft = Draft {
        incident: incident.id,
        body: Body::Comment,
        text: text.trim().into(),
        refs: Vec::new(),
        key: None,
    };
    let reached = reach::hub(session).await?;
    let reply = reached.link.ask(Command::Post { draft }).await;
    reached.leave().await;
    let Reply::Recorded { entry } = reply? else {
        return Err(Notice::new(Trouble::Failed, "the hub answered something else"));
    };
    match args.format.form() {
        Form::Json => {
            session.output.record("recorded", &Recorded { entry, incident: incident.id });
        }
        Form::People => {
            let done = Cell::from("✓ recorded").ink(Ink::Good);
            let title = Cell::from(incident.title.line());
            session.output.line([done, Cell::of(entry), "on".into(), title]);
        }
    }
    Ok(Exit::Done)
}
