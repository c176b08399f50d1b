//! What can go wrong on the direct channel, by what the caller can do about it.

use std::time::Duration;

use rmcp::service::ServiceError;

use super::bounded::{ANSWER_MAX, is_too_large};
use crate::settings::Unsaid;

/// A failure of the direct channel; everything inside it that a partner wrote is untrusted text.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// Nobody answers there, or the channel broke: connect again later. A call that was under way
    /// may have happened.
    #[error("reach the partner: {what}")]
    Unreachable {
        /// What the transport reported.
        what: String,
    },
    /// The partner does not accept the credentials: give another token.
    #[error("be let in by the partner: {what}")]
    Unauthorised {
        /// What the transport reported.
        what: String,
    },
    /// No answer and no sign of life in time; the call was cancelled and may have happened.
    #[error("get an answer within {after:?}")]
    TimedOut {
        /// The time that had been allowed.
        after: Duration,
    },
    /// The partner rejected the request itself: change the tool's name or the arguments.
    #[error("have the call accepted: {message} (code {code})")]
    Refused {
        /// JSON-RPC error code.
        code: i32,
        /// The partner's words.
        message: String,
    },
    /// The tool ran and reported a failure that the caller can read and act on.
    #[error("run the tool: {text}")]
    ToolFailed {
        /// The partner's words.
        text: String,
    },
    /// The answer is larger than we are ready to hold, as it comes or once it is read: ask for less.
    #[error("hold an answer of more than {limit} bytes")]
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
    /// The partner answered with something this client does not do.
    #[error("make use of the answer: {what}")]
    Unsupported {
        /// What it was.
        what: &'static str,
    },
    /// The endpoint as configured cannot work: correct the settings.
    #[error("use this endpoint: {what}")]
    Misconfigured {
        /// What is wrong with it.
        what: String,
    },
    /// The address could not be listened on: choose another.
    #[error("listen on {address}: {source}")]
    Occupied {
        /// The address that was asked for.
        address: std::net::SocketAddr,
        /// What the system reported.
        source: std::io::Error,
    },
}

impl PartnerError {
    /// The same without what must not be said: whatever a partner wrote, or answered at its door, may be
    /// what it was shown.
    pub(super) fn without(self, unsaid: &Unsaid) -> Self {
        match self {
            Self::Unreachable { what } => Self::Unreachable { what: unsaid.hide(&what) },
            Self::Unauthorised { what } => Self::Unauthorised { what: unsaid.hide(&what) },
            Self::Refused { code, message } => {
                Self::Refused { code, message: unsaid.hide(&message) }
            }
            Self::ToolFailed { text } => Self::ToolFailed { text: unsaid.hide(&text) },
            other @ (Self::TimedOut { .. }
            | Self::TooLarge { .. }
            | Self::Unsupported { .. }
            | Self::Misconfigured { .. }
            | Self::Occupied { .. }) => other,
        }
    }

    /// Whether connecting again and asking again may help.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::TimedOut { .. })
    }
}

impl From<ServiceError> for PartnerError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::McpError(error) if is_too_large(&error) => {
                Self::TooLarge { limit: ANSWER_MAX }
            }
            ServiceError::McpError(error) => {
                Self::Refused { code: error.code.0, message: error.message.into_owned() }
            }
            ServiceError::Timeout { timeout } => Self::TimedOut { after: timeout },
            other => Self::Unreachable { what: other.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_that_says_nothing_but_backslashes_is_told() {
        let unsaid = Unsaid::of(["s3cret-token".to_owned()]);
        let text = "\\".repeat(1 << 20);
        let told = PartnerError::ToolFailed { text: text.clone() }.without(&unsaid);
        assert!(matches!(told, PartnerError::ToolFailed { text: told } if told == text));
    }
}
