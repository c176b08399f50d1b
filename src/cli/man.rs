//! `wheelhouse man`: the manual pages, written from the same definitions as the help.

use std::path::PathBuf;

use super::cell::Cell;
use super::exit::Exit;
use super::session::Session;
use crate::incident::{Notice, Trouble};

/// Writes the manual page
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write one page for each command into this directory instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Writes the manual of the whole command line.
pub(super) fn run(
    args: &ManArgs,
    whole: clap::Command,
    session: &mut Session,
) -> Result<Exit, Notice> {
    let unwritable = |error: std::io::Error| {
        Notice::new(Trouble::Failed, "the manual could not be written").detail(error.to_string())
    };
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(whole).render(&mut page).map_err(unwritable)?;
        session.output.raw(&page);
        return Ok(Exit::Done);
    };
    std::fs::create_dir_all(dir).map_err(unwritable)?;
    clap_mangen::generate_to(whole, dir).map_err(unwritable)?;
    session.output.message([Cell::of(format!("written to {}", dir.display()))]);
    Ok(Exit::Done)
}
