//! A small incident for tests, and a desk at which a person sits before the core.

use jiff::{SignedDuration, Timestamp};

use super::action::Action;
use super::effect::Effect;
use super::input::{Gesture, Input, Reading};
use super::keys::{Key, KeyStroke};
use super::message::Message;
use super::model::{Card, Measured, Model, Overlay, Screen, Sight};
use super::update;
use std::sync::Arc;

use crate::incident::{
    Actor, Alert, Ask, Basis, Body, Entry, EntryId, IncidentId, Proposal, ProposalId, Required,
    Risk, Severity, samples,
};
use crate::wire::{Command, FeedEvent, Frame};

/// The moment at which every test begins.
pub(in crate::cockpit) fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

/// So many milliseconds after the beginning.
pub(in crate::cockpit) fn ms(millis: i64) -> Timestamp {
    start() + SignedDuration::from_millis(millis)
}

pub(in crate::cockpit) fn actor(text: &str) -> Actor {
    text.parse().unwrap()
}

/// The id of the `n`th entry.
pub(in crate::cockpit) fn entry_id(n: u8) -> EntryId {
    EntryId::from_parts(start(), u128::from(n))
}

pub(in crate::cockpit) fn incident() -> IncidentId {
    entry_id(1).into()
}

/// The id of the `n`th entry, as that of a proposal.
pub(in crate::cockpit) fn proposal_id(n: u8) -> ProposalId {
    entry_id(n).into()
}

/// An entry of the incident, written `n` seconds after the beginning.
pub(in crate::cockpit) fn entry(n: u8, by: &str, body: Body, text: &str) -> Entry {
    let at = ms(i64::from(n) * 1000);
    Entry {
        id: entry_id(n),
        incident: incident(),
        actor: actor(by),
        at,
        first_seen: at,
        body,
        text: text.into(),
        refs: Vec::new(),
        origins: Vec::new(),
    }
}

pub(in crate::cockpit) fn alert() -> Entry {
    let body = Body::Alert(Alert {
        title: "checkout answers with errors".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "checkout-errors".to_owned(),
        firing: true,
        labels: std::collections::BTreeMap::new(),
    });
    entry(1, "system:alertmanager", body, "5xx ratio is 0.4")
}

pub(in crate::cockpit) fn comment(n: u8, by: &str, text: &str) -> Entry {
    entry(n, by, Body::Comment, text)
}

/// A remedy on the configuration of checkout.
pub(in crate::cockpit) fn remedy() -> Ask {
    Ask::Action(Box::new(samples::remedy()))
}

/// A proposal that is valid for fifteen minutes.
pub(in crate::cockpit) fn proposal(n: u8, ask: Ask, risk: Risk) -> Entry {
    let digest = ask.digest();
    let typed_target = risk >= Risk::High;
    let alone = risk < Risk::Critical;
    let body = Proposal {
        ask,
        title: "Roll the configuration back".into(),
        rationale: "the pool was shrunk".into(),
        evidence: Vec::new(),
        digest,
        claimed_risk: risk,
        risk,
        basis: Basis { rule: "tier".to_owned(), text: "a person is asked".to_owned() },
        required: Required {
            approvers: if alone { 1 } else { 2 },
            roles: Vec::new(),
            not: vec![actor("agent:primary@demo")],
            typed_target,
            break_glass: !alone,
        },
        respond_by: ms(300_000),
        expires: ms(900_000),
        supersedes: None,
    };
    entry(n, "agent:primary@demo", Body::Proposal(Box::new(body)), "may I roll back?")
}

/// A person before the core, whose hands move in milliseconds since the beginning.
pub(in crate::cockpit) struct Desk {
    pub(in crate::cockpit) model: Model,
    pub(in crate::cockpit) at: i64,
    pub(in crate::cockpit) last_key: Option<i64>,
    pub(in crate::cockpit) effects: Vec<Effect>,
    seq: u64,
}

impl Desk {
    /// A live desk with nothing on it.
    pub(in crate::cockpit) fn empty() -> Self {
        let screen = Screen { columns: 160, rows: 45 };
        let model = Model::new(start(), screen, actor("human:ada"));
        let mut desk = Self { model, at: 20_000, last_key: None, effects: Vec::new(), seq: 0 };
        desk.tell(Message::LinkUp);
        desk.tell(Message::CaughtUp);
        desk.wait(0);
        desk
    }

    /// A desk with an incident that is being investigated.
    pub(in crate::cockpit) fn live() -> Self {
        let mut desk = Self::empty();
        desk.arrives(alert());
        desk
    }

