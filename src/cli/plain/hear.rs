//! Hearing: what came is folded into what is known, and told.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::output::Output;
use super::desk::{Desk, Times};
use super::lines;
use crate::cockpit::core::{Message, Pace, Replaying, update};
use crate::incident::{Body, Entry, ProposalId};
use crate::wire::{FeedEvent, Frame};

impl Desk {
    /// Time passes.
    pub(super) fn pass(&mut self, times: Times) {
        // What a screen would have to do about it is nothing to lines.
        update(&mut self.model, Message::Ticked { wall: times.wall, now: times.hub });
    }

    /// Folds what came and tells it.
    pub(super) fn hear(&mut self, message: Message, output: &mut Output) {
        let folded = self.model.folded;
        let before = self.known(&message).map(doubled);
        update(&mut self.model, message.clone());
        match message {
            // It is told again because a copy of it was found in a tracker, and is no news, unless one was
            // found there before.
            Message::Framed(frame) if before.is_some() => {
                self.copied(&frame, &before.unwrap_or_default(), output);
            }
            Message::Framed(frame) if self.model.folded != folded => self.frame(&frame, output),
            Message::CaughtUp => {
                self.is_live = true;
                self.lost = None;
                lines::overview(self, output);
            }
            Message::LinkLost { why, .. } => {
                self.is_live = false;
                // It is tried again every few seconds, perhaps for hours: once is enough.
                if self.lost.as_deref() != Some(&why.what) {
                    lines::say(output, format!("the hub is lost: {}; trying again", why.what));
                    self.lost = Some(why.what);
                }
            }
            Message::Rewound => {
                self.told.clear();
                lines::say(output, "back at the beginning of the recording; it is told again");
            }
            Message::Replayed(now) => {
                let before = self.paced.replace(now.pace);
                replay(before, now, output);
            }
            _ => {}
        }
    }

    /// The entry that a message tells, if it was told before, as it is known.
    fn known(&self, message: &Message) -> Option<&Entry> {
        let Message::Framed(frame) = message else { return None };
        let FeedEvent::EntryArrived { entry } = &frame.event else { return None };
        self.model.incidents.get(&entry.incident)?.timeline.get(entry.id)
    }

    /// Tells of an entry that it stands in a tracker once more.
    fn copied(&self, frame: &Frame, before: &Doubled, output: &mut Output) {
        let FeedEvent::EntryArrived { entry } = &frame.event else { return };
        let watched = self.model.incidents.get(&entry.incident);
        let Some(known) = watched.and_then(|watched| watched.timeline.get(entry.id)) else {
            return;
        };
        for (tracker, copies) in doubled(known) {
            if self.is_live && before.get(&tracker) != Some(&copies) {
                let time = lines::clock(self, frame.at);
                let line = lines::doubled(self, known.id, &tracker, copies);
                lines::say(output, format!("{time} {line}"));
            }
        }
    }

