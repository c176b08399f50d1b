//! What is peculiar to one tracker.

use std::time::Duration;

use wheelhouse::sandbox::lookalikes::{Fault, FaultLine, Sandbox, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Visibility};
use wheelhouse::trackers::{
    Access, AccountKind, Appended, Cursor, ItemStatus, Native, NativeKind, Tracker, TrackerError,
};

use super::stage::{Stage, entering, filtered_jira, mark, trailer};
use crate::trackers::Watch;

#[tokio::test]
async fn servicenow_hides_its_journal_and_absence_is_not_believed() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let item = stage.item().await;
    stage.write(&item, 1, "found it").await;
    stage.sandbox.fault(stage.vendor, FaultLine::of_reads(Fault::SilentEmpty));
    let sought = stage.tracker.find(&item, &trailer(1).to_string()).await;
    assert!(matches!(sought, Err(TrackerError::Refused { .. })), "{sought:?}");
    let traps = stage.tracker.probe().await.unwrap().traps;
    assert!(traps[0].what.contains("hides"), "{traps:?}");
    let (shown, _) = stage.read(&item, &Cursor::default()).await;
    assert!(shown[0].text.for_storage().starts_with("found it"));
    assert!(shown[0].author.id.starts_with("shown as "), "{:?}", shown[0].author);
}

#[tokio::test]
async fn servicenow_keeps_its_state_when_a_rule_moves_it_because_we_wrote() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let item = stage.item().await;
    let name = stage.name();
    let hold = async || {
        stage.sandbox.move_to(stage.vendor, &name, ("on-call", "3")).await.unwrap();
    };
    hold().await;
    stage.write(&item, 1, "found it").await;
    assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "3");
    let asked = stage.sandbox.asked(stage.vendor);
    assert_eq!(asked.iter().filter(|asked| asked.method == "PATCH").count(), 2);
}

#[tokio::test]
async fn servicenow_gets_its_state_back_also_when_an_answer_is_lost() {
    // Of the write that moves the state, and of the one that puts it back.
    let lost = [
        FaultLine::of_writes(Fault::DropAfter),
        FaultLine::of_writes(Fault::ErrorBefore(503)).after(1),
        FaultLine::of_writes(Fault::DropAfter).after(1),
    ];
    for line in lost {
        for meddles in [false, true] {
            let stage = Stage::of(Vendor::Servicenow).await;
            let (item, name) = (stage.item().await, stage.name());
            let moved = async |to| {
                stage.sandbox.move_to(stage.vendor, &name, ("on-call", to)).await.unwrap();
            };
            moved("3").await;
            stage.sandbox.fault(stage.vendor, line.times(1));
            let ended = stage.tracker.append(&item, &stage.entry(1, "found it")).await.unwrap();
            assert!(matches!(ended, Appended::Unknown { .. } | Appended::Accepted), "{ended:?}");
            if meddles {
                moved("1").await;
            }
            for _ in 0..2 {
                let found = stage.tracker.find(&item, &mark(1)).await.unwrap();
                assert_eq!(found.len(), 1);
            }
            let expected = if meddles { "1" } else { "3" };
            assert_eq!(stage.sandbox.items(stage.vendor)[0].state, expected, "{line:?}");
        }
    }
}

#[tokio::test]
async fn servicenow_that_cannot_be_put_right_yet_says_so_until_it_is() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (item, name) = (stage.item().await, stage.name());
    stage.sandbox.move_to(stage.vendor, &name, ("on-call", "3")).await.unwrap();
    stage.sandbox.fault(stage.vendor, FaultLine::of_writes(Fault::DropAfter).times(1));
    stage.tracker.append(&item, &stage.entry(1, "found it")).await.unwrap();
    stage.sandbox.fault(stage.vendor, FaultLine::of_writes(Fault::ErrorBefore(503)).times(2));
    for _ in 0..2 {
        let found = stage.tracker.find(&item, &mark(1)).await;
        assert!(found.unwrap_err().is_passing());
    }
    stage.tracker.find(&item, &mark(1)).await.unwrap();
    assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "3");
}

#[tokio::test]
async fn servicenow_says_that_nobody_can_decide_where_it_does_not_show_who_is_a_person() {
    let stage = Stage::of(Vendor::Servicenow).await;
    // Both ways to ask for users.
    let hidden = FaultLine::of_reads(Fault::ErrorBefore(403)).times(2);
    stage.sandbox.fault(stage.vendor, hidden);
    let traps = stage.tracker.probe().await.unwrap().traps;
    assert!(traps.iter().any(|trap| trap.what.contains("nobody can decide there")), "{traps:?}");
    assert!(stage.tracker.probe().await.unwrap().traps.is_empty());
}

