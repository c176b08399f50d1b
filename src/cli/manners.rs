//! What terminals are known to understand, by what they call themselves: nothing is asked, so that
//! nothing has to be waited for.

use crate::cockpit::core::Occasion;
use crate::cockpit::driver::{self, Calling, Manners};
use crate::cockpit::terminal::Strokes;
use crate::settings::{Environment, Glyphs, Notifications, Notify, Ui};

/// The program that opens links: `$BROWSER`, or what the desktop has, if there is a desktop.
pub(super) fn browser(environment: &Environment) -> Option<String> {
    let own = environment.variable("BROWSER").and_then(|name| name.to_str());
    // A list of alternatives is separated by colons; the first is preferred.
    let own = own.and_then(|list| list.split(':').next()).filter(|name| !name.contains(['%', ' ']));
    if let Some(own) = own {
        return Some(own.to_owned());
    }
    if environment.is_remote() {
        return None;
    }
    let is_set = |name| environment.variable(name).is_some();
    if cfg!(target_os = "macos") {
        return Some("open".to_owned());
    }
    (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")).then(|| "xdg-open".to_owned())
}

/// How a terminal calls people and shows progress.
///
/// Sources: the manuals of iTerm2, `WezTerm`, Ghostty, kitty, foot, Windows Terminal and `ConEmu` on
/// OSC 9, 99 and 777.
pub(super) fn manners(environment: &Environment, ui: &Ui) -> Manners {
    let is_set = |name| environment.variable(name).is_some();
    let name = named(environment);
    let calling = match ui.notifications {
        Notifications::Auto => match name {
            Some(Terminal::Kitty) => Calling::Osc99,
            Some(Terminal::Ghostty | Terminal::Foot) => Calling::Osc777,
            Some(Terminal::Iterm | Terminal::Wezterm) => Calling::Osc9,
            Some(Terminal::Windows | Terminal::ConEmu | Terminal::Alacritty) | None => {
                Calling::Bell
            }
        },
        Notifications::Osc9 => Calling::Osc9,
        Notifications::Osc777 => Calling::Osc777,
        Notifications::Osc99 => Calling::Osc99,
        Notifications::Bell => Calling::Bell,
        Notifications::Off => Calling::Off,
    };
    let progress = matches!(
        name,
        Some(
            Terminal::Ghostty
                | Terminal::Iterm
                | Terminal::Wezterm
                | Terminal::Windows
                | Terminal::ConEmu
        )
    );
    let glyphs = match ui.glyphs {
        Glyphs::Auto if environment.has_other_charset() => driver::Glyphs::Ascii,
        Glyphs::Auto | Glyphs::Unicode => driver::Glyphs::Unicode,
        Glyphs::Ascii => driver::Glyphs::Ascii,
    };
    Manners { calling, progress, tmux: is_set("TMUX"), glyphs }
}

/// Whether the terminal tells keys apart that are one byte on terminals of old; a multiplexer in
/// between speaks for itself, and is not asked.
pub(super) fn strokes(environment: &Environment) -> Strokes {
    let between = ["TMUX", "STY", "ZELLIJ"].iter().any(|it| environment.variable(it).is_some());
    match named(environment) {
        Some(Terminal::Kitty | Terminal::Ghostty | Terminal::Foot | Terminal::Alacritty)
            if !between =>
        {
            Strokes::Disambiguated
        }
        _ => Strokes::Plain,
    }
}

/// What the person wants to be called for.
pub(super) fn occasions(notify: &[Notify]) -> Vec<Occasion> {
    let occasion = |notify: &Notify| match notify {
        Notify::Decision => Occasion::Decision,
        Notify::Severity => Occasion::Severity,
        Notify::Failure => Occasion::Failure,
        Notify::Lost => Occasion::Lost,
    };
    notify.iter().map(occasion).collect()
}

/// A terminal whose manners are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Terminal {
    Kitty,
    Ghostty,
    Foot,
    Alacritty,
    Iterm,
    Wezterm,
    Windows,
    ConEmu,
}

