//! Handoffs at a hub: who may say what of them, and when.

use super::house::{House, context, principal, trouble};
use crate::incident::{Answer, Ask, HandoffState, HandoffStep, Query, Redirect, Risk, Trouble};
use crate::wire::{Command, Reply, Request, samples};

#[tokio::test]
async fn a_person_redirects_a_handoff_before_it_begins() {
    let house = House::open().await;
    let (handoff, proposal) = house.offer("telemetry").await;
    let digest = house.decisions().await.get(proposal).unwrap().proposal.digest;
    let redirect =
        |to: &str| Answer::Redirect { redirect: Redirect::Partner { to: to.to_owned() } };
    let back = House::decide(&house.ada, (proposal, digest), redirect("primary@test")).await;
    assert_eq!(trouble(back), Trouble::Conflict, "that is where it comes from");
    House::decide(&house.ada, (proposal, digest), redirect("changes")).await.unwrap();
    let redirected = house.handoff(handoff).await;
    assert_eq!((redirected.to.as_str(), redirected.state), ("changes", HandoffState::Redirected));
    // Only people redirect; the agent that offered it goes on with the new receiver.
    let taken = House::step(&house.agent, handoff, HandoffStep::TakenOver).await;
    assert_eq!(trouble(taken), Trouble::NotAllowed);
    House::step(&house.agent, handoff, HandoffStep::Accepted).await.unwrap();
}

#[tokio::test]
async fn no_agent_lets_its_own_handoff_go_ahead() {
    let house = House::open().await;
    let (handoff, _) = house.offer("changes").await;
    let settles =
        [HandoffStep::Approved, HandoffStep::Refused { reason: "no".into() }, HandoffStep::Expired];
    for step in settles {
        let said = House::step(&house.agent, handoff, step).await;
        assert_eq!(trouble(said), Trouble::NotAllowed);
    }
    let begun = House::step(&house.agent, handoff, HandoffStep::Accepted).await;
    assert_eq!(trouble(begun), Trouble::Conflict, "nobody has answered yet");
    assert_eq!(house.handoff(handoff).await.state, HandoffState::Offered);
    // Nor under the name of another handoff, proposed beside the offer.
    let (context, to) = (Box::new(context(house.incident)), "changes".to_owned());
    let request = samples::request(house.incident, Risk::Low);
    let request = Box::new(Request { ask: Ask::Handoff { handoff, to, context }, ..request });
    let other = house.hub.link(principal("agent:other@test"));
    assert_eq!(trouble(other.ask(Command::Propose { request }).await), Trouble::NotAllowed);
}

#[tokio::test]
async fn a_person_who_wants_a_handoff_that_waits_answers_its_decision() {
    let house = House::open().await;
    let (handoff, proposal) = house.offer("changes").await;
    let taken = House::step(&house.ada, handoff, HandoffStep::TakenOver).await.unwrap_err();
    assert!(taken.what.contains(&proposal.to_string()), "{}", taken.what);
    let digest = house.decisions().await.get(proposal).unwrap().proposal.digest;
    House::decide(&house.ada, (proposal, digest), Answer::Approve).await.unwrap();
    House::step(&house.agent, handoff, HandoffStep::Accepted).await.unwrap();
    House::step(&house.ada, handoff, HandoffStep::TakenOver).await.unwrap();
    let late = House::step(&house.agent, handoff, HandoffStep::Accepted).await;
    assert_eq!(trouble(late), Trouble::Conflict);
}

#[tokio::test]
async fn a_halt_keeps_handoffs_too() {
    let house = House::open().await;
    let (handoff, proposal) = house.offer("changes").await;
    let digest = house.decisions().await.get(proposal).unwrap().proposal.digest;
    House::decide(&house.ada, (proposal, digest), Answer::Approve).await.unwrap();
    let halt = |halted| Command::Halt { halted, reason: "looking".into() };
    house.ada.ask(halt(true)).await.unwrap();
    let agent = house.agent.clone();
    let begins =
        tokio::spawn(async move { House::step(&agent, handoff, HandoffStep::Accepted).await });
    let found = house.agent.ask(Command::Search { query: Query::default() }).await;
    assert!(matches!(found, Ok(Reply::Found { .. })), "the channel is alive");
    assert_eq!(house.handoff(handoff).await.state, HandoffState::Approved);
    house.ada.ask(halt(false)).await.unwrap();
    assert!(begins.await.unwrap().is_ok());
    assert_eq!(house.handoff(handoff).await.state, HandoffState::Accepted);
}

#[tokio::test]
async fn a_handoff_that_would_go_round_in_a_circle_is_refused() {
    let house = House::open().await;
    let mut context = context(house.incident);
    context.path = vec!["changes".to_owned()];
    let (incident, context) = (house.incident, Box::new(context));
    let offer = Command::OfferHandoff { incident, to: "changes".to_owned(), context };
    assert_eq!(trouble(house.agent.ask(offer).await), Trouble::Conflict);
}
