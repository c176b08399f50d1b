//! What the readers of trackers go by: which trackers are read for what, and who is who there.

use std::sync::Arc;

use crate::hub::{Accounts, Alerts, Known, Source};
use crate::incident::{Actor, ActorKind, Notice, Principal, Trouble};
use crate::settings::{Settings, TrackerKind, TrackerPlace, TrackerRole};
use crate::trackers::Tracker;

/// Every tracker of the settings, each for what the settings say.
pub(super) fn of(settings: &Settings, trackers: &[Arc<dyn Tracker>]) -> Vec<Source> {
    let source = |tracker: &Arc<dyn Tracker>| {
        let place = settings.trackers.get(tracker.name());
        let alerts = match place {
            Some(place) if !place.roles.contains(&TrackerRole::Alerts) => Alerts::None,
            Some(place) if chooses(&place.kind) => Alerts::Chosen,
            Some(_) => Alerts::Young,
            None => Alerts::None,
        };
        let verdicts = place.is_some_and(|place| place.verdicts);
        let joins = place.is_some_and(|place| place.roles.contains(&TrackerRole::ReadOnly));
        Source { tracker: Arc::clone(tracker), alerts, joins, verdicts }
    };
    trackers.iter().map(source).collect()
}

/// Whether the settings of a tracker choose some of its items.
fn chooses(kind: &TrackerKind) -> bool {
    match kind {
        TrackerKind::Github { labels, .. } => !labels.is_empty(),
        TrackerKind::Servicenow { filter, .. } | TrackerKind::Jira { filter, .. } => {
            filter.is_some()
        }
        // Whatever happens to a service is an alert.
        TrackerKind::Pagerduty { .. } => true,
        TrackerKind::Local | TrackerKind::Roundup { .. } => false,
    }
}

/// Who stands behind the accounts of the trackers; the roles are known of whoever sits here alone.
///
/// # Errors
/// A name cannot stand in an entry.
pub(super) fn accounts(settings: &Settings, me: &Principal) -> Result<Accounts, Notice> {
    let mut accounts = Accounts::default();
    for (tracker, place) in &settings.trackers {
        for (account, name) in &place.accounts.people {
            let actor = named(ActorKind::Human, name, tracker)?;
            let roles = if actor == me.actor { me.roles.clone() } else { Vec::new() };
            let approves = place.accounts.approvers.contains(account);
            accounts.add(tracker, account, Known { actor, roles, approves });
        }
        for (account, name) in &place.accounts.agents {
            let actor = named(ActorKind::Agent, name, tracker)?;
            accounts.add(tracker, account, Known { actor, roles: Vec::new(), approves: false });
        }
    }
    Ok(accounts)
}

/// The people who can answer a proposal: whoever sits here, and who may decide in a tracker.
pub(super) fn people(settings: &Settings, me: &Principal) -> Result<Vec<Actor>, Notice> {
    let mut people = vec![me.actor.clone()];
    for (tracker, place) in settings.trackers.iter().filter(|(_, place)| place.verdicts) {
        for actor in approvers(tracker, place)? {
            if !people.contains(&actor) {
                people.push(actor);
            }
        }
    }
    Ok(people)
}

fn approvers(tracker: &str, place: &TrackerPlace) -> Result<Vec<Actor>, Notice> {
    let names = place.accounts.approvers.iter().filter_map(|id| place.accounts.people.get(id));
    names.map(|name| named(ActorKind::Human, name, tracker)).collect()
}

fn named(kind: ActorKind, name: &str, tracker: &str) -> Result<Actor, Notice> {
    format!("{}:{name}", kind.word()).parse().map_err(|error: crate::incident::ActorError| {
        Notice::new(Trouble::Usage, format!("somebody in [trackers.{tracker}] cannot be named so"))
            .detail(error.to_string())
            .hint("a name has letters, digits, `.`, `_` or `-`; an agent may add @deployment")
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::incident::{Proof, Untrusted};
    use crate::trackers::{Account, AccountKind};

    fn me() -> Principal {
        let actor = "human:ada".parse().unwrap();
        Principal { actor, proof: Proof::LocalUser, roles: vec!["commander".to_owned()] }
    }

    fn with(people: &[(&str, &str)]) -> Settings {
        let mut place = TrackerPlace::local();
        place.verdicts = true;
        let own = |text: &str| text.to_owned();
        place.accounts.people = people.iter().map(|(id, name)| (own(id), own(name))).collect();
        place.accounts.approvers = BTreeSet::from([own("1"), own("2")]);
        let trackers = BTreeMap::from([(own("board"), place)]);
        Settings { trackers, ..Settings::default() }
    }

    #[test]
    fn people_and_their_accounts_come_from_the_settings() {
        let settings = with(&[("1", "ada"), ("2", "grace"), ("3", "linus")]);
        let accounts = accounts(&settings, &me()).unwrap();
        let account = |id: &str| Account {
            id: id.to_owned(),
            kind: AccountKind::Human,
            name: Untrusted::from("somebody"),
        };
        let ada = accounts.approver("board", &account("1")).unwrap();
        assert_eq!((ada.actor, ada.roles), (me().actor, me().roles));
        assert!(accounts.approver("board", &account("2")).unwrap().roles.is_empty());
        assert!(accounts.approver("board", &account("3")).is_none());
        let people = people(&settings, &me()).unwrap();
        let people: Vec<String> = people.iter().map(ToString::to_string).collect();
        assert_eq!(people, ["human:ada", "human:grace"]);
    }

    #[test]
    fn labels_and_filters_choose_what_is_an_alert() {
        let github = |labels: &[&str]| TrackerKind::Github {
            url: "https://api.github.com".to_owned(),
            repository: ("wheelhouse".to_owned(), "sandbox".to_owned()),
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            token: crate::settings::SecretPlace::Variable("TOKEN".into()),
        };
        assert!(chooses(&github(&["incident"])));
        assert!(!chooses(&github(&[])) && !chooses(&TrackerKind::Local));
    }

    #[test]
    fn a_name_that_cannot_stand_in_an_entry_is_refused() {
        assert!(accounts(&with(&[("1", "ada l.")]), &me()).is_err());
    }
}
