//! A keymap that is right: what a stroke means in a context, and the table of all keys.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::load::{self, Bindings};
use super::rules;
use super::trie::Node;
use crate::cockpit::core::{Action, Context, Continuation, KeyRow, KeyStroke, spelled};
use crate::cockpit::shelf::Listed;
use crate::settings::Mistakes;

/// Which strokes ask for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    name: String,
    roots: BTreeMap<Context, Node>,
    bindings: Bindings,
}

/// What strokes mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// They ask for this.
    Action(Action),
    /// They begin chords, which go on with these.
    Begun(Vec<Continuation>),
    /// Nothing.
    Nothing,
}

impl Keymap {
    /// Lists the keymaps that can be chosen, with the person's own from the directory `own`.
    ///
    /// # Errors
    /// The directory is there and cannot be read.
    pub fn list(own: Option<&Path>) -> io::Result<Vec<Listed>> {
        load::shelf(own).list()
    }

    /// Loads a keymap.
    ///
    /// # Errors
    /// Every mistake in the file and in those it inherits from.
    pub fn load(name: &str, own: Option<&Path>) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        let bindings = load::bindings(name, &load::shelf(own), &mut mistakes);
        // A keymap that is not there cannot be blamed for what it does not bind.
        if bindings.is_empty() && !mistakes.list().is_empty() {
            return Err(mistakes);
        }
        rules::check(&bindings, &mut mistakes);
        let mut roots: BTreeMap<Context, Node> = BTreeMap::new();
        for ((context, action), list) in &bindings {
            for binding in list {
                roots.entry(*context).or_default().bind(&binding.strokes, *action);
            }
        }
        mistakes.unless_any(Self { name: name.to_owned(), roots, bindings })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `strokes` mean to someone in `contexts`, the innermost first.
    ///
    /// Where a text is typed, no outer context counts. A chord begun in an inner context hides an
    /// action of an outer one; chords of several contexts that begin alike are all open.
    pub fn meaning(&self, contexts: &[Context], strokes: &[KeyStroke]) -> Meaning {
        let mut begun: Vec<Continuation> = Vec::new();
        for context in heard_in(contexts) {
            let Some(node) = self.roots.get(context).and_then(|root| root.walk(strokes)) else {
                continue;
            };
            if let Some(action) = node.action() {
                if begun.is_empty() {
                    return Meaning::Action(action);
                }
                break;
            }
            for (stroke, action) in node.continuations() {
                if !begun.iter().any(|known| known.stroke == stroke) {
                    begun.push(Continuation { stroke, action });
                }
            }
        }
        if begun.is_empty() { Meaning::Nothing } else { Meaning::Begun(begun) }
    }

    /// Every way to ask for `action` in `contexts`, as people write keys; the first is the best known.
    pub fn keys_for(&self, contexts: &[Context], action: Action) -> Vec<String> {
        heard_in(contexts)
            .find_map(|context| self.bindings.get(&(*context, action)))
            .map(|list| list.iter().map(|binding| spelled(&binding.strokes)).collect())
            .unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn bindings(&self) -> &Bindings {
        &self.bindings
    }

    /// The table of all keys, by context and then in the order of the actions.
    pub fn rows(&self) -> Vec<KeyRow> {
        let bound = self.bindings.iter().filter(|(_, list)| !list.is_empty());
        bound
            .map(|((context, action), list)| KeyRow {
                context: *context,
                action: *action,
                keys: list.iter().map(|binding| spelled(&binding.strokes)).collect(),
            })
            .collect()
    }
}

/// The contexts that count: all up to and with the first in which a text is typed.
fn heard_in(contexts: &[Context]) -> impl Iterator<Item = &Context> {
    let mut typing = false;
    contexts.iter().take_while(move |context| !std::mem::replace(&mut typing, context.takes_text()))
}
