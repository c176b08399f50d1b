//! Keys in the core's own plain form: one stroke, and what a help screen says about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::action::{Action, Context};

/// A key without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// A character; a capital letter says that shift was held.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab.
    BackTab,
    /// Deletes to the left.
    Backspace,
    /// Deletes to the right.
    Delete,
    /// Insert.
    Insert,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    Function(u8),
}

/// The modifiers held with a key.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Held {
    /// Control.
    pub ctrl: bool,
    /// Alt or option.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

/// One key pressed once, in the one form in which strokes can be compared.
///
/// Terminals disagree about shift: most send `?` and `G`, some send `?` with shift and `g` with
/// shift. Here a character without control carries shift in itself, a letter with control is
/// lower case, and shift with tab is [`Key::BackTab`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyStroke {
    key: Key,
    held: Held,
}

impl KeyStroke {
    /// A stroke, brought to the one form.
    pub fn new(key: Key, held: Held) -> Self {
        let shift = held.shift;
        match key {
            Key::Char('\r' | '\n') => Self { key: Key::Enter, held },
            Key::Char(letter) if held.ctrl && letter.is_ascii_alphabetic() => {
                Self { key: Key::Char(letter.to_ascii_lowercase()), held }
            }
            Key::Char(sign) => {
                let sign = if shift { sign.to_ascii_uppercase() } else { sign };
                Self { key: Key::Char(sign), held: Held { shift: false, ..held } }
            }
            Key::Tab if shift => Self { key: Key::BackTab, held: Held { shift: false, ..held } },
            Key::BackTab => Self { key, held: Held { shift: false, ..held } },
            other => Self { key: other, held },
        }
    }

    /// A key pressed alone.
    pub fn plain(key: Key) -> Self {
        Self::new(key, Held::default())
    }

    /// The key.
    pub fn key(self) -> Key {
        self.key
    }

    /// The modifiers.
    pub fn held(self) -> Held {
        self.held
    }

    /// The character that this stroke would put into a text, if any.
    pub fn printable(self) -> Option<char> {
        match self.key {
            Key::Char(sign) if !self.held.ctrl && !self.held.alt => Some(sign),
            _ => None,
        }
    }

    /// Whether a terminal from before the keyboard protocols can send this stroke as itself.
    ///
    /// There, control exists for letters alone, and `ctrl-h`, `ctrl-i`, `ctrl-j` and `ctrl-m` are
    /// backspace, tab and return. Source: the ASCII control codes; xterm's `ctlseqs`.
    pub fn is_legacy(self) -> bool {
        let Held { ctrl, alt, shift } = self.held;
        match self.key {
            Key::Char(sign) if ctrl => {
                !shift && !alt && sign.is_ascii_lowercase() && !"hijm".contains(sign)
            }
            // `ESC [` and `ESC O` begin the arrow keys.
            Key::Char(sign) if alt => sign.is_ascii_graphic() && !"[O".contains(sign),
            Key::Char(sign) => !sign.is_control(),
            Key::Enter | Key::Esc | Key::Tab | Key::BackTab | Key::Backspace => {
                !ctrl && !alt && !shift
            }
            Key::Insert | Key::Function(_) => !ctrl && !alt && !shift,
            Key::Delete | Key::Home | Key::End | Key::PageUp | Key::PageDown => !alt,
            Key::Left | Key::Right | Key::Up | Key::Down => true,
        }
    }
}

impl fmt::Display for KeyStroke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in
            [(self.held.ctrl, "ctrl-"), (self.held.alt, "alt-"), (self.held.shift, "shift-")]
        {
            if held {
                f.write_str(name)?;
            }
        }
        write!(f, "{}", self.key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Char(' ') => "space",
            Self::Char(sign) => return write!(f, "{sign}"),
            Self::Function(number) => return write!(f, "f{number}"),
            Self::Enter => "enter",
            Self::Esc => "esc",
            Self::Tab => "tab",
            Self::BackTab => "backtab",
            Self::Backspace => "backspace",
            Self::Delete => "delete",
            Self::Insert => "insert",
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
            Self::Home => "home",
            Self::End => "end",
            Self::PageUp => "pageup",
            Self::PageDown => "pagedown",
        };
        f.write_str(name)
    }
}

/// Writes strokes one after the other, as they are typed: `g g`.
pub fn spelled(strokes: &[KeyStroke]) -> String {
    strokes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// One line of a key table: an action, where it is valid, and every way to ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// The table of the keymap.
    pub context: Context,
    /// The action.
    pub action: Action,
    /// Its alternatives as people write them, such as `ctrl-c ctrl-c`.
    pub keys: Vec<String>,
}

/// What a begun chord may go on with; a which-key popup shows these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuation {
    /// The next stroke.
    pub stroke: KeyStroke,
    /// The action it asks for; none if the chord goes on.
    pub action: Option<Action>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(ctrl: bool, shift: bool) -> Held {
        Held { ctrl, shift, alt: false }
    }

    #[test]
    fn terminals_that_disagree_about_shift_send_the_same_stroke() {
        let plain = KeyStroke::plain(Key::Char('?'));
        assert_eq!(KeyStroke::new(Key::Char('?'), held(false, true)), plain);
        let capital = KeyStroke::plain(Key::Char('G'));
        assert_eq!(KeyStroke::new(Key::Char('G'), held(false, true)), capital);
        assert_eq!(KeyStroke::new(Key::Char('g'), held(false, true)), capital);
        let back = KeyStroke::plain(Key::BackTab);
        assert_eq!(KeyStroke::new(Key::BackTab, held(false, true)), back);
        assert_eq!(KeyStroke::new(Key::Tab, held(false, true)), back);
        let saved = KeyStroke::new(Key::Char('s'), held(true, false));
        assert_eq!(KeyStroke::new(Key::Char('S'), held(true, false)), saved);
    }

    #[test]
    fn a_stroke_is_written_as_a_keymap_writes_it() {
        let spell = |key, ctrl, shift| KeyStroke::new(key, held(ctrl, shift)).to_string();
        assert_eq!(spell(Key::Char('s'), true, false), "ctrl-s");
        assert_eq!(spell(Key::Char('g'), false, true), "G");
        assert_eq!(spell(Key::Down, false, true), "shift-down");
        assert_eq!(spell(Key::Char(' '), false, false), "space");
        assert_eq!(spell(Key::Function(5), false, false), "f5");
    }

    #[test]
    fn control_with_return_needs_a_modern_terminal() {
        assert!(!KeyStroke::new(Key::Enter, held(true, false)).is_legacy());
        assert!(!KeyStroke::new(Key::Char('i'), held(true, false)).is_legacy());
        assert!(!KeyStroke::new(Key::Char('1'), held(true, false)).is_legacy());
        assert!(!KeyStroke::new(Key::Char('s'), held(true, true)).is_legacy());
        assert!(KeyStroke::new(Key::Char('s'), held(true, false)).is_legacy());
        assert!(KeyStroke::plain(Key::Char('?')).is_legacy());
    }

    #[test]
    fn only_a_bare_character_is_printable() {
        assert_eq!(KeyStroke::plain(Key::Char('y')).printable(), Some('y'));
        assert_eq!(KeyStroke::new(Key::Char('y'), held(true, false)).printable(), None);
        assert_eq!(KeyStroke::plain(Key::Enter).printable(), None);
    }
}
