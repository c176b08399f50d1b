//! What the next start finds again: unfinished texts and the layout, in the state directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::core::{DraftKey, Layout, Remembered};

/// The file of the layout.
const LAYOUT: &str = "layout.json";

/// The longest draft that is read back, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Keeps small things in files; every write replaces the file whole.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    directory: PathBuf,
}

impl Keeper {
    /// Keeps things in this directory, which is made when something is kept.
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Keeps an unfinished text; an empty one is forgotten.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep_draft(&self, key: DraftKey, text: &str) -> io::Result<()> {
        let path = self.drafts().join(format!("{key}.md"));
        if !text.is_empty() {
            return replace(&path, text);
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads all unfinished texts.
    ///
    /// # Errors
    /// The directory is there and cannot be read.
    pub(super) fn drafts_kept(&self) -> io::Result<Vec<(DraftKey, String)>> {
        let listed = match fs::read_dir(self.drafts()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed?,
        };
        let mut drafts = Vec::new();
        for file in listed {
            let path = file?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let Ok(key) = name.parse() else { continue };
            if fs::metadata(&path)?.len() <= MOST_BYTES {
                drafts.push((key, fs::read_to_string(&path)?));
            }
        }
        Ok(drafts)
    }

    /// Keeps how the panes are laid out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep_layout(&self, layout: &Layout) -> io::Result<()> {
        self.keep(LAYOUT, layout)
    }

    /// Reads how the panes were laid out; none if nothing was kept, or by a version that differs.
    pub(super) fn layout_kept(&self) -> Option<Layout> {
        self.read(LAYOUT)
    }

    /// Keeps something small in a file of its own.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep(&self, file: &str, value: &impl Serialize) -> io::Result<()> {
        replace(&self.directory.join(file), &serde_json::to_string_pretty(value)?)
    }

    /// Reads what was kept; none if nothing was, or by a version that differs.
    pub(super) fn read<T: DeserializeOwned>(&self, file: &str) -> Option<T> {
        let text = fs::read_to_string(self.directory.join(file)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Keeps searches, bookmarks, and what was written.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep_remembered(&self, remembered: &Remembered) -> io::Result<()> {
        replace(&self.remembered(), &serde_json::to_string_pretty(remembered)?)
    }

    /// Keeps a text that was too long to be copied, and says where.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn keep_copy(&self, text: &str) -> io::Result<PathBuf> {
        let path = self.directory.join("copied.txt");
        replace(&path, text)?;
        Ok(path)
    }

    /// Reads them; none if nothing was kept, or by a version that differs.
    pub(super) fn remembered_kept(&self) -> Option<Remembered> {
        let path = self.remembered();
        if fs::metadata(&path).ok()?.len() > MOST_BYTES {
            return None;
        }
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    }

    fn remembered(&self) -> PathBuf {
        self.directory.join("remembered.json")
    }

    fn drafts(&self) -> PathBuf {
        self.directory.join("drafts")
    }
}

/// Writes beside the file and renames, so that a crash leaves the old text or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cockpit::core::{Pane, Preset};

    #[test]
    fn a_draft_is_found_again_until_it_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let keeper = Keeper::new(directory.path().join("state"));
        assert_eq!(keeper.drafts_kept().unwrap(), []);
        keeper.keep_draft(DraftKey::Halt, "stop").unwrap();
        assert_eq!(keeper.drafts_kept().unwrap(), [(DraftKey::Halt, "stop".to_owned())]);
        keeper.keep_draft(DraftKey::Halt, "").unwrap();
        keeper.keep_draft(DraftKey::Halt, "").unwrap();
        assert_eq!(keeper.drafts_kept().unwrap(), []);
    }

    #[test]
    fn what_a_person_keeps_is_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let keeper = Keeper::new(directory.path().join("state"));
        assert_eq!(keeper.remembered_kept(), None);
        let mut remembered = Remembered::default();
        remembered.turn_search("pool exhausted");
        remembered.wrote("I look at it");
        keeper.keep_remembered(&remembered).unwrap();
        assert_eq!(keeper.remembered_kept(), Some(remembered));
    }

    #[test]
    fn a_layout_is_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let keeper = Keeper::new(directory.path().to_owned());
        assert_eq!(keeper.layout_kept(), None);
        let mut layout = Layout { preset: Preset::Review, ..Layout::default() };
        layout.grow(Pane::Exchange, 5);
        keeper.keep_layout(&layout).unwrap();
        assert_eq!(keeper.layout_kept(), Some(layout));
        fs::write(directory.path().join("layout.json"), "{").unwrap();
        assert_eq!(keeper.layout_kept(), None);
    }
}
