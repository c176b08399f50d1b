//! What a terminal may send, and what is heard of it.

use proptest::prelude::{Strategy as _, any, proptest};
use proptest::{prop_assert, prop_assert_eq};

use super::decoder::Decoder;
use crate::cockpit::core::{Held, Input, Key, KeyStroke, Mouse, MouseAct, PASTE_MAX};

/// What is heard of bytes that come together and of the silence after them.
fn heard(bytes: &[u8]) -> Vec<Input> {
    heard_in([bytes])
}

/// The same of bytes that come in parts, with no pause between them.
fn heard_in<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Input> {
    let (mut decoder, mut heard) = (Decoder::default(), Vec::new());
    parts.into_iter().for_each(|part| decoder.take(part, &mut heard));
    decoder.pause(&mut heard);
    heard
}

fn with(key: Key, held: Held) -> Input {
    Input::Key(KeyStroke::new(key, held))
}

fn plain(key: Key) -> Input {
    with(key, Held::default())
}

fn alt(sign: char) -> Input {
    with(Key::Char(sign), Held { alt: true, ..Held::default() })
}

fn ctrl(sign: char) -> Input {
    with(Key::Char(sign), Held { ctrl: true, ..Held::default() })
}

fn pasted(text: &str) -> Input {
    Input::Paste { text: text.to_owned(), dropped: 0 }
}

fn mouse(act: MouseAct, column: u16, row: u16) -> Input {
    Input::Mouse(Mouse { act, column, row })
}

#[test]
fn every_key_of_an_old_terminal_is_heard() {
    for (bytes, wanted) in [
        ("q", plain(Key::Char('q'))),
        ("Q", plain(Key::Char('Q'))),
        ("é", plain(Key::Char('é'))),
        ("日", plain(Key::Char('日'))),
        ("\r", plain(Key::Enter)),
        ("\t", plain(Key::Tab)),
        ("\u{7f}", plain(Key::Backspace)),
        ("\u{1b}", plain(Key::Esc)),
        ("\0", ctrl(' ')),
        ("\u{3}", ctrl('c')),
        ("\u{8}", ctrl('h')),
        ("\n", ctrl('j')),
        ("\u{1f}", ctrl('7')),
        ("\u{1b}s", alt('s')),
        ("\u{1b}é", alt('é')),
        ("\u{1b}[", alt('[')),
        ("\u{1b}O", alt('O')),
        ("\u{1b}]", alt(']')),
        ("\u{1b}[A", plain(Key::Up)),
        ("\u{1b}OA", plain(Key::Up)),
        ("\u{1b}[Z", plain(Key::BackTab)),
        ("\u{1b}[3~", plain(Key::Delete)),
        ("\u{1b}[5~", plain(Key::PageUp)),
        ("\u{1b}[H", plain(Key::Home)),
        ("\u{1b}[4~", plain(Key::End)),
        ("\u{1b}OP", plain(Key::Function(1))),
        ("\u{1b}OR", plain(Key::Function(3))),
        ("\u{1b}[[E", plain(Key::Function(5))),
        ("\u{1b}[15~", plain(Key::Function(5))),
        ("\u{1b}[24~", plain(Key::Function(12))),
    ] {
        assert_eq!(heard(bytes.as_bytes()), [wanted], "{bytes:?}");
    }
}

#[test]
fn the_modifiers_of_a_key_are_heard() {
    let held = |ctrl, alt, shift| Held { ctrl, alt, shift };
    for (bytes, wanted) in [
        ("\u{1b}[1;2B", with(Key::Down, held(false, false, true))),
        ("\u{1b}[1;5C", with(Key::Right, held(true, false, false))),
        ("\u{1b}[3;3~", with(Key::Delete, held(false, true, false))),
        ("\u{1b}[13;5u", with(Key::Enter, held(true, false, false))),
        ("\u{1b}[115;5u", ctrl('s')),
        ("\u{1b}[115;69u", ctrl('s')),
        ("\u{1b}[115;6u", with(Key::Char('s'), held(true, false, true))),
        ("\u{1b}[9;2u", plain(Key::BackTab)),
        ("\u{1b}[27u", plain(Key::Esc)),
        ("\u{1b}[57404u", plain(Key::Char('5'))),
        ("\u{1b}\r", with(Key::Enter, held(false, true, false))),
    ] {
        assert_eq!(heard(bytes.as_bytes()), [wanted], "{bytes:?}");
    }
}

