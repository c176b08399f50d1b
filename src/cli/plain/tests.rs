//! Sessions in lines: what a person types goes in, what they read comes out, through the production loop
//! and a real hub, under a clock that is moved by hand.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};

use super::run::{Plain, PlainSource};
use super::stdin::Typed;
use crate::cli::output::{Output, Side};
use crate::hub::{Hub, Plan};
use crate::incident::{
    Actor, Alert, Body, Entry, IncidentId, Policy, Principal, Proof, Risk, Severity,
};
use crate::journal::Journal;
use crate::settings::Clock;
use crate::wire::{
    Command, Delivery, Draft, FeedEvent, Frame, Gates, Link, RECORDING_VERSION, RecordingHeader,
    Reply, samples,
};

/// How long a test waits for a line; only a failing test ever waits it out.
const DEADLINE: Duration = Duration::from_secs(20);

/// What was written so far, and a call when there is more.
#[derive(Clone, Default)]
struct Paper(Arc<(Mutex<Vec<u8>>, Notify)>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap().extend_from_slice(bytes);
        self.0.1.notify_one();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A person at a keyboard, reading.
struct Person {
    keys: mpsc::Sender<Typed>,
    paper: Paper,
    read: usize,
    clock: Clock,
}

impl Person {
    /// Types a line a calm while after whatever was read last.
    async fn types(&self, line: &str) {
        self.clock.advance(Duration::from_secs(1));
        self.types_at_once(line).await;
    }

    /// Types the word that sends something, and lets the time pass in which it can be taken back.
    async fn sends(&mut self, word: &str) {
        self.types(word).await;
        self.reads("leaves in 5 seconds").await;
        self.clock.advance(Duration::from_secs(5));
    }

    /// Types a line in the same breath.
    async fn types_at_once(&self, line: &str) {
        let typed = Typed { at: self.clock.now(), line: line.to_owned() };
        self.keys.send(typed).await.unwrap();
    }

    /// Reads on until a line contains `text`, and gives that line.
    async fn reads(&mut self, text: &str) -> String {
        let reading = async {
            loop {
                let all = String::from_utf8(self.paper.0.0.lock().unwrap().clone()).unwrap();
                let mut at = self.read;
                for line in all[self.read..].split_inclusive('\n') {
                    at += line.len();
                    if line.ends_with('\n') && line.contains(text) {
                        self.read = at;
                        return line.trim_end().to_owned();
                    }
                }
                self.paper.0.1.notified().await;
            }
        };
        let read = tokio::time::timeout(DEADLINE, reading).await.ok();
        read.unwrap_or_else(|| panic!("waited in vain for {text:?}; the paper:\n{}", self.whole()))
    }

    fn whole(&self) -> String {
        String::from_utf8(self.paper.0.0.lock().unwrap().clone()).unwrap()
    }
}

/// A hub with an incident and an agent.
struct House {
    _dir: TempDir,
    clock: Clock,
    hub: Hub,
    _deliveries: mpsc::Sender<Delivery>,
    agent: Link,
    incident: IncidentId,
}

fn principal(text: &str) -> Principal {
    let actor: Actor = text.parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: Vec::new() }
}

fn alert() -> Alert {
    Alert {
        title: "too many errors".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "k1".to_owned(),
        firing: true,
        labels: BTreeMap::new(),
    }
}

impl House {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::held_at(Timestamp::from_second(1_800_000_000).unwrap());
        let (told, deliveries) = mpsc::channel(8);
        let partners = vec!["changes".to_owned()];
        let plan = Plan {
            journal: Journal::open(dir.path()).unwrap(),
            clock: clock.clone(),
            policy: Policy::default(),
            gates: Gates { hub: "test".to_owned(), partners, ..Gates::default() },
            deliveries,
            seed: None,
        };
        let hub = Hub::start(plan).await.unwrap();
        let agent = hub.link(principal("agent:primary@test"));
        let monitor = hub.link(principal("system:alertmanager"));
        let opened =
            monitor.ask(Command::OpenIncident { alert: alert(), text: "firing".into() }).await;
        let Ok(Reply::Opened { incident, .. }) = opened else { panic!("{opened:?}") };
        Self { _dir: dir, clock, hub, _deliveries: told, agent, incident }
    }

    fn sits_down(&self, name: &str) -> (Person, tokio::task::JoinHandle<()>) {
        let link = self.hub.link(principal(name));
        sits_down(PlainSource::Hub(link), &self.clock)
    }

    async fn propose(&self, risk: Risk) {
        let request = samples::request(self.incident, risk);
        let reply = self.agent.ask(Command::Propose { request: Box::new(request) }).await;
        assert!(matches!(reply, Ok(Reply::Proposed { .. })), "{reply:?}");
    }

    async fn post(&self, text: &str) {
        let (incident, body) = (self.incident, Body::Comment);
        let draft = Draft { incident, body, text: text.into(), refs: Vec::new(), key: None };
        let other = self.hub.link(principal("human:grace"));
        assert!(other.ask(Command::Post { draft }).await.is_ok());
    }
}

