//! Two processes at one socket, and lines that no client of ours would write.
//!
//! What cannot be tested here is a caller of another account: that takes two accounts.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

use super::line::LONGEST_ASKED;
use super::{Socket, attach};
use crate::hub::{Hub, HubError, Plan};
use crate::incident::{
    Alert, Body, IncidentId, Notice, Policy, Principal, Proof, Query, Severity, Trouble,
};
use crate::journal::Journal;
use crate::settings::Clock;
use crate::wire::{Command, Draft, FeedEvent, Gates, Link, Reply};

struct Stage {
    hub: Hub,
    socket: Socket,
    path: PathBuf,
    dir: tempfile::TempDir,
}

impl Stage {
    async fn set() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hub.sock");
        let hub = hub(&dir.path().join("journal")).await;
        let socket = Socket::open(&path, hub.link(ada())).await.unwrap();
        Self { hub, socket, path, dir }
    }

    async fn attached(&self) -> Link {
        attach(&self.path).await.unwrap()
    }

    /// A connection without our client, past the greeting.
    async fn bare(&self) -> Bare {
        let mut bare = Bare(BufReader::new(UnixStream::connect(&self.path).await.unwrap()));
        assert_eq!(bare.hear().await.unwrap()["you"]["actor"], "human:ada");
        bare
    }
}

/// A connection on which anything can be said.
struct Bare(BufReader<UnixStream>);

impl Bare {
    async fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The next line; nothing when the hub hung up.
    async fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).await.unwrap_or(0);
        (read > 0).then(|| serde_json::from_str(&line).unwrap())
    }
}

async fn hub(dir: &std::path::Path) -> Hub {
    let (_, deliveries) = mpsc::channel(1);
    let plan = Plan {
        journal: Journal::open(dir).unwrap(),
        clock: Clock::held_at(Timestamp::from_second(1_800_000_000).unwrap()),
        policy: Policy::default(),
        gates: Gates::default(),
        deliveries,
        seed: Some(1),
    };
    Hub::start(plan).await.unwrap()
}

fn ada() -> Principal {
    let actor = "human:ada".parse().unwrap();
    Principal { actor, proof: Proof::LocalUser, roles: vec!["on-call".into()] }
}

async fn open_incident(link: &Link) -> IncidentId {
    let alert = Alert {
        title: "checkout fails".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "checkout".into(),
        firing: true,
        labels: std::collections::BTreeMap::new(),
    };
    let text = "Firing".into();
    match link.ask(Command::OpenIncident { alert, text }).await.unwrap() {
        Reply::Opened { incident, .. } => incident,
        other => panic!("{other:?}"),
    }
}

fn comment(incident: IncidentId, text: &str) -> Command {
    let (body, text) = (Body::Comment, text.into());
    let draft = Draft { incident, body, text, refs: Vec::new(), key: None };
    Command::Post { draft }
}

fn texts(feed: &[std::sync::Arc<crate::wire::Frame>]) -> Vec<String> {
    let text = |frame: &std::sync::Arc<crate::wire::Frame>| match &frame.event {
        FeedEvent::EntryArrived { entry } => Some(entry.text.for_storage().to_owned()),
        _ => None,
    };
    feed.iter().filter_map(text).collect()
}

#[tokio::test]
async fn who_is_speaking_is_what_the_hub_established() {
    let stage = Stage::set().await;
    let link = stage.attached().await;
    assert_eq!(link.principal(), &ada());
    let incident = open_incident(&link).await;
    let asked = link.ask(comment(incident, "from beyond the socket")).await.unwrap();
    let Reply::Recorded { entry } = asked else { panic!("{asked:?}") };
    let query = Query { text: "beyond".into(), ..Query::default() };
    let Reply::Found { hits } = link.ask(Command::Search { query }).await.unwrap() else {
        panic!("no hits")
    };
    assert_eq!((hits[0].entry.id, hits[0].entry.actor.to_string()), (entry, "human:ada".into()));
}

#[tokio::test]
async fn a_refusal_arrives_as_the_same_notice() {
    let stage = Stage::set().await;
    let unknown = IncidentId::from_parts(Timestamp::UNIX_EPOCH, 1);
    let here = stage.hub.link(ada()).ask(comment(unknown, "x")).await;
    let there = stage.attached().await.ask(comment(unknown, "x")).await;
    assert_eq!(here.unwrap_err(), there.unwrap_err());
}

#[tokio::test]
async fn a_follower_beyond_the_socket_sees_what_was_and_what_comes() {
    let stage = Stage::set().await;
    let near = stage.hub.link(ada());
    let incident = open_incident(&near).await;
    near.ask(comment(incident, "before")).await.unwrap();
    let mut feed = stage.attached().await.follow().await.unwrap();
    assert_eq!(texts(&feed.backlog), ["Firing", "before"]);
    near.ask(comment(incident, "after")).await.unwrap();
    let frame = feed.live.recv().await.unwrap();
    assert_eq!(frame.seq, feed.backlog.last().unwrap().seq + 1);
    assert_eq!(texts(&[frame]), ["after"]);
}

#[tokio::test]
async fn asks_reach_the_hub_in_their_order() {
    let stage = Stage::set().await;
    let link = stage.attached().await;
    let incident = open_incident(&link).await;
    (0..50).for_each(|number| assert!(link.tell(comment(incident, &format!("{number}")))));
    link.ask(comment(incident, "last")).await.unwrap();
    let feed = link.follow().await.unwrap();
    let wanted: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    assert_eq!(texts(&feed.backlog)[1..51], wanted);
}