#[test]
fn a_key_counts_once_however_it_is_held_and_let_go() {
    assert_eq!(heard(b"\x1b[121;1:1u"), [plain(Key::Char('y'))]);
    assert_eq!(heard(b"\x1b[121;1:2u\x1b[121;1:3u"), []);
    assert_eq!(heard(b"\x1b[1;1:2B\x1b[1;1:3B"), [plain(Key::Down)], "what moves goes on moving");
}

#[test]
fn a_key_with_super_belongs_to_the_desktop() {
    assert_eq!(heard(b"\x1b[121;9u"), []);
}

#[test]
fn the_mouse_is_heard_where_it_does_something() {
    for (bytes, wanted) in [
        ("\u{1b}[<0;4;5M", mouse(MouseAct::Pressed, 3, 4)),
        ("\u{1b}[<4;4;5M", mouse(MouseAct::Pressed, 3, 4)),
        ("\u{1b}[<0;4;5m", mouse(MouseAct::Released, 3, 4)),
        ("\u{1b}[<32;400;5M", mouse(MouseAct::Dragged, 399, 4)),
        ("\u{1b}[<64;1;1M", mouse(MouseAct::WheelUp, 0, 0)),
        ("\u{1b}[<65;1;1M", mouse(MouseAct::WheelDown, 0, 0)),
        ("\u{1b}[M $%", mouse(MouseAct::Pressed, 3, 4)),
        ("\u{1b}[M#$%", mouse(MouseAct::Released, 3, 4)),
        ("\u{1b}[Ma$%", mouse(MouseAct::WheelDown, 3, 4)),
    ] {
        assert_eq!(heard(bytes.as_bytes()), [wanted], "{bytes:?}");
    }
    assert_eq!(heard(b"\x1b[<35;4;5M\x1b[<2;4;5M\x1b[<0;4M\x1b[<0;99999;5M"), []);
    assert_eq!(heard(b"\x1b[I\x1b[O"), [Input::FocusGained, Input::FocusLost]);
}

#[test]
fn an_answer_of_the_terminal_is_no_key_whenever_it_comes_and_however_it_is_cut() {
    for answer in [
        "\u{1b}]11;rgb:1414/1616/1b1b\u{1b}\\",
        "\u{1b}]11;rgb:1414/1616/1b1b\u{7}",
        "\u{1b}]52;c;YXk=\u{1b}\\",
        "\u{1b}P>|ay q\u{1b}\\",
        "\u{1b}P1$r0 q\u{1b}\\",
        "\u{1b}_Gi=1;OK\u{1b}\\",
        "\u{1b}[?62;22c",
        "\u{1b}[>41;390;0c",
        "\u{1b}[5;9R",
        "\u{1b}[1;2R",
        "\u{1b}[0n",
        "\u{1b}[?2026;2$y",
        "\u{1b}[?1u",
        "\u{1b}[8;24;80t",
        "\u{1b}[?997;1n",
    ] {
        let bytes = format!("{answer}x");
        for cut in 0..=bytes.len() {
            let (before, after) = bytes.as_bytes().split_at(cut);
            assert_eq!(heard_in([before, after]), [plain(Key::Char('x'))], "{answer:?} at {cut}");
        }
    }
}

#[test]
fn a_paste_is_one_text_whatever_it_holds_and_however_it_is_cut() {
    let text = "log\u{1b}[20 a\ty\r\u{1b}[200~\u{1b}\u{1b}[201 é\u{3}\u{3}";
    let bytes = format!("\u{1b}[200~{text}\u{1b}[201~");
    for cut in 0..=bytes.len() {
        let (before, after) = bytes.as_bytes().split_at(cut);
        assert_eq!(heard_in([before, after]), [pasted(text)], "at {cut}");
    }
}

#[test]
fn a_paste_is_bounded_and_says_what_was_dropped() {
    let text = format!("x{}", "é".repeat(PASTE_MAX));
    let heard = heard(format!("\u{1b}[200~{text}\u{1b}[201~").as_bytes());
    let [Input::Paste { text: kept, dropped }] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(kept.len() <= PASTE_MAX && kept.len() > PASTE_MAX - 4);
    assert!(text.starts_with(kept.as_str()) || kept.ends_with('\u{fffd}'));
    assert!(*dropped >= text.len() - PASTE_MAX);
}

