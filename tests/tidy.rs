//! The rules of the house: who may import whom, how long things may be, what may not be written.
//!
//! Every rule is a pure function over files given as text, so that each can be shown to bite.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use wheelhouse::cockpit::Listed;
use wheelhouse::cockpit::keymap::Keymap;
use wheelhouse::cockpit::theme::{Depth, Theme};
use wheelhouse::settings::Mistakes;

use crate::support::{House, Source};

/// The rooms of the crate, and the rooms below that each may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("incident", &[]),
    ("wire", &["incident"]),
    ("settings", &["incident"]),
    ("journal", &["incident", "wire"]),
    ("trackers", &["incident", "settings"]),
    ("partner", &["incident", "wire", "settings"]),
    ("sandbox", &["incident", "settings"]),
    ("hub", &["incident", "wire", "settings", "journal", "trackers", "partner", "sandbox"]),
    ("agents", &["incident", "wire", "settings", "partner"]),
    ("cockpit", &["incident", "wire", "settings"]),
    (
        "cli",
        &[
            "incident", "wire", "settings", "journal", "trackers", "partner", "sandbox", "hub",
            "agents", "cockpit",
        ],
    ),
];

/// The pure parts of the cockpit: part, other parts it may import, rooms it may import.
const PURE: &[(&str, &[&str], &[&str])] = &[
    ("core", &[], &["incident", "wire"]),
    // A view draws the nouns themselves, and how far their copies are: the model holds both.
    ("view", &["core", "theme", "widgets"], &["incident", "wire"]),
    ("widgets", &[], &[]),
];

/// What neither `core` nor `view` nor a widget may name, anywhere in a path.
const IMPURE: &[&[&str]] = &[
    &["tokio"],
    &["reqwest"],
    &["crossterm"],
    &["std", "fs"],
    &["std", "env"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["Instant"],
    &["SystemTime"],
    &["Timestamp", "now"],
    &["Zoned", "now"],
    &["Clock"],
];

pub(crate) const FILE_LINES: usize = 500;
pub(crate) const FUNCTION_LINES: usize = 70;
pub(crate) const DOOR_LINES: usize = 60;

const VAGUE: &[&str] =
    &["manager", "util", "helper", "common", "service", "handler", "data", "info"];

pub(crate) const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "LICENSE",
    "src",
    "themes",
    "keymaps",
    "tests",
    "screenshots",
];
const TOP_OPTIONAL: &[&str] = &["benches", "target"];

/// One breach of a rule, printed as `path:line: what, why`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    line: usize,
    what: String,
    pub(crate) why: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}, {}", self.path, self.line, self.what, self.why)
    }
}

fn finding(path: &str, line: usize, what: impl Into<String>, why: &'static str) -> Finding {
    Finding { path: path.to_owned(), line, what: what.into(), why }
}

