//! A shelf of TOML files by name: those that came with the product, and the person's own beside them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, Error as TomlError};

use crate::settings::{Mistake, Mistakes, did_you_mean, line_of};

/// The longest file that is read, in bytes.
const FILE_MAX: u64 = 256 * 1024;

/// Named files of one kind; a person's own file stands in for the one of the same name.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    kind: &'static str,
    embedded: &'static [(&'static str, &'static str)],
    own: Option<PathBuf>,
}

/// Where a named file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It came with the product.
    Embedded,
    /// The person wrote it; this is the file.
    Own(PathBuf),
}

/// A file that can be chosen by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name, without the ending.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// The text of one file, and what to call it when something in it is wrong.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) text: String,
}

impl Shelf {
    /// A shelf of `kind` ("theme"), with the person's own files in the directory `own`, if any.
    pub(super) fn new(
        kind: &'static str,
        embedded: &'static [(&'static str, &'static str)],
        own: Option<&Path>,
    ) -> Self {
        Self { kind, embedded, own: own.map(Path::to_path_buf) }
    }

    /// Everything on the shelf: the embedded files in their order, then the person's others by name.
    pub(super) fn list(&self) -> io::Result<Vec<Listed>> {
        let mut own = self.own_names()?;
        let mut listed = Vec::new();
        for (name, _) in self.embedded {
            let place = own.iter().position(|mine| mine.name == *name);
            listed.push(match place {
                Some(place) => own.remove(place),
                None => Listed { name: (*name).to_owned(), origin: Origin::Embedded },
            });
        }
        listed.append(&mut own);
        Ok(listed)
    }

    fn own_names(&self) -> io::Result<Vec<Listed>> {
        let Some(directory) = &self.own else { return Ok(Vec::new()) };
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let is_toml = path.extension().is_some_and(|ending| ending == "toml");
            if let Some(name) = stem.filter(|stem| is_toml && is_name(stem)) {
                names.push(Listed { name: name.to_owned(), origin: Origin::Own(path.clone()) });
            }
        }
        names.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(names)
    }

    /// The page of that name; the person's own comes first.
    ///
    /// # Errors
    /// No such name, or a file that cannot be read, is not UTF-8 or is longer than 256 KiB.
    pub(super) fn page(&self, name: &str) -> Result<Page, Mistake> {
        if let Some(path) = self.own_path(name) {
            return read(name, &path);
        }
        let found = self.embedded.iter().find(|(known, _)| *known == name);
        found.map(|(name, text)| self.embedded_page(name, text)).ok_or_else(|| self.unknown(name))
    }

    /// The page of that name as it came with the product, for a person's file that builds on it.
    pub(super) fn original(&self, name: &str) -> Option<Page> {
        let found = self.embedded.iter().find(|(known, _)| *known == name);
        found.map(|(name, text)| self.embedded_page(name, text))
    }

    /// The page of that name with all it inherits from, the last first.
    ///
    /// A page that names nothing builds on `root`; a person's page that names itself builds on the
    /// one that came with the product. What cannot be found is noted.
    pub(super) fn chain(&self, name: &str, root: &str, mistakes: &mut Mistakes) -> Vec<Page> {
        let mut chain = Vec::new();
        let mut next = Some(self.page(name));
        while let Some(found) = next.take() {
            let page = match found {
                Ok(page) => page,
                Err(mistake) => {
                    mistakes.push(mistake);
                    break;
                }
            };
            next = self.base_of(&page, root);
            let known =
                |base: &Page| chain.iter().chain([&page]).any(|seen: &Page| seen.file == base.file);
            if let Some(Ok(base)) = next.as_ref().filter(|base| base.as_ref().is_ok_and(known)) {
                mistakes
                    .push(page.mistake(0, format!("inherits from itself through {}", base.file)));
                next = None;
            }
            chain.push(page);
        }
        chain.reverse();
        chain
    }

    fn base_of(&self, page: &Page, root: &str) -> Option<Result<Page, Mistake>> {
        // Mistakes in the text are noted by whoever reads the page.
        let (table, _) = DeTable::parse_recoverable(&page.text);
        let named = table.get_ref().get("inherits");
        let Some(named) = named else {
            return self
                .original(root)
                .filter(|base| base.file != page.file && page.name != root)
                .map(Ok);
        };
        let Some(base) = named.get_ref().as_str() else {
            let what = "`inherits` is the name of another file in quotes".to_owned();
            return Some(Err(page.mistake(named.span().start, what)));
        };
        if base == page.name {
            return self.original(base).map(Ok);
        }
        let at = |mistake: Mistake| Mistake {
            file: page.file.clone(),
            line: line_of(&page.text, named.span().start),
            what: format!("inherits from {base:?}: {}", mistake.what),
            hint: mistake.hint,
        };
        Some(self.page(base).map_err(at))
    }

    fn embedded_page(&self, name: &str, text: &str) -> Page {
        let file = format!("{}s/{name}.toml", self.kind);
        Page { name: name.to_owned(), file, text: text.to_owned() }
    }

    fn own_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.own.as_ref().filter(|_| is_name(name))?.join(format!("{name}.toml"));
        path.is_file().then_some(path)
    }

    fn unknown(&self, name: &str) -> Mistake {
        let listed = self.list().unwrap_or_default();
        let names: Vec<&str> = listed.iter().map(|listed| listed.name.as_str()).collect();
        let hint = did_you_mean(name, names.iter().copied())
            .unwrap_or_else(|| format!("there are: {}", names.join(", ")));
        let what = format!("no {} of that name", self.kind);
        Mistake { file: format!("{name:?}"), line: 0, what, hint: Some(hint) }
    }
}