#[tokio::test]
async fn pagerduty_reads_on_past_an_incident_that_may_not_be_seen() {
    let stage = Stage::of(Vendor::Pagerduty).await;
    stage.item_of(0).await;
    let (_, from) = stage.items(&Cursor::default()).await;
    stage.item_of(30).await;
    stage.item_of(60).await;
    for status in [403, 404, 410] {
        // After the one page of the log.
        let hidden = FaultLine::of_reads(Fault::ErrorBefore(status)).after(1).times(1);
        stage.sandbox.fault(stage.vendor, hidden);
        let (seen, _) = stage.items(&from).await;
        let (all, _) = stage.items(&from).await;
        assert_eq!((seen.len() + 1, all.len()), (all.len(), 3), "{status}");
    }
}

#[tokio::test]
async fn servicenow_tells_who_closed_it_if_its_audit_may_be_read() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let (item, name) = (stage.item().await, stage.name());
    for state in ["2", "6", "2"] {
        stage.clock.advance(Duration::from_secs(1));
        stage.sandbox.move_to(stage.vendor, &name, ("on-call", state)).await.unwrap();
    }
    let (found, _) = stage.read(&item, &Cursor::default()).await;
    let moves: Vec<_> = found
        .iter()
        .filter_map(|native| match native.kind {
            NativeKind::Status(status) => Some((status, native.author.name.for_storage())),
            _ => None,
        })
        .collect();
    let by = "On-call engineer";
    assert_eq!(moves, [(ItemStatus::Closed, by), (ItemStatus::Open, by)]);
}

#[tokio::test]
async fn what_we_open_is_found_although_the_settings_leave_it_out() {
    let clock = Clock::held_at("2026-11-20T11:00:00Z".parse().unwrap());
    let sandbox = Sandbox::start(SandboxPlan::new(1, clock.clone())).await.unwrap();
    let tracker = filtered_jira(&sandbox, &clock, "status = Done").await;
    let new = Stage::of(Vendor::Jira).await.new_item(0);
    tracker.open(&new).await.unwrap();
    assert_eq!(tracker.find_item(&new).await.unwrap().len(), 1);
    let asked = sandbox.asked(Vendor::Jira).pop().unwrap();
    assert!(!asked.body.to_string().contains("Done"), "{asked:?}");
}

#[tokio::test]
async fn servicenow_takes_no_id_for_part_of_a_query() {
    let stage = Stage::of(Vendor::Servicenow).await;
    let forged = "0^ORelement=comments".to_owned().into();
    let read = stage.tracker.entries(&forged, &Cursor::default()).await;
    assert!(matches!(read, Err(TrackerError::NotFound { .. })), "{read:?}");
    assert!(stage.sandbox.asked(stage.vendor).is_empty());
}

#[tokio::test]
async fn pagerduty_tells_that_a_general_key_proves_nobody() {
    let stage = Stage::of(Vendor::Pagerduty).await;
    assert!(!stage.tracker.capabilities().proves_author);
    let traps = stage.tracker.probe().await.unwrap().traps;
    assert!(traps[0].what.contains("general-access"), "{traps:?}");
    let own = Stage::seen_by(Vendor::Pagerduty, Visibility::Internal, "on-call").await;
    assert!(own.tracker.probe().await.unwrap().traps.is_empty());
}

#[tokio::test]
async fn pagerduty_opens_an_incident_once_even_when_it_is_asked_twice() {
    let stage = Stage::of(Vendor::Pagerduty).await;
    stage.item().await;
    let new = stage.new_item(0);
    let again = stage.tracker.open(&new).await.unwrap();
    assert!(matches!(again, wheelhouse::trackers::Opened::Unknown { .. }), "{again:?}");
    assert_eq!(stage.sandbox.items(stage.vendor).len(), 1);
    // It settles: what stands under our key is ours, although the list does not say what was written.
    let found = stage.tracker.find_item(&new).await.unwrap();
    let texts: Vec<&str> = found.iter().map(|item| item.text.for_storage()).collect();
    assert_eq!(texts, [new.text.as_str()]);
    let asked = stage.sandbox.asked(stage.vendor).pop().unwrap();
    assert!(asked.query.iter().any(|(name, _)| name == "incident_key"), "{asked:?}");
}

#[tokio::test]
async fn pagerduty_does_not_pretend_to_open_what_is_resolved() {
    let stage = Stage::of(Vendor::Pagerduty).await;
    let item = stage.item().await;
    stage.tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
    let opened = stage.tracker.set_status(&item, ItemStatus::Open).await;
    assert!(matches!(opened, Err(TrackerError::Refused { .. })), "{opened:?}");
}

