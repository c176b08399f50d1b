//! The settings file: read, checked, and laid over what holds without it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, Error as TomlError};

use super::Environment;
use super::keys::Flaw;
use super::layer::{self, DoorPlace, Layer, PartnerLayer, People, Ui};
use super::mend::{self, KeyPath, Readable};
use super::mistake::{Mistake, Mistakes, did_you_mean, line_of};
use super::paths::Paths;
use super::private::{Reach, exposed};
use super::secret::SecretPlace;
use super::tracker::TrackerPlace;
use crate::incident::{Actor, ActorKind, Notice, Policy, Principal, Proof, Trouble, Untrusted};

/// The longest settings file, in bytes.
const FILE_MAX: u64 = 1024 * 1024;

/// Everything that a person can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How the cockpit looks and is steered.
    pub ui: Ui,
    /// Who sits here.
    pub people: People,
    /// Which acts need whom.
    pub policy: Policy,
    /// Where other systems tell the hub something.
    pub door: DoorPlace,
    /// The partners that can be called, by name.
    pub partners: BTreeMap<String, PartnerPlace>,
    /// The trackers, by name.
    pub trackers: BTreeMap<String, TrackerPlace>,
}

/// Where a partner lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartnerPlace {
    /// A program to start.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
        /// The variables that it gets to see; no others.
        pass: Vec<String>,
    },
    /// A server.
    Url {
        /// Its address.
        url: String,
        /// What it asks for at its door.
        token: Option<SecretPlace>,
    },
}

/// Settings, with what was strange and did no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Keys that mean nothing.
    pub warnings: Mistakes,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ui: Ui::default(),
            people: People::default(),
            policy: Policy::default(),
            door: DoorPlace::default(),
            partners: BTreeMap::new(),
            trackers: BTreeMap::from([("local".to_owned(), TrackerPlace::local())]),
        }
    }
}

impl Settings {
    /// Loads the settings; a file that nobody named may be missing.
    ///
    /// # Errors
    /// The file cannot be read, or holds a mistake: which, where, and what to do.
    pub fn load(paths: &Paths) -> Result<Loaded, Notice> {
        Self::parse(&paths.config, &text_of(paths)?)
    }

    /// Refuses a settings file that a person named and that is not there, for those who need nothing of it.
    ///
    /// # Errors
    /// It is not there.
    pub fn must_be_there(paths: &Paths) -> Result<(), Notice> {
        if !paths.config_origin.must_exist() || paths.config.exists() {
            return Ok(());
        }
        Err(unreadable(paths, &io::ErrorKind::NotFound.into()))
    }

    /// Reads the text of a file.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Loaded, Notice> {
        let (settings, wrong, warnings) = examined(path, text);
        let settings = wrong.unless_any(settings).map_err(|mistakes| notice(&mistakes))?;
        Ok(Loaded { settings, warnings })
    }

    /// The names of the trackers that entries are written to.
    pub fn records(&self) -> Vec<String> {
        let records = self.trackers.iter().filter(|(_, place)| place.is_record());
        records.map(|(name, _)| name.clone()).collect()
    }

    /// Reads the settings as far as they can be read: with every mistake, then with every key that means
    /// nothing and does no harm.
    ///
    /// # Errors
    /// The file cannot be read at all.
    pub fn examine(paths: &Paths) -> Result<(Self, Mistakes, Mistakes), Notice> {
        Ok(examined(&paths.config, &text_of(paths)?))
    }

    /// A mistake at a key of the settings file.
    pub fn mistake_at(paths: &Paths, key: &[&str], what: String, hint: Option<String>) -> Mistake {
        // A file that cannot be read has no lines.
        let line = text_of(paths).map_or(0, |text| line_of_key(&text, key));
        Mistake { file: paths.config.display().to_string(), line, what, hint }
    }

    /// Who sits here, as far as this machine knows: the account, under the name that the settings give.
    ///
    /// # Errors
    /// The name cannot be an actor's name.
    pub fn person(&self, environment: &Environment) -> Result<Principal, Notice> {
        let name = self.people.me.as_deref().or_else(|| environment.user()).unwrap_or("local");
        let actor = Actor::new(ActorKind::Human, name, None).map_err(|error| {
            Notice::new(Trouble::Usage, "your name cannot stand in an entry")
                .detail(error.to_string())
                .hint("write `me = \"name\"` under [people] in the settings")
        })?;
        Ok(Principal { actor, proof: Proof::LocalUser, roles: self.people.roles.clone() })
    }
}

/// A settings file that is being understood.
struct Page<'a> {
    file: String,
    text: &'a str,
}

/// The text of the settings file; a file that nobody named may be missing, and says nothing then.
///
/// # Errors
/// It cannot be read.
pub(super) fn text_of(paths: &Paths) -> Result<String, Notice> {
    match read(&paths.config) {
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && !paths.config_origin.must_exist() =>
        {
            Ok(String::new())
        }
        read => read.map_err(|error| unreadable(paths, &error)),
    }
}

