//! JSON as people read it: indented, in roles, bounded, and with every hostile character visible.

use serde_json::Value;

use super::flow::wrap;
use super::ink::{Row, columns, exact, ours};
use crate::cockpit::theme::Role;

/// Most rows of one value where it is read; a value to be decided upon is shown whole.
pub(super) const MOST_ROWS: usize = 200;

/// Most columns of a value that is kept on one row.
const SHORT: usize = 48;

/// Writes a value as at most `most` rows of at most `width` columns.
pub(super) fn json(value: &Value, width: usize, most: usize) -> Vec<Row> {
    let mut page = Page { width, most, rows: Vec::new() };
    page.value(Row::new(), value, 0, false);
    let left_out = page.rows.len() > most;
    page.rows.truncate(most);
    if left_out {
        page.rows.push(Row::of(Role::Muted, "… more than fits here"));
    }
    page.rows
}

struct Page {
    width: usize,
    most: usize,
    rows: Vec<Row>,
}

impl Page {
    fn value(&mut self, before: Row, value: &Value, depth: usize, more: bool) {
        if self.rows.len() > self.most {
            return;
        }
        let short = short(value).filter(|row| {
            depth > 0 && before.width() + row.width() < self.width && row.width() <= SHORT
        });
        if let Some(row) = short {
            return self.end(before.join(row), more);
        }
        match value {
            Value::Array(items) if !items.is_empty() => {
                self.rows.push(before.put(Role::Faint, "["));
                for (at, item) in items.iter().enumerate() {
                    self.value(indent(depth + 1), item, depth + 1, at + 1 < items.len());
                }
                self.end(indent(depth).put(Role::Faint, "]"), more);
            }
            Value::Object(fields) if !fields.is_empty() => {
                self.rows.push(before.put(Role::Faint, "{"));
                for (at, (name, item)) in fields.iter().enumerate() {
                    let row = indent(depth + 1).join(key(name));
                    self.value(row, item, depth + 1, at + 1 < fields.len());
                }
                self.end(indent(depth).put(Role::Faint, "}"), more);
            }
            other => self.end(before.join(scalar(other)), more),
        }
    }

    fn end(&mut self, row: Row, more: bool) {
        let row = if more { row.put(Role::Faint, ",") } else { row };
        self.rows.extend(wrap(row, self.width));
    }
}

fn indent(depth: usize) -> Row {
    Row::new().gap(depth * 2)
}

fn key(name: &str) -> Row {
    Row::of(Role::Code, quoted(name)).put(Role::Faint, ": ")
}

fn quoted(text: &str) -> super::ink::Words {
    // The quotes and backslashes of JSON itself are kept, so that nothing can pretend to end a text.
    let escaped = Value::from(text).to_string();
    exact(&escaped).into()
}

fn scalar(value: &Value) -> Row {
    match value {
        Value::String(text) => Row::of(Role::Text, quoted(text)),
        Value::Number(number) => Row::of(Role::Text, ours(number.to_string())),
        Value::Bool(true) => Row::of(Role::Text, "true"),
        Value::Bool(false) => Row::of(Role::Text, "false"),
        Value::Null => Row::of(Role::Muted, "null"),
        Value::Array(_) => Row::of(Role::Faint, "[]"),
        Value::Object(_) => Row::of(Role::Faint, "{}"),
    }
}

/// The value on one row, if it is small enough to be read there.
fn short(value: &Value) -> Option<Row> {
    let list = |open: &'static str, items: Vec<Row>, close: &'static str| {
        let mut row = Row::of(Role::Faint, open);
        for (at, item) in items.into_iter().enumerate() {
            row = if at > 0 { row.put(Role::Faint, ", ") } else { row }.join(item);
        }
        row.put(Role::Faint, close)
    };
    let row = match value {
        Value::Array(items) if items.len() <= 8 => {
            list("[", items.iter().map(short).collect::<Option<_>>()?, "]")
        }
        Value::Object(fields) if fields.len() <= 4 => {
            let field = |(name, item): (&String, &Value)| Some(key(name).join(short(item)?));
            list("{ ", fields.iter().map(field).collect::<Option<_>>()?, " }")
        }
        Value::Array(_) | Value::Object(_) => return None,
        Value::String(text) if columns(text) > SHORT => return None,
        other => scalar(other),
    };
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    fn texts(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| row.runs.iter().map(|run| run.text.as_ref()).collect()).collect()
    }

    #[test]
    fn small_values_stay_on_their_row() {
        let rows = json(&value!({ "rate": 0.18, "top": ["a", "b"] }), 40, MOST_ROWS);
        assert_eq!(texts(&rows), ["{", "  \"rate\": 0.18,", "  \"top\": [\"a\", \"b\"]", "}"]);
    }

    #[test]
    fn a_text_cannot_pretend_to_end() {
        let rows = json(&value!({ "q": "x\", \"safe\": true, \"\u{202e}" }), 60, MOST_ROWS);
        let all = texts(&rows).concat();
        assert!(all.contains(r#""x\", \"safe\": true, \"⟨U+202E⟩""#), "{all}");
    }

    #[test]
    fn a_long_value_is_bounded() {
        let rows = json(&value!((0..5000).collect::<Vec<_>>()), 40, MOST_ROWS);
        assert!(rows.len() <= MOST_ROWS + 1);
    }
}
