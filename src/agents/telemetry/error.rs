//! What can keep telemetry from being analysed, in words the caller can act on.

use std::path::PathBuf;

use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};

use crate::partner::PartnerError;

/// Why an analysis was not done.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// An argument has to be changed.
    #[error("understand `{argument}`: {why}")]
    Unclear {
        /// Name of the argument.
        argument: &'static str,
        /// What is wrong with it, and what would be right.
        why: String,
    },
    /// This deployment has no such telemetry: ask another, or ask for something else.
    #[error("find {what}")]
    Missing {
        /// What was looked for and where.
        what: String,
    },
    /// A file is there and cannot be read.
    #[error("read {path}: {source}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system reported.
        source: std::io::Error,
    },
    /// The metrics server did not answer, or not sensibly: try again, or narrow the query.
    #[error("query the metrics server: {what}")]
    Upstream {
        /// What was reported.
        what: String,
    },
    /// The caller withdrew the call.
    #[error("finish: the call was cancelled")]
    Cancelled,
}

impl TelemetryError {
    /// Shorthand for an argument that has to be changed.
    pub(super) fn unclear(argument: &'static str, why: impl Into<String>) -> Self {
        Self::Unclear { argument, why: why.into() }
    }

    /// Shorthand for telemetry that is not there.
    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }
}

impl From<PartnerError> for TelemetryError {
    fn from(error: PartnerError) -> Self {
        Self::Upstream { what: error.to_string() }
    }
}

impl IntoCallToolResult for TelemetryError {
    fn into_call_tool_result(self) -> Result<CallToolResponse, rmcp::ErrorData> {
        let text = ContentBlock::text(format!("failed to {self}"));
        Ok(CallToolResult::error(vec![text]).into())
    }
}
