//! The talk: what a typed line means, given what is being asked, and what is sent because of it.

use jiff::{SignedDuration, Timestamp};

use super::super::output::Output;
use super::super::{card, decide};
use super::choice::Choice;
use super::desk::{Act, Card, Desk, Step};
use super::lines::{self, say};
use super::stdin::Typed;
use crate::cockpit::core::{Action, Effect, Gesture, Message, QUIET, Reading, Replaying, update};
use crate::incident::{Answer, Ask, Body, EntryId, Notice, Query, Verdict};
use crate::wire::{Command, Draft};

/// How many entries of a timeline are shown unless all are wished.
const LATEST: usize = 20;

/// What can be typed when nothing is asked.
const HELP: [&str; 19] = [
    "a number: read that decision, and answer it",
    "d: list the decisions that wait",
    "i: list the incidents; i 2: go to the second",
    "t: the latest entries of this incident; t all: all of them",
    "o ENTRY: one entry in full, by the end of its id",
    "x: what the agents asked each other; x 3: the third call in full, with its raw JSON",
    "b: what may be the cause, and what is out",
    "w: what trackers are still owed; w 2 retry: try the second again",
    "w 2 drop REASON: give the second up, for that reason",
    "s WORDS: search the history of all incidents",
    "c TEXT: comment on this incident",
    "h: halt every action of the agents, or let them run again",
    "u: take back what you sent last, as long as it has not left",
    "what you send leaves after five seconds; a halt leaves at once",
    "in a recording, p: pause or go on; .: one message; n: to the next decision",
    "in a recording, + and -: faster and slower; N: the decision before; { and }: a tenth back or on",
    "?: this list",
    "q: leave",
    "an empty line, or 0 to a question: leave the question; nothing is decided",
];

/// What follows from a line.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Nothing but what was said.
    Stay,
    /// Leave.
    Leave,
    /// Ask the hub.
    Ask(Box<Command>),
    /// Take back what has not left.
    Recall,
    /// Play the recording differently.
    Play(Replaying),
}

impl Desk {
    /// Takes a line in.
    pub(super) fn typed(&mut self, typed: &Typed, output: &mut Output) -> Next {
        let line = typed.line.trim();
        let step = std::mem::replace(&mut self.step, Step::Idle);
        let next = match step {
            Step::Idle => self.command(line, typed.at, output),
            _ if line.is_empty() || line == "0" => {
                say(output, "left; nothing was decided or sent");
                Next::Stay
            }
            Step::Choosing(card, choices) => self.chosen(card, choices, line, output),
            Step::Writing(card, choice) => self.written(card, choice, line, output),
            Step::Target(card, answer) => self
                .confirm(Act::Answer { card, answer, typed_target: Some(line.to_owned()) }, output),
            Step::Confirming(act) => self.confirmed(act, typed, output),
            Step::Halting => {
                let halted = !self.model.gates.halted;
                self.confirm(Act::Halt { halted, reason: line.to_owned() }, output)
            }
        };
        if self.step != Step::Idle {
            self.asked_at = self.asked_at.max(typed.at).max(self.model.wall);
        }
        next
    }

    fn command(&mut self, line: &str, at: Timestamp, output: &mut Output) -> Next {
        if let Ok(number) = line.parse::<usize>() {
            self.open(number, output);
            return Next::Stay;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "" => {}
            "q" | "quit" => return Next::Leave,
            "?" | "help" => HELP.iter().for_each(|line| say(output, line)),
            "d" => lines::decisions(self, output),
            "i" => self.incident(rest, output),
            "t" => self.timeline(rest == "all", output),
            "o" => self.entry_in_full(rest, output),
            "s" if !rest.is_empty() => {
                let query = Query { text: rest.to_owned(), ..Query::default() };
                return Next::Ask(Box::new(Command::Search { query }));
            }
            "c" if !rest.is_empty() => match self.current {
                Some(incident) => {
                    return self.confirm(Act::Comment { incident, text: rest.to_owned() }, output);
                }
                None => say(output, "there is no incident to comment on"),
            },
            "x" => self.calls(rest, output),
            "b" => self.suspects(output),
            "w" => return self.owed(rest, output),
            "u" => return Next::Recall,
            "h" => return self.halt(output),
            "p" => return self.replay(Action::ReplayPause, at, output),
            "." => return self.replay(Action::ReplayStep, at, output),
            "n" => return self.replay(Action::ReplayNextDecision, at, output),
            "+" => return self.replay(Action::ReplayFaster, at, output),
            "-" => return self.replay(Action::ReplaySlower, at, output),
            "N" => return self.replay(Action::ReplayPreviousDecision, at, output),
            "}" => return self.replay(Action::ReplayForward, at, output),
            "{" => return self.replay(Action::ReplayBack, at, output),
            _ => say(output, "that means nothing here; type ? for what can be typed"),
        }
        Next::Stay
    }