#[test]
fn a_paste_that_never_ends_takes_no_more_memory_than_one_that_is_too_long() {
    let (mut decoder, mut heard) = (Decoder::default(), Vec::new());
    decoder.take(b"\x1b[200~", &mut heard);
    for _ in 0..2_000 {
        decoder.take(&[b'y'; 4096], &mut heard);
    }
    assert!(decoder.size() <= 2 * PASTE_MAX, "{} bytes", decoder.size());
    assert_eq!(heard, []);
}

#[test]
fn a_person_gets_the_keyboard_back_from_a_paste_that_never_ends() {
    for way_out in [&b"\x03"[..], b"\x1b[99;5u"] {
        let (mut decoder, mut heard) = (Decoder::default(), Vec::new());
        decoder.take(b"\x1b[200~half", &mut heard);
        decoder.take(way_out, &mut heard);
        decoder.take(b" of it", &mut heard);
        assert_eq!(heard, [], "without a pause it is the paste's own");
        decoder.pause(&mut heard);
        decoder.take(way_out, &mut heard);
        decoder.take(b"q", &mut heard);
        let text = format!("half{} of it", String::from_utf8_lossy(way_out));
        assert_eq!(heard, [pasted(&text), plain(Key::Char('q'))]);
    }
}

#[test]
fn what_means_nothing_is_passed_over() {
    for bytes in [
        &b"\x80\xbf\xff\xfe"[..],
        b"\xc2\x85",
        b"\xed\xa0\x80",
        b"\x1b[12345678901234567890;9;9;9z",
        b"\x1b[;;;;;;~",
        b"\x1b[99999999999u",
        b"\x1b[57344u",
        b"\x1b[1;0A",
        b"\x1b[1;999999A",
        b"\x1b[201~",
        b"\x1b[1;1",
        b"\x1b[[z",
        b"\xe6\x97",
    ] {
        assert_eq!(heard(bytes), [], "{bytes:?}");
    }
    // A character that is broken off takes nothing with it.
    assert_eq!(heard(b"\xe6\x97q"), [plain(Key::Char('q'))]);
    assert_eq!(heard(b"\x1b[1;\x03"), [ctrl('c')]);
    assert_eq!(heard(b"\x1b[1;\x1b[B"), [plain(Key::Down)]);
}

#[test]
fn an_escape_at_the_end_of_a_burst_waits_longer_than_that_of_a_person() {
    let patience = |bytes: &[u8]| {
        let mut decoder = Decoder::default();
        decoder.take(bytes, &mut Vec::new());
        decoder.patience().unwrap()
    };
    assert!(patience(b"\x1b") < patience(b"x\x1b"));
}

#[test]
fn nothing_waits_when_nothing_has_begun() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.patience(), None);
    for begun in [&b"\x1b"[..], b"[", b"200~", b"x"] {
        decoder.take(begun, &mut Vec::new());
        assert!(decoder.patience().is_some(), "{begun:?}");
    }
    decoder.pause(&mut Vec::new());
    assert_eq!(decoder.patience(), None, "a paste that pauses wakes nobody");
}

proptest! {
    #[test]
    fn no_bytes_break_it_or_fill_the_memory(bytes: Vec<u8>, seed: u64) {
        let (mut decoder, mut heard) = (Decoder::default(), Vec::new());
        let mut random = fastrand::Rng::with_seed(seed);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (part, after) = rest.split_at(random.usize(1..=rest.len()));
            decoder.take(part, &mut heard);
            if random.bool() {
                decoder.pause(&mut heard);
            }
            rest = after;
        }
        prop_assert!(heard.len() <= bytes.len());
        prop_assert!(decoder.size() <= 2 * PASTE_MAX);
    }

    #[test]
    fn how_bytes_are_cut_changes_nothing(
        parts in proptest::collection::vec(
            proptest::prop_oneof![
                any::<Vec<u8>>(),
                "\u{1b}\\[[0-9;:<?]{0,9}[A-Za-z~]".prop_map(String::into_bytes),
                "\u{1b}[\\]P_O][a-z;]{0,9}(\u{1b}\\\\|\u{7})".prop_map(String::into_bytes),
                "\u{1b}\\[200~.{0,9}\u{1b}\\[201~".prop_map(String::into_bytes),
            ],
            0..12,
        )
    ) {
        let whole = parts.concat();
        prop_assert_eq!(heard_in(whole.chunks(1)), heard(&whole));
    }
}
