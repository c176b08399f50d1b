//! The whole contract, on every look-alike.

use wheelhouse::sandbox::lookalikes::{Sandbox, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Visibility};

use super::stage::{VENDORS, entering};
use crate::trackers::{Bench, Seen, Watch, holds};

/// How fast the clock runs, so that the gap between writes is short.
const SPEED: f64 = 50.0;

/// Whether a write leaves everything alone that anybody wrote, whichever vendor it goes to.
fn is_harmless(seen: &Seen) -> bool {
    let only = |names: &[&str]| {
        seen.body.as_object().unwrap().keys().all(|name| names.contains(&name.as_str()))
    };
    let is_of_entry = ["/comments/", "/notes/", "/comment/", "sys_journal_field"]
        .iter()
        .any(|part| seen.path.contains(part));
    match seen.method.as_str() {
        // The list of comments by their ids is a question, however it is asked.
        "POST" => !is_of_entry || seen.path.ends_with("/comment/list"),
        // GitHub: where it stands. ServiceNow: that, or one more line for the journal.
        "PATCH" => {
            let state = ["state", "state_reason", "work_notes", "close_code", "close_notes"];
            !is_of_entry && only(&state)
        }
        "PUT" => {
            !is_of_entry && only(&["incident"]) && seen.body.pointer("/incident/status").is_some()
        }
        _ => false,
    }
}

#[tokio::test]
async fn the_contract_holds_on_every_look_alike() {
    for vendor in VENDORS {
        let clock = Clock::at_speed(SPEED);
        let sandbox = Sandbox::start(SandboxPlan::new(1, clock.clone())).await.unwrap();
        let watch = Watch::start().await;
        watch.relay_to(sandbox.base(vendor));
        let token = sandbox.token(vendor, "wheelhouse").unwrap();
        let whose = (vendor, Visibility::Internal, "wheelhouse");
        let tracker = entering((&watch.url, &token), &clock, whose).await;
        let nowhere = match vendor {
            Vendor::Github => "999999",
            Vendor::Pagerduty => "QNOWHERE",
            Vendor::Servicenow => "00000000000000000000000000000000",
            Vendor::Jira => "OPS-999999",
        };
        holds(&Bench { tracker, watch: Some(watch), is_harmless, nowhere }).await;
    }
}
