//! The command: shows, checks, and edits the settings.

use std::path::Path;
use std::process::Command;

use serde::Serialize;

use super::meaning;
use crate::cli::cell::{Cell, Ink};
use crate::cli::exit::Exit;
use crate::cli::output::{Form, Format};
use crate::cli::session::Session;
use crate::cockpit::keymap::Keymap;
use crate::cockpit::theme::{Depth, Theme};
use crate::incident::{Notice, Trouble};
use crate::settings::{DEFAULT_FILE, Mistake, Mistakes, Paths, Said, Settings, schema};

/// Shows, checks, and edits the settings
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    what: What,

    #[command(flatten)]
    format: Format,
}

/// What to do with the settings.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Show everything that holds, as a settings file, and who says so: a line of the file, a variable,
    /// or the product
    Show,
    /// Tell every mistake in the settings, and in your own themes and keymaps; and if there is none, what
    /// the settings mean
    Check,
    /// Open the settings in your editor, then check them
    Edit,
    /// Write the JSON schema of the settings, for editors
    Schema,
    /// Write the annotated settings file that says what holds without one
    Default,
    /// Write the path of the settings file
    Path,
}

/// Runs one of them.
pub(in crate::cli) fn run(args: &ConfigArgs, session: &mut Session) -> Result<Exit, Notice> {
    let form = args.format.form();
    let paths = session.paths()?;
    match args.what {
        What::Show => {
            for said in Settings::said(&paths, &session.environment)? {
                show(&said, form, session);
            }
            Ok(Exit::Done)
        }
        What::Check => check(&paths, form, session),
        What::Edit => {
            edit(&paths, session)?;
            check(&paths, form, session)
        }
        What::Schema => {
            let text = serde_json::to_string_pretty(&schema()).map_err(|error| {
                Notice::new(Trouble::Failed, "the schema cannot be written")
                    .detail(error.to_string())
            })?;
            session.output.raw(format!("{text}\n").as_bytes());
            Ok(Exit::Done)
        }
        What::Default => {
            session.output.raw(DEFAULT_FILE.as_bytes());
            Ok(Exit::Done)
        }
        What::Path => {
            session.output.line([Cell::of(paths.config.display())]);
            Ok(Exit::Done)
        }
    }
}

#[derive(Serialize)]
struct Setting<'a> {
    key: &'a str,
    value: &'a str,
    from: String,
}

fn show(said: &Said, form: Form, session: &mut Session) {
    let (key, value, from) = (said.key.as_str(), said.value.as_str(), said.by.to_string());
    match form {
        Form::Json => session.output.record("setting", &Setting { key, value, from }),
        Form::People => {
            let origin = Cell::of(format!(" # {from}")).ink(Ink::Muted);
            session.output.line([Cell::of(format!("{key} = {value}")), origin]);
        }
    }
}

/// What could be read, everything that is wrong with it, and everything that is strange and does no harm.
struct Examined {
    settings: Settings,
    wrong: Mistakes,
    warnings: Mistakes,
}

impl Examined {
    fn take(&mut self, mistakes: &Mistakes) {
        mistakes.list().iter().cloned().for_each(|mistake| self.wrong.push(mistake));
    }
}

#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    line: usize,
    what: &'a str,
    hint: Option<&'a str>,
    wrong: bool,
}

fn check(paths: &Paths, form: Form, session: &mut Session) -> Result<Exit, Notice> {
    let examined = examine(paths)?;
    let all = [(&examined.wrong, true), (&examined.warnings, false)];
    for (mistake, wrong) in all
        .into_iter()
        .flat_map(|(mistakes, wrong)| mistakes.list().iter().map(move |mistake| (mistake, wrong)))
    {
        let Mistake { file, line, what, hint } = mistake;
        match form {
            Form::Json => {
                let row = Row { file, line: *line, what, hint: hint.as_deref(), wrong };
                session.output.record("mistake", &row);
            }
            Form::People => {
                let (label, ink) =
                    if wrong { ("error:", Ink::Bad) } else { ("warning:", Ink::Pending) };
                session.output.line([Cell::from(label).ink(ink), Cell::of(mistake)]);
            }
        }
    }
    let (wrong, strange) = (examined.wrong.list().len(), examined.warnings.list().len());
    if form == Form::People {
        let file = paths.config.display();
        let told = match (wrong, strange) {
            (0, 0) if !paths.config.exists() => format!("there is no {file}: nothing to mend"),
            (0, 0) => format!("{file} is right"),
            _ => format!("{wrong} to mend, {strange} to look at"),
        };
        session.output.message([Cell::of(told).ink(Ink::Muted)]);
    }
    if wrong == 0 {
        meaning::tell(&examined.settings, form, &mut session.output);
    }
    Ok(if wrong == 0 { Exit::Done } else { Exit::Usage })
}

