//! The author: whose word an account is, and what it is worth in a decision.

use std::collections::BTreeSet;

use super::accounts::Accounts;
use super::sighting::{Author, Voice};
use super::source::Source;
use crate::incident::ActorKind;
use crate::trackers::{Account, AccountKind};

/// Why an approver who is the hub's own account decides nothing.
pub(super) const OWN_TOKEN: &str =
    "this hub holds a token of this account, so what stands under it proves nobody's will";
/// Why nothing that is typed into a tracker decides.
const NO_VERDICTS: &str = "the settings do not let this tracker carry verdicts";
/// Why it cannot be let.
const NO_PROOF: &str = "this tracker does not prove which person wrote something";
/// Why an approver's account does not count, although the tracker proves accounts.
const NO_PERSON: &str = "the tracker does not say that a person writes there";

/// The accounts that tokens of ours belong to, where a tracker keeps its accounts.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// The one that we enter this tracker as.
    account: Account,
    /// Those of other connections to the same place.
    others: BTreeSet<String>,
}

impl Own {
    pub(super) fn new(account: Account, others: BTreeSet<String>) -> Self {
        Self { account, others }
    }

    /// Whether a token of ours belongs to an account.
    pub(super) fn is(&self, account: &Account) -> bool {
        self.account.id == account.id || self.others.contains(&account.id)
    }

    /// Each of them, as far as its id says.
    fn all(&self) -> impl Iterator<Item = Account> {
        let other = |id: &String| Account { id: id.clone(), ..self.account.clone() };
        std::iter::once(self.account.clone()).chain(self.others.iter().map(other))
    }
}

/// Who wrote under an account of a tracker, of whose accounts some are our `own`.
pub(super) fn author(source: &Source, own: &Own, accounts: &Accounts, account: &Account) -> Author {
    let name = source.tracker.name();
    let actor = accounts.actor(name, account);
    let is_machine = account.kind == AccountKind::Bot || actor.kind() == ActorKind::Agent;
    let muted = |why| Voice::Muted(actor.clone(), why);
    let voice = if accounts.approves(name, account) && !is_machine {
        match accounts.approver(name, account) {
            _ if own.is(account) => muted(OWN_TOKEN),
            _ if !source.verdicts => muted(NO_VERDICTS),
            _ if !source.tracker.capabilities().proves_author => muted(NO_PROOF),
            None => muted(NO_PERSON),
            Some(principal) => Voice::Approver(principal),
        }
    } else if is_machine || own.is(account) {
        Voice::Machine
    } else {
        Voice::Stranger
    };
    Author { actor, account: account.id.clone(), voice }
}

/// What people should know about who can decide in a tracker.
pub(super) fn remarks(source: &Source, own: &Own, accounts: &Accounts) -> Vec<String> {
    let name = source.tracker.name();
    let cannot = |own: Account| {
        let actor = accounts.actor(name, &own);
        accounts.approves(name, &own).then(|| format!("{actor} cannot decide there: {OWN_TOKEN}"))
    };
    let mut remarks: Vec<String> = own.all().filter_map(cannot).collect();
    if source.verdicts && !source.tracker.capabilities().proves_author {
        remarks.push(format!("nobody can decide there: {NO_PROOF}"));
    }
    remarks
}
