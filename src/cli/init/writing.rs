//! Writing the first settings file: the annotated one, with what was found put where it belongs.

use serde::Serialize;

use super::finding::{Found, Place, find};
use crate::cli::cell::{Cell, Ink};
use crate::cli::config::create;
use crate::cli::exit::Exit;
use crate::cli::output::{Form, Format, Listed};
use crate::cli::session::Session;
use crate::incident::{Notice, Trouble};
use crate::settings::{DEFAULT_FILE, schema};

/// Looks for what is here, and writes an annotated settings file
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Write the file to the standard output, and nothing else
    #[arg(long)]
    print: bool,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row<'a> {
    what: &'static str,
    found: &'a str,
    says: &'a str,
}

impl Listed for Row<'_> {
    const TYPE: &'static str = "found";
    const HEADS: &'static [&'static str] = &["WHAT", "FOUND", "SAYS"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::from(self.what).ink(Ink::Strong),
            Cell::of(self.found),
            Cell::of(self.says).ink(Ink::Muted),
        ]
    }
}

/// Looks, tells, and writes.
pub(in crate::cli) fn run(args: &InitArgs, session: &mut Session) -> Result<Exit, Notice> {
    let found = find(&session.environment);
    let text = file(&found);
    if args.print {
        session.output.raw(text.as_bytes());
        return Ok(Exit::Done);
    }
    let paths = session.paths()?;
    if paths.config.exists() {
        let what = format!("{} is there already, and is not touched", paths.config.display());
        return Err(Notice::new(Trouble::Conflict, what)
            .hint("see what would be written with `wheelhouse init --print`"));
    }
    let form = args.format.form();
    let rows: Vec<Row<'_>> = found
        .iter()
        .map(|found| Row { what: found.what, found: &found.name, says: &found.says })
        .collect();
    session.output.list(form, &rows, "nothing was found that could be connected");
    create(&paths.config, &text)?;
    let shape = paths.config_dir().join("config.schema.json");
    if !shape.exists()
        && let Ok(text) = serde_json::to_string_pretty(&schema())
    {
        create(&shape, &text)?;
    }
    if form == Form::People {
        let written =
            format!("wrote {}; read it, then `wheelhouse doctor`", paths.config.display());
        session.output.message([Cell::of(written).ink(Ink::Good)]);
        session.output.message(["`wheelhouse demo` shows a whole story".into()]);
    }
    Ok(Exit::Done)
}

/// The annotated file, with what was found put where it belongs, still to be switched on.
fn file(found: &[Found]) -> String {
    let mut text = String::from("#:schema ./config.schema.json\n");
    for line in DEFAULT_FILE.lines() {
        text += line;
        text += "\n";
        let place = match line {
            "# --- The partner agents that can be called, by name" => Place::Partners,
            "# --- The trackers that entries are written to, by name" => Place::Trackers,
            _ => continue,
        };
        for here in found.iter().filter(|found| found.place == Some(place)) {
            for part in ["# Found: ", &here.says, ".\n", &here.snippet, "\n"] {
                text += part;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn what_is_written_is_right_with_everything_found_and_still_switched_off() {
        let found = |place, snippet: &str| Found {
            what: "partner",
            name: "logs".into(),
            says: "an MCP server".into(),
            place: Some(place),
            snippet: snippet.into(),
        };
        let text = file(&[
            found(Place::Partners, "# [partners.logs]\n# command = [\"npx\"]"),
            found(Place::Trackers, "# [trackers.github]\n# kind = \"github\""),
        ]);
        let dir = tempfile::tempdir().unwrap();
        let wished = crate::settings::Wished {
            config: Some(dir.path().join("config.toml")),
            data_dir: Some(dir.path().into()),
        };
        std::fs::write(dir.path().join("config.toml"), &text).unwrap();
        let environment = crate::settings::Environment::default();
        let paths = crate::settings::Paths::find(&environment, &wished).unwrap();
        let loaded = Settings::load(&paths).unwrap();
        assert!(loaded.warnings.list().is_empty());
        assert!(loaded.settings.partners.is_empty());
        let at = |part: &str| text.find(part).unwrap();
        assert!(at("# [partners.logs]") < at("# --- The trackers"), "{text}");
        assert!(at("# --- The trackers") < at("# [trackers.github]"), "{text}");
    }
}
