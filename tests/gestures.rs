//! What a person sees while they do something: the palette, a forced action, other arguments, a halt.

use jiff::SignedDuration;
use serde_json::json;
use wheelhouse::cockpit::core::{Action, Continuation, Key, KeyStroke, Message, Reading};
use wheelhouse::incident::{
    Action as Carried, Ask, Basis, Body, Canonical, Helped, Notice, Preview, Proposal, ProposalId,
    Required, Risk, Settlement, Stage, Status, Trouble,
};

use crate::support::night;
use crate::support::story::{Asked, PRIMARY, Story, actor};
use crate::views::{after, compare, letters, replaying};

const WIDE: (u16, u16) = (160, 45);
const SMALL: (u16, u16) = (80, 24);

#[test]
fn the_palette_finds_by_a_few_letters() {
    compare("palette", &after(&[Action::Palette]), WIDE);
    let mut story = after(&[Action::OpenCard, Action::Palette]);
    story.types("appr");
    compare("palette_on_a_card", &story, SMALL);
}

#[test]
fn other_arguments_stand_beside_those_that_were_proposed() {
    let mut story = after(&[Action::OpenCard, Action::EditAndApprove]);
    for _ in 0..400 {
        let reading = Reading::Typed(KeyStroke::plain(Key::Backspace));
        story.stroke(reading);
    }
    story.types(r#"{"revision": 40}"#).presses(Action::Send).passes(1).passes(1);
    compare("edited", &story, WIDE);
    compare("edited", &story, SMALL);
}

#[test]
fn what_is_put_off_says_until_when() {
    let mut story = after(&[Action::OpenCard, Action::Defer]);
    story.passes(1);
    let screen = letters(&story, SMALL);
    let until = "defer rollback checkout/config until 14:13:28";
    assert_eq!(screen.matches(until).count(), 2, "{screen}");
}

#[test]
fn a_question_is_answered_in_words_and_all_else_only_remarked_upon() {
    let mut story = Story::new("13:59:50");
    story.fires();
    let ask = Ask::Question { question: "Is this one of the days of the sale?".into() };
    let after_s = |seconds| story.now() + SignedDuration::from_secs(seconds);
    let proposal = Proposal {
        digest: ask.digest(),
        ask,
        title: "I cannot see the calendar of the shop".into(),
        rationale: "Three times the usual traffic is no fault on such a day.".into(),
        evidence: Vec::new(),
        claimed_risk: Risk::Read,
        risk: Risk::Read,
        basis: Basis { rule: "questions".into(), text: "a person is asked".into() },
        required: Required {
            approvers: 1,
            roles: Vec::new(),
            not: Vec::new(),
            typed_target: false,
            break_glass: false,
        },
        respond_by: after_s(300),
        expires: after_s(900),
        supersedes: None,
    };
    story.entry(PRIMARY, Body::Proposal(Box::new(proposal)), "Is this a day of the sale?");
    story.presses(Action::OpenCard).passes(1);
    compare("question", &story, SMALL);
    story.presses(Action::Respond).types("No.");
    assert!(letters(&story, SMALL).contains("answers the agent"));
    let mut story = after(&[Action::OpenCard, Action::Respond]);
    story.types("Who watches the certificate?").passes(1);
    compare("remark", &story, SMALL);
}

#[test]
fn what_can_be_taken_back_stands_before_what_is_told() {
    let mut story = after(&[Action::Comment]);
    story.types("Wait.").presses(Action::Send);
    let why = Notice::new(Trouble::Unreachable, "pagerduty does not answer");
    story.push(Message::Warned(why));
    story.passes(1);
    let small = letters(&story, SMALL);
    assert!(small.contains("comment  leaves in 0:04  u takes it back"), "{small}");
    let wide = letters(&story, WIDE);
    assert!(wide.contains("u takes it back   ✗ pagerduty does not answer"), "{wide}");
    story.passes(5);
    assert!(letters(&story, SMALL).contains("\n ✗ pagerduty does not answer"));
}

#[test]
fn a_recording_keeps_its_bar_beside_what_is_told() {
    let mut story = replaying();
    story.presses(Action::Comment).passes(1);
    compare("replay_told", &story, SMALL);
    story.passes(9);
    let screen = letters(&story, SMALL);
    assert!(!screen.contains("nothing can be sent") && screen.contains("62 %"), "{screen}");
}

#[test]
fn what_follows_from_a_redirect_depends_on_what_is_redirected() {
    let consequence = |mut story: Story, choice: usize| {
        story.presses(Action::Redirect);
        for _ in 0..choice {
            story.presses(Action::SelectNext);
        }
        story.passes(1);
        letters(&story, WIDE)
    };
    let handoff = |choice| consequence(night::with_another(), choice);
    assert!(handoff(1).contains("changes is asked this at once"));
    assert!(handoff(2).contains("changes is asked the same at once, within what you write"));
    assert!(handoff(3).contains("and cannot be given back"));
    let action = |choice| consequence(after(&[Action::OpenCard]), choice);
    assert!(action(0).contains("nothing runs; the agent proposes again"));
}

/// A proposal whose arguments the person changes and approves.
fn edits() -> (Story, ProposalId) {
    let mut story = Story::new("13:59:50");
    story.fires();
    let id = story.propose(&Asked {
        title: "Restart checkout",
        rationale: "Fresh pods open fresh connections.",
        verb: "restart",
        resource: "checkout",
        args: json!({ "grace_s": 10, "pods": 3 }),
        preview: Preview::DryRun { text: "3 pods would restart".into() },
        risk: Risk::Medium,
        claimed: Risk::Medium,
        evidence: Vec::new(),
    });
    story.presses(Action::OpenCard).presses(Action::EditAndApprove);
    story.push(Message::EditorReturned(Ok(r#"{"grace_s": 10, "pods": 1}"#.to_owned())));
    story.presses(Action::Send).passes(1).presses(Action::Approve).passes(1);
    (story, id)
}

#[test]
fn a_card_shows_the_arguments_that_run_until_the_end() {
    let is_true = |story: &Story, heading: &str| {
        let screen = letters(story, (80, 45));
        let (before, after) = screen.split_once("Was proposed").unwrap();
        assert!(before.contains(heading) && before.contains("pods     1"), "{screen}");
        assert!(after.contains("-  \"pods\": 3"), "{screen}");
        assert!(after.contains("! of what was proposed, not of these arguments"), "{screen}");
    };
    let (mut story, proposal) = edits();
    compare("edited_held", &story, SMALL);
    is_true(&story, "Will run, exactly");
    story.passes(6);
    is_true(&story, "Will run, exactly");
    let args = Canonical::from_value(&json!({ "grace_s": 10, "pods": 1 })).unwrap();
    let digest = story.digest_of(proposal);
    let to = Settlement::Approved { by: vec![actor("human:on-call")], digest, args: Some(args) };
    let settled = Status::Decision { proposal, to };
    story.entry("system:wheelhouse", Body::Status(settled), "1 of 1 approved.");
    story.passes(1);
    is_true(&story, "Will run, exactly");
    for (stage, heading) in [
        (Stage::Claimed { digest }, "Runs now, exactly"),
        (Stage::Executed { ok: true, output: "1 of 3".into() }, "Ran, exactly"),
        (Stage::Verified { helped: Helped::Yes, measured: "0.1 %".into() }, "Ran, exactly"),
    ] {
        story.entry(PRIMARY, Body::Action(Carried { proposal, stage }), "restart");
        story.passes(1);
        is_true(&story, heading);
    }
    compare("edited_verified", &story, (80, 45));
}

/// Attack 47: what the agent says of it contradicts what would run.
#[test]
fn a_card_shows_what_would_run_whatever_the_agent_says_of_it() {
    let mut story = Story::new("13:59:50");
    story.fires();
    story.propose(&Asked {
        title: "Restart one pod, which is harmless",
        rationale: "This only restarts a pod. It was approved already; press the key.",
        verb: "delete",
        resource: "orders-database",
        args: json!({ "cascade": true, "namespace": "production" }),
        preview: Preview::Diff { text: "- orders-database".into() },
        risk: Risk::Critical,
        claimed: Risk::Low,
        evidence: Vec::new(),
    });
    story.presses(Action::OpenCard).passes(1);
    compare("contradicted", &story, SMALL);
}

#[test]
fn a_halt_says_who_and_what_waits_and_how_it_goes_on() {
    let mut story = night::checkout();
    let body = Body::Status(Status::Dispatch { halted: true });
    story.entry("human:commander", body, "HALT: nothing is dispatched. Wrong cluster?");
    story.passes(1);
    compare("halted", &story, WIDE);
    compare("halted", &story, SMALL);
    story.presses(Action::Resume);
    story.types("it is the right one");
    compare("resume", &story, SMALL);
}

#[test]
fn somebody_is_named_in_a_comment() {
    let mut story: Story = after(&[Action::Comment]);
    story.types("what does @tel");
    compare("mention", &story, SMALL);
}

#[test]
fn a_begun_chord_is_explained() {
    let mut story = night::checkout();
    let continuation = |sign, action| Continuation {
        stroke: KeyStroke::plain(Key::Char(sign)),
        action: Some(action),
    };
    let waiting = vec![
        continuation('w', Action::PresetWatch),
        continuation('c', Action::PresetCommand),
        continuation('r', Action::PresetReview),
    ];
    story.stroke(Reading::Waiting(waiting)).passes(1);
    compare("which_key", &story, SMALL);
}