#[tokio::test]
async fn jira_links_once_and_opens_again_what_was_done() {
    let stage = Stage::of(Vendor::Jira).await;
    let item = stage.item().await;
    for _ in 0..2 {
        let url = "https://partner.example/items/7";
        stage.tracker.relate(&item, "the partner's item", url).await.unwrap();
    }
    stage.tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
    stage.tracker.set_status(&item, ItemStatus::Open).await.unwrap();
    assert_eq!(stage.sandbox.items(stage.vendor)[0].state, "To Do");
    let (found, _) = stage.read(&item, &Cursor::default()).await;
    let moves: Vec<_> = found
        .iter()
        .filter_map(|native| match native.kind {
            NativeKind::Status(status) => Some(status),
            _ => None,
        })
        .collect();
    assert_eq!(moves, [ItemStatus::Closed, ItemStatus::Open]);
}

/// What is told of where an item was moved to, and by whom.
fn moves(found: &[Native]) -> Vec<(NativeKind, String, &str)> {
    let is_move = |it: &&Native| matches!(it.kind, NativeKind::Status(_) | NativeKind::Moved);
    let words = |it: &'_ Native| it.text.for_storage().to_owned();
    let told = found.iter().filter(is_move);
    told.map(|it| (it.kind.clone(), words(it), it.author.name.for_storage())).collect()
}

#[tokio::test]
async fn jira_tells_who_ended_it_whatever_its_states_are_called() {
    let stage = Stage::of(Vendor::Jira).await;
    let (item, name) = (stage.item().await, stage.name());
    for state in ["In Progress", "Erledigt", "Released", "To Do"] {
        stage.clock.advance(Duration::from_secs(1));
        stage.sandbox.move_to(stage.vendor, &name, ("on-call", state)).await.unwrap();
    }
    let by = "On-call engineer";
    let expected = [
        (NativeKind::Moved, "status: To Do → In Progress".to_owned(), by),
        (NativeKind::Status(ItemStatus::Closed), "status: In Progress → Erledigt".to_owned(), by),
        (NativeKind::Moved, "status: Erledigt → Released".to_owned(), by),
        (NativeKind::Status(ItemStatus::Open), "status: Released → To Do".to_owned(), by),
    ];
    for _ in 0..3 {
        let (found, _) = stage.read(&item, &Cursor::default()).await;
        assert_eq!(moves(&found), expected);
    }
    let asked = stage.sandbox.asked(stage.vendor);
    assert_eq!(asked.iter().filter(|asked| asked.path.ends_with("/status")).count(), 1);
}

#[tokio::test]
async fn jira_names_pages_where_people_find_them_and_not_at_the_gateway() {
    let stage = Stage::of(Vendor::Jira).await;
    let item = stage.item().await;
    let gateway = Watch::start().await;
    gateway.relay_to(stage.sandbox.base(stage.vendor));
    let token = stage.sandbox.token(stage.vendor, "wheelhouse").unwrap();
    let whose = (stage.vendor, Visibility::Internal, "wheelhouse");
    let tracker = entering((&gateway.url, &token), &stage.clock, whose).await;
    stage.write(&item, 1, "found it").await;
    let site = stage.sandbox.base(stage.vendor);
    for _ in 0..2 {
        let found = tracker.incidents(&Cursor::default()).await.unwrap().found;
        let url = found[0].url.clone().unwrap();
        assert_eq!(url.for_storage(), format!("{site}/browse/{item}"));
        let found = tracker.entries(&item, &Cursor::default()).await.unwrap().found;
        let url = found[0].url.clone().unwrap();
        assert!(url.for_storage().starts_with(&format!("{site}/browse/{item}?")), "{url:?}");
    }
    let asked = gateway.seen();
    assert_eq!(asked.iter().filter(|seen| seen.path.ends_with("/serverInfo")).count(), 1);

    // Where it does not say, the address in the settings is all that is known.
    stage.sandbox.fault(stage.vendor, FaultLine::of_reads(Fault::ErrorBefore(403)).times(1));
    let tracker = entering((&gateway.url, &token), &stage.clock, whose).await;
    let found = tracker.incidents(&Cursor::default()).await.unwrap().found;
    let url = found[0].url.clone().unwrap();
    assert_eq!(url.for_storage(), format!("{}browse/{item}", gateway.url));
}