#[tokio::test]
async fn a_hub_that_ends_answers_everybody_who_waits() {
    let stage = Stage::set().await;
    let link = stage.attached().await;
    let mut feed = link.follow().await.unwrap();
    let incident = open_incident(&link).await;
    feed.live.recv().await.unwrap();
    stage.socket.close().await;
    assert!(!stage.path.exists());
    let gone = link.ask(comment(incident, "too late")).await.unwrap_err();
    assert_eq!(gone.trouble, Trouble::Unreachable);
    assert!(feed.live.recv().await.is_err());
    let absent: Notice = attach(&stage.path).await.unwrap_err();
    assert_eq!(absent.trouble, Trouble::Unreachable);
}

#[tokio::test]
async fn the_socket_of_a_killed_hub_is_taken_over_and_that_of_a_living_one_is_not() {
    let stage = Stage::set().await;
    let taken = Socket::open(&stage.path, stage.hub.link(ada())).await;
    assert!(matches!(taken, Err(HubError::Listen { .. })));
    let stale = stage.dir.path().join("stale.sock");
    // Bound and dropped without removing the file: what a kill leaves behind.
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    assert_eq!(attach(&stale).await.unwrap_err().trouble, Trouble::Unreachable);
    let _socket = Socket::open(&stale, stage.hub.link(ada())).await.unwrap();
    assert!(attach(&stale).await.is_ok());
}

#[tokio::test]
async fn the_file_of_the_socket_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let stage = Stage::set().await;
    let mode = std::fs::metadata(&stage.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// 77: too deep, no number, half a letter, a number that fits nowhere, two fields of one name.
#[tokio::test]
async fn nonsense_is_answered_and_the_next_line_is_heard() {
    let stage = Stage::set().await;
    let mut bare = stage.bare().await;
    let deep = format!("{}1{}\n", "[".repeat(200_000), "]".repeat(200_000));
    let lines = [
        "no json\n",
        "{}\n",
        "{\"follow\":false}\n",
        "\u{0}\n",
        "[1]\n",
        "NaN\n",
        "{\"ask\":NaN}\n",
        "{\"ask\":1,\"x\":\"\\ud800\"}\n",
        "{\"ask\":12345678901234567890123}\n",
        "{\"ask\":-1}\n",
        &deep,
    ];
    for line in lines {
        bare.say(line.as_bytes()).await;
        let said = bare.hear().await.unwrap();
        assert_eq!((&said["ask"], &said["notice"]["trouble"]), (&Value::Null, &json!("usage")));
    }
    bare.say(b"\xff\xfe\n{\"ask\":7,\"command\":{\"command\":\"obey\"}}\n").await;
    assert_eq!(bare.hear().await.unwrap()["ask"], Value::Null);
    assert_eq!(bare.hear().await.unwrap()["ask"], 7);
    // Of two fields of one name the last counts, within a command as well as beside it.
    bare.say(b"{\"ask\":1,\"ask\":9,\"command\":{\"command\":\"search\",\"command\":\"obey\"}}\n")
        .await;
    let said = bare.hear().await.unwrap();
    assert_eq!((&said["ask"], &said["notice"]["trouble"]), (&json!(9), &json!("usage")));
    let search = json!({ "ask": 8, "command": { "command": "search", "query": {} } });
    bare.say(format!("{search}\n").as_bytes()).await;
    assert_eq!(bare.hear().await.unwrap()["reply"]["reply"], "found");
}

#[tokio::test]
async fn nobody_says_who_they_are() {
    let stage = Stage::set().await;
    let incident = open_incident(&stage.hub.link(ada())).await;
    let mut bare = stage.bare().await;
    let draft = json!({ "incident": incident, "body": { "kind": "comment" }, "text": "x" });
    let command = json!({ "command": "post", "draft": draft });
    let forged =
        json!({ "ask": 1, "command": command, "you": { "actor": "agent:a" }, "by": "human:eve" });
    bare.say(format!("{forged}\n").as_bytes()).await;
    assert_eq!(bare.hear().await.unwrap()["reply"]["reply"], "recorded");
    let feed = stage.attached().await.follow().await.unwrap();
    let FeedEvent::EntryArrived { entry } = &feed.backlog.last().unwrap().event else {
        panic!("no entry")
    };
    assert_eq!(entry.actor.to_string(), "human:ada");
}

#[tokio::test]
async fn a_line_without_end_is_refused_and_the_connection_closed() {
    let stage = Stage::set().await;
    let mut bare = stage.bare().await;
    bare.say(&vec![b'x'; LONGEST_ASKED + 1]).await;
    let said = bare.hear().await.unwrap();
    assert!(said["notice"]["detail"].as_str().unwrap().contains("bytes"), "{said}");
    assert_eq!(bare.hear().await, None);
    // Others are not disturbed.
    open_incident(&stage.attached().await).await;
}

#[tokio::test]
async fn a_comment_that_no_line_holds_is_refused_here() {
    let stage = Stage::set().await;
    let link = stage.attached().await;
    let incident = open_incident(&link).await;
    let long = comment(incident, &"x".repeat(LONGEST_ASKED));
    assert_eq!(link.ask(long).await.unwrap_err().trouble, Trouble::Usage);
    link.ask(comment(incident, "short")).await.unwrap();
}
