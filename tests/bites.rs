//! The rules of the house bite: each is fed something that breaks it, and something that does not.

use std::collections::BTreeMap;
use std::fs;

use super::tidy::{
    DOOR_LINES, FILE_LINES, FUNCTION_LINES, KEYMAPS, Shelf, THEMES, TOP, choices, judge, top_level,
};

/// Judges snippets; each gets its first line and a `mod` that names it.
fn judged(files: &[(&str, &str)]) -> Vec<String> {
    let mut tree: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in files {
        let mut module = (*path).to_owned();
        tree.insert(module.clone(), format!("//! A snippet for the rules.\n{text}"));
        while let Some((folder, name)) = module.clone().rsplit_once('/') {
            let door = match folder {
                "src" => "src/lib.rs".to_owned(),
                folder => format!("{folder}/mod.rs"),
            };
            let named = name.trim_end_matches(".rs");
            if named != "mod" && door != module {
                let text = tree.entry(door).or_insert("//! A door for the rules.\n".to_owned());
                let line = format!("mod {named};\n");
                if !text.contains(&line) {
                    text.push_str(&line);
                }
            }
            folder.clone_into(&mut module);
            if folder == "src" {
                break;
            }
        }
    }
    let tree: Vec<(String, String)> = tree.into_iter().collect();
    judge(&tree).iter().map(ToString::to_string).collect()
}

fn bites(files: &[(&str, &str)], expected: &str) {
    let findings = judged(files);
    assert!(
        findings.len() == 1 && findings[0].starts_with(expected),
        "expected one finding `{expected}`, got {findings:#?}"
    );
}

fn passes(files: &[(&str, &str)]) {
    let findings = judged(files);
    assert!(findings.is_empty(), "expected none, got {findings:#?}");
}

const TOOLS: (&str, &str) = ("src/hub/tools.rs", "pub struct Tool;\npub fn call() {}");
const ENTRY: (&str, &str) = ("src/incident/entry.rs", "pub struct Entry;");

#[test]
fn a_room_that_imports_upwards_is_found_in_every_spelling() {
    for upward in [
        "use crate::hub::tools::Tool;",
        "use crate::{hub::tools::{Tool as T}};",
        "fn f() { crate::hub::tools::call() }",
        "fn f() { println!(\"{:?}\", crate::hub::tools::call()) }",
        "#[serde(with = \"crate::hub::tools\")] struct S;",
        "use super::super::hub::tools::Tool;",
        "fn f(_: Vec<crate::hub::tools::Tool>) {}",
        "use crate as us;\nuse crate::hub::*;",
    ] {
        let findings = judged(&[TOOLS, ("src/journal/append.rs", upward)]);
        let upwards = findings.iter().filter(|line| line.contains("only the rooms that")).count();
        assert!(upwards > 0, "`{upward}` passed: {findings:#?}");
    }
    passes(&[ENTRY, ("src/journal/append.rs", "use crate::incident::entry::Entry;")]);
}

#[test]
fn a_test_may_import_upwards() {
    let text = "#[cfg(test)]\nmod tests { use crate::hub::tools::Tool; }";
    passes(&[TOOLS, ("src/journal/append.rs", text)]);
    passes(&[TOOLS, ("src/journal/append.rs", "#[cfg(all(test, unix))]\nuse crate::hub::tools;")]);
    let text = "#[cfg(not(test))]\nuse crate::hub::tools::Tool;";
    bites(&[TOOLS, ("src/journal/append.rs", text)], "src/journal/append.rs:3: names `crate::hub");
}

#[test]
fn a_room_that_the_design_does_not_have_is_found() {
    bites(&[("src/kitchen.rs", "")], "src/kitchen.rs:1: a room that the design does not have");
}

#[test]
fn a_cycle_over_three_files_is_found_with_its_way() {
    let ring = [
        ("src/hub/a.rs", "use super::b::B;\npub struct A;"),
        ("src/hub/b.rs", "use crate::hub::c::C;\npub struct B;"),
        ("src/hub/c.rs", "pub fn f() -> super::a::A { super::a::A }\npub struct C;"),
    ];
    let way = "src/hub/a.rs → src/hub/b.rs → src/hub/c.rs → src/hub/a.rs";
    bites(&ring, &format!("src/hub/a.rs:2: a cycle: {way}"));
    passes(&ring[1..].iter().map(|(path, _)| (*path, "")).collect::<Vec<_>>());
}

