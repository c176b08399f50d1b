//! A story for screens, told as the messages that a cockpit hears, with the keys that are pressed.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use wheelhouse::cockpit::core::{
    Action as Asks, Before, Found, Gesture, Key, KeyStroke, Measured, Message, Model, Overlay,
    Reading, Screen, Sight, update,
};
use wheelhouse::incident::{
    Actor, Alert, Ask, Basis, Body, CallId, Canonical, Digest, Effects, Entry, EntryId,
    ExchangeEvent, Exchanged, Expectation, Hit, IncidentId, Outcome, Precedent, Preview, Proposal,
    ProposalId, Remedy, Required, Risk, Severity, Target, Untrusted, Verification,
};
use wheelhouse::wire::{Delivery, DeliveryStage, FeedEvent, Frame, Gates, Reply};

/// Tells a story: every event at its moment, every id from a counter.
pub(crate) struct Story {
    now: Timestamp,
    frames: u64,
    minted: u128,
    pub(crate) incident: Option<IncidentId>,
    /// What the next entry rests on.
    refs: Vec<EntryId>,
    messages: Vec<Message>,
}

/// The agent that owns the incident.
pub(crate) const PRIMARY: &str = "agent:primary@eu1";

/// The actor of that name.
pub(crate) fn actor(text: &str) -> Actor {
    text.parse().unwrap()
}

/// A time of the night.
pub(crate) fn moment(clock: &str) -> Timestamp {
    format!("2026-11-20T{clock}Z").parse().unwrap()
}

impl Story {
    pub(crate) fn new(clock: &str) -> Self {
        Self::beginning(moment(clock))
    }

    /// A story that begins at any moment.
    pub(crate) fn beginning(now: Timestamp) -> Self {
        let mut story = Self {
            now,
            frames: 0,
            minted: 0,
            incident: None,
            refs: Vec::new(),
            messages: vec![Message::LinkUp],
        };
        story.tell(FeedEvent::GatesChanged {
            gates: Gates {
                hub: "eu1".into(),
                halted: false,
                people: vec![actor("human:on-call"), actor("human:commander")],
                trackers: vec!["github".into(), "pagerduty".into()],
                partners: vec!["telemetry".into(), "changes".into()],
            },
        });
        story.messages.push(Message::CaughtUp);
        story
    }

    /// Where its clock stands.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets the clock reach a time of the night.
    pub(crate) fn at(&mut self, clock: &str) -> &mut Self {
        self.now = moment(clock);
        self.messages.push(Message::Ticked { wall: self.now, now: self.now });
        self
    }

    /// The hub tells something.
    pub(crate) fn tell(&mut self, event: FeedEvent) {
        self.frames += 1;
        let frame = Frame { run: None, seq: self.frames, at: self.now, event };
        self.messages.push(Message::Framed(Arc::new(frame)));
    }

    fn mint(&mut self, at: Timestamp) -> EntryId {
        self.minted += 1;
        EntryId::from_parts(at, self.minted * 7_919_000_000_007)
    }

    /// The alert that opens an incident of `checkout`.
    pub(crate) fn fires(&mut self) -> EntryId {
        let alert = Alert {
            title: "checkout answers with errors".into(),
            severity: Severity::Sev2,
            service: "checkout".into(),
            dedup_key: "checkout".to_owned(),
            firing: true,
            labels: std::collections::BTreeMap::new(),
        };
        self.entry("system:alertmanager", Body::Alert(alert), "5xx ratio is 0.4")
    }

    /// An entry as the hub records it.
    pub(crate) fn entry(&mut self, by: &str, body: Body, text: &str) -> EntryId {
        self.late_entry(by, body, text, self.now)
    }

    /// An entry that was written earlier than it is seen.
    pub(crate) fn late_entry(
        &mut self,
        by: &str,
        body: Body,
        text: &str,
        at: Timestamp,
    ) -> EntryId {
        let id = self.mint(at);
        let incident = match &body {
            Body::Alert(alert) if alert.firing => *self.incident.insert(id.into()),
            _ => self.incident.unwrap(),
        };
        let entry = Entry {
            id,
            incident,
            actor: actor(by),
            at,
            first_seen: self.now,
            body,
            text: text.into(),
            refs: std::mem::take(&mut self.refs),
            origins: Vec::new(),
        };
        self.tell(FeedEvent::EntryArrived { entry: Box::new(entry) });
        id
    }

