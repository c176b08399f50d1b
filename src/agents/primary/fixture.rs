//! A stage for the tests of the agent: a hub that answers as a script says, and pages of one's own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode, Uri};
use jiff::Timestamp;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc};

use super::caller::Switchboard;
use super::case::Means;
use super::pen::Pen;
use super::runbook::Runbook;
use crate::incident::{
    Actor, Alert, Answer, Ask, Body, Digest, Entry, EntryId, Exchanged, Handed, Handoff, HandoffId,
    HandoffStep, IncidentId, Notice, Principal, Proof, ProposalId, Remedy, Settlement, Severity,
    Stage, Trouble, Verdict, apply_handoff,
};
use crate::partner::Endpoint;
use crate::settings::Clock;
use crate::wire::{Asked, Command, Feed, FeedEvent, Frame, Link, Reply};

/// What a page was asked: its path with its query, and the body.
pub(super) type Request = (String, String);

/// Serves one page for every path, and keeps what it was asked.
pub(super) async fn serve(
    page: impl Fn(&Request) -> (u16, String) + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<Request>>>) {
    serve_shown(move |_shown, request| page(request)).await
}

/// The same, with a page that sees what a request shows of who asks.
pub(super) async fn serve_shown(
    page: impl Fn(&str, &Request) -> (u16, String) + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<Request>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (kept, page) = (Arc::clone(&asked), Arc::new(page));
    let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| {
        let request = (uri.to_string(), String::from_utf8_lossy(&body).into_owned());
        let shown = headers.get(AUTHORIZATION).map_or("", |shown| shown.to_str().unwrap());
        let (status, text) = page(shown, &request);
        kept.lock().unwrap().push(request);
        async move { (StatusCode::from_u16(status).unwrap(), text) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked)
}

/// Takes requests in and hangs up without a word, and counts them.
pub(super) async fn hang_up() -> (String, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counted = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut some = [0; 64];
            let _read = stream.read(&mut some).await;
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    (url, taken)
}

/// An address at which nobody listens.
pub(super) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// How many frames a follower of a scene may lag behind.
const MOST_LAGGING: usize = 64;

/// How the people of a scene settle a proposal, given its digest.
pub(super) type Settles = fn(Digest) -> Settlement;

/// People approve what is proposed, as it stands.
pub(super) fn approves(digest: Digest) -> Settlement {
    Settlement::Approved { by: Vec::new(), digest, args: None }
}

/// Something that a person does to a handoff while a command is on its way.
pub(super) struct Meddling {
    /// The step that the agent is about to take, or has just taken.
    pub(super) at: fn(&HandoffStep) -> bool,
    /// Whether the person is faster than the agent.
    pub(super) before: bool,
    /// What the person does.
    pub(super) step: fn(&Handoff) -> HandoffStep,
}

/// A hub of the tests: it keeps what it is asked, folds handoffs, and lets people settle and meddle.
pub(super) struct Scene {
    pub(super) clock: Clock,
    pub(super) settles: Settles,
    /// What a person says of a proposal before it is settled.
    pub(super) remark: Option<&'static str>,
    /// What the claim of an approved action is refused with, the first time.
    pub(super) claim_fails: Option<Notice>,
    pub(super) meddlings: VecDeque<Meddling>,
    /// Whether so much else is told that whoever follows misses what matters.
    pub(super) is_noisy: bool,
}

/// What is left of a scene.
pub(super) struct Played {
    pub(super) commands: Vec<Command>,
    pub(super) handoffs: BTreeMap<HandoffId, Handoff>,
}

impl Scene {
    /// A scene in which everything is approved and nobody meddles.
    pub(super) fn new() -> Self {
        let clock = Clock::at_speed(100.0);
        Self {
            clock,
            settles: approves,
            remark: None,
            claim_fails: None,
            meddlings: VecDeque::new(),
            is_noisy: false,
        }
    }

    /// Lets it play: the means of an investigation, and what is left once they are dropped.
    pub(super) fn play(
        self,
        book: &str,
        partners: BTreeMap<String, Endpoint>,
    ) -> (Means, tokio::task::JoinHandle<Played>) {
        let (asks, asked) = mpsc::channel(64);
        let clock = self.clock.clone();
        let hub = Playing::of(self);
        let played = tokio::spawn(hub.play(asked));
        let actor = "agent:primary@test".parse().unwrap();
        let link = Link::new(Principal { actor, proof: Proof::Token, roles: Vec::new() }, asks);
        let incident = IncidentId::from_parts(Timestamp::UNIX_EPOCH, 1);
        let means = Means {
            pen: Pen { link, clock, incident },
            book: Arc::new(Runbook::read("test", book).unwrap()),
            alert: Alert {
                title: "errors".into(),
                severity: Severity::Sev1,
                service: "checkout".into(),
                dedup_key: "checkout".into(),
                firing: true,
                labels: BTreeMap::new(),
            },
            values: BTreeMap::new(),
            switchboard: Arc::new(Switchboard::new(partners, Some(1))),
            tool_token: None,
        };
        (means, played)
    }
}

impl Played {
    /// The steps that were reported of carrying something out.
    pub(super) fn stages(&self) -> Vec<&Stage> {
        let stages = self.commands.iter().filter_map(|command| match command {
            Command::Report { stage, .. } => Some(stage),
            _ => None,
        });
        stages.collect()
    }

    /// The texts that were posted or reported, one a line.
    pub(super) fn texts(&self) -> String {
        let text = |command: &Command| match command {
            Command::Post { draft } => Some(draft.text.for_storage().to_owned()),
            Command::Report { text, .. } => Some(text.for_storage().to_owned()),
            _ => None,
        };
        self.commands.iter().filter_map(text).collect::<Vec<_>>().join("\n")
    }

    /// The titles of what was proposed.
    pub(super) fn proposed(&self) -> Vec<String> {
        let title = |command: &Command| match command {
            Command::Propose { request } => Some(request.title.for_storage().to_owned()),
            _ => None,
        };
        self.commands.iter().filter_map(title).collect()
    }

    /// What happened on the direct channel.
    pub(super) fn exchange(&self) -> impl Iterator<Item = &Exchanged> {
        self.commands.iter().filter_map(|command| match command {
            Command::Observe { event } => Some(&event.what),
            _ => None,
        })
    }

    /// The only handoff.
    pub(super) fn handoff(&self) -> &Handoff {
        self.handoffs.values().next().unwrap()
    }
}

/// A hub that plays a scene.
struct Playing {
    scene: Scene,
    entries: Vec<Arc<Frame>>,
    live: broadcast::Sender<Arc<Frame>>,
    proposed: Option<Remedy>,
    minted: u128,
    played: Played,
}

impl Playing {
    fn of(scene: Scene) -> Self {
        let played = Played { commands: Vec::new(), handoffs: BTreeMap::new() };
        let live = broadcast::Sender::new(MOST_LAGGING);
        Self { scene, entries: Vec::new(), live, proposed: None, minted: 1, played }
    }

    async fn play(mut self, mut asks: mpsc::Receiver<Asked>) -> Played {
        while let Some(asked) = asks.recv().await {
            match asked {
                Asked::Follow { reply } => {
                    let (backlog, live) = (self.entries.clone(), self.live.subscribe());
                    drop(reply.send(Feed { backlog, live }));
                }
                Asked::Command { by, command, reply } => {
                    let answer = self.answer(&by.actor, &command);
                    self.played.commands.push(*command);
                    // Nobody waits for the answer to what is only observed.
                    drop(reply.send(answer));
                }
            }
        }
        self.played
    }

    fn answer(&mut self, by: &Actor, command: &Command) -> Result<Reply, Notice> {
        let entry = self.mint();
        match command {
            Command::Propose { request } => {
                let digest = request.ask.digest();
                if let Ask::Action(remedy) = &request.ask {
                    self.proposed = Some((**remedy).clone());
                }
                Ok(Reply::Proposed { proposal: entry.into(), digest })
            }
            Command::AwaitDecision { proposal } => {
                if let Some(text) = self.scene.remark.take() {
                    self.remark(*proposal, text);
                }
                Ok(self.settle())
            }
            Command::Claim { .. } => {
                if let Some(notice) = self.scene.claim_fails.take() {
                    return Err(notice);
                }
                Ok(Reply::Claimed { remedy: Box::new(self.proposed.clone().unwrap()) })
            }
            Command::OfferHandoff { to, context, .. } => {
                let context = context.clone().hop(&by.handle(), to);
                let context =
                    context.map_err(|error| Notice::new(Trouble::Conflict, error.to_string()))?;
                let step = HandoffStep::Offered { to: to.clone(), context: Box::new(context) };
                self.proposed = None;
                let handoff = HandoffId::from(self.record(by, None, step).unwrap());
                Ok(Reply::Offered { handoff, proposal: Some(ProposalId::from(entry)) })
            }
            Command::StepHandoff { handoff, step, .. } => {
                self.meddle(step, true);
                let entry = self.record(by, Some(*handoff), step.clone());
                self.meddle(step, false);
                entry.map(|entry| Reply::Recorded { entry })
            }
            _ => Ok(Reply::Recorded { entry }),
        }
    }

    /// People settle what waits: the last remedy, or else the last handoff.
    fn settle(&mut self) -> Reply {
        let settlement = match &self.proposed {
            Some(remedy) => (self.scene.settles)(Ask::Action(Box::new(remedy.clone())).digest()),
            None => (self.scene.settles)(Digest::of("handoff", &[])),
        };
        let waits = self.played.handoffs.keys().next_back().copied();
        if let (Some(handoff), None) = (waits, &self.proposed) {
            let hub = Actor::wheelhouse();
            self.record(&hub, Some(handoff), HandoffStep::Approved).unwrap();
        }
        Reply::Settled { settlement }
    }

    fn remark(&mut self, proposal: ProposalId, text: &str) {
        let verdict = Verdict {
            proposal,
            digest: Digest::of("proposal", &[]),
            answer: Answer::Respond { text: text.into() },
            acknowledged: Vec::new(),
            typed_target: None,
        };
        let ada = "human:ada".parse().unwrap();
        let entry = self.entry(&ada, Body::Verdict(verdict));
        self.tell(entry);
    }

    fn meddle(&mut self, at: &HandoffStep, before: bool) {
        let is_due = |one: &Meddling| one.before == before && (one.at)(at);
        if !self.scene.meddlings.front().is_some_and(is_due) {
            return;
        }
        let meddling = self.scene.meddlings.pop_front().unwrap();
        let (id, handoff) = self.played.handoffs.iter().next_back().unwrap();
        let (id, step) = (*id, (meddling.step)(handoff));
        let ada = "human:ada".parse().unwrap();
        self.record(&ada, Some(id), step).unwrap();
    }

    /// Records a step and tells it; what cannot follow is a conflict.
    fn record(
        &mut self,
        by: &Actor,
        handoff: Option<HandoffId>,
        step: HandoffStep,
    ) -> Result<EntryId, Notice> {
        let mut entry = self.entry(by, Body::Comment);
        let id = entry.id;
        let handed = Handed { handoff: handoff.unwrap_or_else(|| id.into()), step };
        entry.body = Body::Handoff(handed);
        if !apply_handoff(&mut self.played.handoffs, &entry) {
            return Err(Notice::new(Trouble::Conflict, "that cannot follow any more"));
        }
        self.tell(entry);
        Ok(id)
    }

    fn entry(&mut self, by: &Actor, body: Body) -> Entry {
        let at = Timestamp::UNIX_EPOCH;
        Entry {
            id: self.mint(),
            incident: IncidentId::from_parts(at, 1),
            actor: by.clone(),
            at,
            first_seen: at,
            body,
            text: "".into(),
            refs: Vec::new(),
            origins: Vec::new(),
        }
    }

    fn tell(&mut self, entry: Entry) {
        let event = FeedEvent::EntryArrived { entry: Box::new(entry) };
        let seq = self.entries.len() as u64 + 1;
        let frame = Arc::new(Frame { run: None, seq, at: Timestamp::UNIX_EPOCH, event });
        self.entries.push(Arc::clone(&frame));
        if self.scene.is_noisy {
            let event = FeedEvent::FramesMissed { count: 0 };
            let noise = Arc::new(Frame { event, ..(*frame).clone() });
            drop(self.live.send(frame));
            (0..MOST_LAGGING).for_each(|_| drop(self.live.send(Arc::clone(&noise))));
        } else {
            drop(self.live.send(frame));
        }
    }

    fn mint(&mut self) -> EntryId {
        self.minted += 1;
        EntryId::from_parts(Timestamp::UNIX_EPOCH, self.minted)
    }
}
