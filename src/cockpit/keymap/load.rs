//! Loading a keymap: its file, all it inherits from, and every mistake at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::spell;
use crate::cockpit::core::{Action, Context, KeyStroke};
use crate::cockpit::shelf::{Page, Shelf};
use crate::settings::{Mistake, Mistakes, did_you_mean, line_of};

/// The keymaps that come with the product; the first is the default and the root of all others.
const EMBEDDED: &[(&str, &str)] = &[
    ("default", include_str!("../../../keymaps/default.toml")),
    ("vim", include_str!("../../../keymaps/vim.toml")),
    ("emacs", include_str!("../../../keymaps/emacs.toml")),
    ("k9s", include_str!("../../../keymaps/k9s.toml")),
];

/// The keymap that nothing needs to choose.
pub const DEFAULT: &str = "default";

/// One way to ask for an action, and where a person wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) strokes: Vec<KeyStroke>,
    /// How far its file is from the root of the inheritance; a mistake is told to the last.
    pub(super) rank: usize,
    pub(super) file: String,
    pub(super) line: usize,
}

impl Binding {
    /// Notes a mistake at this binding.
    pub(super) fn mistake(&self, what: String, hint: Option<String>) -> Mistake {
        Mistake { file: self.file.clone(), line: self.line, what, hint }
    }
}

/// Every binding by where and what.
pub(super) type Bindings = BTreeMap<(Context, Action), Vec<Binding>>;

/// The keymaps, with the person's own from the directory `own`.
pub(super) fn shelf(own: Option<&Path>) -> Shelf {
    Shelf::new("keymap", EMBEDDED, own)
}

/// Reads the bindings of the keymap `name` and of all it inherits from; notes every mistake.
pub(super) fn bindings(name: &str, shelf: &Shelf, mistakes: &mut Mistakes) -> Bindings {
    let mut bindings = Bindings::new();
    for (rank, page) in shelf.chain(name, DEFAULT, mistakes).iter().enumerate() {
        read_page((rank, page), &mut bindings, mistakes);
    }
    bindings
}

fn read_page((rank, page): (usize, &Page), bindings: &mut Bindings, mistakes: &mut Mistakes) {
    let table = page.table(mistakes);
    for (name, value) in table.get_ref() {
        let word = name.get_ref().as_ref();
        if word == "inherits" {
            continue;
        }
        let Some(context) = Context::from_name(word) else {
            let known = Context::ALL.map(Context::name).into_iter().chain(["inherits"]);
            let mistake = page.mistake(name.span().start, format!("unknown context {word:?}"));
            mistakes.push(Mistake { hint: did_you_mean(word, known), ..mistake });
            continue;
        };
        let Some(table) = value.get_ref().as_table() else {
            let what = format!("{word:?} is a table: [{word}]");
            mistakes.push(page.mistake(value.span().start, what));
            continue;
        };
        read_table(&Place { page, rank, context }, table, bindings, mistakes);
    }
}

/// The table of a file that is being read.
struct Place<'a> {
    page: &'a Page,
    rank: usize,
    context: Context,
}

fn read_table(
    place: &Place<'_>,
    table: &DeTable<'_>,
    bindings: &mut Bindings,
    mistakes: &mut Mistakes,
) {
    for (name, value) in table {
        match action(place, name) {
            Ok(action) => {
                let bound = bindings.entry((place.context, action)).or_default();
                change(place, bound, value, mistakes);
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
}

fn action(place: &Place<'_>, name: &Spanned<Cow<'_, str>>) -> Result<Action, Mistake> {
    let word = name.get_ref().as_ref();
    let wrong = |what: String, hint: Option<String>| Mistake {
        hint,
        ..place.page.mistake(name.span().start, what)
    };
    let Some(action) = Action::from_name(word) else {
        let hint = did_you_mean(word, Action::all().iter().map(|action| action.name()));
        return Err(wrong(format!("unknown action {word:?}"), hint));
    };
    if action.is_valid_in(place.context) {
        return Ok(action);
    }
    let tables: Vec<String> =
        action.contexts().iter().map(|context| format!("[{context}]")).collect();
    let what = format!("{action} means nothing in [{}]", place.context);
    Err(wrong(what, Some(format!("bind it in {}", tables.join(" or ")))))
}

/// Changes what is bound: `false` unbinds, `"+key"` adds, anything else replaces.
fn change(
    place: &Place<'_>,
    bound: &mut Vec<Binding>,
    value: &Spanned<DeValue<'_>>,
    mistakes: &mut Mistakes,
) {
    let alternatives: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
        DeValue::Boolean(false) => Vec::new(),
        DeValue::Array(list) => list.iter().collect(),
        _ => vec![value],
    };
    let written: Vec<Option<(&str, usize)>> = alternatives
        .iter()
        .map(|alternative| {
            alternative.get_ref().as_str().map(|word| (word, alternative.span().start))
        })
        .collect();
    if !written.iter().flatten().any(|(word, _)| added(word).is_some()) {
        bound.clear();
    }
    for word in written {
        let read = word.map_or_else(
            || Err((value.span().start, "keys are written in quotes; false unbinds".to_owned())),
            |(word, at)| {
                let keys = added(word).unwrap_or(word);
                spell::chord(keys).map(|strokes| (strokes, at)).map_err(|what| (at, what))
            },
        );
        match read {
            Ok((strokes, at)) => bound.push(Binding {
                strokes,
                rank: place.rank,
                file: place.page.file.clone(),
                line: line_of(&place.page.text, at),
            }),
            Err((at, what)) => mistakes.push(place.page.mistake(at, what)),
        }
    }
}

/// The keys that `"+keys"` adds; a plus alone is the key itself.
fn added(word: &str) -> Option<&str> {
    word.strip_prefix('+').filter(|keys| !keys.is_empty())
}
