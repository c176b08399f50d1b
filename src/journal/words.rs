//! The words of an entry: what the search finds it by.

use crate::incident::Entry;

/// How many bytes of the machine's part of an entry are indexed besides its text.
const MOST_INDEXED: usize = 16 * 1024;

/// What an entry is found by: its text, its author, and the words in its machine part.
pub(super) fn words_of(entry: &Entry) -> String {
    let mut words = format!("{}\n{}", entry.text.for_storage(), entry.actor.handle());
    let machine = serde_json::to_value(&entry.body).unwrap_or_default();
    let most = words.len() + MOST_INDEXED;
    add_words(&machine, &mut words, most);
    words
}

fn add_words(value: &serde_json::Value, words: &mut String, most: usize) {
    match value {
        serde_json::Value::String(text) if words.len() + text.len() < most => {
            words.push('\n');
            words.push_str(text);
        }
        serde_json::Value::Array(values) => {
            for value in values {
                add_words(value, words, most);
            }
        }
        serde_json::Value::Object(fields) => {
            for value in fields.values() {
                add_words(value, words, most);
            }
        }
        _ => {}
    }
}
