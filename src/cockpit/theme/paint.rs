//! What a theme file says about one role: a colour in quotes, or a table of colours and modifiers.

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::role::Role;

/// The modifiers of a role's table, by their names in theme files.
const MODIFIERS: [(&str, Modifier); 6] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
    ("strike", Modifier::CROSSED_OUT),
];

/// A mistake in a role or a palette: where in the text, what, and the names that would have done.
pub(super) struct Slip {
    pub(super) offset: usize,
    pub(super) what: String,
    pub(super) word: String,
    pub(super) known: Vec<String>,
}

/// Colours by the names that a theme gives them.
pub(super) type Palette = std::collections::BTreeMap<String, Color>;

/// The sixteen names that every theme knows, and `reset` for the terminal's own.
const NAMED: [&str; 17] = [
    "reset",
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

/// Reads a colour: a name of the palette, one of the terminal's, a number below 256, or `#rrggbb`.
pub(super) fn colour(value: &Spanned<DeValue<'_>>, palette: &Palette) -> Result<Color, Slip> {
    let offset = value.span().start;
    let Some(word) = value.get_ref().as_str() else {
        return Err(slip(offset, "a colour is written in quotes".to_owned(), "", Vec::new()));
    };
    if let Some(colour) = palette.get(word) {
        return Ok(*colour);
    }
    word.parse().ok().ok_or_else(|| {
        let known = palette.keys().cloned().chain(NAMED.map(str::to_owned)).collect();
        slip(offset, format!("unknown colour {word:?}"), word, known)
    })
}

/// Reads the style of `role`; what is wrong is passed to `note`, the rest is kept.
pub(super) fn style(
    role: Role,
    value: &Spanned<DeValue<'_>>,
    palette: &Palette,
    note: &mut impl FnMut(Slip),
) -> Style {
    if let DeValue::Table(table) = value.get_ref() {
        return table_style(table, palette, note);
    }
    match colour(value, palette) {
        Ok(colour) if role.is_ground() => Style::new().bg(colour),
        Ok(colour) => Style::new().fg(colour),
        Err(slip) => {
            note(slip);
            Style::new()
        }
    }
}

fn table_style(table: &DeTable<'_>, palette: &Palette, note: &mut impl FnMut(Slip)) -> Style {
    let mut style = Style::new();
    for (name, value) in table {
        match part(name, value, palette) {
            Ok(part) => style = style.patch(part),
            Err(slip) => note(slip),
        }
    }
    style
}

fn part(
    name: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    palette: &Palette,
) -> Result<Style, Slip> {
    let word = name.get_ref().as_ref();
    match word {
        "fg" => return colour(value, palette).map(|colour| Style::new().fg(colour)),
        "bg" => return colour(value, palette).map(|colour| Style::new().bg(colour)),
        _ => {}
    }
    let Some((_, modifier)) = MODIFIERS.iter().find(|(known, _)| *known == word) else {
        let known = ["fg", "bg"].into_iter().chain(MODIFIERS.map(|(known, _)| known));
        let what = format!("unknown part of a style {word:?}");
        return Err(slip(name.span().start, what, word, known.map(str::to_owned).collect()));
    };
    match value.get_ref() {
        DeValue::Boolean(true) => Ok(Style::new().add_modifier(*modifier)),
        DeValue::Boolean(false) => Ok(Style::new().remove_modifier(*modifier)),
        _ => {
            let what = format!("{word:?} is true or false");
            Err(slip(value.span().start, what, "", Vec::new()))
        }
    }
}

fn slip(offset: usize, what: String, word: &str, known: Vec<String>) -> Slip {
    Slip { offset, what, word: word.to_owned(), known }
}
