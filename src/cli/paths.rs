//! `wheelhouse paths`: where everything lies on this machine.

use std::path::PathBuf;

use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Form, Format, Listed};
use super::session::Session;
use crate::incident::Notice;

/// Lists where everything lies
#[derive(Debug, clap::Args)]
pub struct PathsArgs {
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    path: PathBuf,
    exists: bool,
}

impl Listed for Row {
    const TYPE: &'static str = "path";
    const HEADS: &'static [&'static str] = &["WHAT", "THERE", "PATH"];

    fn cells(&self) -> Vec<Cell> {
        let there = if self.exists { Cell::from("✓").ink(Ink::Good) } else { Cell::default() };
        vec![Cell::from(self.name).ink(Ink::Strong), there, Cell::of(self.path.display())]
    }
}

/// Lists the paths.
pub(super) fn run(args: &PathsArgs, session: &mut Session) -> Result<Exit, Notice> {
    let paths = session.paths()?;
    let row = |(name, path): (&'static str, PathBuf)| Row { name, exists: path.exists(), path };
    let rows = paths.list().map(row);
    session.output.list(args.format.form(), &rows, "no paths");
    if args.format.form() == Form::People {
        let by = format!("the settings file is named by {}", paths.config_origin.words());
        session.output.message([Cell::of(by).ink(Ink::Muted)]);
    }
    Ok(Exit::Done)
}
