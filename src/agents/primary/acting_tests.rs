//! What may be said of a remedy: what ran, what may have run, and what was measured of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::acting::{Came, Ended};
use super::case::{Case, Means};
use super::fixture::{Played, Request, Scene, hang_up, nobody, serve, serve_shown};
use super::investigation::{Investigation, Outcome};
use crate::incident::{Ask, Exchanged, Helped, Notice, Preview, Stage, Trouble};
use crate::wire::Command;

/// A runbook whose only cause is likely from the start, with a remedy at `tool` that is measured at `page`.
fn book(tool: &str, page: &str) -> String {
    format!(
        r#"
        name = "test"
        match = {{}}
        [measures.errors]
        text = "share of errors"
        url = "{page}/metrics"
        part = "errors_total"
        whole = "requests_total"
        window_s = 1
        [recovered]
        measure = "errors"
        expect = {{ below = 0.1 }}
        [[hypothesis]]
        name = "rollout"
        claim = "A rollout shrank the pool"
        prior = 0.8
        evidence = []
        [hypothesis.remedy]
        verb = "rollback"
        title = "Roll back"
        target = {{ system = "s", resource = "r", environment = "e" }}
        url = "{tool}"
        args = {{ to = "r41" }}
        risk = "medium"
        effects = {{ reversible = true, blast_radius = "all", downtime_s = 0 }}
        verify = {{ measure = "errors", expect = {{ below = 0.1 }}, after_s = 1, hold_s = 3 }}
        "#
    )
}

/// A page of metrics on which all goes well, more of it with every look.
fn healthy() -> impl Fn(&Request) -> (u16, String) + Send + Sync + 'static {
    let looks = AtomicU32::new(0);
    move |_| {
        let look = looks.fetch_add(1, Ordering::Relaxed);
        (200, format!("requests_total {}\nerrors_total 1\n", 9 + look))
    }
}

/// Tries the remedy of the runbook.
async fn tried(book: &str) -> (Ended, Played) {
    let (means, played) = Scene::new().play(book, BTreeMap::new());
    let mut case = Case::new(means).unwrap();
    let cause = case.cause("rollout").unwrap();
    let ended = case.try_remedy(&cause, cause.remedy.as_ref().unwrap()).await.unwrap();
    drop(case);
    (ended, played.await.unwrap())
}

async fn investigated(book: &str) -> (Outcome, Played) {
    investigated_in(Scene::new(), book).await
}

async fn investigated_in(scene: Scene, book: &str) -> (Outcome, Played) {
    let (means, played) = scene.play(book, BTreeMap::new());
    let outcome = Investigation::new(means).unwrap().run().await.unwrap();
    (outcome, played.await.unwrap())
}

fn preview(played: &Played) -> &Preview {
    let proposed = played.commands.iter().find_map(|command| match command {
        Command::Propose { request } => Some(&request.ask),
        _ => None,
    });
    let Some(Ask::Action(remedy)) = proposed else { panic!("nothing was proposed") };
    &remedy.preview
}

