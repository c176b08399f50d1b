//! Going from a line to what it rests on, and the panels that show an incident from one side.

use crate::cockpit::core::fixture::{Desk, actor, comment, entry, entry_id, proposal, remedy};
use crate::cockpit::core::{Action, LineId, Overlay, Pane, Side, links_of, stops, suspects};
use crate::incident::{
    Body, CallId, Entry, Evidence, EvidenceSource, ExchangeEvent, Exchanged, Finding, Hypothesis,
    Risk, Standing,
};
use crate::wire::FeedEvent;

fn call() -> CallId {
    CallId::from_parts(crate::cockpit::core::fixture::start(), 7)
}

fn evidence(n: u8) -> Entry {
    let body = Body::Evidence(Evidence {
        source: EvidenceSource::Metric,
        reference: "pool".into(),
        call: Some(call()),
        measures: None,
        series: Vec::new(),
    });
    entry(n, "agent:primary@demo", body, "the pool is full")
}

fn finding(n: u8, name: &str, (standing, percent): (Standing, u8), rests_on: u8) -> Entry {
    let hypothesis = Hypothesis { name: name.to_owned(), claim: "it is so".into(), standing };
    let body =
        Body::Finding(Finding { hypothesis: Some(hypothesis), confidence_percent: Some(percent) });
    let refs = vec![entry_id(rests_on)];
    Entry { refs, ..entry(n, "agent:primary@demo", body, "found") }
}

fn desk() -> Desk {
    let mut desk = Desk::live();
    let what = Exchanged::CallStarted {
        call: call(),
        from: actor("agent:primary@demo"),
        to: "telemetry".to_owned(),
        channel: "mcp stdio".to_owned(),
        tool: "query_metrics".into(),
        question: "is the pool full?".into(),
        arguments: serde_json::Value::Null,
    };
    let incident = crate::cockpit::core::fixture::incident();
    let event = ExchangeEvent { incident, at: desk.model.now, what };
    desk.hub(FeedEvent::ExchangeMoved { event: Box::new(event) });
    desk.arrives(evidence(2));
    desk.arrives(finding(3, "pool", (Standing::Strengthened, 70), 2));
    desk.press(Action::FocusTimeline);
    desk
}

fn at(desk: &Desk) -> (Pane, Option<LineId>) {
    let watched = desk.model.current().unwrap();
    let line = match desk.model.focus {
        Pane::Exchange => watched.at_turn.selected().map(LineId::Turn),
        _ => watched.at_entry.selected().map(LineId::Entry),
    };
    (desk.model.focus, line)
}

#[test]
fn a_finding_leads_to_its_evidence_and_that_to_its_call_and_back_again() {
    let mut desk = desk();
    desk.press(Action::SelectLast);
    desk.press(Action::FollowLink);
    assert_eq!(at(&desk), (Pane::Timeline, Some(LineId::Entry(entry_id(2)))));
    desk.press(Action::FollowLink);
    assert_eq!(at(&desk), (Pane::Exchange, Some(LineId::Turn(0))));
    desk.press(Action::Back);
    assert_eq!(at(&desk), (Pane::Timeline, Some(LineId::Entry(entry_id(2)))));
    desk.press(Action::Back);
    assert_eq!(at(&desk), (Pane::Timeline, Some(LineId::Entry(entry_id(3)))));
    desk.press(Action::Forward);
    assert_eq!(at(&desk), (Pane::Timeline, Some(LineId::Entry(entry_id(2)))));
    desk.press(Action::LastPlace);
    assert_eq!(at(&desk), (Pane::Timeline, Some(LineId::Entry(entry_id(3)))));
}

#[test]
fn a_filter_never_hides_where_a_link_leads() {
    let mut desk = desk();
    desk.press(Action::Filter);
    desk.types("kind:finding");
    desk.press(Action::Open);
    desk.press(Action::SelectLast);
    desk.press(Action::FollowLink);
    assert_eq!(at(&desk), (Pane::Timeline, Some(LineId::Entry(entry_id(2)))));
    assert!(desk.model.current().unwrap().at_entry.filter.is_empty());
}

#[test]
fn where_more_than_one_link_leads_the_person_chooses() {
    let mut desk = desk();
    let mut asked = proposal(4, remedy(), Risk::Medium);
    if let Body::Proposal(body) = &mut asked.body {
        body.evidence = vec![entry_id(2), entry_id(3)];
    }
    desk.arrives(asked);
    desk.press(Action::OpenCard);
    desk.press(Action::FollowLink);
    let Overlay::Panel(panel) = desk.top() else { panic!() };
    assert!(matches!(&panel.shows, Side::Links { links, .. } if links.len() == 3));
    desk.press(Action::SelectNext);
    desk.press(Action::Open);
    assert_eq!(at(&desk), (Pane::Timeline, Some(LineId::Entry(entry_id(3)))));
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn the_board_ranks_hypotheses_and_keeps_their_course() {
    let mut desk = desk();
    desk.arrives(finding(4, "surge", (Standing::Weakened, 2), 2));
    desk.arrives(finding(5, "pool", (Standing::RuledOut, 0), 2));
    desk.arrives(finding(6, "rollout", (Standing::Strengthened, 88), 2));
    let watched = desk.model.current().unwrap();
    let found = suspects(watched);
    let names: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.standing)).collect();
    let expected = [
        ("rollout", Standing::Strengthened),
        ("surge", Standing::Weakened),
        ("pool", Standing::RuledOut),
    ];
    assert_eq!(names, expected);
    assert_eq!(found[2].course, [70, 0]);
    desk.press(Action::Hypotheses);
    let Overlay::Panel(panel) = desk.top() else { panic!() };
    let stops = stops(panel, &desk.model);
    assert_eq!(stops[..2], [6, 2].map(|n| LineId::Entry(entry_id(n))));
    desk.press(Action::Hypotheses);
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn a_line_is_unfolded_where_it_stands() {
    let mut desk = desk();
    desk.arrives(comment(4, "human:bo", "a long text"));
    desk.press(Action::SelectLast);
    desk.press(Action::Unfold);
    let unfolded = |desk: &Desk| desk.model.current().unwrap().unfolded.contains(&entry_id(4));
    assert!(unfolded(&desk));
    desk.press(Action::Unfold);
    assert!(!unfolded(&desk));
}

#[test]
fn links_that_lead_nowhere_known_are_left_out() {
    let mut desk = Desk::live();
    desk.arrives(finding(3, "pool", (Standing::Open, 10), 99));
    let watched = desk.model.current().unwrap();
    assert!(links_of(watched, LineId::Entry(entry_id(3)), None).is_empty());
}

#[test]
fn return_on_an_incident_opens_what_waits_there() {
    let mut desk = Desk::asked(Risk::Medium);
    desk.press(Action::FocusIncidents);
    desk.press(Action::Open);
    assert_eq!(desk.card().proposal, entry_id(2).into());
}
