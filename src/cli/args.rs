//! What can be said on the command line.

use clap::{Parser, Subcommand};

use super::agent::AgentArgs;
use super::comment::CommentArgs;
use super::completions::CompletionsArgs;
use super::config::ConfigArgs;
use super::decide::DecideArgs;
use super::decisions::DecisionsArgs;
use super::demo::DemoArgs;
use super::doctor::DoctorArgs;
use super::exchange::ExchangeArgs;
use super::exit;
use super::incidents::IncidentsArgs;
use super::init::InitArgs;
use super::keys::KeysArgs;
use super::logs::LogsArgs;
use super::man::ManArgs;
use super::outbox::OutboxArgs;
use super::paths::PathsArgs;
use super::replay::ReplayArgs;
use super::sandbox::SandboxArgs;
use super::search::SearchArgs;
use super::session::Everywhere;
use super::themes::ThemesArgs;
use super::timeline::TimelineArgs;
use super::watch::WatchArgs;

/// The cockpit from which people supervise AI agents that work incidents together.
///
/// Without a command it opens the cockpit.
#[derive(Debug, Parser)]
#[command(name = "wheelhouse", version, after_help = exit::table(), max_term_width = 100)]
#[command(disable_help_subcommand = true, propagate_version = false)]
pub struct Arguments {
    /// What can be said with every command.
    #[command(flatten)]
    pub everywhere: Everywhere,

    /// What to do; the cockpit if absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the whole story on this machine: no network, no keys, no server to install
    Demo(DemoArgs),
    /// Look for what is here, and write an annotated settings file
    Init(InitArgs),
    /// Watch the incidents and decide: the cockpit, or the same in lines
    Watch(WatchArgs),
    /// List the incidents
    Incidents(IncidentsArgs),
    /// Show everything that was recorded on an incident
    Timeline(TimelineArgs),
    /// Show the conversation between the agents of an incident
    Exchange(ExchangeArgs),
    /// List the decisions that wait for people, or show one
    Decisions(DecisionsArgs),
    /// Answer a proposal
    Decide(DecideArgs),
    /// Write a comment on an incident
    Comment(CommentArgs),
    /// Search the entries of all incidents
    Search(SearchArgs),
    /// List what trackers are still owed, try it again, or give it up
    Outbox(OutboxArgs),
    /// Play a recording
    Replay(ReplayArgs),
    /// Be an agent
    Agent(AgentArgs),
    /// Start look-alikes of the trackers that teams have, or act in them
    Sandbox(SandboxArgs),
    /// List every key and what it does
    Keys(KeysArgs),
    /// List the themes
    Themes(ThemesArgs),
    /// Show, check, or edit the settings
    Config(ConfigArgs),
    /// List where everything lies
    Paths(PathsArgs),
    /// Look for what is wrong with this installation
    Doctor(DoctorArgs),
    /// Show the log of this machine's cockpits and hubs
    Logs(LogsArgs),
    /// Write a script with which a shell completes the commands
    Completions(CompletionsArgs),
    /// Write the manual page
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_agree_with_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn everything_that_reads_writes_json_lines_when_asked() {
        let command = Arguments::command();
        let not_reading = ["agent", "completions", "man"];
        for sub in command.get_subcommands() {
            let has = sub.get_arguments().any(|argument| argument.get_id() == "json");
            assert_eq!(has, !not_reading.contains(&sub.get_name()), "{}", sub.get_name());
        }
    }
}
