//! A made-up history, the same at every run: entries whose words are as uneven as those people write.

use std::collections::BTreeMap;
use std::fmt::Write;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use wheelhouse::incident::{
    Actor, Alert, Body, Digest, Entry, EntryId, Finding, IncidentId, Origin, Severity,
};

/// How many entries the large benchmarks have.
pub(crate) const MILLION: u32 = 1_000_000;

/// The trackers that tell of them.
pub(crate) const TRACKERS: [&str; 4] = ["github", "pagerduty", "servicenow", "jira"];

/// Words from the most to the least frequent; behind them come names that each occur rarely.
const WORDS: [&str; 40] = [
    "the",
    "checkout",
    "requests",
    "after",
    "pool",
    "errors",
    "connection",
    "timeout",
    "latency",
    "database",
    "of",
    "at",
    "p99",
    "rollout",
    "config",
    "since",
    "region",
    "waiting",
    "healthy",
    "replica",
    "queue",
    "restart",
    "traffic",
    "cache",
    "retries",
    "memory",
    "deploy",
    "node",
    "disk",
    "certificate",
    "limit",
    "budget",
    "gateway",
    "upstream",
    "shard",
    "backlog",
    "throttled",
    "rollback",
    "failover",
    "quota",
];

/// How many rare names there are.
const NAMES: u32 = 20_000;

/// The phrase in one entry of fifty.
pub(crate) const PHRASE: &str = "connection refused by peer";

/// The first moment of the history.
pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

/// The moment of an entry: one every second and a half.
pub(crate) fn at(n: u32) -> Timestamp {
    start() + SignedDuration::from_millis(i64::from(n) * 1500)
}

/// The id of an entry; its random part is spread as that of a real one is.
pub(crate) fn id(n: u32) -> EntryId {
    EntryId::from_parts(at(n), u128::from(n) * 604_462_909_807_314_587)
}

/// The incident that the alert `n` opens.
pub(crate) fn incident(n: u32) -> IncidentId {
    id(n).into()
}

/// The word that only entry `n` has.
pub(crate) fn unique(n: u32) -> String {
    format!("req-{n:08x}")
}

/// One of the words that tens or hundreds of thousands of entries have.
pub(crate) fn common(rng: &mut Rng) -> &'static str {
    WORDS[rng.usize(0..20)]
}

/// An alert that opens an incident.
pub(crate) fn alert(n: u32) -> Entry {
    let body = Body::Alert(Alert {
        title: "checkout answers with errors".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: format!("checkout-errors-{n}"),
        firing: true,
        labels: BTreeMap::new(),
    });
    Entry { incident: incident(n), body, ..entry(n, incident(n)) }
}

/// Entry `n`, told by one of the trackers in turn.
pub(crate) fn entry(n: u32, of: IncidentId) -> Entry {
    let mut rng = Rng::with_seed(u64::from(n));
    let body = match n % 4 {
        0 => Body::Finding(Finding { hypothesis: None, confidence_percent: Some(70) }),
        _ => Body::Comment,
    };
    Entry {
        id: id(n),
        incident: of,
        actor: actor(n),
        at: at(n),
        first_seen: at(n) + SignedDuration::from_millis(400),
        body,
        text: text(n, &mut rng).into(),
        refs: Vec::new(),
        origins: vec![origin(n, TRACKERS[n as usize % TRACKERS.len()])],
    }
}

/// Where a copy of entry `n` stands in a tracker.
pub(crate) fn origin(n: u32, tracker: &str) -> Origin {
    Origin {
        tracker: tracker.to_owned(),
        item: "7".to_owned(),
        remote: n.to_string(),
        version: Digest::of("text", &[&n.to_be_bytes()]),
    }
}

fn actor(n: u32) -> Actor {
    let actors = ["agent:primary@eu1", "agent:telemetry@eu1", "human:on-call", "system:wheelhouse"];
    actors[n as usize % actors.len()].parse().unwrap()
}

/// Some twenty words, of which the first ones in the list are frequent and the last ones rare.
fn text(n: u32, rng: &mut Rng) -> String {
    let mut text = unique(n);
    for _ in 0..rng.u32(12..28) {
        text.push(' ');
        if rng.u8(0..4) == 0 {
            write!(text, "pod-{:x}", rng.u32(0..NAMES)).unwrap();
        } else {
            let most = rng.usize(0..WORDS.len());
            text.push_str(WORDS[rng.usize(0..=most)]);
        }
    }
    if n.is_multiple_of(50) {
        text.push_str(", ");
        text.push_str(PHRASE);
    }
    text
}
