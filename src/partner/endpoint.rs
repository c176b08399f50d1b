//! Where a partner lives, and how the channel to it is opened.

use std::collections::BTreeMap;
use std::process::Stdio;

use reqwest::Url;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{ChildStderr, Command};

use super::bounded::{ANSWER_MAX, Bounded};
use super::{PartnerError, Reach, Token, http_client};

/// The longest line of a child's standard error that is kept, in bytes.
const LINE_MAX: u64 = 4096;

/// Where a partner lives.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A child process that speaks over its standard input and output, and dies with the client.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
        /// The whole environment of the child. It inherits nothing, so that no token of this
        /// process reaches a program that was not given it: pass `PATH` when it needs one.
        env: BTreeMap<String, String>,
    },
    /// A server behind a URL (streamable HTTP).
    Http {
        /// Address of the protocol endpoint, `http` or `https`.
        url: String,
        /// What the partner asks for at its door.
        token: Option<Token>,
    },
}

/// Starts the child process.
pub(super) fn start(
    argv: &[String],
    env: &BTreeMap<String, String>,
) -> Result<TokioChildProcess, PartnerError> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(PartnerError::Misconfigured { what: "the command is empty".to_owned() });
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(env).kill_on_drop(true);
    let (child, complaints) = TokioChildProcess::builder(command)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| PartnerError::Unreachable { what: format!("start {program}: {error}") })?;
    if let Some(complaints) = complaints {
        tokio::spawn(log(program.clone(), complaints));
    }
    Ok(child)
}

/// Copies what a child says on its standard error into the log, escaped and in bounded lines.
async fn log(program: String, complaints: ChildStderr) {
    let mut reader = BufReader::new(complaints);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(LINE_MAX).read_until(b'\n', &mut line).await {
            Ok(0) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                tracing::info!(program, line = ?text.trim_end(), "a partner wrote to its log");
            }
            Err(error) => {
                tracing::debug!(program, %error, "a partner's log ended");
                return;
            }
        }
    }
}

/// Prepares the transport to a URL; nothing is sent yet.
pub(super) fn dial(
    url: &str,
    token: Option<&Token>,
) -> Result<StreamableHttpClientTransport<Bounded>, PartnerError> {
    let wrong = |what: String| PartnerError::Misconfigured { what };
    let parsed = Url::parse(url).map_err(|error| wrong(format!("{url}: {error}")))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(wrong(format!("{url}: the scheme must be http or https")));
    }
    let mut config = StreamableHttpClientTransportConfig::with_uri(url)
        // A fresh session would hide that the partner lost everything: the caller reconnects.
        .reinit_on_expired_session(false)
        .max_sse_event_size(ANSWER_MAX);
    if let Some(token) = token {
        config = config.auth_header(token.expose());
    }
    let unsaid = token.map(Token::unsaid).unwrap_or_default();
    let client = Bounded::of(http_client(Reach::of(&parsed))?, unsaid);
    Ok(StreamableHttpClientTransport::with_client(client, config))
}
