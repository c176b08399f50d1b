//! What is written where, and what never is.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde::Serialize;

use super::cell::Cell;
use super::output::{Form, Listed, Output, Side};
use crate::incident::{Notice, Trouble};

/// A stream that remembers, and breaks after some bytes.
#[derive(Clone)]
struct Sheet {
    written: Arc<Mutex<Vec<u8>>>,
    breaks_after: usize,
    with: io::ErrorKind,
}

impl Sheet {
    fn endless() -> Self {
        Self::breaking(usize::MAX, io::ErrorKind::Other)
    }

    fn breaking(breaks_after: usize, with: io::ErrorKind) -> Self {
        Self { written: Arc::default(), breaks_after, with }
    }

    fn text(&self) -> String {
        String::from_utf8(self.written.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.written.lock().unwrap();
        if written.len() >= self.breaks_after {
            return Err(self.with.into());
        }
        written.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn output(results: &Sheet, messages: &Sheet) -> Output {
    Output::new(Side::plain(results.clone()), Side::plain(messages.clone()))
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    text: &'static str,
}

impl Listed for Row {
    const TYPE: &'static str = "row";
    const HEADS: &'static [&'static str] = &["NAME", "TEXT"];

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::of(self.name), Cell::of(self.text)]
    }
}

const ROWS: [Row; 2] = [Row { name: "a", text: "one" }, Row { name: "longer", text: "two three" }];

#[test]
fn a_list_is_a_table_for_people() {
    let (results, messages) = (Sheet::endless(), Sheet::endless());
    output(&results, &messages).list(Form::People, &ROWS, "none");
    assert_eq!(results.text(), "NAME    TEXT\na       one\nlonger  two three\n");
    assert_eq!(messages.text(), "");
}

#[test]
fn a_list_is_lines_with_version_and_type_for_programs() {
    let (results, messages) = (Sheet::endless(), Sheet::endless());
    output(&results, &messages).list(Form::Json, &ROWS, "none");
    assert_eq!(
        results.text().lines().next(),
        Some(r#"{"v":1,"type":"row","name":"a","text":"one"}"#)
    );
}

#[test]
fn an_empty_list_is_a_message_and_no_result() {
    let (results, messages) = (Sheet::endless(), Sheet::endless());
    output(&results, &messages).list::<Row>(Form::People, &[], "no rows yet");
    assert_eq!((results.text(), messages.text()), (String::new(), "no rows yet\n".into()));
}

#[test]
fn a_json_line_is_ascii_and_still_says_the_same() {
    let (results, messages) = (Sheet::endless(), Sheet::endless());
    let text = "\u{9b}31m \u{202e}é 🦀\u{7f}";
    output(&results, &messages).record("text", &serde_json::json!({ "text": text }));
    let line = results.text();
    assert!(line.trim_end().bytes().all(|byte| matches!(byte, b' '..=b'~')), "{line}");
    let read: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(read["text"], text);
}

#[test]
fn a_reader_that_went_away_ends_the_writing_quietly() {
    let (results, messages) = (Sheet::breaking(1, io::ErrorKind::BrokenPipe), Sheet::endless());
    let mut output = output(&results, &messages);
    (0..10).for_each(|_| output.line([Cell::from("text")]));
    assert!(output.is_closed());
    assert!(output.finish().is_ok());
    assert_eq!((results.text().lines().count(), messages.text()), (1, String::new()));
}

#[test]
fn a_full_disk_is_told() {
    let (results, messages) = (Sheet::breaking(0, io::ErrorKind::StorageFull), Sheet::endless());
    let mut output = output(&results, &messages);
    output.line([Cell::from("text")]);
    assert_eq!(output.finish().unwrap_err().trouble, Trouble::Failed);
}

#[test]
fn a_notice_says_what_why_and_what_to_do_on_the_side_of_the_messages() {
    let (results, messages) = (Sheet::endless(), Sheet::endless());
    let notice = Notice::new(Trouble::Failed, "it broke").detail("a \u{1b}[2J b").hint("mend it");
    output(&results, &messages).notice(&notice);
    assert_eq!(messages.text(), "error: it broke\ndetail: a ␛[2J b\nhint: mend it\n");
    assert_eq!(results.text(), "");
}