impl Page {
    /// Notes a mistake at a byte offset of this page.
    pub(super) fn mistake(&self, offset: usize, what: String) -> Mistake {
        Mistake { file: self.file.clone(), line: line_of(&self.text, offset), what, hint: None }
    }

    /// Reads the page as TOML; what cannot be read is noted and the rest still comes back.
    pub(super) fn table(&self, mistakes: &mut Mistakes) -> Spanned<DeTable<'_>> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        // A second error in a line mostly follows from the first.
        let mut told = 0;
        for mistake in errors.iter().map(|error| self.toml_mistake(error)) {
            if mistake.line != told {
                told = mistake.line;
                mistakes.push(mistake);
            }
        }
        table
    }

    fn toml_mistake(&self, error: &TomlError) -> Mistake {
        let offset = error.span().map_or(0, |span| span.start);
        self.mistake(offset, error.message().to_owned())
    }
}

/// Whether a name can be a file's name here and nowhere else.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn read(name: &str, path: &Path) -> Result<Page, Mistake> {
    let file = path.display().to_string();
    let mut text = String::new();
    let outcome =
        File::open(path).and_then(|open| open.take(FILE_MAX + 1).read_to_string(&mut text));
    let what = match outcome {
        Ok(length) if length as u64 > FILE_MAX => format!("longer than {FILE_MAX} bytes"),
        Ok(_) => return Ok(Page { name: name.to_owned(), file, text }),
        Err(error) => error.to_string(),
    };
    Err(Mistake { file, line: 0, what, hint: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMBEDDED: &[(&str, &str)] = &[("plain", "a = 1"), ("bright", "a = 2")];

    fn own_shelf() -> (tempfile::TempDir, Shelf) {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("bright.toml"), "a = 3").unwrap();
        fs::write(directory.path().join("mine.toml"), "a = 4").unwrap();
        fs::write(directory.path().join("notes.txt"), "no").unwrap();
        let shelf = Shelf::new("theme", EMBEDDED, Some(directory.path()));
        (directory, shelf)
    }

    #[test]
    fn a_persons_own_file_stands_in_for_the_embedded_one() {
        let (_kept, shelf) = own_shelf();
        assert_eq!(shelf.page("bright").unwrap().text, "a = 3");
        assert_eq!(shelf.original("bright").unwrap().text, "a = 2");
        let names: Vec<_> = shelf.list().unwrap().into_iter().map(|listed| listed.name).collect();
        assert_eq!(names, ["plain", "bright", "mine"]);
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_empty_one() {
        let shelf = Shelf::new("theme", EMBEDDED, Some(Path::new("/nowhere/at/all")));
        assert_eq!(shelf.list().unwrap().len(), 2);
    }

    #[test]
    fn a_name_never_leaves_the_directory() {
        let (_kept, shelf) = own_shelf();
        let mistake = shelf.page("../bright").unwrap_err();
        assert!(mistake.to_string().contains("no theme of that name"), "{mistake}");
        assert_eq!(
            shelf.page("brigt").unwrap_err().hint.as_deref(),
            Some("did you mean \"bright\"?")
        );
    }

    #[test]
    fn every_syntax_error_is_noted_with_its_line() {
        let page =
            Page { name: "x".into(), file: "x.toml".into(), text: "a = \nb = 1\nc == 2".into() };
        let mut mistakes = Mistakes::default();
        let _table = page.table(&mut mistakes);
        let lines: Vec<_> = mistakes.list().iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [1, 3]);
    }
}
