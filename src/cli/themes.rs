//! `wheelhouse themes`: the themes that can be chosen, and how their roles look.

use ratatui::style::{Color, Modifier, Style};
use serde::Serialize;

use super::cell::{Cell, Ink};
use super::exit::Exit;
use super::look;
use super::output::{Form, Format, Listed};
use super::session::Session;
use crate::cockpit::theme::{Appearance, Depth, Role, Theme};
use crate::cockpit::{self, Origin};
use crate::incident::{Notice, Trouble};

/// Lists the themes
#[derive(Debug, clap::Args)]
pub struct ThemesArgs {
    /// Show how every role of every theme looks
    #[arg(long)]
    preview: bool,

    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    name: String,
    appearance: &'static str,
    origin: String,
    chosen: bool,
}

impl Listed for Row {
    const TYPE: &'static str = "theme";
    const HEADS: &'static [&'static str] = &["THEME", "MADE FOR", "CHOSEN", "FROM"];

    fn cells(&self) -> Vec<Cell> {
        let chosen = if self.chosen { Cell::from("✓").ink(Ink::Good) } else { Cell::default() };
        vec![
            Cell::of(&self.name).ink(Ink::Strong),
            self.appearance.into(),
            chosen,
            Cell::of(&self.origin).ink(Ink::Muted),
        ]
    }
}

/// Lists the themes.
pub(super) fn run(args: &ThemesArgs, session: &mut Session) -> Result<Exit, Notice> {
    let own = session.paths()?.themes();
    let ui = session.settings()?.ui;
    let chosen = look::theme_known(session, &ui)?;
    let listed = Theme::list(Some(&own)).map_err(|error| {
        Notice::new(Trouble::Failed, format!("your themes in {} cannot be listed", own.display()))
            .detail(error.to_string())
    })?;
    let mut rows = Vec::new();
    let mut previews = Vec::new();
    for cockpit::Listed { name, origin } in listed {
        let theme = Theme::load(&name, Some(&own), Depth::Full)?;
        let appearance = match theme.appearance() {
            Appearance::Dark => "dark ground",
            Appearance::Light => "light ground",
            Appearance::Any => "any ground",
        };
        let origin = match origin {
            Origin::Embedded => "the product".to_owned(),
            Origin::Own(path) => path.display().to_string(),
        };
        rows.push(Row { chosen: name == chosen, name, appearance, origin });
        previews.push(theme);
    }
    session.output.list(args.format.form(), &rows, "no themes");
    if args.preview && args.format.form() == Form::People {
        for theme in &previews {
            preview(theme, session);
        }
    }
    Ok(Exit::Done)
}

fn preview(theme: &Theme, session: &mut Session) {
    session.output.line([]);
    session.output.line([Cell::of(theme.name()).ink(Ink::Strong)]);
    let ground = theme.style(Role::Surface);
    for role in Role::ALL {
        let style = painted(ground.patch(theme.style(*role)));
        let (on, off) = if session.output.has_colours() {
            (style.render().to_string(), style.render_reset().to_string())
        } else {
            (String::new(), String::new())
        };
        let line = format!("  {on} {:<12} {off} {}\n", role.name(), role.describe());
        session.output.raw(line.as_bytes());
    }
}

/// A style of the screen as one of the command line.
fn painted(style: Style) -> anstyle::Style {
    let mut painted = anstyle::Style::new()
        .fg_color(style.fg.and_then(colour))
        .bg_color(style.bg.and_then(colour));
    let effects = [
        (Modifier::BOLD, anstyle::Effects::BOLD),
        (Modifier::DIM, anstyle::Effects::DIMMED),
        (Modifier::ITALIC, anstyle::Effects::ITALIC),
        (Modifier::UNDERLINED, anstyle::Effects::UNDERLINE),
        (Modifier::REVERSED, anstyle::Effects::INVERT),
        (Modifier::CROSSED_OUT, anstyle::Effects::STRIKETHROUGH),
    ];
    for (modifier, effect) in effects {
        if style.add_modifier.contains(modifier) {
            painted = painted.effects(painted.get_effects() | effect);
        }
    }
    painted
}

fn colour(colour: Color) -> Option<anstyle::Color> {
    use anstyle::AnsiColor as Ansi;
    Some(match colour {
        Color::Reset => return None,
        Color::Rgb(red, green, blue) => anstyle::RgbColor(red, green, blue).into(),
        Color::Indexed(index) => anstyle::Ansi256Color(index).into(),
        Color::Black => Ansi::Black.into(),
        Color::Red => Ansi::Red.into(),
        Color::Green => Ansi::Green.into(),
        Color::Yellow => Ansi::Yellow.into(),
        Color::Blue => Ansi::Blue.into(),
        Color::Magenta => Ansi::Magenta.into(),
        Color::Cyan => Ansi::Cyan.into(),
        Color::Gray => Ansi::White.into(),
        Color::DarkGray => Ansi::BrightBlack.into(),
        Color::LightRed => Ansi::BrightRed.into(),
        Color::LightGreen => Ansi::BrightGreen.into(),
        Color::LightYellow => Ansi::BrightYellow.into(),
        Color::LightBlue => Ansi::BrightBlue.into(),
        Color::LightMagenta => Ansi::BrightMagenta.into(),
        Color::LightCyan => Ansi::BrightCyan.into(),
        Color::White => Ansi::BrightWhite.into(),
    })
}