/// The line of a key, from 1; 0 if it is not there.
pub(super) fn line_of_key(text: &str, path: &[&str]) -> usize {
    span_of(text, path).map_or(0, |span| line_of(text, span.start))
}

fn examined(path: &Path, text: &str) -> (Settings, Mistakes, Mistakes) {
    let page = Page { file: path.display().to_string(), text };
    let (mut wrong, mut warnings) = (Mistakes::default(), Mistakes::default());
    let Readable { layer, strange, wrong: misread } = page.layer(&mut wrong);
    for key in strange {
        let path: Vec<&str> = key.iter().map(String::as_str).collect();
        let noted = if layer::is_strict(&path) { &mut wrong } else { &mut warnings };
        noted.push(page.unknown_key(&path));
    }
    let mut incomplete = Mistakes::default();
    let settings = page.settings(layer, &mut incomplete);
    // What seems to be missing because it was left out above was told already.
    for mistake in incomplete.list() {
        let in_same = |place: &KeyPath| {
            let table: Vec<&str> = place.iter().take(2).map(String::as_str).collect();
            table.len() == 2 && line_of_key(text, &table) == mistake.line
        };
        if !misread.iter().any(|(_, place)| in_same(place)) {
            wrong.push(mistake.clone());
        }
    }
    (settings, wrong, warnings)
}

impl Page<'_> {
    /// What the file says as far as it can be read; every mistake is noted.
    fn layer(&self, wrong: &mut Mistakes) -> Readable {
        let (_, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            wrong.push(self.misread(error));
        }
        if !errors.is_empty() {
            // What stands in broken lines would seem to be missing everywhere else.
            return Readable::default();
        }
        let readable = mend::read(self.text);
        for (error, key) in &readable.wrong {
            let mut mistake = self.misread(error);
            if !key.is_empty() {
                mistake.what = format!("{}: {}", key.join("."), mistake.what);
            }
            wrong.push(mistake);
        }
        readable
    }

    fn settings(&self, layer: Layer, wrong: &mut Mistakes) -> Settings {
        let Layer { ui, people, policy, door, partners, trackers } = layer;
        let mut settings = Settings { ui, people, door, ..Settings::default() };
        settings.policy = policy.over(settings.policy);
        for (name, partner) in partners {
            match partner_place(partner) {
                Ok(place) => drop(settings.partners.insert(name, place)),
                Err((what, hint)) => wrong.push(self.at(&["partners", &name], what, hint)),
            }
        }
        if !trackers.is_empty() {
            settings.trackers.clear();
        }
        for (name, tracker) in trackers {
            match TrackerPlace::read(&tracker) {
                Ok(place) => drop(settings.trackers.insert(name, place)),
                Err(flaws) => {
                    for Flaw { key, what, hint } in flaws {
                        let place = format!("{what} in [trackers.{name}]");
                        wrong.push(self.at(&["trackers", &name, &key], place, hint));
                    }
                }
            }
        }
        self.check_door(&settings, wrong);
        settings
    }

    /// A door that nobody finds, or through which nobody may come, is a mistake.
    fn check_door(&self, settings: &Settings, wrong: &mut Mistakes) {
        let DoorPlace { listen, hosts, token, webhooks } = &settings.door;
        if listen.is_some_and(|address| !address.ip().is_loopback()) {
            let what = "the door listens on this machine alone".to_owned();
            let hint = "write listen = \"127.0.0.1:7420\", and put a proxy with TLS in front";
            wrong.push(self.at(&["door", "listen"], what, hint));
        }
        for host in hosts.iter().filter(|host| !is_host(host)) {
            let what = format!("{host:?} is no name of a host");
            let hint = "write the name alone, without https://, port, or path";
            wrong.push(self.at(&["door", "hosts"], what, hint));
        }
        if listen.is_some() && token.is_none() && webhooks.is_empty() {
            let what = "nobody may come in at the door".to_owned();
            let hint = "give senders of alerts a token, or trackers a secret under [door.webhooks]";
            wrong.push(self.at(&["door"], what, hint));
        }
        for name in webhooks.keys().filter(|name| !settings.trackers.contains_key(*name)) {
            let known: Vec<&str> = settings.trackers.keys().map(String::as_str).collect();
            let hint = did_you_mean(name, known.iter().copied())
                .unwrap_or_else(|| format!("there are: {}", known.join(", ")));
            let what = format!("there is no tracker {name:?}");
            wrong.push(self.at(&["door", "webhooks", name], what, hint));
        }
    }

    fn unknown_key(&self, path: &[&str]) -> Mistake {
        let (key, table) =
            path.split_last().map_or(("", [].as_slice()), |(key, table)| (*key, table));
        let known = layer::known(table);
        let hint = did_you_mean(key, known.iter().copied())
            .or_else(|| (!known.is_empty()).then(|| format!("there are: {}", known.join(", "))));
        let place =
            if table.is_empty() { String::new() } else { format!(" in [{}]", table.join(".")) };
        self.at(path, format!("unknown key {key:?}{place}"), hint.unwrap_or_default())
    }

    fn at(&self, path: &[&str], what: String, hint: impl Into<String>) -> Mistake {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        let line = line_of_key(self.text, path);
        Mistake { file: self.file.clone(), line, what, hint }
    }

    /// The parser's message alone: its full text repeats the line, which may hold a secret.
    fn misread(&self, error: &TomlError) -> Mistake {
        let line = error.span().map_or(0, |span| line_of(self.text, span.start));
        let what = Untrusted::from(error.message()).line().to_string();
        let hint = if what.starts_with("a secret is named") {
            let way = "put the secret into a file of your own (chmod 600) and write \
                       token = \"file:/path\"";
            Some(way.to_owned())
        } else {
            meant(&what)
        };
        Mistake { file: self.file.clone(), line, what, hint }
    }
}

