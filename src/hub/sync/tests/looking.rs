//! What was approved in a tracker is looked at once more when it is claimed, and runs only if it still stands.

use super::board::person;
use super::stage::Stage;
use crate::incident::{Answer, Digest, Kind, Notice, ProposalId, Risk, Trouble, Verdict};
use crate::trackers::TrackerError;
use crate::wire::{Command, Reply};

/// A stage on which ada typed her approval, and the remote id of it and of the proposal.
async fn approved() -> (Stage, (ProposalId, Digest), String, String) {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    let approval =
        stage.board().post("1", &person("1", "Ada L."), &format!("/approve {}", asked.0));
    stage.read().await;
    assert_eq!(stage.state(asked.0).await.word(), "approved");
    let copies = stage.journal.copies_in("board", "1").unwrap();
    let proposal = copies.into_iter().find(|(entry, _)| *entry == asked.0.into()).unwrap().1.remote;
    (stage, asked, approval, proposal)
}

fn refused(claimed: Result<Reply, Notice>) -> Notice {
    claimed.expect_err("it runs although nobody knows that it may")
}

/// 32, 33: nobody read the tracker since, and it is claimed.
#[tokio::test]
async fn what_was_changed_since_the_last_reading_is_not_claimed() {
    type Tampering = fn(&Stage, &str, &str);
    let tamperings: [(&str, Tampering); 3] = [
        ("an edited approval", |stage, approval, _| stage.board().edit(approval, "/deny all")),
        ("a silent edit", |stage, approval, _| stage.board().edit_silently(approval, "no!")),
        ("a proposal that reads otherwise", |stage, _, proposal| {
            stage.board().edit(proposal, "restarts one instance");
        }),
    ];
    for (what, tamper) in tamperings {
        let (mut stage, asked, approval, proposal) = approved().await;
        tamper(&stage, &approval, &proposal);
        let notice = refused(stage.claim(asked).await);
        assert_eq!(notice.trouble, Trouble::Conflict, "{what}: {notice}");
        assert_eq!(stage.state(asked.0).await.word(), "superseded", "{what}");
        assert_eq!(stage.entries(Kind::Correction).len(), 1, "{what} is told");
    }
}

#[tokio::test]
async fn an_approval_that_is_not_there_lets_nothing_run_and_is_void_once_that_is_certain() {
    let (mut stage, asked, approval, _) = approved().await;
    stage.board().remove(&approval);
    let notice = refused(stage.claim(asked).await);
    assert_eq!(notice.trouble, Trouble::TimedOut, "a list may lag: {notice}");
    assert_eq!(stage.state(asked.0).await.word(), "approved");
    stage.clock.advance(std::time::Duration::from_mins(2));
    assert_eq!(refused(stage.claim(asked).await).trouble, Trouble::Conflict);
    assert_eq!(stage.state(asked.0).await.word(), "superseded");
}

#[tokio::test]
async fn what_cannot_be_looked_at_does_not_run_and_runs_once_it_can() {
    let (mut stage, asked, ..) = approved().await;
    let error = TrackerError::Unreachable { why: "HTTP 502".to_owned() };
    stage.board().held.lock().unwrap().down = Some(error);
    let notice = refused(stage.claim(asked).await);
    assert_eq!(notice.trouble, Trouble::TimedOut);
    assert!(notice.what.contains("still approved") && notice.what.contains("502"), "{notice}");
    stage.board().held.lock().unwrap().down = None;
    assert!(stage.claim(asked).await.is_ok());
    assert!(stage.claim(asked).await.is_err(), "once");
}

#[tokio::test]
async fn a_denial_that_nobody_has_read_yet_holds() {
    let (mut stage, asked, ..) = approved().await;
    stage.board().post("1", &person("2", "Grace"), &format!("/deny {} not now", asked.0));
    let notice = refused(stage.claim(asked).await);
    assert_eq!(notice.trouble, Trouble::Conflict, "{notice}");
    assert_eq!(stage.state(asked.0).await.word(), "superseded");
}

#[tokio::test]
async fn an_approval_that_the_machine_slept_over_while_it_was_looked_at_lets_nothing_run() {
    let (mut stage, asked, ..) = approved().await;
    let clock = stage.clock.clone();
    let jump = move || clock.jump(jiff::SignedDuration::from_secs(61));
    let notice = refused(stage.claim_meanwhile(asked, jump).await);
    assert_eq!(notice.trouble, Trouble::Conflict, "{notice}");
}

#[tokio::test]
async fn what_was_approved_in_a_cockpit_waits_for_no_tracker() {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    let verdict = Verdict {
        proposal: asked.0,
        digest: asked.1,
        answer: Answer::Approve,
        acknowledged: Vec::new(),
        typed_target: None,
    };
    stage.ada.ask(Command::Decide { verdict }).await.unwrap();
    stage.deliver().await;
    stage.read().await;
    let error = TrackerError::Unreachable { why: "HTTP 502".to_owned() };
    stage.board().held.lock().unwrap().down = Some(error);
    let before = stage.board().held.lock().unwrap().reads;
    assert!(stage.claim(asked).await.is_ok());
    assert_eq!(stage.board().held.lock().unwrap().reads, before);
}

#[tokio::test]
async fn a_hub_whose_tracker_nobody_reads_any_more_lets_nothing_run_on_its_word() {
    let (stage, asked, ..) = approved().await;
    let mut stage = stage.restart().await.without_readers();
    let notice = refused(stage.claim(asked).await);
    assert!(notice.what.contains("nobody reads board any more"), "{notice}");
}
