//! Markdown as rows: headings, emphasis, code, tables, quotes, lists, and links with their host.
//!
//! The text is read as it is stored, so that nothing can hide behind its marks, and every piece of it
//! becomes a [`Safe`](crate::incident::Safe) before it is drawn.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::flow::{flow, hang, wrap};
use super::ink::{Row, named, ours};
use super::json::{MOST_ROWS, json};
use super::link;
use super::table::Table;
use crate::cockpit::theme::Role;
use crate::incident::Untrusted;

/// Longest text that is set, in bytes; the rest is behind the raw view.
const LONGEST: usize = 64 * 1024;

/// Where a text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// At its beginning.
    Text,
    /// At a later block of a text whose earlier ones are set already.
    Block,
}

/// Sets a text in rows of at most `width` columns, its plain words in `role`.
pub(super) fn markdown(text: &str, begins: Begins, role: Role, width: usize) -> Vec<Row> {
    let cut = text.floor_char_boundary(LONGEST);
    let text = text.get(..cut).unwrap_or_default();
    // No struck-out text: in queries and paths a tilde is a tilde.
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let mut page = Page {
        role,
        width: width.max(4),
        begins,
        rows: Vec::new(),
        line: Row::new(),
        around: Vec::new(),
        strong: 0,
        heading: false,
        code: None,
        table: None,
        link: None,
    };
    for event in Parser::new_ext(text, options) {
        page.take(event);
    }
    page.finish()
}

/// What the rows stand in.
enum Around {
    Quote,
    /// A list with the number of its next item, if it is numbered.
    List(Option<u64>),
    /// An item with its mark, until the mark is drawn.
    Item {
        mark: Row,
        drawn: bool,
    },
}

