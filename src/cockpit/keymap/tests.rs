//! Keymaps as people meet them: complete, safe, typed on any terminal, and mended in one go.

use std::fmt::Write as _;
use std::fs;

use super::*;
use crate::cockpit::core::{Action, Context, Key, KeyStroke, Weight};

fn embedded() -> Vec<Keymap> {
    let listed = Keymap::list(None).unwrap();
    listed.iter().map(|listed| Keymap::load(&listed.name, None).unwrap()).collect()
}

/// A keymap of the person's own.
fn own(text: &str) -> Result<Keymap, String> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("mine.toml"), text).unwrap();
    Keymap::load("mine", Some(directory.path()))
        .map_err(|mistakes| mistakes.to_string().replace(directory.path().to_str().unwrap(), "~"))
}

fn plain(sign: char) -> KeyStroke {
    KeyStroke::plain(Key::Char(sign))
}

fn table(keymap: &Keymap) -> String {
    let mut table = String::new();
    for row in keymap.rows() {
        let (context, action) = (row.context.name(), row.action.name());
        writeln!(table, "{context:10} {action:21} {}", row.keys.join(" | ")).unwrap();
    }
    table
}

#[test]
fn the_default_keymap_binds_every_action() {
    let keymap = Keymap::load(DEFAULT, None).unwrap();
    for action in Action::all() {
        assert!(keymap.rows().iter().any(|row| row.action == *action), "{action} has no key");
    }
}

#[test]
fn every_keymap_binds_every_action_that_the_default_binds() {
    for keymap in embedded() {
        for action in Action::all() {
            let bound = keymap.rows().iter().any(|row| row.action == *action);
            assert!(bound, "{action} has no key in {}", keymap.name());
        }
    }
}

#[test]
fn every_binding_exists_on_a_terminal_of_old() {
    for keymap in embedded() {
        for ((context, action), list) in keymap.bindings() {
            for stroke in list.iter().flat_map(|binding| &binding.strokes) {
                assert!(stroke.is_legacy(), "{}: {context} {action}: {stroke}", keymap.name());
            }
        }
    }
}

#[test]
fn no_action_needs_a_key_that_multiplexers_take() {
    let taken = ["ctrl-a", "ctrl-b", "ctrl-g"];
    for keymap in embedded() {
        for row in keymap.rows() {
            let free = row.keys.iter().any(|keys| !keys.split(' ').any(|key| taken.contains(&key)));
            assert!(free, "{}: {} {}", keymap.name(), row.context, row.action);
        }
    }
}

#[test]
fn every_text_can_be_left_and_every_overlay_closed() {
    for keymap in embedded() {
        for context in Context::ALL.into_iter().filter(|context| context.takes_text()) {
            assert!(!keymap.keys_for(&[context], Action::Cancel).is_empty(), "{context}");
        }
        for context in [Context::Card, Context::Help] {
            let chain = [context, Context::Anywhere];
            assert!(!keymap.keys_for(&chain, Action::Close).is_empty(), "{context}");
        }
    }
}

#[test]
fn no_single_key_typed_anywhere_decides() {
    for keymap in embedded() {
        for context in Context::ALL {
            for sign in ' '..='~' {
                let meaning = keymap.meaning(&[context, Context::Anywhere], &[plain(sign)]);
                if let Meaning::Action(action) = meaning {
                    assert_eq!(action.weight(), Weight::Light, "{context}: {sign}");
                }
            }
        }
    }
}

#[test]
fn the_default_table_of_keys() {
    insta::assert_snapshot!(table(&Keymap::load(DEFAULT, None).unwrap()));
}

#[test]
fn the_vim_table_of_keys() {
    insta::assert_snapshot!(table(&Keymap::load("vim", None).unwrap()));
}

#[test]
fn the_emacs_table_of_keys() {
    insta::assert_snapshot!(table(&Keymap::load("emacs", None).unwrap()));
}

