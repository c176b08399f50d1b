//! `wheelhouse completions`: a script with which a shell completes our commands.

use clap_complete::Shell;

use super::exit::Exit;
use super::session::Session;

/// Writes a script with which a shell completes the commands
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Writes the script for the whole command line.
pub(super) fn run(args: &CompletionsArgs, mut whole: clap::Command, session: &mut Session) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut whole, "wheelhouse", &mut script);
    session.output.raw(&script);
    Exit::Done
}
