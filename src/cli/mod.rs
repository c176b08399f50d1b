//! The command line, one file per subcommand.
//!
//! [`run()`] gives a subcommand its [`Session`]: environment, paths, settings, clock, and [`Output`]. What
//! was asked for goes to the standard output, as tables for people or as JSON Lines; everything else goes
//! to the standard error. Reading opens the journal beside the hub that writes it; writing goes to the
//! hub that runs, or to one that lives for the one command. Every end has its code: [`Exit`].

mod agent;
mod args;
mod card;
mod cell;
mod comment;
mod completions;
mod config;
mod decide;
mod decisions;
mod demo;
mod doctor;
mod doorway;
mod ending;
mod exchange;
mod exit;
#[cfg(unix)]
mod guarded;
mod house;
mod incidents;
mod init;
mod keys;
mod logs;
mod look;
mod man;
mod manners;
mod moment;
mod naming;
mod outbox;
mod outfit;
mod output;
#[cfg(test)]
mod output_tests;
mod partners;
mod paths;
mod plain;
mod primary;
mod props;
mod reach;
mod records;
mod replay;
mod run;
mod sandbox;
mod screen;
mod search;
mod session;
mod sources;
mod standin;
mod story;
mod telling;
mod themes;
mod timeline;
mod tracking;
mod typed;
mod verdict;
mod watch;

pub use args::{Arguments, Command};
pub use exit::Exit;
pub use output::{Form, Format, LINES_VERSION, Listed, Output, Side};
pub use run::run;
pub use session::{Everywhere, Session};
