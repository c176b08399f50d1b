//! From bytes to inputs, in one pass and in bounded memory, whatever the bytes are.

use std::time::Duration;

use super::paste::Paste;
use super::sequence::{Parameters, application_key, console_key, mouse_bytes};
use crate::cockpit::core::{Held, Input, Key, KeyStroke};

const ESC: u8 = 0x1b;

/// How long an escape that came alone, as from a person, may be the beginning of something.
const AFTER_ESCAPE: Duration = Duration::from_millis(10);

/// The same of one that came behind other bytes: a burst may be cut anywhere, and its rest be late.
const IN_A_BURST: Duration = Duration::from_millis(100);

/// How long the rest of anything else may take.
const IN_THE_MIDDLE: Duration = Duration::from_millis(500);

/// Cuts what a terminal sends into inputs. What belongs to no input is passed over: bytes that are no
/// text, sequences that mean nothing here, and answers of the terminal, which come when they like.
#[derive(Debug, Default)]
pub struct Decoder(State);

#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    /// A character of several bytes.
    Character { bytes: Vec<u8>, alt: bool },
    /// After an escape, which may be a key by itself once this has passed.
    Escape(Duration),
    /// After `ESC [`.
    Control(Parameters),
    /// After `ESC [ [`.
    Console,
    /// After `ESC [ M`: what the mouse did, in three bytes.
    Mouse(Vec<u8>),
    /// After `ESC O`.
    Application,
    /// In an answer of the terminal: after `ESC` and a sign, until `ESC \`, or BEL.
    Answer { opener: u8, is_bare: bool },
    /// In an answer, after an escape.
    AnswerEscape,
    /// After `ESC [ 200 ~`.
    Paste(Paste),
}

impl Decoder {
    /// Takes bytes that came together, after those that came before, and adds what they complete.
    pub fn take(&mut self, bytes: &[u8], heard: &mut Vec<Input>) {
        if let State::Paste(paste) = &mut self.0
            && paste.is_left_by(bytes)
        {
            heard.push(std::mem::take(paste).ended());
            self.0 = State::Ground;
            return;
        }
        for byte in bytes {
            self.0 = std::mem::take(&mut self.0).next(*byte, heard);
        }
        if let (State::Escape(patience), [_]) = (&mut self.0, bytes) {
            *patience = AFTER_ESCAPE;
        }
    }

    /// For how long to wait for more before [`Decoder::pause`]; none if nothing has begun.
    pub fn patience(&self) -> Option<Duration> {
        match &self.0 {
            State::Ground => None,
            State::Escape(patience) => Some(*patience),
            State::Paste(paste) if paste.has_paused() => None,
            _ => Some(IN_THE_MIDDLE),
        }
    }

    /// Nothing came for so long: what has begun is what it is so far, or nothing.
    pub fn pause(&mut self, heard: &mut Vec<Input>) {
        let with_alt = |sign: u8| key(Key::Char(char::from(sign)), true);
        match std::mem::take(&mut self.0) {
            State::Escape(_) => heard.push(key(Key::Esc, false)),
            State::Control(parameters) if parameters.is_empty() => heard.push(with_alt(b'[')),
            State::Application => heard.push(with_alt(b'O')),
            State::Answer { opener, is_bare: true } => heard.push(with_alt(opener)),
            // The rest of a paste may come at any time; only a person knows that it will not.
            State::Paste(mut paste) => {
                paste.pause();
                self.0 = State::Paste(paste);
            }
            _ => {}
        }
    }

    /// How many bytes of what has begun are kept in memory.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        match &self.0 {
            State::Paste(paste) => paste.size(),
            State::Control(parameters) => parameters.size(),
            State::Character { bytes, .. } | State::Mouse(bytes) => bytes.capacity(),
            _ => 0,
        }
    }
}