#[tokio::test]
async fn a_rehearsal_is_asked_for_in_the_query_whatever_the_address_holds_already() {
    let (page, _) = serve(healthy()).await;
    let (tool, asked) = serve(|_| (200, r#"{"summary":"back to r41"}"#.to_owned())).await;
    let (ended, played) = tried(&book(&format!("{tool}/run?site=eu#now"), &page)).await;
    assert!(
        matches!(ended, Ended::Measured { came: Came::Through, helped: Helped::Yes, .. }),
        "{ended:?}"
    );
    assert_eq!(preview(&played), &Preview::DryRun { text: "back to r41".into() });
    let args = || r#"{"to":"r41"}"#.to_owned();
    let requests = asked.lock().unwrap().clone();
    let expected = ["/run?site=eu&dry_run=true", "/run?site=eu"];
    assert_eq!(requests, expected.map(|path| (path.to_owned(), args())));
}

#[tokio::test]
async fn an_address_that_speaks_of_rehearsals_itself_is_called_only_once_it_is_approved() {
    let (page, _) = serve(healthy()).await;
    let (tool, asked) = serve(|_| (200, "done".to_owned())).await;
    let (_, played) = tried(&book(&format!("{tool}/run?dry_run=0"), &page)).await;
    let Preview::Unavailable { reason } = preview(&played) else { panic!() };
    assert!(reason.for_storage().contains("says `dry_run` itself"), "{reason:?}");
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_left_and_was_not_answered_is_lost_and_not_called_a_failure() {
    let (page, _) = serve(healthy()).await;
    let (tool, taken) = hang_up().await;
    let (outcome, played) = investigated(&book(&tool, &page)).await;
    let stages = played.stages();
    assert!(
        matches!(stages.as_slice(), [Stage::Lost { .. }, Stage::Verified { .. }]),
        "{stages:?}"
    );
    assert_eq!(taken.load(Ordering::Relaxed), 2, "the rehearsal, and the one call");
    // It got better, and that is measured; that the remedy did it is not.
    assert_eq!(outcome, Outcome::Resolved);
    let texts = played.texts();
    assert!(texts.contains("Whether rollback r ran is not known"), "{texts}");
    assert!(texts.contains("It got better."), "{texts}");
    assert!(!texts.contains("Resolved by"), "{texts}");
}

#[tokio::test]
async fn what_never_left_did_not_run_and_rules_nothing_out() {
    let (page, _) = serve(healthy()).await;
    let (outcome, played) = investigated(&book(&nobody().await, &page)).await;
    let stages = played.stages();
    let [Stage::Executed { ok: false, output }] = stages.as_slice() else { panic!("{stages:?}") };
    assert!(output.for_storage().starts_with("it never ran: "), "{output:?}");
    assert_eq!(outcome, Outcome::NeedsPerson);
    let texts = played.texts();
    assert!(texts.contains("Did not run rollback r"), "{texts}");
    assert!(texts.contains("Roll back: it never ran"), "{texts}");
    assert!(!texts.contains("measured not to help"), "{texts}");
}

#[tokio::test]
async fn an_executor_that_refuses_is_believed_and_rules_nothing_out() {
    let looks = AtomicU32::new(0);
    let failing = move |_: &Request| {
        let look = looks.fetch_add(1, Ordering::Relaxed);
        (200, format!("requests_total {look}\nerrors_total {look}\n"))
    };
    let (page, _) = serve(failing).await;
    let (tool, _) = serve(|_| (409, "locked".to_owned())).await;
    let (_, played) = investigated(&book(&tool, &page)).await;
    let output = "HTTP 409: locked".into();
    let stages = played.stages();
    assert_eq!(stages[0], &Stage::Executed { ok: false, output });
    assert!(matches!(stages[1], Stage::Verified { helped: Helped::No, .. }), "{stages:?}");
    let texts = played.texts();
    assert!(texts.contains("Roll back: failed to run; looking further"), "{texts}");
    assert!(!texts.contains("measured not to help"), "{texts}");
}

#[tokio::test]
async fn what_could_not_be_measured_to_its_end_is_neither_helped_nor_failed() {
    let looks = AtomicU32::new(0);
    let breaks_off = move |_: &Request| match looks.fetch_add(1, Ordering::Relaxed) {
        look @ 0..2 => (200, format!("requests_total {look}\nerrors_total 0\n")),
        _ => (503, String::new()),
    };
    let (page, _) = serve(breaks_off).await;
    let (tool, _) = serve(|_| (200, "done".to_owned())).await;
    let (outcome, played) = investigated(&book(&tool, &page)).await;
    let stages = played.stages();
    assert!(matches!(stages[1], Stage::Verified { helped: Helped::Unknown, .. }), "{stages:?}");
    assert_eq!(outcome, Outcome::NeedsPerson);
    let texts = played.texts();
    let word = "Roll back: whether it helped could not be measured; looking further";
    assert!(texts.contains(word), "{texts}");
    assert!(!texts.contains("not help"), "{texts}");
    assert_eq!(played.proposed(), ["Roll back"], "it is not proposed again either");
}

#[tokio::test]
async fn what_was_outdated_before_its_claim_is_asked_anew_and_what_is_forbidden_is_not() {
    let (page, _) = serve(healthy()).await;
    let (tool, _) = serve(|_| (200, "done".to_owned())).await;
    for (trouble, proposals, outcome) in
        [(Trouble::Conflict, 2, Outcome::Resolved), (Trouble::NotAllowed, 1, Outcome::NeedsPerson)]
    {
        let claim_fails = Some(Notice::new(trouble, "entries came after it was approved"));
        let scene = Scene { claim_fails, ..Scene::new() };
        let (ended, played) = investigated_in(scene, &book(&tool, &page)).await;
        assert_eq!((ended, played.proposed().len()), (outcome, proposals));
    }
}

#[tokio::test]
async fn what_nobody_can_see_is_still_approved_runs_once_it_is_seen() {
    let (page, _) = serve(healthy()).await;
    let (tool, calls) = serve(|_| (200, "done".to_owned())).await;
    let claim_fails = Some(Notice::new(Trouble::TimedOut, "whether it is still approved"));
    let scene = Scene { claim_fails, ..Scene::new() };
    let (ended, played) = investigated_in(scene, &book(&tool, &page)).await;
    assert_eq!((ended, played.proposed().len()), (Outcome::Resolved, 1), "nobody is asked again");
    let claims = played.commands.iter().filter(|it| matches!(it, Command::Claim { .. })).count();
    let ran = calls.lock().unwrap().iter().filter(|(path, _)| !path.contains("dry_run")).count();
    assert_eq!((claims, ran), (2, 1));
}

/// A remark decides nothing, and reaches the agent all the same.
#[tokio::test]
async fn what_a_person_says_of_a_proposal_goes_with_what_follows() {
    let (page, _) = serve(healthy()).await;
    let (tool, _) = serve(|_| (200, "done".to_owned())).await;
    let scene = Scene { remark: Some("The replica lags."), ..Scene::new() };
    let (means, played) = scene.play(&book(&tool, &page), BTreeMap::new());
    let mut case = Case::new(means).unwrap();
    let cause = case.book.hypotheses[0].clone();
    case.try_remedy(&cause, cause.remedy.as_ref().unwrap()).await.unwrap();
    assert_eq!(case.constraints, ["The replica lags.".into()]);
    drop(case);
    let is_said = |what: &&Exchanged| match what {
        Exchanged::Said { text, .. } => text.for_storage() == "Understood: The replica lags.",
        _ => false,
    };
    assert_eq!(played.await.unwrap().exchange().filter(is_said).count(), 1);
}

/// Whoever finds eight bytes of it anywhere has found a leak.
const CANARY: &str = "gh_s3cret/Canary+0123456789~x";

/// How much of a page is read.
const MOST_READ: usize = 256 * 1024;

/// What is told of a remedy whose executor answers like this.
async fn told_of(echo: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> String {
    let (page, _) = serve(healthy()).await;
    let (tool, _) = serve_shown(move |shown, _| echo(shown)).await;
    let (means, played) = Scene::new().play(&book(&tool, &page), BTreeMap::new());
    let means = Means { tool_token: Some(CANARY.to_owned()), ..means };
    let mut case = Case::new(means).unwrap();
    let cause = case.cause("rollout").unwrap();
    case.try_remedy(&cause, cause.remedy.as_ref().unwrap()).await.unwrap();
    drop(case);
    serde_json::to_string(&played.await.unwrap().commands).unwrap()
}

/// 79: success, refusal and rehearsal, as it is and in the ways in which it may be written, whole and cut at
/// every place where too little of it is left to be known.
#[tokio::test]
async fn an_executor_that_echoes_its_token_is_not_repeated() {
    type Echo = fn(&str) -> String;
    let echoes: [Echo; 4] = [
        str::to_owned,
        |shown| serde_json::json!({ "summary": "done", "headers": [shown] }).to_string(),
        |shown| format!("{{\"auth\": \"{}\"}}", shown.replace('/', "\\/")),
        |shown| shown.to_uppercase().replace('/', "%2F").replace('+', "%2b"),
    ];
    let mut tries: Vec<(Echo, usize)> = echoes.into_iter().map(|echo| (echo, 0)).collect();
    let left = [1, 4, 7, 8, 12, CANARY.len() - 1];
    tries.extend(left.map(|left| (str::to_owned as Echo, MOST_READ - "Bearer ".len() - left)));
    for (echo, depth) in tries {
        for status in [200, 409] {
            let behind = "y".repeat(depth);
            let told = told_of(move |shown| (status, format!("{behind}{}", echo(shown)))).await;
            // The rehearsal, the stage, and the text of the entry.
            let hidden = told.to_lowercase().matches("bearer …").count();
            assert_eq!(hidden, 3, "{status}, {depth}");
            let told = told.to_lowercase();
            for window in CANARY.to_lowercase().as_bytes().windows(8) {
                let window = str::from_utf8(window).unwrap();
                assert!(!told.contains(window), "{window} of {status}, {depth}");
            }
        }
    }
}