#[test]
fn a_cycle_through_a_door_is_found_and_a_mere_door_is_none() {
    let door = ("src/hub/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::B;");
    let a = ("src/hub/a.rs", "use super::B;\npub struct A;");
    passes(&[door, a, ("src/hub/b.rs", "pub(super) struct B;\npub(in crate::hub) fn f() {}")]);
    let b = ("src/hub/b.rs", "use crate::hub::A;\npub struct B;");
    bites(&[door, a, b], "src/hub/a.rs:2: a cycle: src/hub/a.rs → src/hub/b.rs → src/hub/a.rs");
    let globbing = ("src/hub/b.rs", "use super::*;\npub struct B;");
    assert!(judged(&[door, a, globbing]).iter().any(|line| line.contains("a cycle")));
}

#[test]
fn an_impure_core_view_or_widget_is_found() {
    for impure in [
        "use tokio::sync::mpsc;",
        "use std::{fs, fmt};",
        "fn f() { let _ = std::env::args(); }",
        "use ratatui::crossterm::event::KeyEvent;",
        "use std::time::{Duration, Instant};",
        "use std::*;",
        "fn now() -> jiff::Timestamp { jiff::Timestamp::now() }",
        "fn f() { dbg!(reqwest::get()) }",
    ] {
        for path in ["src/cockpit/core/model.rs", "src/cockpit/view/pane.rs"] {
            let findings = judged(&[(path, impure)]);
            assert!(!findings.is_empty(), "`{impure}` passed in {path}");
        }
        passes(&[("src/cockpit/driver.rs", impure)]);
    }
    passes(&[("src/cockpit/core/model.rs", "use std::time::Duration;\nuse jiff::Timestamp;")]);
}

#[test]
fn the_parts_of_the_cockpit_keep_their_order() {
    let theme = ("src/cockpit/theme.rs", "pub struct Theme;");
    let door = (
        "src/cockpit/mod.rs",
        "mod core;\nmod theme;\nmod view;\nmod widgets;\npub use theme::Theme;",
    );
    let view = ("src/cockpit/view/pane.rs", "use crate::cockpit::theme::Theme;");
    let core = ("src/cockpit/core/model.rs", "use crate::cockpit::Theme;");
    let widget = ("src/cockpit/widgets/bar.rs", "use crate::incident::entry::Entry;");
    passes(&[door, theme, view]);
    let file = ("src/cockpit/core/model.rs", "");
    bites(&[door, theme, view, core], &format!("{}:2: names `crate::cockpit::Theme`", file.0));
    bites(&[ENTRY, widget], "src/cockpit/widgets/bar.rs:2: names `crate::incident");
}

#[test]
fn a_long_file_is_found_but_its_tests_do_not_count() {
    let long = "const A: u8 = 1;\n".repeat(FILE_LINES);
    bites(&[("src/hub/long.rs", &long)], "src/hub/long.rs:1: 501 lines");
    let tests = format!("#[cfg(test)]\nmod tests {{\n{long}}}");
    passes(&[("src/hub/long.rs", &tests)]);
}

#[test]
fn a_long_function_is_found_wherever_it_stands() {
    let body = |lines: usize| format!("fn f() {{\n{}}}", "    g();\n".repeat(lines));
    passes(&[("src/hub/feed.rs", &body(FUNCTION_LINES - 2))]);
    let long = body(FUNCTION_LINES - 1);
    bites(&[("src/hub/feed.rs", &long)], "src/hub/feed.rs:2: `f` has 71 lines");
    bites(&[("src/hub/feed.rs", &format!("impl A {{\n{long}\n}}"))], "src/hub/feed.rs:3: `f`");
    bites(&[("src/hub/feed.rs", &format!("trait A {{\n{long}\n}}"))], "src/hub/feed.rs:3: `f`");
    bites(
        &[("src/hub/feed.rs", &format!("#[cfg(test)]\nmod tests {{\n{long}\n}}"))],
        "src/hub/feed.rs:4: `f`",
    );
}

#[test]
fn a_file_without_its_sentence_is_found() {
    for (first, findings) in
        [("//! What lives here.", 0), ("//!", 1), ("// What lives", 1), ("", 1)]
    {
        let tree = [("src/lib.rs".to_owned(), format!("{first}\n"))];
        assert_eq!(judge(&tree).len(), findings, "`{first}`");
    }
}

