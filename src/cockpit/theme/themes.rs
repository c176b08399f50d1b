//! The themes that a person goes through, each read from its file when it is put on.

use std::path::PathBuf;

use super::colour::Depth;
use super::load::Theme;
use crate::incident::{Notice, Trouble};
use crate::settings::Mistakes;

/// The theme in use, and the way to the others.
#[derive(Debug, Clone)]
pub struct Themes {
    worn: Theme,
    own: Option<PathBuf>,
    depth: Depth,
}

impl Themes {
    /// Begins with the theme of that name; `own` is the directory of the person's own themes, if any.
    ///
    /// # Errors
    /// Every mistake in the file and in those it inherits from.
    pub fn begin(name: &str, own: Option<PathBuf>, depth: Depth) -> Result<Self, Mistakes> {
        Ok(Self { worn: Theme::load(name, own.as_deref(), depth)?, own, depth })
    }

    /// The theme in use.
    pub fn worn(&self) -> &Theme {
        &self.worn
    }

    /// Goes on to the next theme, after the last to the first; one with mistakes is passed over.
    ///
    /// # Errors
    /// What was passed over and why, or that the themes cannot be listed.
    pub fn go_on(&mut self) -> Result<(), Notice> {
        let own = self.own.as_deref();
        let listed = Theme::list(own).map_err(|error| {
            Notice::new(Trouble::Failed, "the themes cannot be listed").detail(error.to_string())
        })?;
        let here = listed.iter().position(|theme| theme.name == self.worn.name());
        let after = here.map_or(0, |here| here + 1);
        let mut passed_over = None;
        for theme in listed.iter().cycle().skip(after).take(listed.len()) {
            match Theme::load(&theme.name, own, self.depth) {
                Ok(theme) => {
                    self.worn = theme;
                    break;
                }
                Err(mistakes) => passed_over = passed_over.or(Some(mistakes)),
            }
        }
        passed_over.map_or(Ok(()), |mistakes| Err(mistakes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_themes_are_gone_through_and_then_the_first_again() {
        let mut themes = Themes::begin("ansi", None, Depth::Full).unwrap();
        let mut names = Vec::new();
        for _ in 0..Theme::list(None).unwrap().len() {
            names.push(themes.worn().name().to_owned());
            themes.go_on().unwrap();
        }
        let listed: Vec<_> =
            Theme::list(None).unwrap().into_iter().map(|theme| theme.name).collect();
        assert_eq!(names, listed);
        assert_eq!(themes.worn().name(), "ansi");
    }

    #[test]
    fn a_theme_with_a_mistake_is_passed_over_and_told() {
        let own = tempfile::tempdir().unwrap();
        std::fs::write(own.path().join("mine.toml"), "[roles]\nno-such = \"red\"\n").unwrap();
        let own = Some(own.path().to_owned());
        let mut themes = Themes::begin("github-light", own, Depth::Full).unwrap();
        let notice = themes.go_on().unwrap_err();
        assert!(format!("{notice:?}").contains("no-such"), "{notice:?}");
        assert_eq!(themes.worn().name(), "ansi");
    }
}
