//! How a verdict came about is asked before it counts: by e-mail or changed it is none, unasked it waits.

use std::time::Duration;

use super::board::person;
use super::stage::Stage;
use crate::incident::{DecisionState, Digest, Kind, ProposalId, Risk};
use crate::trackers::{Account, TrackerError, Vouched};
use crate::wire::Reach;

fn ada() -> Account {
    person("1", "Ada L.")
}

/// A stage on which people are asked, and what they are asked stands in the item.
async fn asked() -> (Stage, (ProposalId, Digest)) {
    let mut stage = Stage::set().await;
    let asked = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    (stage, asked)
}

/// What was told in the tracker, by its beginning and something in it.
async fn is_told(stage: &mut Stage, why: &str) -> bool {
    stage.deliver().await;
    let told = stage.board().texts("1");
    told.iter().any(|text| {
        text.starts_with("What human:ada typed decides nothing: ") && text.contains(why)
    })
}

fn mute(stage: &Stage, error: Option<TrackerError>) {
    stage.board().held.lock().unwrap().mute = error;
}

/// 42: whoever holds the mail can answer it.
#[tokio::test]
async fn what_came_by_mail_decides_nothing_and_is_told() {
    for command in ["/approve ID", "/deny ID not now", "/respond ID which region?"] {
        let (mut stage, asked) = asked().await;
        let text = command.replace("ID", &asked.0.to_string());
        stage.board().post_by(&ada(), &text, Vouched::Mailed);
        stage.read().await;
        assert!(stage.state(asked.0).await.is_open(), "{command}");
        assert!(stage.entries(Kind::Verdict).is_empty());
        assert!(stage.comments().contains(&text), "it is a comment all the same");
        assert!(is_told(&mut stage, "it came by e-mail").await);
        assert!(stage.claim(asked).await.is_err());
    }
}

/// 31: within the second in which it was written, so that its list shows no change.
#[tokio::test]
async fn what_was_edited_within_the_second_decides_nothing_and_is_told() {
    let (mut stage, asked) = asked().await;
    let came = Vouched::Edited { by: Some("mallory".into()) };
    stage.board().post_by(&ada(), &format!("/approve {}", asked.0), came);
    stage.read().await;
    assert!(stage.state(asked.0).await.is_open());
    assert!(is_told(&mut stage, "edited before it was seen, by mallory").await);
    assert!(stage.claim(asked).await.is_err());
}

#[tokio::test]
async fn what_a_tracker_will_never_tell_decides_nothing_and_is_told() {
    let (mut stage, asked) = asked().await;
    let came = Vouched::Unsaid { why: "it has no word for it".to_owned() };
    stage.board().post_by(&ada(), &format!("/approve {}", asked.0), came);
    stage.read().await;
    assert!(stage.state(asked.0).await.is_open());
    assert!(is_told(&mut stage, "it has no word for it").await);
}

#[tokio::test]
async fn while_it_cannot_be_asked_a_verdict_waits_and_then_it_counts() {
    for error in [
        TrackerError::Unreachable { why: "HTTP 502".to_owned() },
        TrackerError::Refused { why: "HTTP 403".to_owned() },
        TrackerError::Throttled { retry_after: None },
        TrackerError::NotFound { what: "such comment".to_owned() },
    ] {
        let (mut stage, asked) = asked().await;
        stage.read().await;
        mute(&stage, Some(error.clone()));
        stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
        stage.board().post("1", &person("9", "somebody"), "the graphs look better");
        for _ in 0..4 {
            stage.readers[0].turn().await;
            stage.clock.advance(Duration::from_secs(15));
        }
        assert!(stage.state(asked.0).await.is_open(), "{error}");
        assert!(stage.claim(asked).await.is_err());
        assert_eq!(stage.comments(), ["the graphs look better"], "nobody else has to wait");
        let standing = stage.standings().await.pop().unwrap();
        let Reach::Lagging { why, .. } = standing.reach else { panic!("{standing:?}") };
        assert!(why.contains("does not count yet") && why.contains(&error.to_string()), "{why}");
        mute(&stage, None);
        stage.readers[0].turn().await;
        let state = stage.state(asked.0).await;
        assert!(matches!(state, DecisionState::Approved { .. }), "{error}: {:?}", stage.comments());
        assert_eq!(stage.standings().await.pop().unwrap().reach.word(), "current");
        assert!(stage.claim(asked).await.is_ok());
        assert_eq!(stage.entries(Kind::Verdict).len(), 1);
    }
}

