//! What a control sequence of the terminal means: a key with its modifiers, the mouse, or nothing.
//!
//! Sources: xterm's `ctlseqs` for the letters, the numbers before `~` and the mouse (mode 1006); the
//! keyboard protocol of kitty for `u` and for what stands after a colon.

use crate::cockpit::core::{Held, Input, Key, KeyStroke, Mouse, MouseAct};

/// The longest parameters that are kept, in bytes.
const LONGEST: usize = 64;

/// The parameters of a sequence while they come.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    text: String,
    is_too_long: bool,
}

impl Parameters {
    /// Takes one more sign.
    pub(super) fn push(&mut self, sign: u8) {
        if self.text.len() < LONGEST {
            self.text.push(char::from(sign));
        } else {
            self.is_too_long = true;
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many bytes are kept in memory.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        self.text.capacity()
    }

    /// Whether the sequence begins a paste.
    pub(super) fn begin_paste(&self, last: u8) -> bool {
        self.text == "200" && last == b'~'
    }

    /// The input that the sequence means with this last sign; none for what is no input, such as an answer.
    pub(super) fn meaning(&self, last: u8) -> Option<Input> {
        let text = self.text.as_str();
        match (text, last) {
            _ if self.is_too_long => None,
            ("", b'I') => Some(Input::FocusGained),
            ("", b'O') => Some(Input::FocusLost),
            _ => match text.strip_prefix('<') {
                Some(report) if matches!(last, b'M' | b'm') => mouse_report(report, last),
                // Everything else that begins with a private sign is an answer.
                _ if text.starts_with(['<', '=', '>', '?']) => None,
                _ => pressed(text, last),
            },
        }
    }
}

/// A key in the form of the last console of Linux: `ESC [ [` and a letter.
pub(super) fn console_key(letter: u8) -> Option<Input> {
    let number = letter.checked_sub(b'A').filter(|number| *number < 5)?;
    Some(Input::Key(KeyStroke::plain(Key::Function(number + 1))))
}

/// A key in the form of `ESC O` and a letter.
pub(super) fn application_key(letter: u8) -> Option<Input> {
    let key = match letter {
        b'R' => Key::Function(3),
        b'M' => Key::Enter,
        _ => lettered(letter)?,
    };
    Some(Input::Key(KeyStroke::plain(key)))
}

/// What the mouse did, as its first forms say it: a button and a place in a byte each, from 32.
pub(super) fn mouse_bytes([button, column, row]: [u8; 3]) -> Option<Input> {
    let [button, column, row] =
        [button, column, row].map(|byte| u16::from(byte.saturating_sub(32)));
    // The third button stands for any that was let go.
    let is_released = button & 0b11 == 3 && button < 32;
    mouse(if is_released { 0 } else { button }, is_released, (column, row))
}

fn mouse_report(report: &str, last: u8) -> Option<Input> {
    let mut numbers = report.split(';').map(str::parse::<u16>);
    let mut next = || numbers.next()?.ok();
    let (button, column, row) = (next()?, next()?, next()?);
    mouse(button, last == b'm', (column, row))
}

/// Places count from 1 there and from 0 here.
fn mouse(button: u16, is_released: bool, (column, row): (u16, u16)) -> Option<Input> {
    // Shift, alt and control are the bits 4, 8 and 16.
    let act = match (button & !0b1_1100, is_released) {
        (0, false) => MouseAct::Pressed,
        (0, true) => MouseAct::Released,
        (32, false) => MouseAct::Dragged,
        (64, false) => MouseAct::WheelUp,
        (65, false) => MouseAct::WheelDown,
        _ => return None,
    };
    Some(Input::Mouse(Mouse { act, column: column.saturating_sub(1), row: row.saturating_sub(1) }))
}

/// How a key was pressed: its modifiers, and whether it counts.
struct Manner {
    held: Held,
    is_repeated: bool,
}

fn pressed(text: &str, last: u8) -> Option<Input> {
    let mut parameters = text.split(';');
    let first = parameters.next().unwrap_or_default().split(':').next().unwrap_or_default();
    let manner = manner(parameters.next().unwrap_or_default())?;
    let key = match last {
        b'u' => unicode(first.parse().ok()?)?,
        b'~' => numbered(first.parse().ok()?)?,
        letter if matches!(first, "" | "1") => lettered(letter)?,
        _ => return None,
    };
    if manner.is_repeated && !may_repeat(key) {
        return None;
    }
    Some(Input::Key(KeyStroke::new(key, manner.held)))
}

/// Reads `modifiers:kind`; none for a key that is let go, or held with one that is the desktop's.
fn manner(text: &str) -> Option<Manner> {
    let mut parts = text.split(':');
    let mut number = |missing: u16| match parts.next() {
        None | Some("") => Some(missing),
        Some(part) => part.parse().ok(),
    };
    let (modifiers, kind) = (number(1)?.checked_sub(1)?, number(1)?);
    let is = |bit: u16| modifiers & (1 << bit) != 0;
    let (shift, alt, ctrl) = (is(0), is(1), is(2));
    let is_the_desktops = is(3) || is(4) || is(5);
    let is_down = matches!(kind, 1 | 2);
    let held = Held { ctrl, alt, shift };
    (is_down && !is_the_desktops).then_some(Manner { held, is_repeated: kind == 2 })
}

/// A key held down counts again only if it moves or erases, so that no gesture repeats by itself.
fn may_repeat(key: Key) -> bool {
    matches!(
        key,
        Key::Left
            | Key::Right
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::Backspace
            | Key::Delete
    )
}

/// `R` is not among them: with parameters it tells where the cursor is.
fn lettered(letter: u8) -> Option<Key> {
    Some(match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        b'P' => Key::Function(1),
        b'Q' => Key::Function(2),
        b'S' => Key::Function(4),
        b'Z' => Key::BackTab,
        _ => return None,
    })
}

/// The numbers of the function keys have gaps where the first keyboards had them.
fn numbered(number: u8) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        2 => Key::Insert,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::Function(number - 10),
        17..=21 => Key::Function(number - 11),
        23..=26 => Key::Function(number - 12),
        28 | 29 => Key::Function(number - 13),
        31..=34 => Key::Function(number - 14),
        _ => return None,
    })
}

/// From 57 399 on are the keys of the number pad; what else is in private use is no key of ours.
fn unicode(number: u32) -> Option<Key> {
    Some(match number {
        9 => Key::Tab,
        13 | 57_414 => Key::Enter,
        27 => Key::Esc,
        127 => Key::Backspace,
        57_399..=57_408 => Key::Char(char::from_digit(number - 57_399, 10)?),
        57_409 => Key::Char('.'),
        57_410 => Key::Char('/'),
        57_411 => Key::Char('*'),
        57_412 => Key::Char('-'),
        57_413 => Key::Char('+'),
        57_415 => Key::Char('='),
        57_417 => Key::Left,
        57_418 => Key::Right,
        57_419 => Key::Up,
        57_420 => Key::Down,
        57_421 => Key::PageUp,
        57_422 => Key::PageDown,
        57_423 => Key::Home,
        57_424 => Key::End,
        57_425 => Key::Insert,
        57_426 => Key::Delete,
        0xe000..=0xf8ff => return None,
        _ => Key::Char(char::from_u32(number).filter(|sign| !sign.is_control())?),
    })
}
