//! Looking before running: what was approved in a tracker must still stand there when it is claimed.

use super::desk::{Answering, Desk, Looked};
use crate::incident::{EntryId, Notice, Principal, ProposalId, Trouble};
use crate::wire::Command;

/// An item in which somebody approved, with the approval and what was approved.
struct Typed {
    tracker: String,
    item: String,
    entries: Vec<EntryId>,
}

impl Desk {
    /// Claims at once what nobody approved in a tracker; anything else after it was looked at again. The desk
    /// does not wait for it.
    pub(super) async fn claim_seen(&mut self, by: &Principal, command: Command, reply: Answering) {
        let Command::Claim { proposal, digest } = command else { return };
        let typed = match self.claimable(&by.actor, proposal, digest) {
            Ok(_) => self.typed(proposal),
            Err(notice) => Err(notice),
        };
        let answer = match typed {
            Ok(typed) if typed.is_empty() => self.claim(&by.actor, proposal, digest).await,
            Ok(typed) => return self.look(typed, (by.clone(), command, reply)),
            Err(notice) => Err(notice),
        };
        let _gone = reply.send(answer).is_err();
    }

    fn look(&mut self, typed: Vec<Typed>, (by, command, reply): (Principal, Command, Answering)) {
        let lookout = self.lookout.clone();
        self.looking.spawn(async move {
            let mut found = Ok(());
            for Typed { tracker, item, entries } in typed {
                found = found.and(lookout.look((&tracker, &item), entries).await);
            }
            Looked { by, command, reply, found }
        });
    }

    /// Goes on with a claim after what it rests on was looked at.
    pub(super) async fn looked(&mut self, looked: Looked) {
        let Looked { by, command, reply, found } = looked;
        let Command::Claim { proposal, digest } = command else { return };
        if reply.is_closed() {
            return;
        }
        // The machine may have slept meanwhile, and nobody else asked the hub anything.
        if let Err(notice) = self.mind_the_clock().await {
            let _gone = reply.send(Err(notice)).is_err();
            return;
        }
        if self.decisions.is_halted() {
            return self.parked.push((by, command, reply));
        }
        let answer = match found {
            Ok(()) => self.claim(&by.actor, proposal, digest).await,
            Err(why) => {
                let what = format!("whether {proposal} is still approved cannot be seen: {why}");
                Err(Notice::new(Trouble::TimedOut, what)
                    .hint("try again, or have it approved in wheelhouse"))
            }
        };
        let _gone = reply.send(answer).is_err();
    }

    /// Where people typed the approvals of a proposal. What was approved in a cockpit rests on no tracker,
    /// however many hold copies of it.
    fn typed(&self, id: ProposalId) -> Result<Vec<Typed>, Notice> {
        let mut found = Vec::new();
        let given = self.decision(id)?.verdicts.iter();
        for given in given.filter(|given| given.verdict.answer.lets_run()) {
            let Some(entry) = self.journal.entry(given.entry)? else { continue };
            // Everywhere else it is owed.
            let owed = self.journal.deliveries(given.entry)?;
            let is_copy = |tracker: &str| owed.iter().any(|owed| owed.delivery.tracker == tracker);
            for origin in entry.origins.into_iter().filter(|origin| !is_copy(&origin.tracker)) {
                let entries = vec![given.entry, id.into()];
                found.push(Typed { tracker: origin.tracker, item: origin.item, entries });
            }
        }
        Ok(found)
    }
}
