//! The library as a graph: which module every name leads to, through every re-export.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Import, Name, Source};

/// The files of the library, by the modules that live in them.
pub(crate) struct House<'a> {
    pub(crate) files: Vec<&'a Source>,
    /// Every module outside of tests, inline ones too, and the index of its file.
    modules: BTreeMap<&'a [String], usize>,
    imports: BTreeMap<(&'a [String], &'a str), &'a Import>,
}

/// What a name leads to: the module it is in, by way of every re-export.
pub(crate) struct Target {
    pub(crate) module: Vec<String>,
    /// The name as an absolute path, before re-exports were followed.
    pub(crate) written: Vec<String>,
}

impl<'a> House<'a> {
    pub(crate) fn of(sources: &'a [Source]) -> Self {
        let inside = sources.iter().filter(|source| source.path.starts_with("src/"));
        let declared: Vec<_> = inside.clone().flat_map(|source| &source.modules).collect();
        let is_test = |module: &[String]| {
            declared.iter().any(|known| known.is_test && module.starts_with(&known.path))
        };
        let files: Vec<&Source> = inside
            .filter(|source| source.path != "src/main.rs" && !is_test(&source.module))
            .collect();
        let mut modules = BTreeMap::new();
        let mut imports = BTreeMap::new();
        for (index, source) in files.iter().enumerate() {
            modules.insert(&*source.module, index);
            let inline = source.modules.iter().filter(|module| module.is_inline && !module.is_test);
            modules.extend(inline.map(|module| (&*module.path, index)));
            for import in &source.imports {
                imports.insert((&*import.scope, &*import.called), import);
            }
        }
        Self { files, modules, imports }
    }

    /// Every name in the library that leads to a module of the library.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'a Source, &'a Name, Target)> + '_ {
        self.files.iter().flat_map(move |source| {
            let follow = |name| Some((*source, name, self.resolve(name)?));
            source.names.iter().filter_map(follow)
        })
    }

    fn resolve(&self, name: &Name) -> Option<Target> {
        let written = self.absolute(&name.scope, &name.segments, 0)?;
        Some(Target { module: self.walk(&written, 0)?, written })
    }

    /// The path from the root of the crate; nothing for what is not of this crate.
    fn absolute(&self, scope: &[String], segments: &[String], depth: usize) -> Option<Vec<String>> {
        let (first, rest) = segments.split_first()?;
        let mut base = scope.to_vec();
        match first.as_str() {
            "crate" => return Some(rest.to_vec()),
            "self" => {}
            "super" => {
                base.pop();
                if rest.first().is_some_and(|next| next == "super") {
                    return self.absolute(&base, rest, depth);
                }
            }
            _ => {
                base.push(first.clone());
                if !self.modules.contains_key(&*base) {
                    let import = self.imports.get(&(scope, first)).filter(|_| depth < 16)?;
                    let own = import.segments.first() == Some(first);
                    base = (!own)
                        .then(|| self.absolute(&import.scope, &import.segments, depth + 1))??;
                }
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The module that holds what `path` names, re-exports followed.
    fn walk(&self, path: &[String], depth: usize) -> Option<Vec<String>> {
        for (index, segment) in path.iter().enumerate() {
            let (here, rest) = path.split_at(index);
            if self.modules.contains_key(&path[..=index]) {
                continue;
            }
            if let Some(import) = self.imports.get(&(here, segment.as_str())).filter(|_| depth < 16)
            {
                let mut onward = self.absolute(&import.scope, &import.segments, depth)?;
                onward.extend_from_slice(&rest[1..]);
                return self.walk(&onward, depth + 1);
            }
            return Some(here.to_vec());
        }
        Some(path.to_vec())
    }

    /// Every way from a file back to itself, once, each with the line of its first step.
    pub(crate) fn cycles(&self) -> Vec<(usize, Vec<&'a str>)> {
        let mut edges = Edges::new();
        for (source, name, target) in self.named() {
            let from = self.modules[&*source.module];
            match self.modules.get(&*target.module) {
                Some(to) if *to != from => {
                    edges.entry(from).or_default().entry(*to).or_insert(name.line);
                }
                _ => {}
            }
        }
        let mut search =
            Search { edges, way: Vec::new(), done: BTreeSet::new(), found: Vec::new() };
        (0..self.files.len()).for_each(|start| search.explore(start));
        let path = |file: &usize| &*self.files[*file].path;
        search.found.iter().map(|(line, way)| (*line, way.iter().map(path).collect())).collect()
    }
}

/// From file to file, with the first line that says so.
type Edges = BTreeMap<usize, BTreeMap<usize, usize>>;

struct Search {
    edges: Edges,
    way: Vec<usize>,
    done: BTreeSet<usize>,
    found: Vec<(usize, Vec<usize>)>,
}

impl Search {
    fn explore(&mut self, at: usize) {
        if let Some(began) = self.way.iter().position(|visited| *visited == at) {
            let way = [&self.way[began..], &[at]].concat();
            self.found.push((self.edges[&way[0]][&way[1]], way));
        } else if !self.done.contains(&at) {
            self.way.push(at);
            let next: Vec<usize> =
                self.edges.get(&at).into_iter().flat_map(|to| to.keys().copied()).collect();
            for file in next {
                self.explore(file);
            }
            self.way.pop();
            self.done.insert(at);
        }
    }
}