/// Judges a tree of Rust files, given as path and text, by every rule that looks at code.
pub(crate) fn judge(files: &[(String, String)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut sources = Vec::new();
    for (path, text) in files {
        match Source::read(path, text) {
            Ok(source) => sources.push(source),
            Err((line, what)) => findings.push(finding(path, line, what, "so no rule can read it")),
        }
    }
    for source in &sources {
        findings.extend(first_line(source));
        findings.extend(sizes(source));
        findings.extend(door(source));
        findings.extend(vague_names(source));
        findings.extend(forbidden(&source.path, source.tokens.clone()));
    }
    findings.extend(orphans(&sources));
    let house = House::of(&sources);
    findings.extend(imports(&house));
    findings.extend(impurities(&house));
    findings.extend(cycles(&house));
    findings.sort();
    findings.dedup();
    findings
}

// --- Shape -----------------------------------------------------------------------------------

fn first_line(source: &Source) -> Option<Finding> {
    let first = source.text.lines().next().unwrap_or_default();
    let says = first.strip_prefix("//! ").is_some_and(|rest| rest.split(' ').count() > 1);
    let why = "the first line of a file is a `//!` sentence that says what lives there";
    (!says).then(|| finding(&source.path, 1, "no `//!` sentence", why))
}

fn sizes(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let length = source.length();
    if length > FILE_LINES {
        let what = format!("{length} lines without inline tests");
        findings.push(finding(&source.path, 1, what, "a file has at most 500: split it"));
    }
    for function in source.functions.iter().filter(|function| function.lines > FUNCTION_LINES) {
        let what = format!("`{}` has {} lines", function.name, function.lines);
        findings.push(finding(&source.path, function.line, what, "a function has at most 70"));
    }
    findings
}

fn door(source: &Source) -> Vec<Finding> {
    if !source.path.ends_with("/mod.rs") && source.path != "src/lib.rs" {
        return Vec::new();
    }
    let why = "a door holds docs, `mod` and `use`: move the logic to a file beside it";
    let mut findings: Vec<Finding> = source
        .logic
        .iter()
        .map(|line| finding(&source.path, *line, "logic in a door", why))
        .collect();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines = source.text.lines().filter(is_code).count();
    if lines > DOOR_LINES {
        let what = format!("a door of {lines} lines of code");
        findings.push(finding(&source.path, 1, what, "a door has at most 60: export less"));
    }
    findings
}

fn vague_names(source: &Source) -> Vec<Finding> {
    let inline = source.modules.iter().filter(|declared| declared.is_inline);
    let inline = inline.filter_map(|declared| Some((declared.path.last()?, declared.line)));
    let own = source.module.iter().map(|name| (name, 1));
    let is_vague = |name: &str| {
        name.split('_').any(|word| VAGUE.iter().any(|vague| word.trim_end_matches('s') == *vague))
    };
    let why = "it says nothing: name the module after what lives in it";
    own.chain(inline)
        .filter(|(name, _)| is_vague(name))
        .map(|(name, line)| finding(&source.path, line, format!("a module named `{name}`"), why))
        .collect()
}

/// Finds `#[allow]`, `#[ignore]`, `todo!` and `unimplemented!`, also inside macros.
fn forbidden(path: &str, tokens: TokenStream) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut before = ' ';
    let mut word: Option<(String, usize)> = None;
    for token in tokens {
        let line = token.span().start().line;
        let mut next = ' ';
        let mut named = None;
        match &token {
            TokenTree::Ident(ident) => named = Some((ident.to_string(), line)),
            TokenTree::Punct(punct) => {
                // The `!` of an inner attribute, `#![…]`, does not part it from its `#`.
                next = if punct.as_char() == '!' && before == '#' { '#' } else { punct.as_char() };
                if let ('!', Some((name, line))) = (next, &word)
                    && ["todo", "unimplemented"].contains(&name.as_str())
                {
                    let why = "what is not there yet is left out, not promised";
                    findings.push(finding(path, *line, format!("`{name}!`"), why));
                }
            }
            TokenTree::Group(group) => {
                if before == '#' {
                    findings.extend(attribute(path, group.stream()));
                }
                findings.extend(forbidden(path, group.stream()));
            }
            TokenTree::Literal(_) => {}
        }
        before = next;
        word = named;
    }
    findings
}

fn attribute(path: &str, tokens: TokenStream) -> Vec<Finding> {
    let mut findings = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if ident == "allow" => findings.push(finding(
                path,
                ident.span().start().line,
                "`allow`",
                "a lint is lifted by `#[expect(lint, reason = \"…\")]` alone",
            )),
            TokenTree::Ident(ident) if ident == "ignore" => findings.push(finding(
                path,
                ident.span().start().line,
                "`ignore`",
                "a test runs or is deleted",
            )),
            TokenTree::Group(group) => findings.extend(attribute(path, group.stream())),
            _ => {}
        }
    }
    findings
}

/// Finds files that no `mod` brings in: they are neither built nor run.
fn orphans(sources: &[Source]) -> Vec<Finding> {
    let tree = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let declared: BTreeSet<(String, &[String])> = sources
        .iter()
        .flat_map(|source| source.modules.iter().map(|module| (tree(&source.path), &*module.path)))
        .collect();
    let is_root = |source: &Source| {
        source.module.is_empty() || source.path.starts_with("benches/") && source.module.len() == 1
    };
    let why = "so it is never built: add `mod` for it in the file above";
    sources
        .iter()
        .filter(|source| !is_root(source))
        .filter(|source| !declared.contains(&(tree(&source.path), &*source.module)))
        .map(|source| finding(&source.path, 1, "no `mod` names this file", why))
        .collect()
}

// --- Imports ---------------------------------------------------------------------------------

fn imports(house: &House<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (source, name, target) in house.named() {
        for to in [&target.written, &target.module] {
            let what = format!("names `{}`", name.segments.join("::"));
            if let Some(why) = breach(&source.module, to) {
                findings.push(finding(&source.path, name.line, what, why));
                break;
            }
        }
    }
    let unknown = |source: &&&Source| {
        source.module.first().is_some_and(|room| ROOMS.iter().all(|(known, _)| known != room))
    };
    findings.extend(house.files.iter().filter(unknown).map(|source| {
        finding(&source.path, 1, "a room that the design does not have", "add it to both")
    }));
    findings
}

fn impurities(house: &House<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in house.files.iter().filter(|source| part(&source.module).is_some()) {
        for name in &source.names {
            let Some(impure) = IMPURE.iter().find(|path| contains(&name.segments, path)) else {
                continue;
            };
            let what = format!("names `{}`", impure.join("::"));
            let why = "core, view and widgets are pure: the driver does it and sends a message";
            findings.push(finding(&source.path, name.line, what, why));
        }
    }
    findings
}

fn cycles(house: &House<'_>) -> Vec<Finding> {
    let why = "no file may lead back to itself: move what both need below both";
    let ways = house.cycles().into_iter();
    ways.map(|(line, way)| finding(way[0], line, format!("a cycle: {}", way.join(" → ")), why))
        .collect()
}

