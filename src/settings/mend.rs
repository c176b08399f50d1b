//! Reading a whole file although parts of it are wrong: each wrong part is told and left out.

use serde_ignored::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::layer::Layer;

/// Where a key stands: the names of its tables, then its own.
pub(super) type KeyPath = Vec<String>;

/// What could be read of a file.
#[derive(Default)]
pub(super) struct Readable {
    /// What it says.
    pub(super) layer: Layer,
    /// The keys that mean nothing.
    pub(super) strange: Vec<KeyPath>,
    /// What is wrong, and where that stood before it was left out.
    pub(super) wrong: Vec<(Error, KeyPath)>,
}

/// Reads what can be read. The text is sound TOML: whoever reads it has told what is not.
pub(super) fn read(text: &str) -> Readable {
    let (mut table, _) = DeTable::parse_recoverable(text);
    let mut wrong = Vec::new();
    loop {
        let mut strange = Vec::new();
        let reader = Deserializer::from(table.clone());
        match serde_ignored::deserialize(reader, |path| strange.push(names(&path))) {
            Ok(layer) => return Readable { layer, strange, wrong },
            Err(error) => {
                let error: Error = error;
                let mut place = KeyPath::new();
                let at = error.span().map_or(usize::MAX, |span| span.start);
                let is_out = cut(table.get_mut(), at, &mut place);
                wrong.push((error, place));
                if !is_out {
                    return Readable { wrong, ..Readable::default() };
                }
            }
        }
    }
}

fn names(path: &Path<'_>) -> KeyPath {
    path.to_string().split('.').filter(|part| *part != "?").map(str::to_owned).collect()
}

/// Takes the innermost part out that stands at a byte of the text; `false` if none does.
fn cut(table: &mut DeTable<'_>, at: usize, place: &mut KeyPath) -> bool {
    let mut found = None;
    for (key, value) in table.iter_mut() {
        let name = key.get_ref().clone().into_owned();
        place.push(name.clone());
        if within(value, at, place) {
            return true;
        }
        if key.span().contains(&at) || value.span().contains(&at) {
            found = Some(name);
            break;
        }
        place.pop();
    }
    found.is_some_and(|name| table.remove(name.as_str()).is_some())
}

fn within(value: &mut Spanned<DeValue<'_>>, at: usize, place: &mut KeyPath) -> bool {
    match value.get_mut() {
        DeValue::Table(inner) => cut(inner, at, place),
        DeValue::Array(list) => {
            let holds = |item: &mut Spanned<DeValue<'_>>| {
                let depth = place.len();
                let is_out = within(item, at, place);
                if !is_out {
                    place.truncate(depth);
                }
                is_out
            };
            if list.iter_mut().any(holds) {
                return true;
            }
            let before = list.len();
            let kept = list.iter().filter(|item| !item.span().contains(&at)).cloned();
            *list = kept.collect();
            list.len() < before
        }
        _ => false,
    }
}
