//! Keymaps: which keys ask for which action, from TOML files that a person can replace.
//!
//! A keymap file has a table for each context, in which `action = "key"` or a list of alternatives;
//! chords are written with spaces. It may say `inherits`: then a list replaces the alternatives of
//! an action, `"+key"` adds one, `false` unbinds. All mistakes are reported at once.
//!
//! Never: a grave action on one printable key, on return, on a key held down, or on a key that
//! opens the proposal.

mod load;
mod map;
mod reader;
mod rules;
mod spell;
#[cfg(test)]
mod tests;
mod trie;

pub use load::DEFAULT;
pub use map::{Keymap, Meaning};
pub use reader::Reader;