    /// Shows a decision, and asks how it is answered if it can be.
    fn open(&mut self, number: usize, output: &mut Output) {
        let Some(decision) = self.numbered(number).cloned() else {
            return say(
                output,
                format!("there is no decision {number}; type d for those that wait"),
            );
        };
        say(output, format!("decision {number}: {}", lines::about(&decision)));
        card::show(&decision, self.model.now, output);
        if self.model.replaying.is_some() {
            return say(output, "this is a recording: nothing can be answered");
        }
        if !decision.state.is_open() || decision.is_past(self.model.now) {
            return say(output, "it can no longer be answered");
        }
        let choices = Choice::all(&decision, &self.model.gates.partners);
        for (place, choice) in choices.iter().enumerate() {
            say(output, format!("{}: {}", place + 1, choice.words()));
        }
        say(output, "type the number of your answer; 0 leaves it and decides nothing");
        let (id, digest, seen) = (decision.id, decision.proposal.digest, decision.stale_by);
        self.current = Some(decision.incident);
        self.step = Step::Choosing(Card { id, digest, seen }, choices);
    }

    fn chosen(
        &mut self,
        card: Card,
        choices: Vec<Choice>,
        line: &str,
        output: &mut Output,
    ) -> Next {
        let place = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let Some(choice) = place.and_then(|place| choices.get(place)).cloned() else {
            say(output, format!("type a number from 1 to {}, or 0 to leave it", choices.len()));
            self.step = Step::Choosing(card, choices);
            return Next::Stay;
        };
        match choice.question() {
            Some(question) => {
                if choice == Choice::Edit
                    && let Some(decision) = self.model.decisions.get(card.id)
                    && let Ask::Action(remedy) = &decision.proposal.ask
                {
                    say(output, format!("the arguments are now: {}", remedy.args.show()));
                }
                say(output, question);
                self.step = Step::Writing(card, choice);
                Next::Stay
            }
            None => self.written(card, choice, "", output),
        }
    }

    fn written(&mut self, card: Card, choice: Choice, line: &str, output: &mut Output) -> Next {
        let answer = match choice.answer(line, self.model.now) {
            Ok(answer) => answer,
            Err(notice) => {
                refuse(output, &notice);
                self.step = Step::Writing(card, choice);
                return Next::Stay;
            }
        };
        let asks_name =
            self.model.decisions.get(card.id).is_some_and(|decision| {
                decision.proposal.required.typed_target && answer.lets_run()
            });
        if asks_name {
            say(output, "type the name of the target, as it stands above");
            self.step = Step::Target(card, answer);
            return Next::Stay;
        }
        self.confirm(Act::Answer { card, answer, typed_target: None }, output)
    }

    /// Says what would be sent, and asks for its word.
    pub(super) fn confirm(&mut self, act: Act, output: &mut Output) -> Next {
        match &act {
            Act::Answer { card, answer, .. } => {
                let Some(decision) = self.model.decisions.get(card.id) else { return Next::Stay };
                decide::present_answer(decision, answer, output);
            }
            Act::Comment { text, .. } => say(output, format!("you comment: {text}")),
            Act::Halt { halted: true, reason } => {
                say(output, format!("you halt every action of the agents, because: {reason}"));
            }
            Act::Halt { halted: false, reason } => {
                say(output, format!("you let the agents act again, because: {reason}"));
            }
            Act::GiveUp { tracker, reason, .. } => {
                say(output, format!("you give up what {tracker} is owed, because: {reason}"));
            }
        }
        say(output, format!("type {} to send it; 0 leaves it and sends nothing", act.word()));
        self.step = Step::Confirming(act);
        Next::Stay
    }

    fn confirmed(&mut self, act: Act, typed: &Typed, output: &mut Output) -> Next {
        let quiet = SignedDuration::try_from(QUIET).unwrap_or(SignedDuration::MAX);
        if typed.at.duration_since(self.asked_at) < quiet {
            say(output, "that came with the question itself; read it, then type the word");
            self.step = Step::Confirming(act);
            return Next::Stay;
        }
        if typed.line.trim() != act.word() {
            say(output, "that is not the word; nothing was sent");
            return Next::Stay;
        }
        match act {
            Act::Answer { card, answer, typed_target } => {
                self.answer(card, answer, typed_target, output)
            }
            Act::Comment { incident, text } => {
                // The same comment sent again after a lost answer is the same entry; the time tells
                // apart two comments that merely read alike.
                let key = Some(format!("comment {} {}", self.model.me, typed.at));
                let (body, text, refs) = (Body::Comment, text.into(), Vec::new());
                let draft = Draft { incident, body, text, refs, key };
                Next::Ask(Box::new(Command::Post { draft }))
            }
            Act::Halt { halted, reason } => {
                Next::Ask(Box::new(Command::Halt { halted, reason: reason.into() }))
            }
            Act::GiveUp { entry, tracker, reason } => {
                Next::Ask(Box::new(Command::GiveUp { entry, tracker, reason: reason.into() }))
            }
        }
    }

