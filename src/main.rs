//! The `wheelhouse` binary: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use wheelhouse::cli::{self, Arguments, Exit};

fn main() -> ExitCode {
    let exit = match Arguments::try_parse() {
        Ok(arguments) => cli::run(arguments),
        Err(told) => {
            // Help goes to the standard output and a mistake to the standard error; if neither can be
            // written, the code still tells.
            drop(told.print());
            if told.use_stderr() { Exit::Usage } else { Exit::Done }
        }
    };
    ExitCode::from(exit.code())
}
