//! The view: the model as rows in roles, drawn through a [`Lens`]; pure, and the same for the same.
//!
//! ```text
//! noun ─ face ──► Row (runs of text in roles) ─ flow ─► rows ─ list ─► window ─ theme ─► frame
//! ```
//!
//! - `ink`, `flow`, `moment`, `face`, `json`, `sheet`: text that may be drawn, and how it is set;
//!   `markdown` with `table` and `link`, and `memo` so that a text is set once.
//! - `entry` with `badges` and `changes`, `call` with `brought`, `ask`, `proposal`, `gesture`, `act`: one
//!   noun each as rows; `edited` and `difference` say what runs in place of what was proposed; `spark` draws a series in one row.
//! - `incidents`, `exchange`, `timeline`, `decisions`: the panes; `list` lays out what is seen,
//!   `listing` and `pane` frame it, and `gutter` shows where in all of a timeline it is.
//! - `card`, `opened`, `composer`, `redirect`, `search`, `palette`, `help`: what lies over them; `panel`
//!   with `board`, `charts` and `passing` as its `page` shows the incident from one side.
//! - `header`, `halt`, `footer`, `marked`, `draw`: the whole screen; `plain` has it in ASCII alone.
//!
//! Every state is a shape, a word, and a role. Nothing here reads a clock: ages and countdowns come
//! from the model's present. A frame costs what is seen, not what there is.

mod act;
mod ask;
mod badges;
mod board;
mod brought;
mod call;
mod card;
mod changes;
mod charts;
mod composer;
mod decisions;
mod difference;
mod draw;
mod edited;
mod entry;
mod exchange;
mod face;
mod flow;
mod footer;
mod gesture;
mod gutter;
mod halt;
mod header;
mod help;
mod incidents;
mod ink;
mod json;
mod lens;
mod link;
mod list;
mod listing;
mod markdown;
mod marked;
mod memo;
mod moment;
mod opened;
mod outbox;
mod page;
mod palette;
mod pane;
mod panel;
mod passing;
mod pen;
mod place;
mod plain;
mod precedents;
mod proposal;
mod redirect;
mod scrub;
mod search;
mod sheet;
mod spark;
mod table;
mod timeline;
mod written;

pub use draw::draw;
pub use lens::Lens;
pub use memo::Memo;
pub use plain::plain;