impl State {
    fn next(self, byte: u8, heard: &mut Vec<Input>) -> Self {
        match self {
            Self::Ground => ground(byte, false, heard),
            Self::Character { bytes, alt } => character(bytes, alt, byte, heard),
            Self::Control(parameters) => control(parameters, byte, heard),
            Self::Console => last(console_key(byte), byte, heard),
            // Old terminals write the modifiers there.
            Self::Application if byte.is_ascii_digit() => Self::Application,
            Self::Application => last(application_key(byte), byte, heard),
            Self::Mouse(bytes) => mouse(bytes, byte, heard),
            Self::Answer { opener, .. } => answer(opener, byte),
            Self::AnswerEscape if byte == b'\\' => Self::Ground,
            Self::Escape(_) | Self::AnswerEscape => escape(byte, heard),
            Self::Paste(mut paste) => {
                if !paste.take(byte) {
                    return Self::Paste(paste);
                }
                heard.push(paste.ended());
                Self::Ground
            }
        }
    }
}

/// A byte by itself, pressed with alt where an escape stood before it.
fn ground(byte: u8, alt: bool, heard: &mut Vec<Input>) -> State {
    let ctrl = |sign: u8| {
        let held = Held { ctrl: true, alt, shift: false };
        Input::Key(KeyStroke::new(Key::Char(char::from(sign)), held))
    };
    heard.push(match byte {
        ESC => return State::Escape(IN_A_BURST),
        0x80.. => return character(Vec::new(), alt, byte, heard),
        0 => ctrl(b' '),
        b'\t' => key(Key::Tab, alt),
        b'\r' => key(Key::Enter, alt),
        0x7f => key(Key::Backspace, alt),
        0x01..=0x1a => ctrl(byte - 1 + b'a'),
        0x1c..=0x1f => ctrl(byte - 0x1c + b'4'),
        b' '.. => key(Key::Char(char::from(byte)), alt),
    });
    State::Ground
}

fn key(key: Key, alt: bool) -> Input {
    Input::Key(KeyStroke::new(key, Held { alt, ..Held::default() }))
}

/// The next byte of a character; one that cannot follow is judged by itself, and what began is nothing.
fn character(mut bytes: Vec<u8>, alt: bool, byte: u8, heard: &mut Vec<Input>) -> State {
    let had_begun = !bytes.is_empty();
    bytes.push(byte);
    match std::str::from_utf8(&bytes) {
        Ok(text) => {
            let signs = text.chars().filter(|sign| !sign.is_control());
            heard.extend(signs.map(|sign| key(Key::Char(sign), alt)));
            State::Ground
        }
        Err(error) if error.error_len().is_none() => State::Character { bytes, alt },
        Err(_) if had_begun => ground(byte, false, heard),
        Err(_) => State::Ground,
    }
}

fn escape(byte: u8, heard: &mut Vec<Input>) -> State {
    match byte {
        b'[' => State::Control(Parameters::default()),
        b'O' => State::Application,
        b']' | b'P' | b'X' | b'^' | b'_' => State::Answer { opener: byte, is_bare: true },
        ESC => {
            heard.push(key(Key::Esc, false));
            State::Escape(IN_A_BURST)
        }
        _ => ground(byte, true, heard),
    }
}

fn control(mut parameters: Parameters, byte: u8, heard: &mut Vec<Input>) -> State {
    match byte {
        0x20..=0x3f => {
            parameters.push(byte);
            State::Control(parameters)
        }
        b'[' if parameters.is_empty() => State::Console,
        b'M' if parameters.is_empty() => State::Mouse(Vec::new()),
        0x40..=0x7e if parameters.begin_paste(byte) => State::Paste(Paste::default()),
        _ => last(parameters.meaning(byte), byte, heard),
    }
}

/// The last byte of a sequence; a control is none, and counts by itself.
fn last(meaning: Option<Input>, byte: u8, heard: &mut Vec<Input>) -> State {
    if byte < b' ' {
        return ground(byte, false, heard);
    }
    heard.extend(meaning);
    State::Ground
}

fn mouse(mut bytes: Vec<u8>, byte: u8, heard: &mut Vec<Input>) -> State {
    bytes.push(byte);
    let Ok(whole) = <[u8; 3]>::try_from(bytes.as_slice()) else { return State::Mouse(bytes) };
    heard.extend(mouse_bytes(whole));
    State::Ground
}

fn answer(opener: u8, byte: u8) -> State {
    match byte {
        ESC => State::AnswerEscape,
        // BEL; and CAN and SUB, which break off whatever has begun.
        0x07 | 0x18 | 0x1a => State::Ground,
        _ => State::Answer { opener, is_bare: false },
    }
}
