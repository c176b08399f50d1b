//! Entries and journals to test with.

use jiff::Timestamp;

use crate::incident::{
    Action, Actor, Alert, Body, Digest, Entry, EntryId, IncidentId, ProposalId, Severity, Stage,
};
use crate::journal::{Journal, Record};

/// The moment at which the tests play, so many milliseconds later.
pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
}

/// The one incident of the tests.
pub(super) fn incident() -> IncidentId {
    EntryId::from_parts(at(0), 1).into()
}

/// The alert that opens it.
pub(super) fn alert() -> Entry {
    let alert = Alert {
        title: "checkout fails for one in five".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "checkout-errors".to_owned(),
        firing: true,
        labels: std::collections::BTreeMap::new(),
    };
    Entry { body: Body::Alert(alert), ..comment(0, "error rate 21 %") }
}

/// The entry with this number, written at this millisecond; number 0 is the alert.
pub(super) fn comment(ms: i64, text: &str) -> Entry {
    let number = u128::try_from(ms).unwrap() + 1;
    Entry {
        id: EntryId::from_parts(at(ms), number),
        incident: incident(),
        actor: "human:ada".parse().unwrap(),
        at: at(ms),
        first_seen: at(ms),
        body: Body::Comment,
        text: text.into(),
        refs: Vec::new(),
        origins: Vec::new(),
    }
}

/// The one proposal of the tests.
pub(super) fn proposal() -> ProposalId {
    EntryId::from_parts(at(0), 77).into()
}

/// What it proposes.
pub(super) fn remedy() -> Digest {
    Digest::of("test", &[b"rollback"])
}

/// A step of carrying out the one action of the tests.
pub(super) fn step(ms: i64, stage: Stage) -> Entry {
    let actor: Actor = "agent:primary@eu1".parse().unwrap();
    let body = Body::Action(Action { proposal: proposal(), stage });
    Entry { actor, body, ..comment(ms, "rolls checkout back") }
}

/// The claim of the one action of the tests, by entry number.
pub(super) fn claim(ms: i64) -> Entry {
    step(ms, Stage::Claimed { digest: remedy() })
}

/// A journal in a directory that goes away with it.
pub(super) fn journal() -> (tempfile::TempDir, Journal) {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(dir.path()).unwrap();
    (dir, journal)
}

/// Records entries that are owed to nobody.
pub(super) async fn record(journal: &Journal, entries: impl IntoIterator<Item = Entry>) {
    let records = entries.into_iter().map(Record::entry).collect();
    journal.append(records).await.unwrap();
}
