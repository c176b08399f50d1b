//! Reading keys as a keymap writes them: `ctrl-s`, `G`, `g g`.

use crokey::OneToThree;
use crossterm::event::{KeyCode, KeyModifiers};

use crate::cockpit::core::{Held, Key, KeyStroke};

/// The longest chord, in strokes.
const CHORD_MAX: usize = 4;

/// Reads a chord.
///
/// # Errors
/// What is wrong with it, as a lowercase fragment.
pub(super) fn chord(written: &str) -> Result<Vec<KeyStroke>, String> {
    let strokes: Vec<KeyStroke> =
        written.split_whitespace().map(stroke).collect::<Result<_, _>>()?;
    match strokes.len() {
        0 => Err("no key is named".to_owned()),
        1..=CHORD_MAX => Ok(strokes),
        _ => Err(format!("{written:?} is longer than {CHORD_MAX} strokes")),
    }
}

/// Reads one stroke. A capital letter says shift, which the parser underneath would not see.
fn stroke(written: &str) -> Result<KeyStroke, String> {
    let mut signs = written.chars();
    if let (Some(sign), None) = (signs.next(), signs.next()) {
        return Ok(KeyStroke::plain(Key::Char(sign)));
    }
    let unknown = || format!("{written:?} is not a key");
    let combination = crokey::parse(&with_shift(written)).ok().ok_or_else(unknown)?;
    let OneToThree::One(code) = combination.codes else {
        return Err(format!("{written:?} is several keys at once, which few terminals can send"));
    };
    combined(code, combination.modifiers).ok_or_else(unknown)
}

/// The stroke of a key with its modifiers; none for keys that not every terminal has.
fn combined(code: KeyCode, modifiers: KeyModifiers) -> Option<KeyStroke> {
    let beyond = KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    if modifiers.intersects(beyond) {
        return None;
    }
    let held = Held {
        ctrl: modifiers.contains(KeyModifiers::CONTROL),
        alt: modifiers.contains(KeyModifiers::ALT),
        shift: modifiers.contains(KeyModifiers::SHIFT),
    };
    Some(KeyStroke::new(key(code)?, held))
}

fn key(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::Char(sign) => Key::Char(sign),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number) => Key::Function(number),
        _ => return None,
    })
}

/// Writes the shift that a capital letter means: `alt-G` is `alt-shift-g`.
fn with_shift(written: &str) -> String {
    match written.rsplit_once('-') {
        Some((held, letter)) if is_capital(letter) && !held.contains("ctrl") => {
            format!("{held}-shift-{letter}")
        }
        _ => written.to_owned(),
    }
}

fn is_capital(letter: &str) -> bool {
    letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cockpit::core::spelled;

    #[test]
    fn what_is_written_is_what_is_read_back() {
        for written in [
            "q",
            "G",
            "g g",
            "ctrl-c ctrl-c",
            "alt-s",
            "shift-down",
            "pageup",
            "f12",
            "space",
            "?",
            "-",
            "+",
            "backtab",
            "alt-G",
            "ctrl-w >",
            "é",
        ] {
            assert_eq!(chord(written).map(|strokes| spelled(&strokes)).as_deref(), Ok(written));
        }
    }

    #[test]
    fn the_same_key_may_be_written_in_several_ways() {
        assert_eq!(chord("shift-g"), chord("G"));
        assert_eq!(chord("shift-tab"), chord("backtab"));
        assert_eq!(chord("ctrl-S"), chord("ctrl-s"));
        assert_eq!(chord("alt-hyphen"), chord("alt--"));
        let held = Held { ctrl: true, alt: false, shift: true };
        assert_eq!(chord("ctrl-shift-s"), Ok(vec![KeyStroke::new(Key::Char('s'), held)]));
    }

    #[test]
    fn what_is_no_key_is_said() {
        assert_eq!(chord("cntrl-s"), Err("\"cntrl-s\" is not a key".to_owned()));
        assert_eq!(chord(""), Err("no key is named".to_owned()));
        assert!(chord("alt-a-b").unwrap_err().contains("several keys at once"));
        assert!(chord("a b c d e").unwrap_err().contains("longer than 4"));
        assert_eq!(chord("cmd-s"), Err("\"cmd-s\" is not a key".to_owned()));
    }
}
