//! An hour without any tracker: whether agents notice that thousands of entries are owed.
//!
//! `cargo bench --bench all -- outage` measures calls between two agents before, during and after one, each
//! told to the hub as the exchange tells them. The hour passes in a minute; what a call takes is not sped up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use rmcp::{ServerHandler, tool, tool_handler, tool_router};
use serde_json::json;
use tokio::sync::mpsc;
use wheelhouse::hub::{Delivering, Hub, Plan, Route};
use wheelhouse::incident::{
    Body, CallId, EntryId, ExchangeEvent, Exchanged, IncidentId, Outcome, Policy, Principal, Proof,
    decode,
};
use wheelhouse::journal::Journal;
use wheelhouse::partner::{Access, Doorway, Endpoint, Limits, Partner, serve_http};
use wheelhouse::sandbox::lookalikes::{Fault, Sandbox, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Visibility};
use wheelhouse::trackers::Tracker;
use wheelhouse::wire::{Command, Draft, Gates, Link, Reply};

use crate::history;
use crate::screen::now;
use crate::stage::entering;

/// How much faster than on the wall time passes for hub, trackers, and waits.
const SPEED: f64 = 60.0;

/// How long the outage lasts.
const OUTAGE: Duration = Duration::from_hours(1);

/// How many entries are written during it, each owed to every tracker, and about how many incidents.
const ENTRIES: usize = 5_000;
const INCIDENTS: u32 = 50;

/// How long the agents are silent between two calls, on the wall; every call is two records on disk.
const PAUSE: Duration = Duration::from_millis(25);

/// How many calls are taken together: what other programs do for a moment spoils one such part and no more.
const PART: usize = 200;

/// The account that everything is written under.
const LOGIN: &str = "wheelhouse";

/// A partner that answers at once.
#[derive(Clone)]
struct Prompt;

#[tool_router]
impl Prompt {
    #[tool(description = "Answers at once.")]
    async fn ask(&self) -> String {
        "the pool is exhausted".to_owned()
    }
}

#[tool_handler]
impl ServerHandler for Prompt {}

/// Measures it and prints it.
pub(crate) fn measure() {
    tokio::runtime::Runtime::new().unwrap().block_on(night());
}

async fn night() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::at_speed(SPEED));
    let sandbox = Sandbox::start(SandboxPlan::new(1, clock.clone())).await.unwrap();
    let mut trackers = Vec::new();
    for vendor in Vendor::ALL {
        trackers.push(connect(&sandbox, vendor, &clock).await);
    }
    let journal = Journal::open(dir.path()).unwrap();
    let (hub, delivering) = hub(&journal, trackers, &clock).await;
    let agent = hub.link(by("agent:primary@outage"));
    let incidents = open(&hub.link(by("system:alertmanager"))).await;
    let serving = serve_http(|| Prompt, Doorway::on(0, Access::Open)).await.unwrap();
    let endpoint = Endpoint::Http { url: serving.url(), token: None };
    let partner = Partner::connect(&endpoint).await.unwrap();
    let (link, incident, unobserved) = (agent.clone(), incidents[0], AtomicUsize::new(0));
    let talk = Talk { partner, link, incident, clock: clock.clone(), unobserved };

    paid(journal.clone()).await;
    talk.for_at_least(clock.wall(OUTAGE) / 6).await;
    told("before: nothing is owed", talk.for_at_least(clock.wall(OUTAGE)).await);
    for vendor in Vendor::ALL {
        sandbox.fault(vendor, Fault::DropBefore.into());
    }
    let writing = tokio::spawn(write(agent, incidents, clock.clone()));
    told("during: every tracker is down", talk.for_at_least(clock.wall(OUTAGE)).await);
    let written = writing.await.unwrap();
    println!("{:<44} {}", "owed at the end of the hour", journal.owed().unwrap().len());
    for vendor in Vendor::ALL {
        sandbox.mend(vendor);
    }
    let began = now();
    let draining = talk.until_paid(&journal).await;
    let took = began.elapsed().mul_f64(SPEED);
    told("after: it drains", draining);
    println!("{:<44} {:.0} min", "until everything is paid", took.as_secs_f64() / 60.0);
    for vendor in Vendor::ALL {
        is_there_once_and_in_order(&sandbox, vendor, &written);
    }
    println!("{:<44} {}", "events that nobody had time to see", talk.unobserved.load(Relaxed));
    println!("{:<44} yes", "each stands in each tracker once, in order");
    delivering.end().await;
    hub.stop().await;
    serving.stop().await.unwrap();
}

fn by(name: &str) -> Principal {
    Principal { actor: name.parse().unwrap(), proof: Proof::LocalUser, roles: Vec::new() }
}

async fn hub(
    journal: &Journal,
    trackers: Vec<Arc<dyn Tracker>>,
    clock: &Clock,
) -> (Hub, Delivering) {
    let (told, deliveries) = mpsc::channel(64);
    let names = trackers.iter().map(|tracker| tracker.name().to_owned()).collect();
    let gates = Gates { hub: "outage".to_owned(), trackers: names, ..Gates::default() };
    let delivering = Delivering::start(Route {
        journal: journal.clone(),
        trackers,
        clock: clock.clone(),
        told,
        seed: 1,
    });
    let (journal, clock) = (journal.clone(), clock.clone());
    let policy = Policy::default();
    let plan = Plan { journal, clock, policy, gates, deliveries, seed: None };
    (Hub::start(plan).await.unwrap(), delivering)
}

