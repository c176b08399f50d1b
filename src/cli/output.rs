//! The one place where the command line writes: what was asked for to one side, messages to the other.
//!
//! People get tables and lines, programs get JSON Lines. What was asked for goes to the standard output,
//! everything else to the standard error. A reader that went away ends the writing without a word.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use crate::incident::{Notice, Safe, Trouble, Untrusted};
use crate::settings::{ColourWish, Environment, Mistakes};

/// The version of the shape of every JSON line.
pub const LINES_VERSION: u8 = 1;

/// Columns between two columns of a table.
const GAP: usize = 2;

/// The narrowest last column of a table.
const LEAST: usize = 8;

/// For whom it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// For people: tables and lines.
    #[default]
    People,
    /// For programs: JSON Lines.
    Json,
}

/// The choice between the forms, on the command line of everything that reads.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Format {
    /// Write JSON Lines: one object for each line, with its version as `v` and what it is as `type`
    #[arg(long, global = true)]
    json: bool,
}

impl Format {
    /// The form that was chosen.
    pub fn form(self) -> Form {
        if self.json { Form::Json } else { Form::People }
    }
}

/// What can be listed: a line of a table for people, an object for programs.
pub trait Listed: Serialize {
    /// What it is, in every JSON line.
    const TYPE: &'static str;

    /// The headings of the table.
    const HEADS: &'static [&'static str];

    /// The line of the table; the last cell may be cut to the width of the terminal.
    fn cells(&self) -> Vec<Cell>;
}

/// Where one side of the output goes, and how it looks there.
pub struct Side {
    to: Box<dyn Write + Send>,
    colours: bool,
    columns: Option<usize>,
}

impl Side {
    /// A side without colours and of any width, such as a pipe.
    pub fn plain(to: impl Write + Send + 'static) -> Self {
        Self { to: Box::new(to), colours: false, columns: None }
    }

    /// One of the process's own streams.
    fn stream(to: impl Write + IsTerminal + Send + 'static, wish: ColourWish) -> Self {
        let terminal = to.is_terminal();
        let colours = match wish {
            ColourWish::Auto => terminal,
            ColourWish::Always => true,
            ColourWish::Never => false,
        };
        let columns = || crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns));
        Self {
            to: Box::new(io::BufWriter::new(to)),
            colours,
            columns: terminal.then(columns).flatten(),
        }
    }

    fn painted(&self, text: &str, ink: Ink) -> String {
        let style = ink.style();
        if self.colours && ink != Ink::Plain {
            format!("{}{text}{}", style.render(), style.render_reset())
        } else {
            text.to_owned()
        }
    }

    fn line(&self, cells: &[Cell]) -> String {
        let painted: Vec<String> =
            cells.iter().map(|cell| self.painted(cell.text(), cell.meaning())).collect();
        painted.join(" ")
    }
}

/// Both sides of the output of one command.
pub struct Output {
    results: Side,
    messages: Side,
    fault: Option<io::Error>,
}

impl Output {
    /// The output of this process.
    pub fn of_process(environment: &Environment, wish: Option<ColourWish>) -> Self {
        let wish = wish.unwrap_or_else(|| environment.colour_wish());
        Self::new(Side::stream(io::stdout(), wish), Side::stream(io::stderr(), wish))
    }

    /// An output to these two sides.
    pub fn new(results: Side, messages: Side) -> Self {
        Self { results, messages, fault: None }
    }

    /// Whether nobody reads any more, so that producing more is of no use.
    pub fn is_closed(&self) -> bool {
        self.fault.is_some()
    }

    /// Whether results are written with colours.
    pub fn has_colours(&self) -> bool {
        self.results.colours
    }

    /// Writes cells on one line, for people.
    pub fn line(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        let line = self.results.line(&cells);
        self.write(&format!("{}\n", line.trim_end()));
    }

    /// Writes a text with its line breaks, each line indented, for people.
    pub fn block(&mut self, text: &Safe, indent: usize) {
        let pad = " ".repeat(indent);
        for line in text.lines() {
            self.write(format!("{pad}{line}").trim_end());
            self.write("\n");
        }
    }

    /// Writes a text that a generator of ours made: a man page, a completion script.
    pub fn raw(&mut self, bytes: &[u8]) {
        if self.fault.is_none() {
            self.fault = self.results.to.write_all(bytes).err();
        }
    }

    /// Writes an object on one line, for programs.
    pub fn record(&mut self, what: &'static str, value: &impl Serialize) {
        #[derive(Serialize)]
        struct Line<'a, T> {
            v: u8,
            r#type: &'static str,
            #[serde(flatten)]
            value: &'a T,
        }
        match serde_json::to_string(&Line { v: LINES_VERSION, r#type: what, value }) {
            Ok(json) => self.write(&format!("{}\n", ascii(&json))),
            Err(error) => self.fault = self.fault.take().or(Some(error.into())),
        }
    }

