//! A thousand nights in which everything happens at once: what is answered is what was read.

use crate::cockpit::core::fixture::{Desk, comment, entry, entry_id, proposal, remedy};
use crate::cockpit::core::{Action, Effect, Input, Key, Overlay};
use crate::incident::{Body, Canonical, Digest, ProposalId, Risk, Settlement, Status};
use crate::wire::Command;

/// What a person had in front of them when they last did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Read {
    proposal: ProposalId,
    digest: Digest,
    /// When the card was drawn last after something on it changed, in milliseconds.
    since: i64,
}

/// A proposal whose arguments, and so its digest, are its own.
fn own(n: u8) -> crate::incident::Entry {
    let crate::incident::Ask::Action(mut action) = remedy() else { panic!() };
    action.args = Canonical::parse(&format!(r#"{{"to":"r{n}"}}"#)).unwrap();
    proposal(n, crate::incident::Ask::Action(action), Risk::Medium)
}

struct Night {
    desk: Desk,
    random: fastrand::Rng,
    next: u8,
    read: Option<Read>,
    meant: Vec<Read>,
}

impl Night {
    fn new(seed: u64) -> Self {
        let mut desk = Desk::live();
        desk.arrives(own(2));
        Self {
            desk,
            random: fastrand::Rng::with_seed(seed),
            next: 3,
            read: None,
            meant: Vec::new(),
        }
    }

    /// Something happens that no person asked for.
    fn something_arrives(&mut self) {
        let n = self.next;
        self.next = n.saturating_add(1);
        let told = self.random.u8(2..n.max(3));
        match self.random.u8(0..5) {
            0 | 1 => drop(self.desk.arrives(own(n))),
            2 => drop(self.desk.arrives(comment(n, "human:bo", "look at this"))),
            3 => {
                let to = Settlement::Expired;
                let status = Status::Decision { proposal: entry_id(told).into(), to };
                self.desk.arrives(entry(n, "system:wheelhouse", Body::Status(status), "expired"));
            }
            _ => drop(self.desk.input(Input::Resize { columns: 120, rows: 40 })),
        }
    }

    /// The person does something, soon or after a while.
    fn the_person_acts(&mut self) {
        self.desk.wait(i64::from(self.random.u16(0..1_500)));
        match self.random.u8(0..11) {
            0 => drop(self.desk.press(Action::OpenCard)),
            1 => drop(self.desk.press(Action::FocusDecisions)),
            2 => drop(self.desk.press(Action::SelectNext)),
            3 => drop(self.desk.press(Action::Open)),
            4 => drop(self.desk.press(Action::Close)),
            5 => drop(self.desk.key(Key::Char('y'))),
            6 => drop(self.desk.pastes("ay\r")),
            _ => self.chord(),
        }
    }

    fn chord(&mut self) {
        let before = self.desk.model.acts.len();
        let began = self.desk.at;
        self.desk.chord(Action::Approve);
        if self.desk.model.acts.len() > before {
            let read = self.read.expect("nothing is approved that was never drawn");
            assert!(began - read.since >= 400, "{began} {read:?}");
            self.meant.push(read);
        }
    }

    /// A frame is drawn: from now on the person can read what it shows.
    fn draws(&mut self) {
        self.desk.draws();
        let shown = match self.desk.model.overlays.last() {
            Some(Overlay::Card(card)) => Some((card.proposal, card.seen, card.stirred)),
            _ => None,
        };
        let at = self.desk.at;
        self.read = shown.map(|(proposal, digest, stirred)| {
            let known = self.read.filter(|read| read.proposal == proposal);
            let begun = crate::cockpit::core::fixture::ms(at);
            let since = known.filter(|_| stirred != Some(begun)).map_or(at, |read| read.since);
            Read { proposal, digest, since }
        });
    }

    fn verdicts(&self) -> Vec<(ProposalId, Digest)> {
        let sent = self.desk.effects.iter().filter_map(|effect| match effect {
            Effect::Send { command, .. } => match &**command {
                Command::Decide { verdict } => Some((verdict.proposal, verdict.digest)),
                _ => None,
            },
            _ => None,
        });
        sent.collect()
    }
}

#[test]
fn in_a_thousand_nights_nothing_is_answered_but_what_was_read() {
    let mut approved = 0;
    for seed in 0..1_000 {
        let mut night = Night::new(seed);
        for _ in 0..60 {
            match night.random.u8(0..5) {
                0 => night.something_arrives(),
                1 | 2 => night.the_person_acts(),
                _ => night.draws(),
            }
        }
        night.desk.wait(10_000);
        for verdict in night.verdicts() {
            let read = night.meant.iter().any(|read| (read.proposal, read.digest) == verdict);
            assert!(read, "seed {seed}: {verdict:?} was never read");
            approved += 1;
        }
    }
    assert!(approved > 50, "only {approved} were approved: this proves nothing");
}