/// Why a module may not name another, if it may not.
fn breach(from: &[String], to: &[String]) -> Option<&'static str> {
    let (room, other) = (from.first()?, to.first()?);
    let below = ROOMS.iter().find(|(known, _)| known == room).map(|(_, below)| *below)?;
    let is_room = ROOMS.iter().any(|(known, _)| known == other);
    if is_room && room != other && !below.contains(&other.as_str()) {
        return Some("a room imports only the rooms that the design puts below it");
    }
    let (own, parts, rooms) = part(from)?;
    let why = "core, view and widgets import only what the design allows inside the cockpit";
    let free = match (room == other, to.get(1)) {
        (true, Some(part)) => part == own || parts.contains(&part.as_str()),
        (true, None) => false,
        (false, _) => !is_room || rooms.contains(&other.as_str()),
    };
    (!free).then_some(why)
}

fn part(
    module: &[String],
) -> Option<&'static (&'static str, &'static [&'static str], &'static [&'static str])> {
    let inside = module.first().filter(|room| *room == "cockpit").and(module.get(1))?;
    PURE.iter().find(|(name, _, _)| name == inside)
}

/// Whether a path names `part`, or takes in everything of a module that holds it.
fn contains(path: &[String], part: &[&str]) -> bool {
    let globbed = path.split_last().is_some_and(|(last, module)| {
        last == "*"
            && !module.is_empty()
            && module.len() < part.len()
            && part.starts_with(&module.iter().map(String::as_str).collect::<Vec<_>>())
    });
    globbed || path.windows(part.len()).any(|window| window == part)
}

// --- The tree as it is -----------------------------------------------------------------------

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below `folder` that end in `.ending`, as paths from the root with their text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).into_iter().flatten() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if root().join(&path).is_dir() {
            found.extend(files(&path, ending));
        } else if path.ends_with(ending) {
            let text = fs::read_to_string(root().join(&path)).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn must_be_clean(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} breaches of the house rules:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn every_rust_file_keeps_the_rules_of_the_house() {
    let files: Vec<_> = ["src", "tests", "benches"].iter().flat_map(|f| files(f, ".rs")).collect();
    assert!(files.iter().any(|(path, _)| path == "src/lib.rs"), "the tree was not read");
    must_be_clean(&judge(&files));
}

#[test]
fn the_top_level_is_as_the_design_lists_it() {
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    must_be_clean(&top_level(&names));
}

/// Finds what lies visibly at the top without being part of the design, and what is missing there.
pub(crate) fn top_level(names: &[String]) -> Vec<Finding> {
    let known = |name: &&String| TOP.contains(&&***name) || TOP_OPTIONAL.contains(&&***name);
    let strange = names.iter().filter(|name| !name.starts_with('.') && !known(name)).map(|name| {
        let why = "the top level is as the design lists it: a tool's settings go into a dotfile";
        finding(name, 1, "not part of the house", why)
    });
    let missing = TOP.iter().filter(|name| names.iter().all(|lying| lying != *name));
    strange
        .chain(missing.map(|name| finding(name, 1, "missing", "the design promises it")))
        .collect()
}

#[test]
fn every_theme_and_keymap_loads() {
    must_be_clean(&choices("themes", root(), &THEMES));
    must_be_clean(&choices("keymaps", root(), &KEYMAPS));
}

/// A kind of file that people choose by name: which ones come with the product, and its loader.
pub(crate) struct Shelf {
    list: fn() -> Vec<Listed>,
    load: fn(&str, &Path) -> Result<(), Mistakes>,
}

pub(crate) const THEMES: Shelf = Shelf {
    list: || Theme::list(None).unwrap(),
    load: |name, own| Theme::load(name, Some(own), Depth::Full).map(drop),
};

pub(crate) const KEYMAPS: Shelf = Shelf {
    list: || Keymap::list(None).unwrap(),
    load: |name, own| Keymap::load(name, Some(own)).map(drop),
};

/// Finds the files in `folder` that cannot be chosen: refused by the loader, or never embedded.
pub(crate) fn choices(folder: &str, root: &Path, shelf: &Shelf) -> Vec<Finding> {
    let embedded = (shelf.list)();
    let mut findings = Vec::new();
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let shown = format!("{folder}/{}", path.file_name().unwrap().display());
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_none_or(|ending| ending != "toml") {
            findings.push(finding(&shown, 1, "not a `.toml` file", "so nobody can choose it"));
        } else if let Err(mistakes) = (shelf.load)(name, &root.join(folder)) {
            findings.push(finding(&shown, 1, mistakes.to_string(), "so it does not load"));
        } else if embedded.iter().all(|known| known.name != name) {
            findings.push(finding(&shown, 1, "not in the binary", "so nobody can choose it"));
        }
    }
    findings
}