    /// The next entry rests on these.
    pub(crate) fn rests_on(&mut self, refs: &[EntryId]) {
        self.refs = refs.to_vec();
    }

    pub(crate) fn stage(&mut self, entry: EntryId, tracker: &str, stage: DeliveryStage) {
        let delivery = Delivery { entry, tracker: tracker.into(), stage };
        self.tell(FeedEvent::DeliveryMoved { delivery });
    }

    /// An entry that stands in both trackers.
    pub(crate) fn written(&mut self, by: &str, body: Body, text: &str) -> EntryId {
        let id = self.entry(by, body, text);
        for (tracker, remote) in [("github", "17"), ("pagerduty", "2417730011")] {
            self.stage(id, tracker, DeliveryStage::Written { remote: remote.into() });
        }
        id
    }

    pub(crate) fn moved(&mut self, what: Exchanged) {
        let event = ExchangeEvent { incident: self.incident.unwrap(), at: self.now, what };
        self.tell(FeedEvent::ExchangeMoved { event: Box::new(event) });
    }

    pub(crate) fn says(&mut self, by: &str, text: &str) {
        self.moved(Exchanged::Said { by: actor(by), text: text.into() });
    }

    pub(crate) fn calls(
        &mut self,
        to: &str,
        tool: &str,
        question: &str,
        arguments: Value,
    ) -> CallId {
        let call = CallId::from_parts(self.now, {
            self.minted += 1;
            self.minted
        });
        self.moved(Exchanged::CallStarted {
            call,
            from: actor(PRIMARY),
            to: to.into(),
            channel: "mcp stdio".into(),
            tool: tool.into(),
            question: question.into(),
            arguments,
        });
        call
    }

    pub(crate) fn progress(&mut self, call: CallId, fraction: f64, message: &str) {
        let message = message.into();
        self.moved(Exchanged::CallProgressed { call, fraction: Some(fraction), message });
    }

    pub(crate) fn answers(&mut self, call: CallId, text: &str, structured: Value) {
        let outcome = Outcome::Answered { text: text.into(), structured };
        self.moved(Exchanged::CallEnded { call, outcome });
    }

    /// What the hub told, as frames.
    pub(crate) fn frames(&self) -> Vec<Arc<Frame>> {
        let frames = self.messages.iter().filter_map(|message| match message {
            Message::Framed(frame) => Some(Arc::clone(frame)),
            _ => None,
        });
        frames.collect()
    }

    /// Any other message, such as a key.
    pub(crate) fn push(&mut self, message: Message) {
        self.messages.push(message);
    }

    /// The model that has heard it all, on a screen of that size.
    pub(crate) fn model(&self, columns: u16, rows: u16) -> Model {
        let screen = Screen { columns, rows };
        let mut model = Model::new(moment("14:00:00"), screen, actor("human:on-call"));
        for message in &self.messages {
            update(&mut model, message.clone());
        }
        model
    }

    /// The person asks for something, after a while of quiet, having seen the screen.
    pub(crate) fn presses(&mut self, action: Asks) -> &mut Self {
        self.passes(1).passes(1);
        let quiet = Some(SignedDuration::from_secs(1));
        let gesture = Gesture { began: self.now, at: self.now, quiet, pace: None };
        self.push(Message::Pressed { at: self.now, reading: Reading::Asked { action, gesture } });
        self
    }

