//! One context's bindings as a tree of strokes.

use std::collections::BTreeMap;

use crate::cockpit::core::{Action, KeyStroke};

/// A place in the tree: what was typed so far leads here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Node {
    next: BTreeMap<KeyStroke, Node>,
    action: Option<Action>,
}

impl Node {
    /// Binds `strokes` to `action`; the loader has made sure that no binding hides another.
    pub(super) fn bind(&mut self, strokes: &[KeyStroke], action: Action) {
        match strokes.split_first() {
            Some((first, rest)) => self.next.entry(*first).or_default().bind(rest, action),
            None => self.action = Some(action),
        }
    }

    /// The place that `strokes` lead to.
    pub(super) fn walk(&self, strokes: &[KeyStroke]) -> Option<&Self> {
        match strokes.split_first() {
            Some((first, rest)) => self.next.get(first)?.walk(rest),
            None => Some(self),
        }
    }

    /// What is bound here.
    pub(super) fn action(&self) -> Option<Action> {
        self.action
    }

    /// How a chord goes on from here; an action where it ends.
    pub(super) fn continuations(&self) -> impl Iterator<Item = (KeyStroke, Option<Action>)> {
        self.next.iter().map(|(stroke, node)| (*stroke, node.action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cockpit::core::Key;

    #[test]
    fn a_chord_is_walked_stroke_by_stroke() {
        let [g, e] = ['g', 'e'].map(|sign| KeyStroke::plain(Key::Char(sign)));
        let mut root = Node::default();
        root.bind(&[g, g], Action::SelectFirst);
        root.bind(&[g, e], Action::SelectLast);
        let begun = root.walk(&[g]).unwrap();
        assert_eq!(begun.action(), None);
        let rest: Vec<_> = begun.continuations().collect();
        assert_eq!(rest, [(e, Some(Action::SelectLast)), (g, Some(Action::SelectFirst))]);
        assert_eq!(root.walk(&[g, g]).unwrap().action(), Some(Action::SelectFirst));
        assert!(root.walk(&[e]).is_none());
    }
}
