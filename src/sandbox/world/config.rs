//! The configuration of `checkout`: revisions, and what differs between two of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One revision, as it stands in `config/<revision>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// `r` and a number.
    pub(super) revision: String,
    pub(super) pool: PoolConfig,
    /// How long a request waits for a connection before it is answered 503.
    pub(super) acquire_timeout_ms: u64,
    pub(super) flags: BTreeMap<String, bool>,
}

/// The pool of connections to `ledger`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PoolConfig {
    pub(super) max: usize,
}

/// One setting that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Difference {
    /// The path of the setting, as in `pool.max`.
    pub(super) key: String,
    pub(super) from: Value,
    pub(super) to: Value,
}

impl Config {
    /// What the world starts with: a pool that should be ample for the load.
    pub(super) fn initial(pool_max: usize) -> Self {
        Self {
            revision: "r40".to_owned(),
            pool: PoolConfig { max: pool_max },
            acquire_timeout_ms: 500,
            flags: BTreeMap::from([("receipt_v2".to_owned(), false)]),
        }
    }

    pub(super) fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.flags.get(name).copied().unwrap_or_default()
    }

    /// What changes on the way from this configuration to `next`, the revision's name aside.
    pub(super) fn differences(&self, next: &Self) -> Vec<Difference> {
        let (before, after) = (self.flattened(), next.flattened());
        let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        keys.into_iter()
            .filter_map(|key| {
                let from = before.get(key).cloned().unwrap_or(Value::Null);
                let to = after.get(key).cloned().unwrap_or(Value::Null);
                (from != to).then(|| Difference { key: key.clone(), from, to })
            })
            .collect()
    }

    fn flattened(&self) -> BTreeMap<String, Value> {
        let flags = self.flags.iter().map(|(flag, on)| (format!("flags.{flag}"), json!(on)));
        let settings = [
            ("pool.max".to_owned(), json!(self.pool.max)),
            ("acquire_timeout_ms".to_owned(), json!(self.acquire_timeout_ms)),
        ];
        settings.into_iter().chain(flags).collect()
    }
}

/// Says `differences` in one line.
pub(super) fn summarised(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "no setting changes".to_owned();
    }
    let lines = differences.iter().map(|d| format!("{}: {} -> {}", d.key, d.from, d.to));
    lines.collect::<Vec<_>>().join(", ")
}

/// Whether `name` has the form of a revision; anything else never becomes part of a path.
pub(super) fn is_revision(name: &str) -> bool {
    name.strip_prefix('r').is_some_and(|number| {
        (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_named() {
        let before = Config::initial(20);
        let mut after = before.clone();
        after.pool.max = 2;
        after.flags.insert("receipt_v2".to_owned(), true);
        let changed = summarised(&before.differences(&after));
        assert_eq!(changed, "flags.receipt_v2: false -> true, pool.max: 20 -> 2");
    }

    #[test]
    fn a_path_is_not_a_revision() {
        assert!(is_revision("r41"));
        for name in ["", "r", "41", "r4/../../x", "../r41", "r-1", "r1234567890"] {
            assert!(!is_revision(name), "{name:?}");
        }
    }
}