    /// A desk on which a proposal of this risk waits.
    pub(in crate::cockpit) fn asked(risk: Risk) -> Self {
        let mut desk = Self::live();
        desk.arrives(proposal(2, remedy(), risk));
        desk
    }

    /// A desk whose person reads the card of that proposal and has not touched a key for a second.
    pub(in crate::cockpit) fn reading(risk: Risk) -> Self {
        let mut desk = Self::asked(risk);
        desk.press(Action::OpenCard);
        desk.draws();
        desk.wait(1000);
        desk
    }

    /// Gives the core a message and returns what it wants done.
    pub(in crate::cockpit) fn tell(&mut self, message: Message) -> Vec<Effect> {
        let effects = update(&mut self.model, message);
        self.effects.extend(effects.clone());
        effects
    }

    /// Lets time pass.
    pub(in crate::cockpit) fn wait(&mut self, millis: i64) -> Vec<Effect> {
        self.at += millis;
        let now = ms(self.at);
        self.tell(Message::Ticked { wall: now, now })
    }

    /// The hub tells of something.
    pub(in crate::cockpit) fn hub(&mut self, event: FeedEvent) -> Vec<Effect> {
        self.seq += 1;
        let frame = Frame { run: None, seq: self.seq, at: ms(self.at), event };
        self.tell(Message::Framed(Arc::new(frame)))
    }

    /// An entry arrives.
    pub(in crate::cockpit) fn arrives(&mut self, entry: Entry) -> Vec<Effect> {
        self.hub(FeedEvent::EntryArrived { entry: Box::new(entry) })
    }

    /// A frame is drawn.
    pub(in crate::cockpit) fn draws(&mut self) -> Vec<Effect> {
        let sight = Sight { measured: Measured { rows: 80, fit: 30 }, ..Sight::default() };
        self.tell(Message::Drawn { at: ms(self.at), sight })
    }

    /// Asks for an action with one stroke.
    pub(in crate::cockpit) fn press(&mut self, action: Action) -> Vec<Effect> {
        self.ask(action, None)
    }

    /// Asks for an action with a chord of two strokes, 120 ms apart.
    pub(in crate::cockpit) fn chord(&mut self, action: Action) -> Vec<Effect> {
        self.ask(action, Some(120))
    }

    fn ask(&mut self, action: Action, pace: Option<i64>) -> Vec<Effect> {
        let began = self.at;
        let quiet = self.last_key.map(|last| SignedDuration::from_millis(began - last));
        self.at += pace.unwrap_or(0);
        self.last_key = Some(self.at);
        let gesture = Gesture {
            began: ms(began),
            at: ms(self.at),
            quiet,
            pace: pace.map(SignedDuration::from_millis),
        };
        let reading = Reading::Asked { action, gesture };
        self.tell(Message::Pressed { at: ms(self.at), reading })
    }

    /// Types a text, a key every 90 ms.
    pub(in crate::cockpit) fn types(&mut self, text: &str) {
        for sign in text.chars() {
            self.at += 90;
            self.key(Key::Char(sign));
        }
    }

    /// Presses a key that has no binding here.
    pub(in crate::cockpit) fn key(&mut self, key: Key) -> Vec<Effect> {
        self.last_key = Some(self.at);
        let reading = Reading::Typed(KeyStroke::plain(key));
        self.tell(Message::Pressed { at: ms(self.at), reading })
    }

    /// Something else comes from the terminal.
    pub(in crate::cockpit) fn input(&mut self, input: Input) -> Vec<Effect> {
        self.tell(Message::Pressed { at: ms(self.at), reading: Reading::Passed(input) })
    }

    /// Pastes a text.
    pub(in crate::cockpit) fn pastes(&mut self, text: &str) -> Vec<Effect> {
        self.last_key = Some(self.at);
        self.input(Input::Paste { text: text.to_owned(), dropped: 0 })
    }

    pub(in crate::cockpit) fn card(&self) -> &Card {
        self.model.card().expect("a card is open")
    }

    pub(in crate::cockpit) fn top(&self) -> &Overlay {
        self.model.overlays.last().expect("something lies over the panes")
    }

    /// Why the card refused the last gesture.
    pub(in crate::cockpit) fn refused(&self) -> &str {
        self.card().refused.as_ref().map_or("", |notice| &notice.what)
    }

    /// The commands that left, ever.
    pub(in crate::cockpit) fn sent(&self) -> Vec<&Command> {
        let sent = self.effects.iter().filter_map(|effect| match effect {
            // What is only asked changes nothing outside.
            Effect::Send { command, .. } if !matches!(**command, Command::LastTime { .. }) => {
                Some(&**command)
            }
            _ => None,
        });
        sent.collect()
    }
}