#[test]
fn the_innermost_context_wins() {
    let keymap = Keymap::load(DEFAULT, None).unwrap();
    let meaning = |contexts: &[Context]| keymap.meaning(contexts, &[plain('q')]);
    assert_eq!(meaning(&[Context::Timeline, Context::Anywhere]), Meaning::Action(Action::Quit));
    assert_eq!(meaning(&[Context::Card, Context::Anywhere]), Meaning::Action(Action::Close));
    assert_eq!(meaning(&[Context::Composer, Context::Anywhere]), Meaning::Nothing);
}

#[test]
fn a_begun_chord_shows_how_it_goes_on_in_every_context() {
    let keymap = own("[timeline]\npause = \"g p\"").unwrap();
    let contexts = [Context::Timeline, Context::Anywhere];
    let Meaning::Begun(rest) = keymap.meaning(&contexts, &[plain('g')]) else {
        panic!("g begins two chords");
    };
    let rest: Vec<_> = rest.iter().map(|next| (next.stroke, next.action)).collect();
    assert_eq!(rest, [(plain('p'), Some(Action::Pause)), (plain('g'), Some(Action::SelectFirst)),]);
}

#[test]
fn a_keymap_of_ones_own_replaces_adds_and_unbinds() {
    let text =
        "[anywhere]\nzoom = \"Z\"\nhelp = \"+ctrl-t\"\ncopy = false\nfollow = [\"F\", \"+w\"]";
    let keymap = own(text).unwrap();
    let keys = |action| keymap.keys_for(&[Context::Anywhere], action);
    assert_eq!(keys(Action::Zoom), ["Z"]);
    assert_eq!(keys(Action::Help), ["?", "f1", "ctrl-t"]);
    assert_eq!(keys(Action::Copy), Vec::<String>::new());
    assert_eq!(keys(Action::Follow), ["f", "F", "w"]);
    assert_eq!(keys(Action::Quit), ["q", "ctrl-c ctrl-c"]);
}

#[test]
fn all_mistakes_are_reported_at_once_with_their_lines() {
    let text = r#"
[anywhere]
zoom = "cntrl-z"
quitt = "Q"
follow = "j"
select-last = "g"
copy = 7
[timline]
raw-json = "x"
[timeline]
approve = "a z"
"#;
    insta::assert_snapshot!(own(text).unwrap_err(), @r#"
    ~/mine.toml:3: "cntrl-z" is not a key
    ~/mine.toml:4: unknown action "quitt"; did you mean "quit"?
    ~/mine.toml:5: "j" for follow is already select-next at keymaps/default.toml:28; give one of them another key
    ~/mine.toml:6: "g" for select-last collides with "g g" for select-first at keymaps/default.toml:30; no binding may begin another
    ~/mine.toml:7: keys are written in quotes; false unbinds
    ~/mine.toml:8: unknown context "timline"; did you mean "timeline"?
    ~/mine.toml:11: approve means nothing in [timeline]; bind it in [card]
    "#);
}

#[test]
fn a_slip_of_the_hand_can_never_be_made_to_decide() {
    let text = r#"
[anywhere]
open = ","
halt = "H"
quit = false
[card]
approve = ["y", "enter", "a a", "a ,", "ctrl-y", "e y"]
[composer]
send = ["enter", "x s"]
"#;
    insta::assert_snapshot!(own(text).unwrap_err(), @r#"
    ~/mine.toml:4: "H" is one key, too little for halt; use a chord of two keys, such as "a y", or one with control
    ~/mine.toml:7: "a ," for approve uses a key that opens the proposal; use keys that open nothing
    ~/mine.toml:7: "a a" for approve is typed by holding a key down; use a chord of two keys, such as "a y", or one with control
    ~/mine.toml:7: "enter" for approve: return never decides anything; use a chord of two keys, such as "a y", or one with control
    ~/mine.toml:7: "y" is one key, too little for approve; use a chord of two keys, such as "a y", or one with control
    ~/mine.toml:9: "enter" for send: return never decides anything; use a chord of two keys, such as "a y", or one with control
    ~/mine.toml:9: "x s" would be taken out of what is typed in [composer]; begin with control, alt or a key without a letter
    keymap: nothing is bound to quit; bind quit in [anywhere]
    "#);
}
