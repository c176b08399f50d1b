//! Who did it: a human, an agent with its deployment, or the system itself.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::as_text::as_text;

/// What kind of being an actor is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A person.
    Human,
    /// An AI agent.
    Agent,
    /// Wheelhouse or a monitoring system.
    System,
}

impl ActorKind {
    /// The word used in trailers, filters, and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }
}

/// Who wrote an entry, as established by a hub; written `agent:primary@eu1` or `human:ada`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor {
    kind: ActorKind,
    name: String,
    deployment: Option<String>,
}

/// Why a text does not name an actor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` does not name an actor: human:NAME, agent:NAME@DEPLOYMENT, or system:NAME is expected"
)]
pub struct ActorError {
    text: String,
}

/// Longest name or deployment, in characters.
const LONGEST_NAME: usize = 64;

impl Actor {
    /// Names an actor; a name holds 1 to 64 ASCII letters, digits, `.`, `_` or `-`.
    pub fn new(kind: ActorKind, name: &str, deployment: Option<&str>) -> Result<Self, ActorError> {
        let good = is_name(name) && deployment.is_none_or(is_name);
        if !good {
            let text = name.escape_debug().take(LONGEST_NAME).collect();
            return Err(ActorError { text });
        }
        Ok(Self { kind, name: name.to_owned(), deployment: deployment.map(str::to_owned) })
    }

    /// The actor for what Wheelhouse does of itself.
    pub fn wheelhouse() -> Self {
        Self { kind: ActorKind::System, name: "wheelhouse".to_owned(), deployment: None }
    }

    /// What kind of being it is.
    pub fn kind(&self) -> ActorKind {
        self.kind
    }

    /// The name without kind and deployment.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where an agent runs, if it says.
    pub fn deployment(&self) -> Option<&str> {
        self.deployment.as_deref()
    }

    /// The name with its deployment, as screens show it: `primary@eu1`.
    pub fn handle(&self) -> String {
        match &self.deployment {
            Some(deployment) => format!("{}@{deployment}", self.name),
            None => self.name.clone(),
        }
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(allowed)
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.handle())
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Actor {
    type Err = ActorError;

    fn from_str(text: &str) -> Result<Self, ActorError> {
        let fail = || ActorError { text: text.escape_debug().take(LONGEST_NAME).collect() };
        let (kind, rest) = text.split_once(':').ok_or_else(fail)?;
        let kind = [ActorKind::Human, ActorKind::Agent, ActorKind::System]
            .into_iter()
            .find(|known| known.word() == kind)
            .ok_or_else(fail)?;
        let (name, deployment) = match rest.split_once('@') {
            Some((name, deployment)) => (name, Some(deployment)),
            None => (rest, None),
        };
        Self::new(kind, name, deployment).map_err(|_| fail())
    }
}

as_text!(Actor, "^(human|agent|system):[A-Za-z0-9._-]{1,64}(@[A-Za-z0-9._-]{1,64})?$");

/// How a hub knows who is speaking to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The user account that runs the hub's own cockpit or command line.
    LocalUser,
    /// A secret that the hub issued to exactly this principal.
    Token,
    /// The account under which a tracker says the text was written.
    TrackerAccount {
        /// The configured name of the tracker.
        tracker: String,
        /// The tracker's own immutable account id, never a display name.
        account: String,
    },
}

/// An actor together with how the hub knows it; made by hubs alone, never read out of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Principal {
    /// Who it is.
    pub actor: Actor,
    /// How that is known.
    pub proof: Proof,
    /// The roles that policy gives to this principal, such as `on-call` or `commander`.
    pub roles: Vec<String>,
}

impl Principal {
    /// Whether a person stands behind it; agents and systems never decide.
    pub fn is_human(&self) -> bool {
        self.actor.kind() == ActorKind::Human
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_survives_its_text() {
        for text in ["human:ada", "agent:primary@eu1", "system:alertmanager"] {
            assert_eq!(text.parse::<Actor>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_hostile_name_is_refused() {
        for text in ["human:", "robot:x", "human:a b", "human:a\u{202e}b", "agent:a@", "ada"] {
            assert!(text.parse::<Actor>().is_err(), "{text:?}");
        }
    }
}