/// What the terminal calls itself; under a multiplexer that may be an older one, so its own name wins.
fn named(environment: &Environment) -> Option<Terminal> {
    let is_set = |name| environment.variable(name).is_some();
    let program = environment.variable("TERM_PROGRAM").and_then(|name| name.to_str());
    let term = environment.terminal().unwrap_or_default();
    match program {
        Some("iTerm.app") => return Some(Terminal::Iterm),
        Some("WezTerm") => return Some(Terminal::Wezterm),
        Some("ghostty") => return Some(Terminal::Ghostty),
        _ => {}
    }
    if term == "xterm-kitty" || is_set("KITTY_WINDOW_ID") {
        Some(Terminal::Kitty)
    } else if term == "xterm-ghostty" {
        Some(Terminal::Ghostty)
    } else if term.starts_with("foot") {
        Some(Terminal::Foot)
    } else if term == "alacritty" {
        Some(Terminal::Alacritty)
    } else if is_set("WT_SESSION") {
        Some(Terminal::Windows)
    } else if is_set("ConEmuPID") {
        Some(Terminal::ConEmu)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Manners {
        manners(&Environment::of(pairs.to_vec()), &Ui::default())
    }

    #[test]
    fn a_terminal_is_told_only_what_it_is_known_to_understand() {
        let plain = of(&[("TERM", "xterm-256color")]);
        assert!(plain.calling == Calling::Bell && !plain.progress && !plain.tmux);
        let ghostty = of(&[("TERM_PROGRAM", "ghostty"), ("TMUX", "/tmp/t,1,0")]);
        assert!(ghostty.calling == Calling::Osc777 && ghostty.progress && ghostty.tmux);
        assert!(of(&[("WT_SESSION", "1")]).progress);
        assert_eq!(of(&[("TERM", "xterm-kitty")]).calling, Calling::Osc99);
    }

    #[test]
    fn what_the_person_wishes_is_stronger_than_what_is_known() {
        let kitty = Environment::of([("TERM", "xterm-kitty")]);
        let wished = |notifications| Ui { notifications, ..Ui::default() };
        assert_eq!(manners(&kitty, &wished(Notifications::Off)).calling, Calling::Off);
        let osc9 = manners(&Environment::default(), &wished(Notifications::Osc9));
        assert_eq!(osc9.calling, Calling::Osc9);
    }

    #[test]
    fn ascii_is_drawn_where_it_is_wished_or_nothing_else_can_be() {
        assert_eq!(of(&[("LANG", "ru_RU.KOI8-R")]).glyphs, driver::Glyphs::Ascii);
        assert_eq!(of(&[("LANG", "de_DE.UTF-8")]).glyphs, driver::Glyphs::Unicode);
        let wished = Ui { glyphs: Glyphs::Ascii, ..Ui::default() };
        assert_eq!(manners(&Environment::default(), &wished).glyphs, driver::Glyphs::Ascii);
    }

    #[test]
    fn keys_are_told_apart_only_where_nothing_stands_between() {
        let of = |pairs: &[(&str, &str)]| strokes(&Environment::of(pairs.to_vec()));
        assert_eq!(of(&[("TERM", "xterm-kitty")]), Strokes::Disambiguated);
        assert_eq!(of(&[("TERM", "xterm-kitty"), ("TMUX", "x")]), Strokes::Plain);
        assert_eq!(of(&[("TERM", "xterm-256color")]), Strokes::Plain);
    }

    #[test]
    fn a_browser_is_named_or_found_where_a_desktop_is() {
        let of = |pairs: &[(&str, &str)]| browser(&Environment::of(pairs.to_vec()));
        assert_eq!(of(&[("BROWSER", "firefox:lynx")]).as_deref(), Some("firefox"));
        assert_eq!(of(&[("SSH_CONNECTION", "1"), ("DISPLAY", ":0")]), None);
    }
}
