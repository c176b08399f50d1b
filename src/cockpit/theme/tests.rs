//! Themes as people meet them: complete, legible, told apart without colour, and mended in one go.

use std::collections::BTreeSet;
use std::fs;

use ratatui::style::{Color, Style};

use super::*;
use crate::cockpit::Listed;

fn embedded(name: &str, depth: Depth) -> Theme {
    Theme::load(name, None, depth).unwrap()
}

/// A theme of the person's own, in a directory that lives as long as the answer is looked at.
fn own(text: &str) -> Result<Theme, String> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("mine.toml"), text).unwrap();
    Theme::load("mine", Some(directory.path()), Depth::Full)
        .map_err(|mistakes| mistakes.to_string().replace(directory.path().to_str().unwrap(), "~"))
}

#[test]
fn every_embedded_theme_says_how_every_role_looks() {
    for listed in Theme::list(None).unwrap() {
        let text = fs::read_to_string(format!("themes/{}.toml", listed.name)).unwrap();
        for role in Role::ALL {
            assert!(text.contains(&format!("\n{role} = ")), "{} lacks {role}", listed.name);
        }
        embedded(&listed.name, Depth::Full);
    }
}

#[test]
fn the_default_theme_uses_only_the_terminals_own_colours() {
    let theme = embedded(DEFAULT, Depth::Full);
    for role in Role::ALL {
        let Style { fg, bg, .. } = theme.style(*role);
        for colour in [fg, bg].into_iter().flatten() {
            assert!(!matches!(colour, Color::Rgb(..) | Color::Indexed(_)), "{role}: {colour}");
        }
    }
    assert_eq!(theme.style(Role::Surface).bg, Some(Color::Reset));
}

#[test]
fn without_colour_what_must_differ_still_differs() {
    use Role::{Added, Approved, Failed, Human, Ok, Owed, Partner, Pending, Primary, Refused};
    use Role::{
        Removed, Selection, Severity1, Severity2, Severity3, Severity4, System, Text, Warn,
    };
    for Listed { name, .. } in Theme::list(None).unwrap() {
        let theme = embedded(&name, Depth::None);
        let families: [&[Role]; 5] = [
            &[Pending, Approved, Refused, Owed, Ok, Failed, Warn],
            &[Human, Primary, Partner, System],
            &[Severity1, Severity2, Severity3, Severity4],
            &[Added, Removed],
            &[Selection, Text],
        ];
        for family in families {
            let mut looks: Vec<Style> = family.iter().map(|role| theme.style(*role)).collect();
            assert!(looks.iter().all(|look| look.fg.is_none() && look.bg.is_none()));
            looks.sort_by_key(|look| look.add_modifier.bits());
            looks.dedup();
            assert_eq!(looks.len(), family.len(), "{name}: {family:?}");
        }
    }
}

#[test]
fn a_terminal_of_sixteen_colours_gets_no_others() {
    for Listed { name, .. } in Theme::list(None).unwrap() {
        let theme = embedded(&name, Depth::Sixteen);
        assert_eq!(theme.name(), name);
        for role in Role::ALL {
            let style = theme.style(*role);
            for colour in [style.fg, style.bg].into_iter().flatten() {
                let fine = matches!(colour, Color::Rgb(..) | Color::Indexed(_));
                assert!(!fine, "{name} {role}: {colour}");
            }
        }
    }
}

#[test]
fn sixteen_colours_still_tell_the_states_apart() {
    for Listed { name, .. } in Theme::list(None).unwrap() {
        let theme = embedded(&name, Depth::Sixteen);
        let states = [Role::Pending, Role::Approved, Role::Refused, Role::Muted, Role::Text];
        let looks: BTreeSet<String> =
            states.iter().map(|role| format!("{:?}", theme.style(*role))).collect();
        assert_eq!(looks.len(), states.len(), "{name}: {looks:?}");
    }
}

#[test]
fn a_theme_of_ones_own_changes_what_it_names_and_inherits_the_rest() {
    let theme =
        own("inherits = \"night\"\n[palette]\namber = \"#ffffff\"\n[roles]\ncode = \"red\"");
    let theme = theme.unwrap();
    assert_eq!(theme.appearance(), Appearance::Dark);
    assert_eq!(theme.style(Role::Code).fg, Some(Color::Red));
    assert_eq!(theme.style(Role::Pending).fg, Some(Color::Rgb(255, 255, 255)));
    assert_eq!(theme.style(Role::Surface).bg, Some(Color::Rgb(0x14, 0x16, 0x1b)));
}

#[test]
fn a_theme_that_inherits_nothing_stands_on_the_default() {
    let theme = own("[roles]\ncode = \"red\"").unwrap();
    assert_eq!(theme.style(Role::Key), embedded(DEFAULT, Depth::Full).style(Role::Key));
}

#[test]
fn all_mistakes_are_reported_at_once_with_their_lines() {
    let text = r##"
inherits = "nigth"
apearance = "dark"
appearance = "dim"
[roles]
titel = "red"
code = "teel"
link = { fg = "cyan", underlined = true, bold = 1 }
key = 7
[palette]
teal = "#12345"
"##;
    insta::assert_snapshot!(own(text).unwrap_err(), @r##"
    ~/mine.toml:2: inherits from "nigth": no theme of that name; did you mean "night"?
    ~/mine.toml:3: unknown part "apearance"; did you mean "appearance"?
    ~/mine.toml:4: `appearance` is "dark", "light" or "any"
    ~/mine.toml:6: unknown role "titel"; did you mean "title"?
    ~/mine.toml:7: unknown colour "teel"
    ~/mine.toml:8: "bold" is true or false
    ~/mine.toml:8: unknown part of a style "underlined"; did you mean "underline"?
    ~/mine.toml:9: a colour is written in quotes
    ~/mine.toml:11: unknown colour "#12345"
    "##);
}

#[test]
fn a_circle_of_themes_is_a_mistake() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("one.toml"), "inherits = \"two\"").unwrap();
    fs::write(directory.path().join("two.toml"), "inherits = \"one\"").unwrap();
    let mistakes = Theme::load("one", Some(directory.path()), Depth::Full).unwrap_err();
    assert!(mistakes.to_string().contains("inherits from itself"), "{mistakes}");
}

#[test]
fn a_theme_of_the_same_name_builds_on_the_one_it_replaces() {
    let directory = tempfile::tempdir().unwrap();
    let text = "inherits = \"paper\"\n[roles]\ncode = \"red\"";
    fs::write(directory.path().join("paper.toml"), text).unwrap();
    let theme = Theme::load("paper", Some(directory.path()), Depth::Full).unwrap();
    assert_eq!(theme.style(Role::Code).fg, Some(Color::Red));
    assert_eq!(theme.appearance(), Appearance::Light);
}