#[tokio::test]
async fn jira_says_what_we_may_do_and_whether_anything_can_be_read() {
    let stage = Stage::of(Vendor::Jira).await;
    let probe = stage.tracker.probe().await.unwrap();
    assert_eq!((probe.access, probe.is_empty), (Access::Write, true));
    assert!(probe.traps.is_empty(), "{:?}", probe.traps);
    stage.item().await;
    // After who we are, and one page of issues.
    let hidden = FaultLine::of_reads(Fault::ErrorBefore(403)).after(2).times(1);
    stage.sandbox.fault(stage.vendor, hidden);
    let probe = stage.tracker.probe().await.unwrap();
    assert_eq!((probe.access, probe.is_empty), (Access::Unknown, false));
    let asked = stage.sandbox.asked(stage.vendor);
    let asked = asked.iter().find(|asked| asked.path.ends_with("/mypermissions")).unwrap();
    assert!(asked.query.contains(&("projectKey".to_owned(), "OPS".to_owned())), "{asked:?}");
}

#[tokio::test]
async fn jira_goes_by_the_usual_names_where_it_does_not_say_what_its_states_mean() {
    let stage = Stage::of(Vendor::Jira).await;
    let (item, name) = (stage.item().await, stage.name());
    // So that nothing but what is meant is asked for.
    stage.read(&item, &Cursor::default()).await;
    stage.sandbox.move_to(stage.vendor, &name, ("on-call", "Done")).await.unwrap();
    // After the comments and the changes.
    for status in [401, 403] {
        let hidden = FaultLine::of_reads(Fault::ErrorBefore(status)).after(2).times(1);
        stage.sandbox.fault(stage.vendor, hidden);
        stage.clock.advance(Duration::from_mins(10));
        let (found, _) = stage.read(&item, &Cursor::default()).await;
        let kinds: Vec<_> = moves(&found).into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds, [NativeKind::Status(ItemStatus::Closed)], "{status}");
    }
    assert!(stage.sandbox.faults(stage.vendor).is_empty(), "each was met");
    let late = FaultLine::of_reads(Fault::ErrorBefore(503)).after(2);
    stage.sandbox.fault(stage.vendor, late);
    stage.clock.advance(Duration::from_mins(10));
    let read = stage.tracker.entries(&item, &Cursor::default()).await;
    assert!(read.unwrap_err().is_passing(), "it is asked again instead of being told wrongly");
}

#[tokio::test]
async fn jira_reads_on_after_most_of_what_it_had_was_removed() {
    let stage = Stage::of(Vendor::Jira).await;
    let (item, name) = (stage.item().await, stage.name());
    let mut notes = Vec::new();
    for number in 0..120 {
        let text = format!("note {number}");
        notes.push(stage.sandbox.comment(stage.vendor, &name, ("on-call", &text)).await.unwrap());
    }
    let (_, from) = stage.read(&item, &Cursor::default()).await;
    for note in notes {
        stage.sandbox.remove(note, "commander").await.unwrap();
    }
    stage.sandbox.comment(stage.vendor, &name, ("on-call", "new")).await.unwrap();
    let (found, _) = stage.read(&item, &from).await;
    assert_eq!(found.len(), 1, "{found:?}");
}

#[tokio::test]
async fn github_says_who_an_app_is_although_its_token_is_nobodys() {
    let stage = Stage::of(Vendor::Github).await;
    let own = stage.tracker.probe().await.unwrap().account;
    let app = Sandbox::accounts().iter().find(|account| account.login == "wheelhouse").unwrap();
    assert_eq!((own.id, own.kind), (app.id(Vendor::Github), AccountKind::Bot));
    let asked = stage.sandbox.asked(Vendor::Github);
    assert!(asked.iter().any(|asked| asked.path == "/graphql"), "{asked:?}");
    let person = Stage::seen_by(Vendor::Github, Visibility::Internal, "on-call").await;
    assert_eq!(person.tracker.probe().await.unwrap().account.kind, AccountKind::Human);
}

#[tokio::test]
async fn github_is_not_made_to_call_people_by_what_an_agent_writes() {
    let stage = Stage::of(Vendor::Github).await;
    let item = stage.item().await;
    let sent = stage.write(&item, 1, "ask @on-call about #12").await;
    let held = stage.sandbox.items(stage.vendor)[0].notes[0].text.clone();
    assert!(held.contains("@<!-- -->on-call about #<!-- -->12"), "{held}");
    let found = stage.tracker.find(&item, &trailer(1).to_string()).await.unwrap();
    assert_eq!(found[0].text.for_storage(), sent, "and it reads as it was written");
}

#[tokio::test]
async fn jira_refuses_what_is_too_long_and_nobody_sends_it_again() {
    let stage = Stage::of(Vendor::Jira).await;
    let item = stage.item().await;
    let long = stage.entry(1, &"x".repeat(33_000));
    let ended = stage.tracker.append(&item, &long).await.unwrap();
    let Appended::Rejected { why } = ended else { panic!("{ended:?}") };
    assert!(why.contains("too long"), "{why}");
}
