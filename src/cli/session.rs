//! The session: what one run of the command line works with.

use std::path::PathBuf;

use super::exit::Exit;
use super::output::Output;
use crate::incident::{Notice, Principal};
use crate::journal::{History, Journal};
use crate::settings::{Clock, ColourWish, Environment, Log, Paths, Settings, Wished};

/// What is logged unless somebody says otherwise, by how often `-v` stands there.
const FILTERS: [&str; 3] =
    ["warn,wheelhouse=info", "info,wheelhouse=debug", "debug,wheelhouse=trace"];

/// What can be said with every command.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Everywhere {
    /// Read the settings from this file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Keep everything that is recorded in this directory
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Write with colours
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<Colours>,

    /// Log more, into the log file; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Colours {
    /// Where a person looks.
    Auto,
    /// Even into a pipe.
    Always,
    /// Nowhere.
    Never,
}

impl From<Colours> for ColourWish {
    fn from(colours: Colours) -> Self {
        match colours {
            Colours::Auto => Self::Auto,
            Colours::Always => Self::Always,
            Colours::Never => Self::Never,
        }
    }
}

/// What one run of the command line works with.
pub struct Session {
    /// The environment.
    pub environment: Environment,
    /// Where results and messages go.
    pub output: Output,
    /// The one clock.
    pub clock: Clock,
    colours: Option<ColourWish>,
    wished: Wished,
    verbose: u8,
    log: Option<Log>,
}

impl Session {
    /// Begins with what was said with the command.
    pub fn begin(environment: Environment, said: Everywhere) -> Self {
        let Everywhere { config, data_dir, color, verbose } = said;
        let colours = color.map(ColourWish::from);
        let output = Output::of_process(&environment, colours);
        let wished = Wished { config, data_dir };
        Self { environment, output, clock: Clock::real(), colours, wished, verbose, log: None }
    }

    /// Whether somebody said where to keep everything.
    pub fn has_wished_data_dir(&self) -> bool {
        self.wished.data_dir.is_some() || self.environment.data_dir().is_some()
    }

    /// Whether colours are wished.
    pub fn colour_wish(&self) -> ColourWish {
        self.colours.unwrap_or_else(|| self.environment.colour_wish())
    }

    /// Where everything lies.
    pub fn paths(&self) -> Result<Paths, Notice> {
        Paths::find(&self.environment, &self.wished)
    }

    /// What the person chose; keys that mean nothing are told.
    pub fn settings(&mut self) -> Result<Settings, Notice> {
        let loaded = Settings::load(&self.paths()?)?;
        self.output.warnings(&loaded.warnings);
        Ok(loaded.settings)
    }

    /// Who sits here.
    pub fn person(&self, settings: &Settings) -> Result<Principal, Notice> {
        settings.person(&self.environment)
    }

    /// What was recorded, for reading, whether or not a hub runs.
    pub fn history(&self) -> Result<History, Notice> {
        let paths = self.paths()?;
        Settings::must_be_there(&paths)?;
        Ok(Journal::open_readonly(&paths.data)?)
    }

    /// Keeps a log in the log directory from now on.
    pub fn log_in_files(&mut self) -> Result<(), Notice> {
        self.log = Some(Log::in_files(&self.paths()?.logs(), &self.filter())?);
        Ok(())
    }

    /// Logs to the standard error from now on, where another process listens.
    pub fn log_in_stderr(&mut self) -> Result<(), Notice> {
        self.log = Some(Log::in_stderr(&self.filter())?);
        Ok(())
    }

    /// Ends: what was written reaches its reader, or the failure to write is told.
    pub fn end(self, exit: Exit) -> Exit {
        let Err(notice) = self.output.finish() else { return exit };
        if exit == Exit::HungUp {
            // With the terminal went whoever could be told.
            return exit;
        }
        let mut last = Output::of_process(&self.environment, None);
        last.notice(&notice);
        notice.trouble.into()
    }

    fn filter(&self) -> String {
        let usual = FILTERS.get(usize::from(self.verbose)).or(FILTERS.last());
        let said = self.environment.log_filter().filter(|_| self.verbose == 0);
        said.or(usual.copied()).unwrap_or("info").to_owned()
    }
}