struct Page {
    role: Role,
    width: usize,
    begins: Begins,
    rows: Vec<Row>,
    line: Row,
    around: Vec<Around>,
    strong: usize,
    heading: bool,
    /// The language and the text of a block of code.
    code: Option<(String, String)>,
    table: Option<Table>,
    /// The address and the words of a link.
    link: Option<(String, String)>,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            // Whatever is not drawn as what it is, is drawn as what it says.
            Event::Html(text) | Event::InlineHtml(text) => self.put(Role::Muted, &text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.put(Role::Code, &text);
            }
            Event::FootnoteReference(text) => self.put(Role::Muted, &format!("[{text}]")),
            Event::SoftBreak | Event::HardBreak => self.break_line(),
            Event::Rule => {
                let rule = "─".repeat(self.room().min(40));
                self.emit(vec![Row::of(Role::Faint, ours(rule))]);
            }
            Event::TaskListMarker(done) => {
                let mark = if done { "[x] " } else { "[ ] " };
                self.line = std::mem::take(&mut self.line).put(Role::Muted, mark);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.close_line();
                self.space();
                self.heading = true;
                let mark = if level <= HeadingLevel::H2 { "▌ " } else { "▏ " };
                self.line = Row::of(Role::Title, mark);
            }
            Tag::Paragraph => self.space(),
            Tag::BlockQuote(_) => {
                self.close_line();
                self.around.push(Around::Quote);
            }
            Tag::CodeBlock(kind) => {
                self.close_line();
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(first) => {
                self.close_line();
                self.around.push(Around::List(first));
            }
            Tag::Item => {
                self.close_line();
                let mark = self.next_mark();
                self.around.push(Around::Item { mark, drawn: false });
            }
            Tag::Strong | Tag::Emphasis => self.strong += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.link = Some((dest_url.to_string(), String::new()));
            }
            Tag::Table(_) => {
                self.close_line();
                self.table = Some(Table::default());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.close_line();
                self.heading = false;
            }
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.close_line(),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => {
                self.close_line();
                self.around.pop();
            }
            TagEnd::CodeBlock => self.close_code(),
            TagEnd::Strong | TagEnd::Emphasis => self.strong = self.strong.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => self.close_link(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.line);
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => {
                let room = self.room();
                if let Some(table) = self.table.take() {
                    self.emit(table.rows(room));
                }
            }
            _ => {}
        }
    }

    /// The role of plain words here.
    fn plain(&self) -> Role {
        let quoted = self.around.iter().any(|around| matches!(around, Around::Quote));
        match (self.heading || self.strong > 0, quoted) {
            (true, _) => Role::Title,
            (false, true) => Role::Muted,
            (false, false) => self.role,
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            return code.push_str(text);
        }
        if let Some((_, words)) = &mut self.link {
            return words.push_str(text);
        }
        let role = self.plain();
        let mut rest = text;
        while let Some(at) = ["https://", "http://"].iter().filter_map(|it| rest.find(it)).min() {
            let (before, from) = rest.split_at(at);
            let end = from.find(|sign: char| sign.is_whitespace() || "<>\"'`|".contains(sign));
            let (address, after) = from.split_at(end.unwrap_or(from.len()));
            let kept = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
            let tail = address.get(kept.len()..).unwrap_or_default();
            self.put(role, before);
            match link::target(kept) {
                Some(target) => {
                    let line = std::mem::take(&mut self.line);
                    self.line = line.put_link(named(kept), &target.address);
                }
                None => self.put(role, kept),
            }
            self.put(role, tail);
            rest = after;
        }
        self.put(role, rest);
    }

    fn put(&mut self, role: Role, text: &str) {
        for (at, part) in text.split('\n').enumerate() {
            if at > 0 {
                self.break_line();
            }
            if !part.is_empty() {
                self.line = std::mem::take(&mut self.line).put(role, named(part));
            }
        }
    }

    fn break_line(&mut self) {
        self.line = std::mem::take(&mut self.line).put(Role::Text, "\n");
    }

    /// A link shows where it leads, whatever its words say.
    fn close_link(&mut self) {
        let Some((address, words)) = self.link.take() else { return };
        let role = self.plain();
        let line = std::mem::take(&mut self.line);
        self.line = match link::target(&address) {
            Some(target) if words == address => line.put_link(named(&words), &target.address),
            Some(target) => {
                let host = format!(" ({})", target.host);
                line.put_link(named(&words), &target.address).put(Role::Muted, ours(host))
            }
            None => {
                let line = line.put(role, named(&words)).put(Role::Muted, " (");
                line.put(Role::Muted, named(&address)).put(Role::Muted, ")")
            }
        };
    }

    fn close_code(&mut self) {
        let Some((language, code)) = self.code.take() else { return };
        let room = self.room().saturating_sub(2);
        let value = || serde_json::from_str(&code).ok();
        let parsed = if language == "json" { value() } else { None };
        let rows = match parsed {
            Some(value) => json(&value, room, MOST_ROWS),
            None if language == "diff" => super::difference::diff(&Untrusted::from(code), room),
            None => flow(Role::Code, Untrusted::from(code.trim_end()).block(), room),
        };
        let bar = Row::of(Role::Faint, "▏ ");
        self.emit(hang(rows, &bar, &bar));
    }

    fn close_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.runs.is_empty() {
            let rows = wrap(line, self.room());
            self.emit(rows);
        }
    }

    /// Leaves a row empty between two blocks at the outermost level.
    fn space(&mut self) {
        let before = match self.rows.last() {
            None => self.begins == Begins::Block,
            Some(row) => !row.runs.is_empty(),
        };
        if before && self.around.is_empty() {
            self.rows.push(Row::new());
        }
    }

    fn next_mark(&mut self) -> Row {
        match self.around.last_mut() {
            Some(Around::List(Some(number))) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                Row::of(Role::Muted, ours(mark))
            }
            _ => Row::of(Role::Muted, "· "),
        }
    }

    fn room(&self) -> usize {
        let used = self.around.iter().map(|around| match around {
            Around::Quote => 2,
            Around::List(_) => 0,
            Around::Item { mark, .. } => mark.width(),
        });
        self.width.saturating_sub(used.sum()).max(4)
    }

    fn emit(&mut self, rows: Vec<Row>) {
        for row in rows {
            let mut whole = Row::new();
            for around in &mut self.around {
                whole = match around {
                    Around::Quote => whole.put(Role::Muted, "│ "),
                    Around::List(_) => whole,
                    Around::Item { mark, drawn: true } => whole.gap(mark.width()),
                    Around::Item { mark, drawn } => {
                        *drawn = true;
                        whole.join(mark.clone())
                    }
                };
            }
            self.rows.push(whole.join(row));
        }
    }

    fn finish(mut self) -> Vec<Row> {
        self.close_line();
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, width: usize) -> Vec<String> {
        let rows = markdown(text, Begins::Text, Role::Text, width);
        let text = |row: &Row| row.runs.iter().map(|run| run.text.as_ref()).collect::<String>();
        rows.iter().map(|row| text(row).trim_end().to_owned()).collect()
    }

    fn role_of(text: &str, wanted: &str) -> Option<Role> {
        let rows = markdown(text, Begins::Text, Role::Text, 60);
        let mut runs = rows.into_iter().flat_map(|row| row.runs);
        runs.find(|run| run.text.contains(wanted)).map(|run| run.role)
    }

    #[test]
    fn blocks_are_set_one_below_the_other() {
        let text = "# What\nA line\nand another.\n\n- one\n- two that is longer\n  1. inner\n\n\
                    > quoted\n\n```\nlet x = 1;\n```";
        let expected = [
            "▌ What",
            "",
            "A line",
            "and another.",
            "· one",
            "· two that is",
            "  longer",
            "  1. inner",
            "│ quoted",
            "▏ let x = 1;",
        ];
        assert_eq!(set(text, 16), expected);
    }

    #[test]
    fn words_keep_their_weight() {
        assert_eq!(role_of("a **grave** matter", "grave"), Some(Role::Title));
        assert_eq!(role_of("run `ls -l` now", "ls -l"), Some(Role::Code));
        assert_eq!(role_of("a plain word", "plain"), Some(Role::Text));
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        let rows = set("see [the board](https://grafana.example/d/1) now", 60);
        assert_eq!(rows, ["see the board (grafana.example) now"]);
        assert_eq!(role_of("see https://a.example/x.", "https://a.example/x"), Some(Role::Link));
        let rows = set("[safe](javascript:alert)", 60);
        assert_eq!(rows, ["safe (javascript:alert)"]);
    }

    #[test]
    fn nothing_hides_behind_marks_or_entities() {
        let rows = set("see <!-- hidden --> a&#x202e;b **c\u{200b}d**", 60).concat();
        assert!(rows.contains("<!-- hidden -->"), "{rows}");
        assert!(rows.contains("⟨U+202E⟩") && rows.contains("⟨U+200B⟩"), "{rows}");
    }

    #[test]
    fn a_table_keeps_its_columns() {
        let rows = set("| kind | n |\n|---|---|\n| timed out | 1206 |", 40);
        assert_eq!(rows, ["kind       n", "─────────  ────", "timed out  1206"]);
    }

    #[test]
    fn a_hostile_text_of_any_size_is_bounded() {
        for text in ["[".repeat(100_000), "> ".repeat(50_000), "*".repeat(100_000)] {
            assert!(markdown(&text, Begins::Text, Role::Text, 40).len() < 3000);
        }
    }
}
