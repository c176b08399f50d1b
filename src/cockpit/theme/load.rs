//! Loading a theme: its file, all it inherits from, every mistake at once, fewer colours if need be.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use ratatui::style::{Color, Style};
use toml::Spanned;
use toml::de::DeTable;

use super::colour::Depth;
use super::paint::{self, Palette, Slip};
use super::role::Role;
use crate::cockpit::shelf::{Listed, Page, Shelf};
use crate::settings::{Mistake, Mistakes, did_you_mean};

/// The themes that come with the product; the first is the default and the root of all others.
const EMBEDDED: &[(&str, &str)] = &[
    ("ansi", include_str!("../../../themes/ansi.toml")),
    ("ansi-light", include_str!("../../../themes/ansi-light.toml")),
    ("night", include_str!("../../../themes/night.toml")),
    ("paper", include_str!("../../../themes/paper.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("colorblind", include_str!("../../../themes/colorblind.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
    ("catppuccin-mocha", include_str!("../../../themes/catppuccin-mocha.toml")),
    ("gruvbox-dark", include_str!("../../../themes/gruvbox-dark.toml")),
    ("nord", include_str!("../../../themes/nord.toml")),
    ("github-light", include_str!("../../../themes/github-light.toml")),
];

/// The theme that nothing needs to choose, unless the terminal's ground is light.
pub const DEFAULT: &str = "ansi";

/// The theme that nothing needs to choose on a light ground.
pub const DEFAULT_LIGHT: &str = "ansi-light";

/// The theme that needs no colours.
const COLOURLESS: &str = "mono";

/// The ground a theme was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appearance {
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
    /// Whatever the terminal's ground is.
    Any,
}

/// How every role looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    appearance: Appearance,
    styles: BTreeMap<Role, Style>,
}

impl Theme {
    /// Lists the themes that can be chosen, with the person's own from the directory `own`.
    ///
    /// # Errors
    /// The directory is there and cannot be read.
    pub fn list(own: Option<&Path>) -> io::Result<Vec<Listed>> {
        shelf(own).list()
    }

    /// Loads a theme for a terminal of that depth.
    ///
    /// Without colours it is `mono`, whatever was asked. With sixteen, a theme of finer colours is drawn
    /// like the terminal's own ones, on its own ground: the nearest of sixteen cannot be read.
    ///
    /// # Errors
    /// Every mistake in the file and in those it inherits from.
    pub fn load(name: &str, own: Option<&Path>, depth: Depth) -> Result<Self, Mistakes> {
        let asked = Self::at_full_depth(name, &shelf(own))?;
        if depth == Depth::None && name != COLOURLESS {
            let plain = Self::at_full_depth(COLOURLESS, &shelf(None))?;
            return Ok(Self { name: asked.name, ..plain }.reduced(depth));
        }
        if depth == Depth::Sixteen && asked.needs_more_than_sixteen() {
            return asked.in_sixteen();
        }
        Ok(asked.reduced(depth))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ground it was made for.
    pub fn appearance(&self) -> Appearance {
        self.appearance
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }

    fn at_full_depth(name: &str, shelf: &Shelf) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        let pages = shelf.chain(name, DEFAULT, &mut mistakes);
        let files: Vec<ThemeFile<'_>> =
            pages.iter().map(|page| ThemeFile::new(page, &mut mistakes)).collect();
        let mut palette = Palette::new();
        for file in &files {
            file.read_palette(&mut palette, &mut mistakes);
        }
        let mut appearance = Appearance::Any;
        let mut styles = BTreeMap::new();
        for file in &files {
            file.read_appearance(&mut appearance, &mut mistakes);
            file.read_roles(&palette, &mut styles, &mut mistakes);
        }
        mistakes.unless_any(Self { name: name.to_owned(), appearance, styles })
    }

    fn needs_more_than_sixteen(&self) -> bool {
        let fine = |colour| matches!(colour, Some(Color::Rgb(..) | Color::Indexed(16..)));
        self.styles.values().any(|style| fine(style.fg) || fine(style.bg))
    }