/// What may have been meant, where the parser names what was read and what may stand there, each in
/// backquotes.
fn meant(what: &str) -> Option<String> {
    let mut quoted = what.strip_prefix("unknown variant ")?.split('`').skip(1).step_by(2);
    let read = quoted.next()?;
    did_you_mean(read, quoted)
}

/// Where the key at the end of a path of tables stands.
fn span_of(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let (root, _) = DeTable::parse_recoverable(text);
    let mut table = Some(root.get_ref());
    let mut found = None;
    for name in path {
        let Some(here) = table else { break };
        let Some((key, value)) = here.iter().find(|(key, _)| key.get_ref().as_ref() == *name)
        else {
            break;
        };
        found = Some(key.span());
        table = value.get_ref().as_table();
    }
    found
}

/// What is wrong, and what to do about it.
type Wrong = (String, String);

fn partner_place(layer: PartnerLayer) -> Result<PartnerPlace, Wrong> {
    let PartnerLayer { command, pass, url, token } = layer;
    let wrong = |what: &str, hint: &str| Err((what.to_owned(), hint.to_owned()));
    match (command, url) {
        (Some(argv), None) if argv.is_empty() => wrong("the command is empty", "name a program"),
        (Some(_), None) if token.is_some() => {
            wrong("a token goes with a url", "pass a variable to the program with `pass`")
        }
        (Some(argv), None) => Ok(PartnerPlace::Command { argv, pass }),
        (None, Some(_)) if !pass.is_empty() => {
            wrong("`pass` goes with a command", "give a server a `token`")
        }
        (None, Some(url)) => Ok(PartnerPlace::Url { url, token }),
        (Some(_), Some(_)) => wrong("a partner has a command or a url, not both", "remove one"),
        (None, None) => wrong(
            "a partner needs a command or a url",
            "write command = [\"program\", \"argument\"] or url = \"https://…/mcp\"",
        ),
    }
}

fn read(path: &Path) -> io::Result<String> {
    let (mut text, file) = (String::new(), File::open(path)?);
    if let Some(why) = exposed(&file.metadata()?, Reach::Write) {
        // Who may decide stands in it, and which programs are run. It holds no secret: others may read it.
        let why = format!("it {why}: own it, and chmod go-w");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    if file.take(FILE_MAX + 1).read_to_string(&mut text)? as u64 > FILE_MAX {
        return Err(io::Error::other(format!("longer than {FILE_MAX} bytes")));
    }
    Ok(text)
}

fn is_host(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.split('.').all(is_label)
}

fn unreadable(paths: &Paths, error: &io::Error) -> Notice {
    let trouble = match error.kind() {
        io::ErrorKind::NotFound => Trouble::NotFound,
        _ => Trouble::Failed,
    };
    let what = format!("the settings in {} cannot be read", paths.config.display());
    Notice::new(trouble, what)
        .detail(error.to_string())
        .hint(format!("the file is named by {}", paths.config_origin.words()))
}

/// The first mistake is what a person mends next; the others stand behind it.
fn notice(mistakes: &Mistakes) -> Notice {
    let Some((first, others)) = mistakes.list().split_first() else {
        return Notice::new(Trouble::Usage, "the settings cannot be used");
    };
    let told = Mistake { hint: None, ..first.clone() };
    let mut notice = Notice::new(Trouble::Usage, told.to_string());
    notice.hint = first
        .hint
        .clone()
        .or_else(|| Some("mend the file; `wheelhouse paths` says which one is read".to_owned()));
    if !others.is_empty() {
        let lines: Vec<String> = others.iter().map(ToString::to_string).collect();
        notice.detail = Some(lines.join("\n"));
    }
    notice
}
