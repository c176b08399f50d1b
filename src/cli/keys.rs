//! `wheelhouse keys`: every key of a keymap and what it does.

use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::output::{Format, Listed};
use super::session::Session;
use crate::cockpit::core::{Action, KeyRow, Weight};
use crate::cockpit::keymap::{self, Keymap};
use crate::incident::Notice;

/// Lists every key and what it does
#[derive(Debug, clap::Args)]
pub struct KeysArgs {
    /// The keymap; the one from the settings if absent
    #[arg(long, value_name = "NAME")]
    keymap: Option<String>,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    context: &'static str,
    action: &'static str,
    keys: Vec<String>,
    does: &'static str,
    grave: bool,
}

impl From<KeyRow> for Row {
    fn from(row: KeyRow) -> Self {
        let KeyRow { context, action, keys } = row;
        let grave = action.weight() == Weight::Grave;
        let does = action.describe();
        Self { context: context.name(), action: action.name(), keys, does, grave }
    }
}

impl Listed for Row {
    const TYPE: &'static str = "key";
    const HEADS: &'static [&'static str] = &["WHERE", "KEYS", "ACTION", "DOES"];

    fn cells(&self) -> Vec<Cell> {
        let keys = match self.keys.as_slice() {
            [] => Cell::from("unbound").ink(Ink::Muted),
            keys => Cell::of(keys.join(", ")).ink(Ink::Strong),
        };
        vec![Cell::from(self.context).ink(Ink::Muted), keys, self.action.into(), self.does.into()]
    }
}

/// Lists the keys.
pub(super) fn run(args: &KeysArgs, session: &mut Session) -> Result<Exit, Notice> {
    let name = match &args.keymap {
        Some(name) => name.clone(),
        None => session.settings()?.ui.keymap.unwrap_or_else(|| keymap::DEFAULT.to_owned()),
    };
    let own = session.paths()?.keymaps();
    let keymap = Keymap::load(&name, Some(&own))?;
    let mut rows = keymap.rows();
    let unbound = Action::all()
        .iter()
        .filter(|action| !keymap.rows().iter().any(|row| row.action == **action));
    rows.extend(unbound.map(|action| KeyRow {
        context: action.context(),
        action: *action,
        keys: Vec::new(),
    }));
    let rows: Vec<Row> = rows.into_iter().map(Row::from).collect();
    session.output.list(args.format.form(), &rows, "this keymap binds no keys");
    Ok(Exit::Done)
}
