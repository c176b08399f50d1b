//! Accounts: who stands behind the accounts of trackers, as the settings say.

use std::collections::BTreeMap;

use crate::incident::{Actor, ActorKind, Digest, Principal, Proof};
use crate::trackers::{Account, AccountKind};

/// Longest part of a name that is taken from a tracker, in characters.
const LONGEST: usize = 32;

/// Who the settings say stands behind an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who it is; one person may have accounts in several trackers.
    pub actor: Actor,
    /// The roles that policy asks for.
    pub roles: Vec<String>,
    /// Whether what this account types there can decide.
    pub approves: bool,
}

/// Who stands behind the accounts of trackers, by the tracker's immutable id of the account.
#[derive(Debug, Clone, Default)]
pub struct Accounts(BTreeMap<(String, String), Known>);

impl Accounts {
    /// Adds an account, by the configured name of its tracker and the tracker's own id of it.
    pub fn add(&mut self, tracker: &str, account: &str, known: Known) {
        self.0.insert((tracker.to_owned(), account.to_owned()), known);
    }

    /// Who the settings say stands behind an account; names and logins are never looked at.
    pub fn known(&self, tracker: &str, account: &Account) -> Option<&Known> {
        self.0.get(&(tracker.to_owned(), account.id.clone()))
    }

    /// Who wrote under an account, for people to read.
    ///
    /// Whoever is not in the settings gets a name that nobody in the settings can have: the one that the
    /// tracker shows with the account's id, at that tracker.
    pub fn actor(&self, tracker: &str, account: &Account) -> Actor {
        let known = self.known(tracker, account).map(|known| known.actor.clone());
        known.unwrap_or_else(|| stranger(tracker, account))
    }

    /// The person who may decide under an account, if the settings name one and the tracker says that a
    /// person writes there.
    pub fn approver(&self, tracker: &str, account: &Account) -> Option<Principal> {
        let known = self.known(tracker, account).filter(|known| known.approves)?;
        let is_person =
            account.kind == AccountKind::Human && known.actor.kind() == ActorKind::Human;
        is_person.then(|| Principal {
            actor: known.actor.clone(),
            proof: Proof::TrackerAccount {
                tracker: tracker.to_owned(),
                account: account.id.clone(),
            },
            roles: known.roles.clone(),
        })
    }

    /// Whether an account of a tracker may decide by the settings alone.
    pub(super) fn approves(&self, tracker: &str, account: &Account) -> bool {
        self.known(tracker, account).is_some_and(|known| known.approves)
    }
}

fn stranger(tracker: &str, account: &Account) -> Actor {
    let kind = match account.kind {
        AccountKind::Human => ActorKind::Human,
        AccountKind::Bot => ActorKind::Agent,
        AccountKind::Service | AccountKind::Unknown => ActorKind::System,
    };
    let shown = plain(account.name.for_storage());
    let exact = plain(&account.id);
    // An id that cannot stand in a name is told apart by its digest.
    let id = if exact == account.id { exact } else { short(&account.id) };
    let name = if shown.is_empty() || shown == id { id } else { format!("{shown}-{id}") };
    let (name, place) = (named(name, account), named(plain(tracker), account));
    Actor::new(kind, &name, Some(&place)).unwrap_or_else(|_| Actor::wheelhouse())
}

fn named(name: String, account: &Account) -> String {
    if name.is_empty() { short(&account.id) } else { name }
}

fn plain(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let kept = text.chars().map(|c| if fits(c) { c } else { '-' });
    kept.take(LONGEST).collect::<String>().trim_matches(['-', '.']).to_owned()
}

fn short(id: &str) -> String {
    let digest = Digest::of("account", &[id.as_bytes()]).to_string();
    digest.trim_start_matches("sha256:").chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str, name: &str, kind: AccountKind) -> Account {
        Account { id: id.to_owned(), kind, name: name.into() }
    }

    #[test]
    fn a_stranger_with_the_name_of_an_approver_is_somebody_else() {
        let mut accounts = Accounts::default();
        let actor: Actor = "human:ada".parse().unwrap();
        let known = Known { actor: actor.clone(), roles: Vec::new(), approves: true };
        accounts.add("github", "1", known);
        let ada = account("1", "ada", AccountKind::Human);
        let stranger = account("2", "ada", AccountKind::Human);
        assert_eq!(accounts.actor("github", &ada), actor);
        assert!(accounts.approver("github", &ada).is_some());
        assert_eq!(accounts.actor("github", &stranger).to_string(), "human:ada-2@github");
        assert!(accounts.approver("github", &stranger).is_none());
        assert!(accounts.approver("jira", &ada).is_none(), "an id counts in its own tracker");
        let bot = Account { kind: AccountKind::Bot, ..ada };
        assert!(accounts.approver("github", &bot).is_none(), "an app on behalf of a person");
    }

    #[test]
    fn whatever_a_tracker_calls_an_account_it_gets_a_name() {
        for (id, name) in [("5b:1/2", "Łucja \u{202e}"), ("", ""), ("\u{1b}[2J", "a b"), ("-", ".")]
        {
            let actor = Accounts::default().actor("日本", &account(id, name, AccountKind::Unknown));
            assert_ne!(actor, Actor::wheelhouse(), "{id}");
            assert_eq!(actor.kind(), ActorKind::System);
        }
    }
}
