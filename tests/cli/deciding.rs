//! Decisions and comments from the command line: nothing is sent that nobody asked for.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;
use wheelhouse::incident::EntryId;

use super::home::{Ended, Home};
use super::recorded::{INCIDENT, PROPOSAL};

#[test]
fn a_part_of_an_id_reads_and_never_decides() {
    let home = Home::with_journal();
    assert_eq!(home.run(&["decisions", "0000D"]).code, Some(0));
    assert_eq!(home.run(&["decide", "0000D", "approve", "--yes"]).code, Some(2));
    assert_eq!(home.run(&["timeline", "ZZZZ"]).code, Some(3));
    assert_eq!(home.run(&["timeline", "01"]).code, Some(2));
}

#[test]
fn an_answer_is_sent_only_when_somebody_says_so() {
    let home = Home::with_journal();
    home.assert("decide-unasked", &["decide", PROPOSAL, "deny", "--reason", "no"]);
    assert!(home.run(&["decisions"]).results.contains("open"));
}

#[test]
fn an_approval_needs_the_typed_target_and_is_single() {
    let home = Home::with_journal();
    let approve = &["decide", PROPOSAL, "approve", "--yes"];
    let untyped = home.run(approve);
    assert_eq!(untyped.code, Some(2), "{}", untyped.messages);
    assert!(untyped.messages.contains("`checkout`, must be typed"), "{}", untyped.messages);
    let typed = home.run(&[&approve[..], &["--type-target", "checkout"]].concat());
    assert_eq!(typed.code, Some(0), "{}", typed.messages);
    assert!(typed.results.contains("approved by human:ada"), "{}", typed.results);
    let again = home.run(&[&approve[..], &["--type-target", "checkout"]].concat());
    assert_eq!(again.code, Some(6), "{}", again.messages);
    assert!(home.run(&["decisions", "--all"]).results.contains("approved"));
}

#[test]
fn a_denial_says_what_was_denied_and_what_follows() {
    let home = Home::with_journal();
    let ended = home.run(&["decide", PROPOSAL, "deny", "--reason", "not now", "--yes"]);
    for wanted in ["rollback", "checkout", "{\"to\":\"r41\"}", "sha256:", "agent:primary@eu1 reads"]
    {
        assert!(ended.results.contains(wanted), "{wanted} in {}", ended.results);
    }
    let decided = home.run(&["decisions", PROPOSAL, "--json"]);
    let decided: Value = serde_json::from_str(&decided.results).unwrap();
    assert_eq!(decided["settlement"]["settled"], "denied");
    assert_eq!(decided["settlement"]["reason"], "not now");
}

#[test]
fn a_card_shows_the_arguments_that_were_put_in_place_of_those_proposed() {
    let home = Home::with_journal();
    let edited = &["--args", "{\"to\":\"r40\"}", "--yes", "--type-target", "checkout"];
    let ended = home.run(&[&["decide", PROPOSAL, "approve"], &edited[..]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.messages);
    let card = home.run(&["decisions", PROPOSAL]).results;
    for wanted in ["arguments    {\"to\":\"r40\"}", "proposed     {\"to\":\"r41\"}"] {
        assert!(card.contains(wanted), "{wanted} in {card}");
    }
}

#[test]
fn what_follows_is_said_as_it_is() {
    let home = Home::with_journal();
    let follows =
        |answer: &[&str]| home.run(&[&["decide", PROPOSAL], answer, &["--yes"]].concat()).results;
    let remark = follows(&["respond", "why now?"]);
    assert!(remark.contains("the decision stays open"), "{remark}");
    let narrower = follows(&["redirect", "--question", "only one pod?"]);
    assert!(narrower.contains("it does not run as proposed"), "{narrower}");
    let home = Home::with_journal();
    let taken = home.run(&["decide", PROPOSAL, "redirect", "--take-over", "--yes"]).results;
    assert!(taken.contains("and cannot be given back"), "{taken}");
}

#[test]
fn what_arrived_since_must_be_acknowledged() {
    let home = Home::with_journal();
    let comment = home.run(&["comment", INCIDENT, "Stop: payroll runs.", "--json"]);
    let comment: Value = serde_json::from_str(&comment.results).unwrap();
    let id: EntryId = serde_json::from_value(comment["entry"].clone()).unwrap();
    let approve =
        ["decide", PROPOSAL, "approve", "--yes", "--type-target", "checkout", "--acknowledge"];
    let stale = home.run(&approve[..6]);
    assert_eq!(stale.code, Some(6), "{}", stale.messages);
    assert!(stale.results.contains(&id.to_string()), "{}", stale.results);
    let seen = home.run(&[&approve[..], &[id.to_string().as_str()]].concat());
    assert_eq!(seen.code, Some(0), "{}", seen.messages);
}

#[test]
fn a_comment_comes_from_the_standard_input_too() {
    let home = Home::with_journal();
    let mut child = home
        .command(&["comment", INCIDENT, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("two\nlines\n".as_bytes()).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.messages);
    let found = home.run(&["search", "lines", "--actor", "human", "--json"]);
    let found: Value = serde_json::from_str(&found.results).unwrap();
    assert_eq!(found["entry"]["text"], "two\nlines");
    assert_eq!(home.run(&["comment", INCIDENT, "  "]).code, Some(2));
}
