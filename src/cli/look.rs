//! How the cockpit shall look here: what the person chose, and what the terminal understands.

use std::io::IsTerminal;

use super::exit::Exit;
use super::manners;
use super::screen::Look;
use super::session::Session;
use crate::cockpit::driver::Left;
use crate::cockpit::keymap;
use crate::cockpit::terminal::{self, Ending, Ground, Pointer, Surroundings};
use crate::cockpit::theme::{self, Depth};
use crate::cockpit::{self, Hints};
use crate::incident::Notice;
use crate::settings::{ColourWish, Environment, Settings, Ui};

/// The name that stands for the theme of the terminal's ground.
const AUTO: &str = "auto";

/// On what the cockpit is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// A screen that is drawn on.
    Screen,
    /// Lines that are only ever added.
    Lines,
}

/// Lines where they are wished, and where nothing can be drawn on.
pub(super) fn surface(wishes_lines: bool, session: &Session) -> Surface {
    let drawable = terminal::check(&Surroundings {
        term: session.environment.terminal(),
        stdin_is_terminal: std::io::stdin().is_terminal(),
        stdout_is_terminal: std::io::stdout().is_terminal(),
    });
    if wishes_lines || session.environment.wishes_lines() || drawable.is_err() {
        Surface::Lines
    } else {
        Surface::Screen
    }
}

/// How the cockpit shall look.
pub(super) fn look(session: &Session, settings: &Settings) -> Result<Look, Notice> {
    let (paths, environment) = (session.paths()?, &session.environment);
    let ui = &settings.ui;
    Ok(Look {
        theme: theme(ui, || cockpit::ground(&hints(environment), Some(&paths.state))),
        keymap: ui.keymap.clone().unwrap_or_else(|| keymap::DEFAULT.to_owned()),
        own_themes: Some(paths.themes()),
        own_keymaps: Some(paths.keymaps()),
        depth: depth(session.colour_wish()),
        term: environment.terminal().map(str::to_owned),
        editor: environment.editor().map(str::to_owned),
        browser: manners::browser(environment),
        manners: manners::manners(environment, ui),
        strokes: manners::strokes(environment),
        coming: None,
        occasions: manners::occasions(&ui.notify),
        pointer: if ui.mouse { Pointer::Cockpit } else { Pointer::Terminal },
        clock: session.clock.clone(),
        state: Some(paths.state),
        recording: None,
    })
}

/// The theme: the one that is named, or the one for the ground of the terminal.
fn theme(ui: &Ui, ground: impl FnOnce() -> Option<Ground>) -> String {
    let named = ui.theme.as_deref().filter(|name| *name != AUTO);
    let own = match named {
        Some(name) => return name.to_owned(),
        None if ground() == Some(Ground::Light) => {
            ui.theme_light.as_deref().unwrap_or(theme::DEFAULT_LIGHT)
        }
        None => ui.theme_dark.as_deref().unwrap_or(theme::DEFAULT),
    };
    own.to_owned()
}

/// The theme that a cockpit would take here, as far as it is known without asking the terminal.
pub(super) fn theme_known(session: &Session, ui: &Ui) -> Result<String, Notice> {
    let state = session.paths()?.state;
    Ok(theme(ui, || cockpit::known_ground(&hints(&session.environment), Some(&state))))
}

/// What the process knows about the terminal before it is asked.
pub(super) fn hints(environment: &Environment) -> Hints<'_> {
    Hints {
        wish: environment.background_wish(),
        colours: environment.terminal_colours(),
        terminal: environment.terminal(),
        is_remote: environment.is_remote(),
        is_terminal: std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
    }
}

/// How many colours the terminal shows; somebody who forces them gets at least sixteen.
fn depth(wish: ColourWish) -> Depth {
    let found = || Depth::from(supports_color::on(supports_color::Stream::Stdout));
    match wish {
        ColourWish::Never => Depth::None,
        ColourWish::Always => found().max(Depth::Sixteen),
        ColourWish::Auto => found(),
    }
}

/// How a command ends whose cockpit was left.
pub(super) fn exit(left: Left) -> Exit {
    match left {
        Left::ByPerson => Exit::Done,
        Left::WithoutHands | Left::BySignal(Ending::HungUp) => Exit::HungUp,
        Left::BySignal(Ending::Interrupted) => Exit::Interrupted,
        Left::BySignal(Ending::Terminated) => Exit::Terminated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_theme_asks_no_terminal_and_auto_follows_the_ground() {
        let of = |name: Option<&str>| Ui { theme: name.map(str::to_owned), ..Ui::default() };
        assert_eq!(theme(&of(Some("nord")), || panic!("nothing to ask")), "nord");
        for name in [None, Some("auto")] {
            assert_eq!(theme(&of(name), || None), theme::DEFAULT);
            assert_eq!(theme(&of(name), || Some(Ground::Light)), theme::DEFAULT_LIGHT);
        }
        let own = Ui { theme_light: Some("paper".into()), ..Ui::default() };
        assert_eq!(theme(&own, || Some(Ground::Light)), "paper");
        assert_eq!(theme(&own, || Some(Ground::Dark)), theme::DEFAULT);
    }

    #[test]
    fn forced_colours_are_at_least_sixteen_and_none_are_none() {
        assert_eq!(depth(ColourWish::Never), Depth::None);
        assert!(depth(ColourWish::Always) >= Depth::Sixteen);
    }
}
