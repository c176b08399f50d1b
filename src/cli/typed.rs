//! What a person types at the standard input: an answer to a question, or a whole text.

use std::io::{self, BufRead, IsTerminal, Read};

use crate::incident::{Notice, Trouble};

/// The longest text, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Whether somebody can be asked.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Forgets what was typed before the question that is asked next: nobody can have meant it as an answer.
pub(super) fn forget_typed_ahead() {
    #[cfg(unix)]
    if can_ask()
        && let Err(error) =
            rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush)
    {
        tracing::warn!(%error, "what was typed ahead could not be forgotten");
    }
}

/// Reads one line, without its end; empty when nothing comes any more.
pub(super) async fn line() -> Result<String, Notice> {
    waited(|| {
        let mut line = String::new();
        io::stdin().lock().take(LONGEST).read_line(&mut line)?;
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    })
    .await
}

/// The text itself, or what comes on the standard input if it is `-`.
pub(super) async fn text(given: String) -> Result<String, Notice> {
    if given != "-" {
        return Ok(given);
    }
    let text = waited(|| {
        let mut text = String::new();
        io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text)?;
        Ok(text)
    });
    let text = text.await?;
    if text.len() as u64 > LONGEST {
        let what = format!("the text is longer than {LONGEST} bytes");
        return Err(Notice::new(Trouble::Usage, what).hint("put it where people can open it"));
    }
    Ok(text)
}

async fn waited(
    read: impl FnOnce() -> io::Result<String> + Send + 'static,
) -> Result<String, Notice> {
    let unreadable = |error: &dyn std::error::Error| {
        Notice::new(Trouble::Failed, "the standard input cannot be read").detail(error.to_string())
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|error| unreadable(&error))?.map_err(|error| unreadable(&error))
}
