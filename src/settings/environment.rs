//! The environment of the process, read once; nobody else asks the system for it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::incident::{Notice, Trouble};

/// The variables of the process as they were when it began.
///
/// Some of them hold secrets: nothing here is ever printed but names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

/// Whether the person wishes colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourWish {
    /// Colours where a person looks.
    #[default]
    Auto,
    /// Colours even into a pipe: `CLICOLOR_FORCE`.
    Always,
    /// No colours: `NO_COLOR`.
    Never,
}

impl Environment {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// An environment of these variables alone.
    pub fn of<N: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let owned = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: owned.collect() }
    }

    /// The settings file that `WHEELHOUSE_CONFIG` names.
    pub fn config_file(&self) -> Option<PathBuf> {
        self.value("WHEELHOUSE_CONFIG").map(PathBuf::from)
    }

    /// The directory that `WHEELHOUSE_DATA_DIR` names.
    pub fn data_dir(&self) -> Option<PathBuf> {
        self.value("WHEELHOUSE_DATA_DIR").map(PathBuf::from)
    }

    /// What `WHEELHOUSE_LOG` says should be logged.
    pub fn log_filter(&self) -> Option<&str> {
        self.text("WHEELHOUSE_LOG")
    }

    /// Where settings live by the XDG base directory specification, which demands an absolute path.
    pub fn config_home(&self) -> Option<PathBuf> {
        self.value("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// The person's home.
    pub fn home(&self) -> Option<PathBuf> {
        self.value("HOME").map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// The name of the account, as the login says.
    pub fn user(&self) -> Option<&str> {
        self.account().map(|(_, name)| name)
    }

    /// The variable that names the account, and the name.
    pub fn account(&self) -> Option<(&'static str, &str)> {
        ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| Some((name, self.text(name)?)))
    }

    /// The kind of terminal.
    pub fn terminal(&self) -> Option<&str> {
        self.text("TERM")
    }

    /// What the person says about the ground of the terminal: `dark`, `light`, or `ask`.
    pub fn background_wish(&self) -> Option<&str> {
        self.text("WHEELHOUSE_BACKGROUND")
    }

    /// What the terminal says about its text and ground, as rxvt and Konsole do.
    pub fn terminal_colours(&self) -> Option<&str> {
        self.text("COLORFGBG")
    }

    /// Whether the person wishes lines that can be read aloud, instead of a screen.
    ///
    /// Source: the custom of charmbracelet/huh, clack and the GitHub CLI.
    pub fn wishes_lines(&self) -> bool {
        self.text("ACCESSIBLE").is_some_and(|value| !matches!(value, "0" | "false"))
    }

    /// Whether the locale names a charset other than UTF-8; one that names none says nothing.
    pub fn has_other_charset(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| self.text(name));
        let charset = locale.and_then(|locale| locale.split_once('.')).map(|(_, charset)| charset);
        charset.is_some_and(|charset| {
            !charset.to_ascii_lowercase().replace('-', "").starts_with("utf8")
        })
    }

    /// The person's editor, as a command line for the shell.
    pub fn editor(&self) -> Option<&str> {
        self.text("VISUAL").or_else(|| self.text("EDITOR"))
    }

    /// Whether this login came over the network.
    pub fn is_remote(&self) -> bool {
        self.value("SSH_CONNECTION").is_some()
    }

    /// Whether colours are wished.
    ///
    /// Sources: no-color.org, bixense.com/clicolors.
    pub fn colour_wish(&self) -> ColourWish {
        let forced = self.text("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        match (self.value("NO_COLOR").is_some(), forced) {
            (true, _) => ColourWish::Never,
            (false, true) => ColourWish::Always,
            (false, false) if self.terminal() == Some("dumb") => ColourWish::Never,
            (false, false) => ColourWish::Auto,
        }
    }

    /// One variable that the settings name, such as one that holds a secret.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.value(name)
    }

    /// What this program was started with, without its own name, to start it again.
    pub fn arguments() -> Vec<OsString> {
        std::env::args_os().skip(1).collect()
    }

    /// The file of this program, to start it again.
    pub fn program() -> Result<PathBuf, Notice> {
        let unknown = |error: io::Error| {
            Notice::new(Trouble::Failed, "the program's own file cannot be found")
                .detail(error.to_string())
        };
        std::env::current_exe().map_err(unknown)
    }

    fn value(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(OsStr::new(name)).map(OsString::as_os_str);
        value.filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(OsStr::to_str)
    }
}

impl fmt::Debug for Environment {
    /// Writes names alone, because values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_none_at_all() {
        let environment = Environment::of([("NO_COLOR", ""), ("USER", ""), ("LOGNAME", "ada")]);
        assert_eq!(environment.colour_wish(), ColourWish::Auto);
        assert_eq!(environment.user(), Some("ada"));
    }

    #[test]
    fn a_wish_for_no_colours_is_stronger_than_one_for_colours() {
        let wish = |pairs: &[(&str, &str)]| Environment::of(pairs.to_vec()).colour_wish();
        assert_eq!(wish(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]), ColourWish::Never);
        assert_eq!(wish(&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]), ColourWish::Always);
        assert_eq!(wish(&[("CLICOLOR_FORCE", "0")]), ColourWish::Auto);
        assert_eq!(wish(&[("TERM", "dumb")]), ColourWish::Never);
    }

    #[test]
    fn only_a_named_charset_tells_that_it_is_not_utf_8() {
        let other = |pairs: &[(&str, &str)]| Environment::of(pairs.to_vec()).has_other_charset();
        assert!(other(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(other(&[("LC_ALL", "en_US.latin1"), ("LANG", "en_US.UTF-8")]));
        assert!(!other(&[("LANG", "C.utf8")]) && !other(&[("LANG", "C")]) && !other(&[]));
    }

    #[test]
    fn a_relative_config_home_does_not_count() {
        assert_eq!(Environment::of([("XDG_CONFIG_HOME", "here")]).config_home(), None);
    }

    #[test]
    fn values_are_never_printed() {
        let debug = format!("{:?}", Environment::of([("TOKEN", "s3cret")]));
        assert!(debug.contains("TOKEN") && !debug.contains("s3cret"), "{debug}");
    }
}
