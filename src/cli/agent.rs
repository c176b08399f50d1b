//! `wheelhouse agent`: being one of the agents that come with the product.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::cell::Cell;
use super::exit::Exit;
use super::primary::{self, PrimaryArgs};
use super::session::Session;
use crate::agents::telemetry::{Offer, Prometheus, Source, TelemetryServer};
use crate::incident::{Notice, Trouble};
use crate::partner::{Access, Doorway, PartnerError, Token, serve_http, serve_stdio};

/// Is an agent
#[derive(Debug, clap::Args)]
pub struct AgentArgs {
    /// Which agent.
    #[command(subcommand)]
    agent: AgentKind,
}

/// The agents that come with the product.
#[derive(Debug, clap::Subcommand)]
pub(super) enum AgentKind {
    /// Investigate one alert to its end, with a hub of its own
    Primary(PrimaryArgs),
    /// Analyse logs, traces, metrics and changes for others, over MCP
    Partner(PartnerArgs),
}

/// What the partner agent analyses, and how it is called.
#[derive(Debug, clap::Args)]
pub(super) struct PartnerArgs {
    /// A folder with logs, traces, metrics and changes; may be repeated
    #[arg(long, value_name = "DIR", required_unless_present = "prometheus")]
    data: Vec<PathBuf>,

    /// A Prometheus server to ask for metrics
    #[arg(long, value_name = "URL")]
    prometheus: Option<String>,

    /// The variable that holds the token for the Prometheus server
    #[arg(long, value_name = "NAME", requires = "prometheus")]
    prometheus_token_env: Option<String>,

    /// Offer only these: logs, traces, metrics, changes
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    offer: Vec<Offer>,

    /// Be called over standard input and output; this is how it is unless --listen is given
    #[arg(long, conflicts_with = "listen")]
    stdio: bool,

    /// Be called over HTTP at this loopback address
    #[arg(long, value_name = "ADDRESS", requires = "token_env")]
    listen: Option<SocketAddr>,

    /// The variable that holds the token that callers must show
    #[arg(long, value_name = "NAME", requires = "listen")]
    token_env: Option<String>,
}

/// Is the agent until nobody calls any more.
pub(super) async fn run(args: AgentArgs, session: &mut Session) -> Result<Exit, Notice> {
    match args.agent {
        AgentKind::Primary(args) => primary::run(args, session).await,
        AgentKind::Partner(args) => partner(args, session).await,
    }
}

async fn partner(args: PartnerArgs, session: &mut Session) -> Result<Exit, Notice> {
    session.log_in_stderr()?;
    let sources = sources(&args, session)?;
    let offers: BTreeSet<Offer> = if args.offer.is_empty() {
        Offer::ALL.into_iter().collect()
    } else {
        args.offer.iter().copied().collect()
    };
    let server = TelemetryServer::new(sources, offers, session.clock.clone());
    let Some(address) = args.listen else {
        serve_stdio(server, CancellationToken::new()).await.map_err(|error| stopped(&error))?;
        return Ok(Exit::Done);
    };
    let access = Access::Bearer(token(args.token_env.as_deref().unwrap_or_default(), session)?);
    let door = Doorway { address, access, hosts: Vec::new() };
    let serving =
        serve_http(move || server.clone(), door).await.map_err(|error| stopped(&error))?;
    session.output.message([Cell::of(format!("listening at {}", serving.url()))]);
    // Only an interruption ends it, and that drops everything here.
    std::future::pending().await
}

fn sources(args: &PartnerArgs, session: &Session) -> Result<Vec<Source>, Notice> {
    let mut sources: Vec<Source> = args.data.iter().cloned().map(Source::Folder).collect();
    if let Some(url) = &args.prometheus {
        let name = args.prometheus_token_env.as_deref();
        let token = name.map(|name| token(name, session)).transpose()?;
        let server = Prometheus::at(url, token).map_err(|error| {
            Notice::new(Trouble::Usage, "this Prometheus server cannot be asked")
                .detail(error.to_string())
                .hint("give the address of the server itself, such as http://127.0.0.1:9090")
        })?;
        sources.push(Source::Prometheus(server));
    }
    Ok(sources)
}

fn token(name: &str, session: &Session) -> Result<Token, Notice> {
    let value = session.environment.variable(name).and_then(|value| value.to_str());
    value.and_then(Token::new).ok_or_else(|| {
        let what = format!("the variable {} holds no token", name.escape_debug());
        Notice::new(Trouble::NotAllowed, what)
            .hint("export it before: one word of printable ASCII characters")
    })
}

fn stopped(error: &PartnerError) -> Notice {
    let trouble = match error {
        PartnerError::Misconfigured { .. } => Trouble::Usage,
        PartnerError::Occupied { .. } => Trouble::Conflict,
        _ => Trouble::Failed,
    };
    Notice::new(trouble, "the partner agent cannot be called").detail(format!("failed to {error}"))
}
