//! What a person sees while they do something: the palette, a forced action, other arguments, a halt.

use serde_json::json;
use wheelhouse::cockpit::core::{Action, Continuation, Key, KeyStroke, Reading};
use wheelhouse::incident::{Body, Preview, Risk, Status};

use crate::support::night;
use crate::support::story::{Asked, Story};
use crate::views::{after, compare};

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
