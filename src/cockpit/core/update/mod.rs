//! What follows from what happens: one pure and total function over every message.
//!
//! A file per area. Nothing here returns an error: what cannot be done is a value that the person
//! sees, on the card, in the composer, or as a banner.

mod actions;
mod arguments;
mod card;
mod compose;
mod dispatch;
mod drafts;
mod feed;
mod filter;
mod fuzzy;
mod halt;
mod jump;
mod keys;
mod layout;
mod link;
mod listing;
mod mention;
mod mouse;
mod open;
mod outbound;
mod owed;
mod palette;
mod panel;
mod reach;
mod redirect;
mod replay;
mod search;
mod select;
mod step;
mod tell;
mod time;
mod written;

#[cfg(test)]
mod tests;

pub use dispatch::update;
