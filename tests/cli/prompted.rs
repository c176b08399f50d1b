//! Deciding on a terminal: what is asked, what is typed, and what is left unsent.

use super::recorded::{PROPOSAL, record};
use crate::support::pty::Pty;

/// A decision of high risk, being answered on a terminal.
fn answering(arguments: &[&str]) -> Pty {
    answering_by(&[], arguments)
}

/// The same, by a program that other words stand before.
fn answering_by(before: &[&str], arguments: &[&str]) -> Pty {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(record(dir.path()));
    let data = dir.keep().display().to_string();
    let program = env!("CARGO_BIN_EXE_wheelhouse");
    let words = [before, &[program, "--data-dir", &data, "decide", PROPOSAL], arguments].concat();
    Pty::spawn(words[0], &words[1..], (110, 60), &[("USER", "ada")])
}

/// Runs the rest of its words once somebody writes into the gate.
const GATED: &str = r#"mkfifo gate; echo ready; read -r _ <gate; exec "$0" "$@""#;

#[test]
fn an_approval_asks_for_the_target_and_for_the_word() {
    let pty = answering(&["approve"]);
    let screen = pty.wait_for_text("Type the name of the target:");
    assert!(screen.contains("would run") && screen.contains("{\"to\":\"r41\"}"), "{screen}");
    pty.send("checkout\n");
    pty.wait_for_text("Type `approve` to send it, anything else to leave it:");
    pty.send("approve\n");
    pty.wait_for_text("✓ recorded approve as");
    assert_eq!(pty.exit().exit_code(), 0);
    pty.must_be_given_back();
}

#[test]
fn any_other_word_sends_nothing() {
    for word in ["\n", "y\n", "yes\n", "Approve\n", " approve\n"] {
        let pty = answering(&["approve"]);
        pty.wait_for_text("Type the name of the target:");
        pty.send("checkout\n");
        pty.wait_for_text("Type `approve` to send it");
        pty.send(word);
        pty.wait_for_text("nothing was sent");
        assert_eq!(pty.exit().exit_code(), 1, "{word:?}");
    }
}

#[test]
fn another_targets_name_is_refused_by_the_hub() {
    let pty = answering(&["approve"]);
    pty.wait_for_text("Type the name of the target:");
    pty.send("checkout-eu\n");
    pty.wait_for_text("Type `approve` to send it");
    pty.send("approve\n");
    pty.wait_for_text("must be typed");
    assert_eq!(pty.exit().exit_code(), 2);
}

#[test]
fn a_denial_asks_for_the_word_alone() {
    let pty = answering(&["deny", "--reason", "payroll runs"]);
    let screen = pty.wait_for_text("Type `deny` to send it");
    assert!(!screen.contains("name of the target") && screen.contains("payroll runs"), "{screen}");
    pty.send("deny\n");
    pty.wait_for_text("✓ recorded deny as");
    assert_eq!(pty.exit().exit_code(), 0);
}

#[test]
fn what_is_typed_ahead_of_a_question_answers_nothing() {
    let pty = answering_by(&["/bin/sh", "-c", GATED], &["approve"]);
    pty.wait_for_text("ready");
    pty.send("checkout\napprove\ncheckout\napprove\nall of it");
    // The terminal shows what it has taken in: only then does the program begin that could ask.
    pty.wait_for_text("all of it");
    std::fs::write(pty.home().join("gate"), "\n").unwrap();
    pty.wait_for_text("Type the name of the target:");
    pty.send("checkout\n");
    pty.wait_for_text("Type `approve` to send it");
    pty.send("\u{3}");
    assert_eq!(pty.exit().exit_code(), 130);
    assert!(!String::from_utf8_lossy(&pty.raw()).contains("recorded"));
}

#[test]
fn an_interruption_at_the_question_sends_nothing() {
    let pty = answering(&["approve"]);
    pty.wait_for_text("Type the name of the target:");
    pty.send("\u{3}");
    assert_eq!(pty.exit().exit_code(), 130);
    assert!(!String::from_utf8_lossy(&pty.raw()).contains("recorded"));
    pty.must_be_given_back();
}
