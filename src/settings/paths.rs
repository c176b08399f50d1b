//! Where everything lies on this machine.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::Environment;
use crate::incident::{Notice, Trouble};

/// The name of our directories.
const NAME: &str = "wheelhouse";

/// The name of the settings file.
const CONFIG: &str = "config.toml";

/// What a person wishes on the command line about where things lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wished {
    /// The settings file.
    pub config: Option<PathBuf>,
    /// The directory for everything that is recorded.
    pub data_dir: Option<PathBuf>,
}

/// Who says where the settings file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigOrigin {
    /// `--config`.
    Flag,
    /// `WHEELHOUSE_CONFIG`.
    Variable,
    /// `XDG_CONFIG_HOME`.
    Xdg,
    /// `~/.config`, on macOS when our directory is there.
    DotConfig,
    /// The custom of the system.
    System,
}

impl ConfigOrigin {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Flag => "--config",
            Self::Variable => "WHEELHOUSE_CONFIG",
            Self::Xdg => "XDG_CONFIG_HOME",
            Self::DotConfig => "~/.config",
            Self::System => "the custom of the system",
        }
    }

    /// Whether a person named the file itself, so that it must be there.
    pub fn must_exist(self) -> bool {
        matches!(self, Self::Flag | Self::Variable)
    }
}

/// Where everything lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The settings file.
    pub config: PathBuf,
    /// Who says so.
    pub config_origin: ConfigOrigin,
    /// What must not be lost: journal, local tracker, recordings.
    pub data: PathBuf,
    /// What would be a pity to lose: layouts, drafts, logs.
    pub state: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
}

impl Paths {
    /// Finds all paths; nothing is made.
    ///
    /// A wished data directory holds state and cache too, so that it can be thrown away as a whole.
    ///
    /// # Errors
    /// The account has no home directory and nothing says what to use instead.
    pub fn find(environment: &Environment, wished: &Wished) -> Result<Self, Notice> {
        let system = ProjectDirs::from("", "", NAME);
        let system = system.as_ref();
        let (config, config_origin) =
            config(environment, wished, system).ok_or_else(|| homeless("--config FILE"))?;
        let config = absolute(config);
        let data_dir = wished.data_dir.clone().or_else(|| environment.data_dir());
        if let Some(data) = data_dir.map(absolute) {
            let (state, cache) = (data.join("state"), data.join("cache"));
            return Ok(Self { config, config_origin, data, state, cache });
        }
        let system = system.ok_or_else(|| homeless("--data-dir DIR"))?;
        let state = system
            .state_dir()
            .map_or_else(|| system.data_local_dir().join("state"), Path::to_path_buf);
        let data = system.data_local_dir().to_owned();
        Ok(Self { config, config_origin, data, state, cache: system.cache_dir().to_owned() })
    }

    /// The directory of the settings file.
    pub fn config_dir(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new("."))
    }

    /// The person's own themes.
    pub fn themes(&self) -> PathBuf {
        self.config_dir().join("themes")
    }

    /// The person's own keymaps.
    pub fn keymaps(&self) -> PathBuf {
        self.config_dir().join("keymaps")
    }

    /// Recordings of the feed.
    pub fn recordings(&self) -> PathBuf {
        self.data.join("recordings")
    }

    /// What was typed and not sent.
    pub fn drafts(&self) -> PathBuf {
        self.state.join("drafts")
    }

    /// The log files.
    pub fn logs(&self) -> PathBuf {
        self.state.join("logs")
    }

    /// Where a running hub listens.
    pub fn socket(&self) -> PathBuf {
        self.data.join("hub.sock")
    }

    /// Every path with the word for it.
    pub fn list(&self) -> [(&'static str, PathBuf); 9] {
        [
            ("config", self.config.clone()),
            ("themes", self.themes()),
            ("keymaps", self.keymaps()),
            ("data", self.data.clone()),
            ("recordings", self.recordings()),
            ("socket", self.socket()),
            ("state", self.state.clone()),
            ("logs", self.logs()),
            ("cache", self.cache.clone()),
        ]
    }
}

fn config(
    environment: &Environment,
    wished: &Wished,
    system: Option<&ProjectDirs>,
) -> Option<(PathBuf, ConfigOrigin)> {
    if let Some(file) = &wished.config {
        return Some((file.clone(), ConfigOrigin::Flag));
    }
    if let Some(file) = environment.config_file() {
        return Some((file, ConfigOrigin::Variable));
    }
    if let Some(home) = environment.config_home() {
        return Some((home.join(NAME).join(CONFIG), ConfigOrigin::Xdg));
    }
    let own = environment.home().map(|home| home.join(".config").join(NAME));
    // People who keep their settings in ~/.config on a Mac expect them to be found there.
    if let Some(own) = own.filter(|own| cfg!(target_os = "macos") && own.is_dir()) {
        return Some((own.join(CONFIG), ConfigOrigin::DotConfig));
    }
    system.map(|system| (system.config_dir().join(CONFIG), ConfigOrigin::System))
}

/// A path that stays right when the working directory changes.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn homeless(flag: &str) -> Notice {
    Notice::new(Trouble::Failed, "this account has no home directory")
        .hint(format!("say where with {flag}, or set HOME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], wished: &Wished) -> Paths {
        Paths::find(&Environment::of(variables.to_vec()), wished).unwrap()
    }

    #[test]
    fn the_flag_comes_before_the_variable_and_that_before_xdg() {
        let variables = [("WHEELHOUSE_CONFIG", "/v/own.toml"), ("XDG_CONFIG_HOME", "/x")];
        let flag = Wished { config: Some("/f/flag.toml".into()), ..Wished::default() };
        let paths = found(&variables, &flag);
        assert_eq!(
            (paths.config, paths.config_origin),
            ("/f/flag.toml".into(), ConfigOrigin::Flag)
        );
        let paths = found(&variables, &Wished::default());
        assert_eq!(paths.config, PathBuf::from("/v/own.toml"));
        assert!(paths.config_origin.must_exist());
        assert_eq!(paths.themes(), PathBuf::from("/v/themes"));
        let paths = found(&variables[1..], &Wished::default());
        assert_eq!(paths.config, PathBuf::from("/x/wheelhouse/config.toml"));
        assert!(!paths.config_origin.must_exist());
    }

    #[test]
    fn a_wished_data_directory_holds_everything_but_the_settings() {
        let wished = Wished { data_dir: Some("/tmp/d".into()), ..Wished::default() };
        let paths = found(&[("XDG_CONFIG_HOME", "/x")], &wished);
        assert_eq!(paths.socket(), PathBuf::from("/tmp/d/hub.sock"));
        assert_eq!(paths.logs(), PathBuf::from("/tmp/d/state/logs"));
        assert_eq!(paths.cache, PathBuf::from("/tmp/d/cache"));
        assert_eq!(paths.config, PathBuf::from("/x/wheelhouse/config.toml"));
    }

    #[test]
    fn a_relative_path_becomes_absolute() {
        let wished = Wished { data_dir: Some("here".into()), ..Wished::default() };
        assert!(found(&[("XDG_CONFIG_HOME", "/x")], &wished).data.is_absolute());
    }
}
