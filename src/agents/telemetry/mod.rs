//! The partner agent that comes with the product: a specialist on logs, traces, metrics and changes.
//!
//! Every answer is computed from the telemetry at the time of the call. The analyses are functions
//! over what was read ([`Source`]) and say what they rest on: `file:line`, a trace, or a query with
//! its window. A deployment may offer only some kinds ([`Offer`]), so that another can be asked for
//! the rest. All of it is reached through [`TelemetryServer`], over the Model Context Protocol.

mod ask;
mod changes;
mod conclusion;
mod error;
mod finding;
mod investigate;
mod logs;
mod measure;
mod metrics;
mod openmetrics;
mod path;
mod plan;
mod prometheus;
mod query;
mod rates;
mod read;
mod reading;
mod record;
mod selector;
mod server;
mod shift;
mod signature;
mod source;
mod span;
mod traces;
mod window;
mod wording;

pub use ask::{AnalyseSpans, FindChanges, Investigate, QueryMetrics, SearchLogs};
pub use changes::{Change, ChangeReport};
pub use conclusion::{Finding, Investigation};
pub use error::TelemetryError;
pub use finding::{Coverage, Evidence, Offer};
pub use logs::{Line, LogReport, Signature};
pub use metrics::{Measure, MetricReport};
pub use prometheus::Prometheus;
pub use reading::sum_of;
pub use server::TelemetryServer;
pub use shift::{Point, Shift};
pub use source::Source;
pub use traces::{CriticalPath, Operation, Propagation, SpanReport, Station};
pub use window::Window;

#[cfg(test)]
#[cfg(test)]
mod tests;
