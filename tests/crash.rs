//! Killed with SIGKILL at any moment, the journal keeps whatever it acknowledged.
//!
//! The child is this test binary again, run for one test that does nothing unless an environment
//! variable names a directory. `WHEELHOUSE_CRASH_CYCLES` asks for more than the usual 50 kills.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::Timestamp;

use wheelhouse::incident::{
    Action, Body, Digest, Entry, EntryId, ProposalId, Query, Stage, Untrusted,
};
use wheelhouse::journal::{Claimed, Journal, Record};

/// Names the directory in which the child writes.
const CHILD: &str = "WHEELHOUSE_CRASH_CHILD";

/// Says how often the child is killed.
const CYCLES: &str = "WHEELHOUSE_CRASH_CYCLES";

/// How many calls the child has under way at a time.
const AT_ONCE: usize = 24;

#[expect(clippy::disallowed_methods, reason = "the test and its child speak through it")]
fn asked_for(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn at(number: u128) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
        + jiff::SignedDuration::from_millis(i64::try_from(number).unwrap())
}

fn entry(number: u128, body: Body, text: &str) -> Entry {
    let id = EntryId::from_parts(at(number), number);
    Entry {
        id,
        incident: EntryId::from_parts(at(0), 1).into(),
        actor: "agent:primary@eu1".parse().unwrap(),
        at: at(number),
        first_seen: at(number),
        body,
        text: Untrusted::from(text),
        refs: Vec::new(),
        origins: Vec::new(),
    }
}

/// The first of two entries that are recorded by one call.
fn first(number: u128) -> Entry {
    let text = format!("first{number} {}", "of a call that is long ".repeat(number as usize % 200));
    entry(3 * number, Body::Comment, &text)
}

/// The second of them.
fn second(number: u128) -> Entry {
    entry(3 * number + 1, Body::Comment, &format!("second{number}"))
}

/// What is claimed beside them.
fn proposal(number: u128) -> ProposalId {
    EntryId::from_parts(at(3 * number + 2), number).into()
}

async fn record(journal: Journal, number: u128) {
    let trackers = ["local".to_owned()];
    let records = vec![Record::owed(first(number), &trackers), Record::entry(second(number))];
    journal.append(records).await.unwrap();
    say(&format!("recorded {number}"));
    if number.is_multiple_of(5) {
        let digest = Digest::of("test", &[&number.to_be_bytes()]);
        let stage = Stage::Claimed { digest };
        let body = Body::Action(Action { proposal: proposal(number), stage });
        let claim = Record::entry(entry(3 * number + 2, body, "claims"));
        let claimed = journal.claim(proposal(number), digest, claim).await.unwrap();
        assert_eq!(claimed, Claimed::Won);
        say(&format!("claimed {number}"));
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// Writes until it is killed, if it is the child; begins at the number that it is told.
#[test]
fn the_child_of_the_crash_test_writes_until_it_is_killed() {
    let Some(told) = asked_for(CHILD) else { return };
    let (from, dir) = told.split_once(' ').unwrap();
    let mut number: u128 = from.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let journal = Journal::open(Path::new(dir)).unwrap();
        say("open");
        let mut calls = tokio::task::JoinSet::new();
        loop {
            while calls.len() < AT_ONCE {
                calls.spawn(record(journal.clone(), number));
                number += 1;
            }
            calls.join_next().await.unwrap().unwrap();
        }
    });
}

fn spawn(from: u128, dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("crash::the_child_of_the_crash_test_writes_until_it_is_killed")
        .env(CHILD, format!("{from} {}", dir.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a child acknowledged.
#[derive(Default)]
struct Promises {
    recorded: BTreeSet<u128>,
    claimed: BTreeSet<u128>,
}

impl Promises {
    /// Lets a child write, kills it after so many acknowledgements, and adds up what it acknowledged.
    fn kill_after(&mut self, acks: usize, from: u128, dir: &Path) {
        let mut child = spawn(from, dir);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        while seen < acks {
            let line = lines.next().expect("the child ended by itself").unwrap();
            seen += usize::from(self.note(&line));
        }
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(!status.success(), "it was killed: {status}");
        // Whatever it said before it died counts, whether or not anybody had read it by then.
        lines.map_while(Result::ok).for_each(|line| {
            self.note(&line);
        });
    }

    fn note(&mut self, line: &str) -> bool {
        let number = |word: &str| line.strip_prefix(word).and_then(|rest| rest.parse().ok());
        match (number("recorded "), number("claimed ")) {
            (Some(number), _) => self.recorded.insert(number),
            (_, Some(number)) => self.claimed.insert(number),
            // The line that says it is open lets it be killed before anything is recorded.
            _ => line == "open",
        }
    }

    /// Checks that everything is there, and nothing by half.
    fn check(&self, journal: &Journal, attempted: u128) {
        for number in 0..attempted {
            let [first, second] = [first(number), second(number)];
            let found = [&first, &second].map(|entry| journal.entry(entry.id).unwrap());
            let is_there = found[0].is_some();
            assert_eq!(is_there, found[1].is_some(), "call {number} is there by half");
            assert!(is_there || !self.recorded.contains(&number), "call {number} is lost");
            let owed = journal.deliveries(first.id).unwrap();
            assert_eq!(owed.len(), usize::from(is_there), "call {number} is owed");
            if is_there {
                assert_eq!(found, [Some(first), Some(second)]);
                let query = Query { text: format!("second{number}"), ..Query::default() };
                assert_eq!(journal.search(&query).unwrap().len(), 1, "call {number} is found");
            }
        }
        let open: BTreeSet<_> = journal.claims_without_outcome().unwrap().into_iter().collect();
        for number in &self.claimed {
            assert!(open.contains(&proposal(*number)), "claim {number} is lost");
        }
    }
}

fn database(dir: &Path) -> PathBuf {
    dir.join("journal.sqlite3")
}

fn check_database(dir: &Path) {
    let db = rusqlite::Connection::open(database(dir)).unwrap();
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    db.execute_batch("INSERT INTO words (words) VALUES ('integrity-check')").unwrap();
}

#[test]
fn whatever_was_acknowledged_survives_a_kill_at_any_moment() {
    let cycles: usize = asked_for(CYCLES).map_or(50, |cycles| cycles.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut rng = fastrand::Rng::with_seed(20);
    let (mut promises, mut from) = (Promises::default(), 1);
    for cycle in 0..cycles {
        let acks = if cycle % 10 == 0 { 1 } else { rng.usize(2..120) };
        promises.kill_after(acks, from, dir.path());
        let journal = Journal::open(dir.path()).expect("the lock of the dead holds nobody up");
        drop(journal);
        check_database(dir.path());
        // Numbers that the dead child may have used are used by no other.
        from = promises.recorded.last().map_or(from, |last| last + 1) + AT_ONCE as u128 * 4;
    }
    let journal = Journal::open(dir.path()).unwrap();
    promises.check(&journal, from);
    assert!(promises.recorded.len() > cycles, "{} were acknowledged", promises.recorded.len());
}
