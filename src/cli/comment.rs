//! `wheelhouse comment`: a person's words on an incident.

use jiff::Timestamp;
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format};
use super::session::Session;
use super::{naming, reach, typed};
use crate::incident::{Actor, Body, EntryId, IncidentId, Notice, Trouble};
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
    let reached = reach::hub(session).await?;
    let me = &reached.link.principal().actor;
    let draft = draft(incident.id, text.trim(), (me, session.clock.now()));
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

fn draft(incident: IncidentId, text: &str, (me, now): (&Actor, Timestamp)) -> Draft {
    Draft {
        incident,
        body: Body::Comment,
        text: text.into(),
        refs: Vec::new(),
        // The same comment sent again after a lost answer is the same entry; the time tells apart two
        // comments that merely read alike.
        key: Some(format!("comment {me} {now}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_has_a_key_of_its_author_and_its_moment() {
        let (now, ada) = (Timestamp::UNIX_EPOCH, "human:ada".parse().unwrap());
        let later = Timestamp::from_second(1).unwrap();
        let key = |at| draft(IncidentId::from_parts(now, 1), "looking", (&ada, at)).key.unwrap();
        assert_eq!(key(now), "comment human:ada 1970-01-01T00:00:00Z");
        assert_ne!(key(now), key(later));
    }
}