fn sits_down(source: PlainSource, clock: &Clock) -> (Person, tokio::task::JoinHandle<()>) {
    let (keys, typed) = mpsc::channel(16);
    let paper = Paper::default();
    let mut output = Output::new(Side::plain(paper.clone()), Side::plain(paper.clone()));
    let plain = Plain { source, typed, goes_on: false, wall: clock.clone(), clock: clock.clone() };
    let session = tokio::spawn(async move { plain.run(&mut output).await });
    (Person { keys, paper, read: 0, clock: clock.clone() }, session)
}

#[tokio::test]
async fn a_person_reads_what_there_is_and_leaves() {
    let house = House::open().await;
    let (mut ada, session) = house.sits_down("human:ada");
    let line = ada.reads("incident 1:").await;
    assert!(line.contains("too many errors") && line.contains("checkout"), "{line}");
    ada.reads("no decision waits").await;
    ada.reads("type ? for what can be typed").await;
    ada.types("?").await;
    ada.reads("q: leave").await;
    ada.types("t").await;
    ada.reads("alert by system:alertmanager").await;
    ada.types("q").await;
    session.await.unwrap();
    assert!(ada.whole().is_ascii() || !ada.whole().contains('\u{1b}'));
}

#[tokio::test]
async fn a_medium_action_is_approved_by_its_number_and_its_word() {
    let house = House::open().await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("type ?").await;
    house.propose(Risk::Medium).await;
    let line = ada.reads("decision 1 waits").await;
    assert!(line.contains("rollback checkout-config in production"), "{line}");
    assert!(line.contains("medium risk") && line.contains("type 1 to read it"), "{line}");
    ada.types("1").await;
    ada.reads(r#"{"to":"r41"}"#).await;
    ada.reads("1: approve exactly what stands above").await;
    ada.types("1").await;
    ada.reads("type approve to send it").await;
    ada.sends("approve").await;
    ada.reads("your answer is sent").await;
    ada.reads("decision 1 approved").await;
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn a_high_risk_takes_the_targets_name_and_refuses_another() {
    let house = House::open().await;
    house.propose(Risk::High).await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("decision 1 waits").await;
    for (name, outcome) in [("checkout", "refused:"), ("checkout-config", "decision 1 approved")] {
        ada.types("1").await;
        ada.reads("type the number of your answer").await;
        ada.types("1").await;
        ada.reads("type the name of the target").await;
        ada.types(name).await;
        ada.reads("type approve to send it").await;
        ada.sends("approve").await;
        ada.reads(outcome).await;
    }
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn what_comes_in_the_same_breath_as_the_question_sends_nothing() {
    let house = House::open().await;
    house.propose(Risk::Medium).await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("decision 1 waits").await;
    ada.reads("type ?").await;
    // A paste, or keys typed ahead: all of it is there before anything could be read.
    for line in ["1", "1", "approve", "approve"] {
        ada.types_at_once(line).await;
    }
    ada.reads("that came with the question itself").await;
    ada.reads("that came with the question itself").await;
    assert!(!ada.whole().contains("is sent"), "{}", ada.whole());
    ada.sends("approve").await;
    ada.reads("decision 1 approved").await;
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn a_denial_takes_a_reason_and_another_word_sends_nothing() {
    let house = House::open().await;
    house.propose(Risk::Medium).await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("decision 1 waits").await;
    ada.types("1").await;
    let line = ada.reads("deny it, for a reason").await;
    let number = line.split(':').next().unwrap().to_owned();
    ada.types(&number).await;
    ada.reads("Type the reason").await;
    ada.types("carts would be lost").await;
    ada.reads("type deny to send it").await;
    ada.types("yes").await;
    ada.reads("that is not the word; nothing was sent").await;
    ada.types("1").await;
    ada.reads("deny it, for a reason").await;
    ada.types(&number).await;
    ada.reads("Type the reason").await;
    ada.types("carts would be lost").await;
    ada.reads("type deny to send it").await;
    ada.sends("deny").await;
    let line = ada.reads("decision 1 denied").await;
    assert!(line.contains("carts would be lost") || line.contains("human:ada"), "{line}");
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn what_arrives_while_one_decides_is_shown_before_the_answer_is_sent() {
    let house = House::open().await;
    house.propose(Risk::Medium).await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("decision 1 waits").await;
    ada.types("1").await;
    ada.reads("type the number of your answer").await;
    ada.types("1").await;
    ada.reads("type approve to send it").await;
    house.post("wait, the rollback broke staging").await;
    ada.reads("decision 1, which you are answering, has just changed").await;
    ada.types("approve").await;
    ada.reads("something arrived since you opened it").await;
    ada.reads("wait, the rollback broke staging").await;
    ada.reads("type approve to send it").await;
    assert!(!ada.whole().contains("is sent"));
    ada.sends("approve").await;
    ada.reads("decision 1 approved").await;
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn what_was_sent_can_be_taken_back_before_it_leaves() {
    let house = House::open().await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("type ?").await;
    for word in ["u", "q"] {
        ada.types("c too early").await;
        ada.reads("type send to send it").await;
        ada.types("send").await;
        ada.reads("your comment leaves in 5 seconds; type u to take it back").await;
        ada.types(word).await;
        ada.reads("your comment is taken back; nothing was sent").await;
    }
    session.await.unwrap();
    assert!(!ada.whole().contains("is sent"), "{}", ada.whole());
}

#[tokio::test]
async fn what_there_is_none_of_is_said() {
    let house = House::open().await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("type ?").await;
    for (line, answer) in [
        ("w", "nothing is owed"),
        ("w 1 retry", "type w for the list"),
        ("x", "have not asked each other anything yet"),
        ("x 2", "there is no call 2"),
        ("b", "no hypothesis yet"),
    ] {
        ada.types(line).await;
        ada.reads(answer).await;
    }
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn comments_searches_and_halts_are_typed_too() {
    let house = House::open().await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("type ?").await;
    ada.types("c looking into the pool").await;
    ada.reads("type send to send it").await;
    ada.sends("send").await;
    ada.reads("comment by human:ada: looking into the pool").await;
    ada.types("s pool").await;
    ada.reads("looking into the pool, entry").await;
    ada.types("h").await;
    ada.reads("type why every action of the agents shall stop").await;
    ada.types("too much at once").await;
    ada.reads("type halt to send it").await;
    ada.types("halt").await;
    ada.reads("every action of the agents is halted").await;
    ada.types("nonsense").await;
    ada.reads("that means nothing here").await;
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn hostile_text_acts_on_no_terminal_and_hides_nothing() {
    let house = House::open().await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("type ?").await;
    house.post("\u{1b}]0;owned\u{7}\u{202e}live\u{9b}31m\rdecision 1 approved").await;
    let line = ada.reads("comment by human:grace").await;
    assert!(line.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{line:?}");
    ada.types("q").await;
    session.await.unwrap();
}

#[tokio::test]
async fn a_session_ends_with_its_input() {
    let house = House::open().await;
    let (mut ada, session) = house.sits_down("human:ada");
    ada.reads("type ?").await;
    let Person { keys, .. } = ada;
    drop(keys);
    session.await.unwrap();
}

fn recorded() -> PlainSource {
    let entry = |id: &str, at: i64, actor: &str, body: Body, text: &str| Entry {
        id: id.parse().unwrap(),
        incident: "01M7WPH1G0000000000000000A".parse().unwrap(),
        actor: actor.parse().unwrap(),
        at: Timestamp::from_second(1_795_183_200 + at).unwrap(),
        first_seen: Timestamp::from_second(1_795_183_200 + at).unwrap(),
        body,
        text: text.into(),
        refs: Vec::new(),
        origins: Vec::new(),
    };
    let entries = [
        entry(
            "01M7WPH1G0000000000000000A",
            0,
            "system:alertmanager",
            Body::Alert(alert()),
            "firing",
        ),
        entry("01M7WPH1G0000000000000000B", 10, "human:bo", Body::Comment, "first"),
        entry("01M7WPH1G0000000000000000C", 20, "human:bo", Body::Comment, "second"),
    ];
    let frame = |(seq, entry): (u64, Entry)| Frame {
        run: None,
        seq,
        at: entry.at,
        event: FeedEvent::EntryArrived { entry: Box::new(entry) },
    };
    let frames: Vec<Frame> = (1..).zip(entries).map(frame).collect();
    let began = frames[0].at;
    PlainSource::Recording(
        RecordingHeader { wheelhouse_recording: RECORDING_VERSION, began },
        frames,
    )
}

#[tokio::test]
async fn a_recording_is_told_as_such_paused_and_stepped() {
    let clock = Clock::held_at(Timestamp::from_second(1_800_000_000).unwrap());
    let (mut ada, session) = sits_down(recorded(), &clock);
    ada.reads("replay, not live: 3 messages").await;
    ada.reads("alert by system:alertmanager").await;
    ada.types("p").await;
    ada.reads("paused at message 1 of 3").await;
    ada.types(".").await;
    ada.reads("comment by human:bo: first").await;
    ada.types("c hello").await;
    ada.reads("type send to send it").await;
    ada.types("send").await;
    ada.reads("this is a recording: nothing can be sent").await;
    ada.types(".").await;
    ada.reads("comment by human:bo: second").await;
    ada.reads("the recording has ended").await;
    ada.types("q").await;
    session.await.unwrap();
}
