//! Links: finding them in what is selected; who opens them is asked by the driver.

use super::super::effect::Effect;
use super::super::model::{Model, Overlay, Pane, Shown, Watched};
use super::{palette, tell};
use crate::incident::{CallId, EntryId, Outcome, ProposalId, Turn, Untrusted};

/// The longest link that is offered, in bytes.
const LONGEST: usize = 2048;

/// Opens the link in what is selected, or asks which if there are several.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let mut links = selected(model);
    match links.len() {
        0 => tell::refuse(model, "there is no link in what is selected"),
        1 => links.pop().map(Effect::OpenLink).into_iter().collect(),
        _ => {
            palette::links(model, links);
            Vec::new()
        }
    }
}

/// The links in what is selected, each once.
fn selected(model: &Model) -> Vec<String> {
    let Some(watched) = model.current() else { return Vec::new() };
    let found = match model.overlays.last() {
        Some(Overlay::Card(card)) => on_card(model, watched, card.proposal),
        Some(Overlay::Opened(opened)) => match opened.shown {
            Shown::Entry(id) => in_entry(watched, id),
            Shown::Said(at) => in_turn(watched, at),
            Shown::Call(call) => in_call(watched, call),
        },
        Some(_) => Vec::new(),
        None => match model.focus {
            Pane::Timeline => {
                watched.at_entry.selected().map_or_else(Vec::new, |id| in_entry(watched, id))
            }
            Pane::Exchange => {
                watched.at_turn.selected().map_or_else(Vec::new, |at| in_turn(watched, at))
            }
            Pane::Incidents | Pane::Decisions => Vec::new(),
        },
    };
    let mut links: Vec<String> = Vec::new();
    for link in found {
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

fn on_card(model: &Model, watched: &Watched, proposal: ProposalId) -> Vec<String> {
    let mut links = in_entry(watched, proposal.into());
    if let Some(decision) = model.decisions.get(proposal) {
        let evidence = decision.proposal.evidence.iter();
        links.extend(evidence.flat_map(|id| in_entry(watched, *id)));
    }
    links
}

fn in_entry(watched: &Watched, id: EntryId) -> Vec<String> {
    watched.timeline.get(id).map_or_else(Vec::new, |entry| in_text(&entry.text))
}

fn in_turn(watched: &Watched, at: usize) -> Vec<String> {
    match watched.exchange.turns().get(at) {
        Some(Turn::Said { text, .. }) => in_text(text),
        Some(Turn::Called(call)) => in_call(watched, *call),
        None => Vec::new(),
    }
}

fn in_call(watched: &Watched, id: CallId) -> Vec<String> {
    let Some(call) = watched.exchange.call(id) else { return Vec::new() };
    let mut links = in_text(&call.question);
    if let Some((_, Outcome::Answered { text, .. })) = &call.ended {
        links.extend(in_text(text));
    }
    links
}

/// The addresses of the web in a text; what holds a character that hides is none.
fn in_text(text: &Untrusted) -> Vec<String> {
    let words = text.for_storage().split(|sign: char| {
        sign.is_whitespace() || matches!(sign, '<' | '>' | '"' | '`' | '(' | ')' | '[' | ']')
    });
    let plain = |word: &&str| {
        let is_web = word.starts_with("https://") || word.starts_with("http://");
        is_web && word.len() <= LONGEST && word.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let trimmed = words.map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']));
    trimmed.filter(plain).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_prose_and_in_markdown_and_nothing_else_is_one() {
        let text = "see https://grafana.example/d/1?a=b, or [it](http://x.example/y). \
                    file:///etc/passwd javascript:alert(1) https://pаypal.example -https://no";
        let links = in_text(&Untrusted::from(text));
        assert_eq!(links, ["https://grafana.example/d/1?a=b", "http://x.example/y"]);
    }
}