    fn frame(&mut self, frame: &Frame, output: &mut Output) {
        let at = frame.at;
        match &frame.event {
            FeedEvent::EntryArrived { entry } => self.entry(at, entry, output),
            FeedEvent::GatesChanged { gates } if self.is_live => {
                let changed = gates.halted != self.was_halted;
                self.was_halted = gates.halted;
                if changed {
                    let word = if gates.halted { "halted" } else { "no longer halted" };
                    lines::say(output, format!("every action of the agents is {word}"));
                } else if let Some(line) = lines::frame(self, frame) {
                    lines::say(output, line);
                }
            }
            FeedEvent::GatesChanged { gates } => self.was_halted = gates.halted,
            _ if self.is_live => {
                if let Some(line) = lines::frame(self, frame) {
                    lines::say(output, line);
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, at: Timestamp, entry: &Entry, output: &mut Output) {
        let is_new = matches!(entry.body, Body::Proposal(_));
        if is_new {
            let id = entry.id.into();
            // In a recording that was wound back it comes again, and keeps its number.
            if !self.numbers.contains(&id) {
                self.numbers.push(id);
            }
        }
        if self.current.is_none() {
            self.current = Some(entry.incident);
        }
        let moved = self.moved();
        if !self.is_live {
            return;
        }
        let mut told: Vec<String> = if is_new {
            lines::waits(self, entry.id.into()).into_iter().collect()
        } else {
            moved.iter().filter_map(|id| lines::moved(self, *id, entry)).collect()
        };
        if told.is_empty() {
            told.push(lines::entry(entry));
        }
        let time = lines::clock(self, at);
        told.iter().for_each(|line| lines::say(output, format!("{time} {line}")));
        self.tell_of_the_open_card(&moved, output);
    }

    /// The decisions that stand elsewhere than when they were told last.
    fn moved(&mut self) -> Vec<ProposalId> {
        let mut moved = Vec::new();
        for decision in self.model.decisions.iter() {
            let stands = (decision.state.word(), decision.stale_by.len());
            if self.told.insert(decision.id, stands) != Some(stands) {
                moved.push(decision.id);
            }
        }
        moved
    }

    /// What happens to a decision while it is being answered is said beside the question.
    fn tell_of_the_open_card(&self, moved: &[ProposalId], output: &mut Output) {
        if let Some(card) = self.step.card().filter(|card| moved.contains(&card.id)) {
            let number = self.number(card.id).unwrap_or(0);
            let again = format!("decision {number}, which you are answering, has just changed");
            lines::say(output, again);
        }
    }
}

/// In which trackers an entry stands more than once, and how often.
type Doubled = BTreeMap<String, usize>;

fn doubled(entry: &Entry) -> Doubled {
    let counted = entry.doubled().into_iter();
    counted.map(|(tracker, copies)| (tracker.to_owned(), copies)).collect()
}

fn replay(before: Option<Pace>, now: Replaying, output: &mut Output) {
    match (before, now.pace) {
        (None, _) => lines::say(output, format!("replay, not live: {} messages", now.frames)),
        (Some(before), pace) if before == pace => {}
        (_, Pace::Ended) => lines::say(output, "the recording has ended"),
        (_, Pace::Paused) => {
            lines::say(output, format!("paused at message {} of {}", now.played, now.frames));
        }
        (_, Pace::Playing) => {
            lines::say(output, format!("playing, {} times as fast as it happened", now.speed));
        }
        (_, Pace::Stepping | Pace::ToNextDecision | Pace::JumpingTo(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use jiff::tz::TimeZone;

    use super::super::super::output::Side;
    use super::*;
    use crate::incident::{Alert, Digest, EntryId, Origin, Severity};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn entry(at: i64, body: Body, text: &str) -> Entry {
        let moment = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        Entry {
            id: EntryId::from_parts(moment(at), 1),
            incident: EntryId::from_parts(moment(0), 1).into(),
            actor: "human:bo".parse().unwrap(),
            at: moment(at),
            first_seen: moment(at),
            body,
            text: text.into(),
            refs: Vec::new(),
            origins: Vec::new(),
        }
    }

    #[test]
    fn an_entry_that_is_told_again_for_a_copy_is_printed_once() {
        let alert = Alert {
            title: "too many errors".into(),
            severity: Severity::Sev2,
            service: "checkout".into(),
            dedup_key: "k1".to_owned(),
            firing: true,
            labels: BTreeMap::new(),
        };
        let opening = entry(0, Body::Alert(alert), "firing");
        let comment = entry(1, Body::Comment, "looking into the pool");
        let copied = |remote: &str| {
            let mut copied = comment.clone();
            copied.origins.push(Origin {
                tracker: "github".to_owned(),
                item: "142".to_owned(),
                remote: remote.to_owned(),
                version: Digest::of("text", &[b"x"]),
            });
            copied
        };
        let paper = Paper::default();
        let mut output = Output::new(Side::plain(paper.clone()), Side::plain(paper.clone()));
        let at = opening.at;
        let mut desk = Desk::new("human:ada".parse().unwrap(), at, TimeZone::UTC);
        desk.is_live = true;
        let once = [opening.clone(), comment.clone(), copied("7"), opening];
        // 60: the same words under another id of the tracker are a second copy.
        let twice = [copied("7"), copied("9"), copied("9")];
        for (seq, entry) in (1..).zip(once.into_iter().chain(twice)) {
            let event = FeedEvent::EntryArrived { entry: Box::new(entry) };
            let frame = Arc::new(Frame { run: None, seq, at, event });
            desk.hear(Message::Framed(frame), &mut output);
        }
        output.flush();
        let told = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert_eq!(told.matches("looking into the pool").count(), 1, "{told}");
        let (id, second) = (comment.id.short(), told.lines().nth(2).unwrap());
        assert!(second.ends_with(&format!("entry {id} (one) stands in github 2 times")), "{told}");
        assert_eq!(told.lines().count(), 3, "{told}");
    }
}
