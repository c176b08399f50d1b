//! What no keymap may do: bind twice, hide a chord, or let a slip of the hand decide.

use std::collections::BTreeSet;

use super::load::{Binding, Bindings};
use crate::cockpit::core::{Action, Context, Key, KeyStroke, Weight, spelled};
use crate::settings::{Mistake, Mistakes};

/// Notes every broken rule.
pub(super) fn check(bindings: &Bindings, mistakes: &mut Mistakes) {
    for context in Context::ALL {
        check_collisions(bindings, context, mistakes);
    }
    let opening = opening_keys(bindings);
    for ((context, action), list) in bindings {
        for binding in list {
            let broken = broken_rule(*context, *action, &binding.strokes, &opening);
            if let Some((what, hint)) = broken {
                mistakes.push(binding.mistake(what, hint.map(str::to_owned)));
            }
        }
    }
    if !is_bound(bindings, Action::Quit) {
        let (what, hint) = ("nothing is bound to quit", "bind quit in [anywhere]");
        let file = "keymap".to_owned();
        mistakes.push(Mistake { file, line: 0, what: what.into(), hint: Some(hint.into()) });
    }
}

fn is_bound(bindings: &Bindings, action: Action) -> bool {
    bindings.get(&(Context::Anywhere, action)).is_some_and(|list| !list.is_empty())
}

/// Two bindings of one context may neither be the same nor begin one another.
fn check_collisions(bindings: &Bindings, context: Context, mistakes: &mut Mistakes) {
    let mut all: Vec<(Action, &Binding)> = bindings
        .iter()
        .filter(|((bound_in, _), _)| *bound_in == context)
        .flat_map(|((_, action), list)| list.iter().map(|binding| (*action, binding)))
        .collect();
    all.sort_by(|(_, one), (_, other)| {
        one.strokes.cmp(&other.strokes).then(one.line.cmp(&other.line))
    });
    for (index, (action, binding)) in all.iter().enumerate() {
        // Sorted, all that begins with these strokes follows at once.
        let begun = all.iter().skip(index + 1);
        for (other, longer) in begun.take_while(|(_, b)| b.strokes.starts_with(&binding.strokes)) {
            mistakes.push(collision((*action, binding), (*other, longer)));
        }
    }
}

/// Tells it to whoever bound later: an embedded keymap is never the one to mend.
fn collision(short: (Action, &Binding), long: (Action, &Binding)) -> Mistake {
    let ((blamed, at), (other, before)) =
        if short.1.rank > long.1.rank { (short, long) } else { (long, short) };
    let (keys, others) = (spelled(&at.strokes), spelled(&before.strokes));
    let place = format!("{}:{}", before.file, before.line);
    if keys == others {
        let what = format!("\"{keys}\" for {blamed} is already {other} at {place}");
        return at.mistake(what, Some("give one of them another key".to_owned()));
    }
    let what = format!("\"{keys}\" for {blamed} collides with \"{others}\" for {other} at {place}");
    at.mistake(what, Some("no binding may begin another".to_owned()))
}

/// The last strokes of whatever opens a proposal.
fn opening_keys(bindings: &Bindings) -> BTreeSet<KeyStroke> {
    let opens = |action: &Action| matches!(action, Action::Open | Action::OpenCard);
    bindings
        .iter()
        .filter(|((_, action), _)| opens(action))
        .flat_map(|(_, list)| list.iter().filter_map(|binding| binding.strokes.last().copied()))
        .collect()
}

/// A broken rule: what is wrong, and what to do about it.
type Broken = (String, Option<&'static str>);

fn broken_rule(
    context: Context,
    action: Action,
    strokes: &[KeyStroke],
    opening: &BTreeSet<KeyStroke>,
) -> Option<Broken> {
    let keys = spelled(strokes);
    let first = strokes.first()?;
    if context.takes_text() && first.printable().is_some() {
        let what = format!("\"{keys}\" would be taken out of what is typed in [{context}]");
        return Some((what, Some("begin with control, alt or a key without a letter")));
    }
    if action.weight() == Weight::Light {
        return None;
    }
    let hint = Some("use a chord of two keys, such as \"a y\", or one with control");
    if strokes.iter().any(|stroke| stroke.key() == Key::Enter) {
        return Some((format!("\"{keys}\" for {action}: return never decides anything"), hint));
    }
    if strokes.len() == 1 && !first.held().ctrl && !first.held().alt {
        return Some((format!("\"{keys}\" is one key, too little for {action}"), hint));
    }
    if strokes.len() > 1 && strokes.iter().all(|stroke| stroke == first) {
        return Some((format!("\"{keys}\" for {action} is typed by holding a key down"), hint));
    }
    if strokes.iter().any(|stroke| opening.contains(stroke)) {
        let what = format!("\"{keys}\" for {action} uses a key that opens the proposal");
        return Some((what, Some("use keys that open nothing")));
    }
    None
}