async fn open(monitor: &Link) -> Vec<IncidentId> {
    let mut incidents = Vec::new();
    for number in 0..INCIDENTS {
        let Body::Alert(alert) = history::alert(number).body else {
            unreachable!("it is an alert")
        };
        let reply = monitor.ask(Command::OpenIncident { alert, text: "firing".into() }).await;
        let Ok(Reply::Opened { incident, .. }) = reply else { panic!("{reply:?}") };
        incidents.push(incident);
    }
    incidents
}

/// Writes the entries, evenly over the outage; says which, by incident.
async fn write(agent: Link, incidents: Vec<IncidentId>, clock: Clock) -> Vec<Vec<EntryId>> {
    let mut written = vec![Vec::new(); incidents.len()];
    let began = now();
    for number in 0..ENTRIES {
        let due = clock.wall(OUTAGE).mul_f64(number as f64 / ENTRIES as f64);
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
        let at = number % incidents.len();
        let (incident, text) = (incidents[at], format!("finding {number}").into());
        let draft = Draft { incident, body: Body::Comment, text, refs: Vec::new(), key: None };
        let reply = agent.ask(Command::Post { draft }).await;
        let Ok(Reply::Recorded { entry }) = reply else { panic!("{reply:?}") };
        written[at].push(entry);
    }
    written
}

/// Waits until nothing is owed; looking is work, too, and is done beside everything else.
async fn paid(journal: Journal) {
    let owed = |journal: Journal| move || journal.owed().unwrap().len();
    while tokio::task::spawn_blocking(owed(journal.clone())).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Two agents who talk.
struct Talk {
    partner: Partner,
    link: Link,
    incident: IncidentId,
    clock: Clock,
    /// How many events the hub was too busy to take; no call waits for it.
    unobserved: AtomicUsize,
}

impl Talk {
    /// Calls for some time on the wall, and says how long each call took.
    async fn for_at_least(&self, span: Duration) -> Vec<Duration> {
        let (began, mut spans) = (now(), Vec::new());
        while began.elapsed() < span {
            spans.push(self.call().await);
        }
        spans
    }

    async fn until_paid(&self, journal: &Journal) -> Vec<Duration> {
        let (paying, mut spans) = (tokio::spawn(paid(journal.clone())), Vec::new());
        while !paying.is_finished() {
            spans.push(self.call().await);
        }
        spans
    }

    /// One call, told to the hub before and after, as an agent's switchboard does.
    async fn call(&self) -> Duration {
        tokio::time::sleep(PAUSE).await;
        let began = now();
        let call = CallId::from_parts(self.clock.now(), fastrand::u128(..) >> 48);
        self.observe(Exchanged::CallStarted {
            call,
            from: self.link.principal().actor.clone(),
            to: "telemetry".to_owned(),
            channel: "mcp http".to_owned(),
            tool: "ask".into(),
            question: "why do requests fail?".into(),
            arguments: json!({}),
        });
        let answer = self.partner.call("ask", json!({}), Limits::default(), |_| {}).await.unwrap();
        let outcome = Outcome::Answered { text: answer.text.into(), structured: answer.structured };
        self.observe(Exchanged::CallEnded { call, outcome });
        began.elapsed()
    }

    fn observe(&self, what: Exchanged) {
        let event = ExchangeEvent { incident: self.incident, at: self.clock.now(), what };
        if !self.link.tell(Command::Observe { event: Box::new(event) }) {
            self.unobserved.fetch_add(1, Relaxed);
        }
    }
}

fn share(spans: &mut [Duration], share: f64) -> f64 {
    spans.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position")]
    let place = ((spans.len() - 1) as f64 * share).round() as usize;
    spans[place].as_secs_f64() * 1000.0
}

/// Prints the middle of what the parts say, because a part can have bad luck.
fn told(name: &str, mut spans: Vec<Duration>) {
    let mut of_parts = |at| {
        let mut parts: Vec<f64> = spans.chunks_mut(PART).map(|part| share(part, at)).collect();
        parts.sort_by(f64::total_cmp);
        parts[parts.len() / 2]
    };
    let (half, most) = (of_parts(0.5), of_parts(0.99));
    let (all, count) = (share(&mut spans, 0.99), spans.len());
    println!(
        "{name:<44} p50 {half:>7.2} ms  p99 {most:>7.2} ms  p99 of all {all:>7.2} ms  n {count}"
    );
}

fn is_there_once_and_in_order(sandbox: &Sandbox, vendor: Vendor, written: &[Vec<EntryId>]) {
    let mut found: Vec<Vec<EntryId>> = Vec::new();
    for item in sandbox.items(vendor) {
        let id = |text: &str| decode(&text.into()).map(|found| found.trailer.id);
        found.push(item.notes.iter().filter_map(|note| id(&note.text)).collect());
    }
    let mut expected = written.to_vec();
    expected.sort();
    found.sort();
    assert!(found == expected, "{vendor} does not hold what was written, once and in order");
}

async fn connect(sandbox: &Sandbox, vendor: Vendor, clock: &Clock) -> Arc<dyn Tracker> {
    let token = sandbox.token(vendor, LOGIN).unwrap();
    let whose = (vendor, Visibility::Internal, LOGIN);
    entering((sandbox.base(vendor), &token), clock, whose).await
}
