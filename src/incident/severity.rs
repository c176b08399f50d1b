//! How bad it is, and where an incident stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad an incident is; `Sev1` is the worst and sorts first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Customers cannot use the product.
    Sev1,
    /// An important function is broken for many.
    Sev2,
    /// Degraded, with a way around it.
    Sev3,
    /// Worth knowing.
    Sev4,
}

impl Severity {
    /// The word shown on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sev1 => "SEV1",
            Self::Sev2 => "SEV2",
            Self::Sev3 => "SEV3",
            Self::Sev4 => "SEV4",
        }
    }

    /// Reads the severity label of an alert: `critical`, `sev2`, `P3`, `warning`, …
    pub fn from_label(label: &str) -> Option<Self> {
        match label.to_ascii_lowercase().as_str() {
            "critical" | "page" | "sev1" | "p1" | "1" => Some(Self::Sev1),
            "error" | "high" | "sev2" | "p2" | "2" => Some(Self::Sev2),
            "warning" | "medium" | "sev3" | "p3" | "3" => Some(Self::Sev3),
            "info" | "low" | "none" | "sev4" | "p4" | "4" => Some(Self::Sev4),
            _ => None,
        }
    }
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentStatus {
    /// Opened; the primary agent is looking for the cause.
    Investigating,
    /// A cause is known; a remedy is proposed or under way.
    Mitigating,
    /// A remedy ran; its effect is being measured.
    Verifying,
    /// Recovered, and the recovery was measured.
    Resolved,
    /// The agents have nothing left to try; people have it.
    NeedsPerson,
    /// A person took the investigation over from the agents.
    TakenOver,
}

impl IncidentStatus {
    /// The word shown on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Mitigating => "mitigating",
            Self::Verifying => "verifying",
            Self::Resolved => "resolved",
            Self::NeedsPerson => "needs a person",
            Self::TakenOver => "taken over",
        }
    }

    /// Whether nobody needs to look at it any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Resolved)
    }
}
