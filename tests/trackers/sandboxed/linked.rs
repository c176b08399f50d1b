//! An incident that is kept in two trackers: each of its items names the other, whatever a filter leaves out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use wheelhouse::hub::{Accounts, Alerts, Delivering, Hub, Plan, Reading, Route, Source, Syncing};
use wheelhouse::incident::{Actor, Alert, Policy, Principal, Proof, Severity};
use wheelhouse::journal::Journal;
use wheelhouse::sandbox::lookalikes::{Sandbox, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Visibility};
use wheelhouse::trackers::Tracker;
use wheelhouse::wire::{Command, Gates};

use super::stage::{entering, filtered_jira};

/// How fast the clock runs.
const SPEED: f64 = 100.0;

/// How long it may take on the wall.
const LONGEST: Duration = Duration::from_mins(1);

/// GitHub, and Jira with a filter that what we open does not pass.
async fn trackers(sandbox: &Sandbox, clock: &Clock) -> Vec<Arc<dyn Tracker>> {
    let token = sandbox.token(Vendor::Github, "wheelhouse").unwrap();
    let whose = (Vendor::Github, Visibility::Internal, "wheelhouse");
    let github = entering((sandbox.base(Vendor::Github), &token), clock, whose).await;
    vec![github, Arc::new(filtered_jira(sandbox, clock, "labels = incident").await)]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_a_filter_leaves_out_is_linked_with_the_other_one() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::at_speed(SPEED));
    let sandbox = Sandbox::start(SandboxPlan::new(1, clock.clone())).await.unwrap();
    let trackers = trackers(&sandbox, &clock).await;
    let journal = Journal::open(dir.path()).unwrap();
    let (told, deliveries) = mpsc::channel(64);
    let names = trackers.iter().map(|tracker| tracker.name().to_owned()).collect();
    let hub = Hub::start(Plan {
        journal: journal.clone(),
        clock: clock.clone(),
        policy: Policy::default(),
        gates: Gates { trackers: names, ..Gates::default() },
        deliveries,
        seed: None,
    });
    let hub = hub.await.unwrap();
    let source = |tracker: &Arc<dyn Tracker>| Source {
        tracker: Arc::clone(tracker),
        alerts: Alerts::None,
        joins: false,
        verdicts: false,
    };
    let syncing = Syncing::start(Reading {
        sources: trackers.iter().map(source).collect(),
        accounts: Accounts::default(),
        journal: journal.clone(),
        clock: clock.clone(),
        witness: hub.witness(),
        seed: 1,
    });
    let route = Route { journal, trackers, clock, told, seed: 1 };
    let delivering = Delivering::start(route);
    let actor: Actor = "system:monitor".parse().unwrap();
    let link = hub.link(Principal { actor, proof: Proof::LocalUser, roles: Vec::new() });
    let mut feed = link.follow().await.unwrap();
    let alert = Alert {
        title: "checkout fails".into(),
        severity: Severity::Sev2,
        service: "checkout".into(),
        dedup_key: "checkout".to_owned(),
        firing: true,
        labels: BTreeMap::new(),
    };
    link.ask(Command::OpenIncident { alert, text: "firing".into() }).await.unwrap();
    let is_linked = || {
        let names = |vendor| {
            let notes = sandbox.items(vendor).into_iter().flat_map(|item| item.notes);
            notes.filter(|note| note.text.contains("This incident is kept in:")).any(|note| {
                [Vendor::Github, Vendor::Jira].iter().all(|other| {
                    note.text.contains(sandbox.base(*other).trim_start_matches("http://"))
                })
            })
        };
        names(Vendor::Github) && names(Vendor::Jira)
    };
    let linked = tokio::time::timeout(LONGEST, async {
        while !is_linked() {
            feed.live.recv().await.unwrap();
        }
    });
    assert!(linked.await.is_ok(), "{:?}", sandbox.items(Vendor::Jira));
    syncing.end().await;
    delivering.end().await;
}