    /// Sends what was written on its way, for results that somebody watches while they come.
    pub fn flush(&mut self) {
        if self.fault.is_none() {
            self.fault = self.results.to.flush().err();
        }
    }

    /// Lists rows in the form that was chosen; `nothing` tells people that there are none, and what
    /// would change that.
    pub fn list<R: Listed>(&mut self, form: Form, rows: &[R], nothing: &'static str) {
        match form {
            Form::Json => rows.iter().for_each(|row| self.record(R::TYPE, row)),
            Form::People if rows.is_empty() => self.message([nothing.into()]),
            Form::People => {
                let heads: Vec<Cell> =
                    R::HEADS.iter().map(|head| Cell::from(*head).ink(Ink::Strong)).collect();
                let mut lines = vec![heads];
                lines.extend(rows.iter().map(Listed::cells));
                self.table(&lines);
            }
        }
    }

    fn table(&mut self, lines: &[Vec<Cell>]) {
        let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            lines.iter().filter_map(|line| line.get(column)).map(Cell::width).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        let before_last: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum();
        let left = self.results.columns.map(|all| all.saturating_sub(before_last).max(LEAST));
        for line in lines {
            let mut written = String::new();
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let is_last = column + 1 == columns;
                let text = cell.cut(left.filter(|_| is_last).unwrap_or(usize::MAX));
                written += &self.results.painted(&text, cell.meaning());
                if !is_last {
                    written += &" ".repeat(width.saturating_sub(cell.width()) + GAP);
                }
            }
            self.write(&format!("{}\n", written.trim_end()));
        }
    }

    /// Tells people something beside the results.
    pub fn message(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        let line = self.messages.line(&cells);
        self.tell(&line);
    }

    /// Tells what went wrong and what to do about it.
    pub fn notice(&mut self, notice: &Notice) {
        let Notice { what, hint, detail, trouble: _ } = notice;
        self.labelled("error:", Ink::Bad, what);
        if let Some(detail) = detail {
            self.labelled("detail:", Ink::Muted, detail);
        }
        if let Some(hint) = hint {
            self.labelled("hint:", Ink::Good, hint);
        }
    }

    /// Tells what is strange in the settings and does no harm.
    pub fn warnings(&mut self, warnings: &Mistakes) {
        for mistake in warnings.list() {
            self.labelled("warning:", Ink::Pending, &mistake.to_string());
        }
    }

    /// Tells what is missing, and does not keep the command from going on.
    pub fn warning(&mut self, notice: &Notice) {
        self.labelled("warning:", Ink::Pending, &notice.what);
        if let Some(hint) = &notice.hint {
            self.labelled("hint:", Ink::Good, hint);
        }
    }

    /// Asks on the side of the messages, without ending the line.
    pub fn ask(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        let line = self.messages.line(&cells);
        self.flush();
        let asked = write!(self.messages.to, "{line} ").and_then(|()| self.messages.to.flush());
        self.fault = self.fault.take().or(asked.err());
    }

    /// Says how writing went: an error other than a reader that went away is one of the command.
    pub fn finish(mut self) -> Result<(), Notice> {
        self.flush();
        match self.fault.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Notice::new(Trouble::Failed, "the results could not be written")
                    .detail(error.to_string()))
            }
            _ => Ok(()),
        }
    }

    fn labelled(&mut self, label: &'static str, ink: Ink, text: &str) {
        let label = self.messages.painted(label, ink);
        self.tell(&format!("{label} {}", harmless(text)));
    }

    /// Somebody who closed the standard error wants no messages.
    fn tell(&mut self, line: &str) {
        self.flush();
        drop(writeln!(self.messages.to, "{line}").and_then(|()| self.messages.to.flush()));
    }

    fn write(&mut self, text: &str) {
        self.raw(text.as_bytes());
    }
}

/// How a command ends that fails with a notice.
pub(super) fn ended(result: Result<Exit, Notice>, output: &mut Output) -> Exit {
    result.unwrap_or_else(|notice| {
        output.notice(&notice);
        notice.trouble.into()
    })
}

/// Escapes everything outside of ASCII, which JSON allows everywhere: such a line acts on no terminal.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                escaped.extend(format!("\\u{unit:04x}").chars());
            }
        }
    }
    escaped
}

/// A text of ours, unless something from outside found its way into it.
fn harmless(text: &str) -> String {
    let shown = Untrusted::from(text).block();
    if shown.hidden() > 0 { shown.into() } else { text.to_owned() }
}