    /// The person types.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        for sign in text.chars() {
            self.now += SignedDuration::from_millis(80);
            self.push(Message::Ticked { wall: self.now, now: self.now });
            let reading = Reading::Typed(KeyStroke::plain(Key::Char(sign)));
            self.push(Message::Pressed { at: self.now, reading });
        }
        self
    }

    /// The person does something that the keymap reads like this.
    pub(crate) fn stroke(&mut self, reading: Reading) -> &mut Self {
        self.push(Message::Pressed { at: self.now, reading });
        self
    }

    /// Lets seconds pass.
    pub(crate) fn passes(&mut self, seconds: i64) -> &mut Self {
        let sight = Sight { measured: Measured { rows: 99, fit: 9 }, ..Sight::default() };
        self.push(Message::Drawn { at: self.now, sight });
        self.now += SignedDuration::from_secs(seconds);
        self.push(Message::Ticked { wall: self.now, now: self.now });
        self
    }

    /// The hub answers the open card what became of the same before.
    pub(crate) fn remembers(&mut self, precedents: Vec<Precedent>) -> &mut Self {
        let ask = self.model(80, 24).card().and_then(|card| match card.before {
            Before::Asked(ask) => Some(ask),
            _ => None,
        });
        let reply = Reply::Remembered { precedents };
        self.push(Message::Answered { ask: ask.unwrap(), result: Ok(Box::new(reply)) });
        self.passes(1)
    }

    /// The hub answers the latest search with what this story holds about it.
    pub(crate) fn finds(&mut self, text: &str) -> &mut Self {
        self.passes(1);
        let hits = self.messages.iter().rev().filter_map(|message| match message {
            Message::Framed(frame) => match &frame.event {
                FeedEvent::EntryArrived { entry } if entry.text.for_storage().contains(text) => {
                    let incident_title = "18 % of checkout requests fail".into();
                    Some(Hit { entry: (**entry).clone(), incident_title })
                }
                _ => None,
            },
            _ => None,
        });
        let reply = Reply::Found { hits: hits.collect() };
        let ask = self.model(80, 24).overlays.iter().find_map(|overlay| match overlay {
            Overlay::Search(searching) => match searching.found {
                Found::Asked { ask, .. } => Some(ask),
                _ => None,
            },
            _ => None,
        });
        self.push(Message::Answered { ask: ask.unwrap(), result: Ok(Box::new(reply)) });
        self
    }
}

/// What a proposal of the story says.
pub(crate) struct Asked {
    pub(crate) title: &'static str,
    pub(crate) rationale: &'static str,
    pub(crate) verb: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) args: Value,
    pub(crate) preview: Preview,
    pub(crate) risk: Risk,
    pub(crate) claimed: Risk,
    pub(crate) evidence: Vec<EntryId>,
}

impl Story {
    /// Asks people.
    pub(crate) fn propose(&mut self, asked: &Asked) -> ProposalId {
        let ask = Ask::Action(Box::new(remedy(asked)));
        let after = |seconds| self.now + SignedDuration::from_secs(seconds);
        let proposal = Proposal {
            digest: ask.digest(),
            ask,
            title: asked.title.into(),
            rationale: asked.rationale.into(),
            evidence: asked.evidence.clone(),
            claimed_risk: asked.claimed,
            risk: asked.risk,
            basis: Basis {
                rule: format!("risk-{}", asked.risk.word()),
                text: format!("{} risk needs one person", asked.risk.word()),
            },
            required: Required {
                approvers: 1,
                roles: Vec::new(),
                not: vec![actor(PRIMARY)],
                typed_target: asked.risk >= Risk::High,
                break_glass: false,
            },
            respond_by: after(300),
            expires: after(900),
            supersedes: None,
        };
        let text = format!("May I? {}.", asked.title);
        self.entry(PRIMARY, Body::Proposal(Box::new(proposal)), &text).into()
    }

    pub(crate) fn digest_of(&self, id: ProposalId) -> Digest {
        let found = self.messages.iter().find_map(|message| match message {
            Message::Framed(frame) => match &frame.event {
                FeedEvent::EntryArrived { entry } if ProposalId::from(entry.id) == id => {
                    match &entry.body {
                        Body::Proposal(proposal) => Some(proposal.digest),
                        _ => None,
                    }
                }
                _ => None,
            },
            _ => None,
        });
        found.unwrap()
    }
}

fn remedy(asked: &Asked) -> Remedy {
    Remedy {
        verb: asked.verb.into(),
        target: Target {
            system: "world".into(),
            resource: asked.resource.into(),
            environment: "production".into(),
        },
        args: Canonical::from_value(&asked.args).unwrap(),
        tool_schema: Digest::of("schema", &[b"story"]),
        preview: asked.preview.clone(),
        effects: Effects {
            reversible: true,
            blast_radius: "every checkout request in eu1; pods restart one by one".into(),
            downtime_s: 0,
        },
        rollback: Some(Untrusted::from("apply r42 again")),
        verify: Verification {
            query: "checkout_error_rate".into(),
            expect: Expectation::Below(0.02),
            after_s: 30,
            hold_s: 60,
        },
    }
}