#[tokio::test]
async fn a_verdict_that_waits_is_asked_for_again_after_a_restart() {
    let (mut stage, asked) = asked().await;
    mute(&stage, Some(TrackerError::Unreachable { why: "HTTP 502".to_owned() }));
    stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
    stage.readers[0].turn().await;
    let mut stage = stage.restart().await;
    mute(&stage, None);
    stage.read().await;
    assert!(matches!(stage.state(asked.0).await, DecisionState::Approved { .. }));
}

#[tokio::test]
async fn an_approval_does_not_overtake_a_denial_that_waits() {
    let (mut stage, asked) = asked().await;
    stage.read().await;
    mute(&stage, Some(TrackerError::Unreachable { why: "HTTP 502".to_owned() }));
    let denial = stage.board().post("1", &ada(), &format!("/deny {} not now", asked.0));
    stage.board().post("1", &person("2", "Grace"), &format!("/approve {}", asked.0));
    stage.readers[0].turn().await;
    let asked_of = stage.board().held.lock().unwrap().vouches.clone();
    assert_eq!(asked_of, [denial], "what stands below it is not even asked for");
    mute(&stage, None);
    stage.readers[0].turn().await;
    assert_eq!(stage.state(asked.0).await.word(), "denied");
}

/// It runs later than its author thought, and may have been objected to: then it is given again.
#[tokio::test]
async fn what_somebody_wrote_below_a_verdict_that_waits_must_be_read_first() {
    let (mut stage, asked) = asked().await;
    mute(&stage, Some(TrackerError::Unreachable { why: "HTTP 502".to_owned() }));
    stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
    stage.clock.advance(Duration::from_secs(5));
    stage.board().post("1", &person("9", "somebody"), "wait, it recovers by itself");
    stage.readers[0].turn().await;
    mute(&stage, None);
    stage.readers[0].turn().await;
    assert!(stage.state(asked.0).await.is_open());
    assert!(is_told(&mut stage, "read the new entries, then answer again").await);
    stage.clock.advance(Duration::from_secs(1));
    stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
    stage.readers[0].turn().await;
    assert!(matches!(stage.state(asked.0).await, DecisionState::Approved { .. }));
}

#[tokio::test]
async fn what_is_edited_while_it_waits_is_void() {
    let (mut stage, asked) = asked().await;
    mute(&stage, Some(TrackerError::Unreachable { why: "HTTP 502".to_owned() }));
    let remote = stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
    stage.readers[0].turn().await;
    stage.board().edit(&remote, &format!("/approve {}\nyes!", asked.0));
    stage.readers[0].turn().await;
    assert!(stage.state(asked.0).await.is_open());
    assert!(is_told(&mut stage, "edited before it was seen").await);
}

#[tokio::test]
async fn only_what_would_decide_is_asked_for_and_once() {
    let (mut stage, asked) = asked().await;
    let approve = format!("/approve {}", asked.0);
    let (stranger, known) = (person("99", "stranger"), person("3", "linus"));
    for (by, text) in [(&ada(), "looks right"), (&stranger, &approve), (&known, &approve)] {
        stage.board().post("1", by, text);
    }
    stage.board().post("1", &ada(), &format!("/approve {}", &asked.0.to_string()[..12]));
    let edited = stage.board().post("1", &ada(), "hm");
    stage.board().edit(&edited, &approve);
    stage.read().await;
    assert!(stage.board().held.lock().unwrap().vouches.is_empty());
    let verdict = stage.board().post("1", &ada(), &approve);
    stage.read().await;
    stage.read_all().await;
    assert_eq!(stage.board().held.lock().unwrap().vouches, [verdict]);
    assert!(matches!(stage.state(asked.0).await, DecisionState::Approved { .. }));
}

#[tokio::test]
async fn what_can_never_be_asked_waits_no_longer_than_its_proposal() {
    let (mut stage, asked) = asked().await;
    mute(&stage, Some(TrackerError::Refused { why: "HTTP 403".to_owned() }));
    stage.board().post("1", &ada(), &format!("/approve {}", asked.0));
    stage.readers[0].turn().await;
    stage.clock.advance(Duration::from_mins(31));
    stage.readers[0].turn().await;
    stage.readers[0].turn().await;
    assert_eq!(stage.standings().await.pop().unwrap().reach.word(), "current");
    assert_eq!(stage.state(asked.0).await.word(), "expired");
    mute(&stage, None);
    let again = stage.propose(Risk::Medium).await;
    stage.deliver().await;
    stage.board().post("1", &ada(), &format!("/approve {}", again.0));
    stage.read().await;
    assert!(matches!(stage.state(again.0).await, DecisionState::Approved { .. }));
}