    /// Sends an answer to what was shown; what changed since is shown first.
    fn answer(
        &mut self,
        card: Card,
        answer: Answer,
        typed_target: Option<String>,
        output: &mut Output,
    ) -> Next {
        let new: Vec<EntryId> = self.model.decisions.get(card.id).map_or(Vec::new(), |decision| {
            decision.stale_by.iter().filter(|id| !card.seen.contains(id)).copied().collect()
        });
        if answer.lets_run() && !new.is_empty() {
            say(output, "something arrived since you opened it:");
            for id in &new {
                self.show_entry(*id, output);
            }
            let seen = card.seen.iter().chain(&new).copied().collect();
            let act = Act::Answer { card: Card { seen, ..card }, answer, typed_target };
            return self.confirm(act, output);
        }
        let Card { id: proposal, digest, seen: acknowledged } = card;
        let verdict = Verdict { proposal, digest, answer, acknowledged, typed_target };
        Next::Ask(Box::new(Command::Decide { verdict }))
    }

    fn halt(&mut self, output: &mut Output) -> Next {
        if self.model.replaying.is_some() {
            say(output, "this is a recording: nothing can be halted");
            return Next::Stay;
        }
        say(
            output,
            if self.model.gates.halted {
                "type why the agents may act again"
            } else {
                "type why every action of the agents shall stop"
            },
        );
        self.step = Step::Halting;
        Next::Stay
    }

    fn incident(&mut self, which: &str, output: &mut Output) {
        if which.is_empty() {
            return lines::incidents(self, output);
        }
        let place = which.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match place.and_then(|place| self.listed.get(place)).copied() {
            Some(id) => {
                self.current = Some(id);
                self.timeline(false, output);
            }
            None => say(output, format!("there is no incident {which}; type i for the list")),
        }
    }

    fn timeline(&self, all: bool, output: &mut Output) {
        let Some(watched) = self.current.and_then(|id| self.model.incidents.get(&id)) else {
            return say(output, "no incident, so no timeline");
        };
        let entries: Vec<_> = watched.timeline.entries().collect();
        let skipped = if all { 0 } else { entries.len().saturating_sub(LATEST) };
        if skipped > 0 {
            say(output, format!("{skipped} earlier entries; t all shows them"));
        }
        for entry in entries.into_iter().skip(skipped) {
            let (time, id) = (lines::clock(self, entry.at), entry.id.short());
            say(output, format!("{time} {}, entry {id}", lines::entry(entry)));
        }
    }

    fn entry_in_full(&self, name: &str, output: &mut Output) {
        let wanted = name.to_ascii_uppercase();
        let entries = self.model.incidents.values().flat_map(|watched| watched.timeline.entries());
        let found = entries.filter(|entry| entry.id.to_string().ends_with(&wanted));
        match found.map(|entry| entry.id).collect::<Vec<_>>().as_slice() {
            [id] if wanted.len() >= 4 => self.show_entry(*id, output),
            _ => say(output, "name one entry by at least four characters of the end of its id"),
        }
    }

    fn show_entry(&self, id: EntryId, output: &mut Output) {
        let mut entries =
            self.model.incidents.values().flat_map(|watched| watched.timeline.entries());
        match entries.find(|entry| entry.id == id) {
            Some(entry) => {
                let time = lines::clock(self, entry.at);
                say(output, format!("{time} {} by {}:", entry.body.kind().word(), entry.actor));
                output.block(&entry.text.block(), 2);
            }
            None => say(output, format!("entry {id} is not here")),
        }
    }

    /// Plays a recording differently, by the rules of the cockpit.
    fn replay(&mut self, action: Action, at: Timestamp, output: &mut Output) -> Next {
        let gesture = Gesture { began: at, at, quiet: None, pace: None };
        self.model.banners.clear();
        let effects = update(
            &mut self.model,
            Message::Pressed { at, reading: Reading::Asked { action, gesture } },
        );
        if let Some(banner) = self.model.banners.last() {
            refuse(output, &banner.notice);
        }
        let play = effects.into_iter().find_map(|effect| match effect {
            Effect::Play(wanted) => Some(wanted),
            _ => None,
        });
        play.map_or(Next::Stay, Next::Play)
    }
}

/// Says why something is refused, and what to do instead.
pub(super) fn refuse(output: &mut Output, notice: &Notice) {
    let detail = notice.detail.as_ref().map_or(String::new(), |detail| format!(": {detail}"));
    let hint = notice.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
    say(output, format!("refused: {}{detail}{hint}", notice.what));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::tz::TimeZone;

    use super::super::super::output::Side;
    use super::*;
    use crate::incident::IncidentId;

    #[test]
    fn a_comment_is_sent_with_a_key_that_tells_it_from_another_that_reads_the_same() {
        let mut now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut desk = Desk::new("human:ada".parse().unwrap(), now, TimeZone::UTC);
        desk.current = Some(IncidentId::from_parts(now, 1));
        let mut output = Output::new(Side::plain(std::io::sink()), Side::plain(std::io::sink()));
        let mut keys = Vec::new();
        for line in ["c still failing", "send", "c still failing", "send"] {
            now += Duration::from_secs(1);
            let next = desk.typed(&Typed { at: now, line: line.to_owned() }, &mut output);
            if let Next::Ask(command) = next {
                let Command::Post { draft } = *command else { panic!("{command:?}") };
                keys.push(draft.key.unwrap());
            }
        }
        assert_eq!(keys.len(), 2);
        assert_ne!(keys[0], keys[1]);
    }
}