    /// The same roles in the terminal's own colours, on a ground of the same appearance.
    fn in_sixteen(self) -> Result<Self, Mistakes> {
        let (family, text, ground) = match self.appearance {
            Appearance::Light => (DEFAULT_LIGHT, Color::Black, Color::White),
            Appearance::Dark | Appearance::Any => (DEFAULT, Color::Gray, Color::Black),
        };
        let mut own = Self::at_full_depth(family, &shelf(None))?;
        for style in own.styles.values_mut() {
            // The terminal's own text and ground may be of the other appearance.
            style.fg = style.fg.map(|fg| if fg == Color::Reset { text } else { fg });
            style.bg = style.bg.map(|bg| if bg == Color::Reset { ground } else { bg });
        }
        Ok(Self { name: self.name, ..own })
    }

    fn reduced(mut self, depth: Depth) -> Self {
        let nearest = |colour: Option<Color>| colour.and_then(|colour| depth.nearest(colour));
        for style in self.styles.values_mut() {
            *style = Style { fg: nearest(style.fg), bg: nearest(style.bg), ..*style };
        }
        self
    }
}

fn shelf(own: Option<&Path>) -> Shelf {
    Shelf::new("theme", EMBEDDED, own)
}

/// One theme file, read as TOML and not yet understood.
struct ThemeFile<'a> {
    page: &'a Page,
    table: Spanned<DeTable<'a>>,
}

impl<'a> ThemeFile<'a> {
    fn new(page: &'a Page, mistakes: &mut Mistakes) -> Self {
        let table = page.table(mistakes);
        for name in table.get_ref().keys() {
            let known = ["inherits", "appearance", "roles", "palette"];
            let word = name.get_ref().as_ref();
            if !known.contains(&word) {
                let mistake = page.mistake(name.span().start, format!("unknown part {word:?}"));
                mistakes.push(Mistake { hint: did_you_mean(word, known), ..mistake });
            }
        }
        Self { page, table }
    }

    fn section(&self, name: &str, mistakes: &mut Mistakes) -> Option<&DeTable<'a>> {
        let value = self.table.get_ref().get(name)?;
        let section = value.get_ref().as_table();
        if section.is_none() {
            let what = format!("{name:?} is a table: [{name}]");
            mistakes.push(self.page.mistake(value.span().start, what));
        }
        section
    }

    fn read_palette(&self, palette: &mut Palette, mistakes: &mut Mistakes) {
        for (name, value) in self.section("palette", mistakes).into_iter().flatten() {
            // A palette names colours outright, so that no order of its lines matters.
            match paint::colour(value, &Palette::new()) {
                Ok(colour) => {
                    palette.insert(name.get_ref().clone().into_owned(), colour);
                }
                Err(slip) => mistakes.push(self.mistake(slip)),
            }
        }
    }

    fn read_appearance(&self, appearance: &mut Appearance, mistakes: &mut Mistakes) {
        let Some(value) = self.table.get_ref().get("appearance") else { return };
        match value.get_ref().as_str() {
            Some("dark") => *appearance = Appearance::Dark,
            Some("light") => *appearance = Appearance::Light,
            Some("any") => *appearance = Appearance::Any,
            _ => {
                let what = "`appearance` is \"dark\", \"light\" or \"any\"".to_owned();
                mistakes.push(self.page.mistake(value.span().start, what));
            }
        }
    }

    fn read_roles(
        &self,
        palette: &Palette,
        styles: &mut BTreeMap<Role, Style>,
        mistakes: &mut Mistakes,
    ) {
        for (name, value) in self.section("roles", mistakes).into_iter().flatten() {
            match Role::from_name(name.get_ref()) {
                Some(role) => {
                    let mut note = |slip: Slip| mistakes.push(self.mistake(slip));
                    styles.insert(role, paint::style(role, value, palette, &mut note));
                }
                None => mistakes.push(self.unknown_role(name)),
            }
        }
    }

    fn unknown_role(&self, name: &Spanned<std::borrow::Cow<'_, str>>) -> Mistake {
        let word = name.get_ref();
        let hint = did_you_mean(word, Role::ALL.iter().map(|role| role.name()));
        Mistake { hint, ..self.page.mistake(name.span().start, format!("unknown role {word:?}")) }
    }

    fn mistake(&self, slip: Slip) -> Mistake {
        let hint = did_you_mean(&slip.word, slip.known.iter().map(String::as_str));
        Mistake { hint, ..self.page.mistake(slip.offset, slip.what) }
    }
}