#[test]
fn a_door_with_logic_is_found() {
    for logic in ["fn f() {}", "pub struct S;", "mod inline {}", "macro_rules! m { () => {} }"] {
        bites(&[("src/hub/mod.rs", logic)], "src/hub/mod.rs:2: logic in a door");
    }
    passes(&[TOOLS, ("src/hub/mod.rs", "/// The tools.\npub mod tools;\npub use tools::Tool;")]);
    let wide = "use std::fmt;\n".repeat(DOOR_LINES + 1);
    bites(&[("src/hub/mod.rs", &wide)], "src/hub/mod.rs:1: a door of 61 lines");
}

#[test]
fn a_vague_name_is_found() {
    bites(&[("src/hub/utils.rs", "")], "src/hub/utils.rs:1: a module named `utils`");
    bites(
        &[("src/hub/a.rs", "mod feed_helper {}")],
        "src/hub/a.rs:2: a module named `feed_helper`",
    );
    passes(&[("src/hub/utility_bill.rs", "")]);
}

#[test]
fn forbidden_words_are_found_in_code_and_not_in_text() {
    for (text, what) in [
        ("#[allow(dead_code)]\nfn f() {}", "`allow`"),
        ("#[cfg_attr(test, allow(dead_code))]\nfn f() {}", "`allow`"),
        ("#![allow(dead_code)]", "`allow`"),
        ("fn f() { todo!() }", "`todo!`"),
        ("fn f() { g(h(|| { unimplemented!(\"later\") })) }", "`unimplemented!`"),
        ("#[cfg(test)]\nmod tests { #[ignore = \"slow\"]\n#[test] fn t() {} }", "`ignore`"),
    ] {
        let findings = judged(&[("src/hub/feed.rs", text)]);
        assert!(findings.len() == 1 && findings[0].contains(what), "{text}: {findings:#?}");
    }
    passes(&[("src/hub/feed.rs", "// todo!\nconst A: &str = \"#[allow(x)] todo!\";")]);
    passes(&[("src/hub/feed.rs", "#[expect(dead_code, reason = \"x\")]\nfn allow() {}")]);
}

#[test]
fn a_file_that_no_module_names_is_found() {
    let file =
        |path: &str, text: &str| (path.to_owned(), format!("//! A snippet of text.\n{text}"));
    let forgotten =
        [file("tests/main.rs", "mod tidy;"), file("tests/tidy.rs", ""), file("tests/lost.rs", "")];
    let findings = judge(&forgotten);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].to_string().starts_with("tests/lost.rs:1: no `mod` names this file"));
    assert!(judge(&forgotten[..2]).is_empty());
}

#[test]
fn a_file_that_does_not_parse_is_found() {
    bites(&[("src/hub/feed.rs", "fn f( {}")], "src/hub/feed.rs:");
}

#[test]
fn a_stranger_at_the_top_and_a_missing_room_are_found() {
    let names =
        |more: &[&str]| [TOP, more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert!(top_level(&names(&[".github", "benches", "target"])).is_empty());
    let strange = top_level(&names(&["notes.md"]));
    assert_eq!(strange.len(), 1);
    assert!(strange[0].to_string().starts_with("notes.md:1: not part of the house, the top"));
    assert_eq!(top_level(&names(&[])[1..])[0].path, TOP[0]);
}

#[test]
fn a_theme_or_keymap_that_cannot_be_chosen_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let judged = |path: &str, text: &str, shelf: &Shelf, expected: Option<&str>| {
        let (kind, _) = path.split_once('/').unwrap();
        fs::create_dir(folder.path().join(kind)).unwrap();
        fs::write(folder.path().join(path), text).unwrap();
        let findings = choices(kind, folder.path(), shelf);
        fs::remove_dir_all(folder.path().join(kind)).unwrap();
        let found = findings.iter().any(|found| Some(found.why) == expected);
        assert!(findings.len() == usize::from(found), "{path}: {findings:#?}");
        assert_eq!(found, expected.is_some(), "{path}: {findings:#?}");
    };
    let (refused, unseen) = (Some("so it does not load"), Some("so nobody can choose it"));
    let (theme, keymap) = ("[roles]\ntext = \"red\"\n", "[anywhere]\nhelp = \"?\"\n");
    judged("themes/night.toml", theme, &THEMES, None);
    judged("themes/night.toml", &theme.replace("text", "texture"), &THEMES, refused);
    judged("themes/new.toml", theme, &THEMES, unseen);
    judged("themes/night.json", "{}", &THEMES, unseen);
    judged("keymaps/vim.toml", keymap, &KEYMAPS, None);
    judged("keymaps/vim.toml", &keymap.replace("help", "hulp"), &KEYMAPS, refused);
    judged("keymaps/new.toml", keymap, &KEYMAPS, unseen);
}
