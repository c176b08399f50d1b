//! Flow: wrapping runs of text into rows, at words where possible, with the roles kept.

use unicode_segmentation::UnicodeSegmentation;

use super::ink::{CUT, Row, Run, Words, columns, head};
use crate::cockpit::theme::Role;

/// Most rows that one text is wrapped into; the rest is behind the raw view and the editor.
const MOST_ROWS: usize = 400;

/// How much of a text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Short,
    Whole,
}

/// Wraps one text in one role.
pub(super) fn flow(role: Role, text: impl Into<Words>, width: usize) -> Vec<Row> {
    wrap(Row::of(role, text), width)
}

/// Wraps a row at its words; line breaks in the text are kept, a longer word is broken.
pub(super) fn wrap(row: Row, width: usize) -> Vec<Row> {
    let mut flow = Flow { width: width.max(1), rows: Vec::new(), row: Row::new(), used: 0 };
    for run in row.runs {
        for (at, part) in run.text.split('\n').enumerate() {
            if at > 0 {
                flow.end_row();
            }
            for word in part.split_inclusive(' ') {
                flow.word(&run, word);
            }
        }
        if flow.rows.len() > MOST_ROWS {
            break;
        }
    }
    flow.end_row();
    if flow.rows.len() > MOST_ROWS {
        flow.rows.truncate(MOST_ROWS);
        flow.rows.push(Row::of(Role::Warn, "… there is more; the raw view has it"));
    }
    flow.rows
}

/// At most `most` of `rows`; the last one says with an ellipsis that there is more.
pub(super) fn at_most(mut rows: Vec<Row>, most: usize, width: usize) -> Vec<Row> {
    if rows.len() <= most {
        return rows;
    }
    rows.truncate(most);
    if let Some(last) = rows.pop() {
        let room = width.saturating_sub(2);
        rows.push(last.fit(room).put(Role::Muted, " ").put(Role::Muted, CUT));
    }
    rows
}

/// Puts `first` before the first row and `other` before all that follow.
pub(super) fn hang(rows: Vec<Row>, first: &Row, other: &Row) -> Vec<Row> {
    let before = |at: usize| if at == 0 { first.clone() } else { other.clone() };
    rows.into_iter().enumerate().map(|(at, row)| before(at).join(row)).collect()
}

struct Flow {
    width: usize,
    rows: Vec<Row>,
    row: Row,
    used: usize,
}

impl Flow {
    fn end_row(&mut self) {
        let mut row = std::mem::take(&mut self.row);
        // A blank at the end takes a column that the row does not have.
        while let Some(last) = row.runs.last_mut() {
            let kept = last.text.trim_end().len();
            last.text.to_mut().truncate(kept);
            if !last.text.is_empty() {
                break;
            }
            row.runs.pop();
        }
        self.rows.push(row);
        self.used = 0;
    }

    fn word(&mut self, run: &Run, word: &str) {
        let wide = columns(word);
        if self.used + columns(word.trim_end()) <= self.width {
            return self.set(run, word, wide);
        }
        if self.used > 0 {
            self.end_row();
        }
        if wide <= self.width {
            return self.set(run, word, wide);
        }
        self.long_word(run, word);
    }

    fn long_word(&mut self, run: &Run, word: &str) {
        let mut rest = word;
        while columns(rest) > self.width {
            let part = head(rest, self.width);
            // A letter wider than the whole row is set alone rather than for ever tried.
            let part =
                if part.is_empty() { rest.graphemes(true).next().unwrap_or(rest) } else { part };
            self.set(run, part, self.width);
            self.end_row();
            rest = rest.get(part.len()..).unwrap_or_default();
        }
        self.set(run, rest, columns(rest));
    }

    fn set(&mut self, run: &Run, text: &str, wide: usize) {
        self.used += wide;
        match self.row.runs.last_mut() {
            Some(last) if last.role == run.role && last.link == run.link => {
                last.text.to_mut().push_str(text);
            }
            _ => self.row.runs.push(run.with(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rows: &[Row]) -> Vec<String> {
        let text = |row: &Row| row.runs.iter().map(|run| run.text.as_ref()).collect::<String>();
        rows.iter().map(|row| text(row).trim_end().to_owned()).collect()
    }

    #[test]
    fn text_breaks_at_words_and_long_words_break_anywhere() {
        let rows = flow(Role::Text, "the pool is exhausted\nrequests_wait_for_ever", 10);
        assert_eq!(texts(&rows), ["the pool", "is", "exhausted", "requests_w", "ait_for_ev", "er"]);
    }

    #[test]
    fn a_blank_line_is_kept() {
        assert_eq!(texts(&flow(Role::Text, "a\n\nb", 10)), ["a", "", "b"]);
    }

    #[test]
    fn what_is_left_out_is_marked() {
        let rows = at_most(flow(Role::Text, "one two three four", 5), 2, 5);
        assert_eq!(texts(&rows), ["one", "two …"]);
    }

    #[test]
    fn roles_survive_the_wrapping() {
        let row = Row::of(Role::Text, "a plain ").put(Role::Code, "and a code word");
        let rows = wrap(row, 9);
        assert_eq!(texts(&rows), ["a plain", "and a", "code word"]);
        assert_eq!(rows[2].runs[0].role, Role::Code);
    }
}