/// Looks at the settings, at what they name, and at every theme and keymap of the person's own.
fn examine(paths: &Paths) -> Result<Examined, Notice> {
    let (settings, wrong, warnings) = Settings::examine(paths)?;
    let mut examined = Examined { settings, wrong, warnings };
    let (themes, keymaps) = (paths.themes(), paths.keymaps());
    let unlisted = |error: std::io::Error| {
        Notice::new(Trouble::Failed, "your themes and keymaps cannot be listed")
            .detail(error.to_string())
    };
    let is_own =
        |listed: &&crate::cockpit::Listed| matches!(listed.origin, crate::cockpit::Origin::Own(_));
    for own in Theme::list(Some(&themes)).map_err(unlisted)?.iter().filter(is_own) {
        if let Err(mistakes) = Theme::load(&own.name, Some(&themes), Depth::Full) {
            examined.take(&mistakes);
        }
    }
    for own in Keymap::list(Some(&keymaps)).map_err(unlisted)?.iter().filter(is_own) {
        if let Err(mistakes) = Keymap::load(&own.name, Some(&keymaps)) {
            examined.take(&mistakes);
        }
    }
    named(paths, &mut examined);
    Ok(examined)
}

/// Whether what the settings name exists; what is wrong inside of it was told already.
fn named(paths: &Paths, examined: &mut Examined) {
    let ui = examined.settings.ui.clone();
    let themes =
        [("theme", &ui.theme), ("theme_dark", &ui.theme_dark), ("theme_light", &ui.theme_light)];
    let own = paths.themes();
    for (key, name) in themes {
        let Some(name) = name.as_deref().filter(|name| *name != "auto") else { continue };
        let known = Theme::list(Some(&own)).unwrap_or_default();
        if known.iter().all(|listed| listed.name != name)
            && let Err(mistakes) = Theme::load(name, Some(&own), Depth::Full)
        {
            examined.take(&at(paths, key, &mistakes));
        }
    }
    let own = paths.keymaps();
    if let Some(name) = ui.keymap.as_deref()
        && Keymap::list(Some(&own)).unwrap_or_default().iter().all(|listed| listed.name != name)
        && let Err(mistakes) = Keymap::load(name, Some(&own))
    {
        examined.take(&at(paths, "keymap", &mistakes));
    }
}

/// Told where the settings name it.
fn at(paths: &Paths, key: &str, mistakes: &Mistakes) -> Mistakes {
    let mut told = Mistakes::default();
    for mistake in mistakes.list() {
        let what = format!("{key} = {}: {}", mistake.file, mistake.what);
        told.push(Settings::mistake_at(paths, &["ui", key], what, mistake.hint.clone()));
    }
    told
}

/// Opens the person's editor; without a file, on the annotated one.
fn edit(paths: &Paths, session: &mut Session) -> Result<(), Notice> {
    let editor = session.environment.editor().ok_or_else(|| {
        Notice::new(Trouble::Usage, "no editor is set").hint("set $VISUAL or $EDITOR")
    })?;
    if !paths.config.exists() {
        create(&paths.config, DEFAULT_FILE)?;
    }
    session.output.flush();
    // The editor is a command line of the person's own, with arguments: `code --wait`.
    let ended = Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(&paths.config)
        .status();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(editor, &status.to_string())),
        Err(error) => Err(failed(editor, &error.to_string())),
    }
}

fn failed(editor: &str, how: &str) -> Notice {
    Notice::new(Trouble::Failed, "the editor failed").detail(format!("{editor}: {how}"))
}

/// Writes a new file that only its owner can read; one that is there is never touched.
///
/// # Errors
/// It is there, or cannot be written.
pub(in crate::cli) fn create(path: &Path, text: &str) -> Result<(), Notice> {
    use std::io::Write as _;
    let failed = |error: std::io::Error| {
        let trouble = match error.kind() {
            std::io::ErrorKind::AlreadyExists => Trouble::Conflict,
            _ => Trouble::Failed,
        };
        Notice::new(trouble, format!("{} cannot be written", path.display()))
            .detail(error.to_string())
    };
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
