//! The disk: what is surely on it, and what a loss of power may keep or lose.

use std::collections::BTreeMap;
use std::path::Path;

use fastrand::Rng;

use super::recording::{Deed, Event};

/// What a disk writes as a whole or not at all, in bytes.
const SECTOR: usize = 512;

/// How much of what was not synced survives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Luck {
    /// None of it.
    Nothing,
    /// All of it.
    Everything,
    /// Each sector with this likelihood, whatever was written before or after it.
    Sectors(f64),
}

/// One file.
#[derive(Debug, Clone, Default)]
struct Held {
    /// What is surely there.
    bytes: Vec<u8>,
    /// What was done since the last sync.
    pending: Vec<Deed>,
    /// Whether its name is surely there, and whether it was removed since.
    is_named: bool,
    is_removed: bool,
}

/// Some files, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk(BTreeMap<String, Held>);

impl Disk {
    /// The files of a directory, all of them synced.
    pub(super) fn of(dir: &Path) -> Self {
        let files = std::fs::read_dir(dir).unwrap().map(|file| {
            let file = file.unwrap();
            let bytes = std::fs::read(file.path()).unwrap();
            let held = Held { bytes, is_named: true, ..Held::default() };
            (file.file_name().into_string().unwrap(), held)
        });
        Self(files.collect())
    }

    /// Takes in what happened next.
    pub(super) fn take(&mut self, event: &Event) {
        if event.file == "." {
            self.0.retain(|_, held| !held.is_removed);
            return self.0.values_mut().for_each(|held| held.is_named = true);
        }
        let held = self.0.entry(event.file.clone()).or_default();
        match &event.deed {
            Deed::Synced => {
                let pending = std::mem::take(&mut held.pending);
                pending.iter().for_each(|deed| done(&mut held.bytes, deed, |_| true));
            }
            Deed::Removed => held.is_removed = true,
            deed => held.pending.push(deed.clone()),
        }
    }

    /// The files that a loss of power leaves now.
    pub(super) fn left(&self, luck: Luck, rng: &mut Rng) -> BTreeMap<&str, Vec<u8>> {
        let mut left = BTreeMap::new();
        for (name, held) in &self.0 {
            let mut lucky = |of: Luck| match of {
                Luck::Nothing => false,
                Luck::Everything => true,
                Luck::Sectors(likelihood) => rng.f64() < likelihood,
            };
            let is_gone = held.is_removed && lucky(luck);
            if is_gone || (!held.is_named && !lucky(luck)) {
                continue;
            }
            let mut bytes = held.bytes.clone();
            held.pending.iter().for_each(|deed| done(&mut bytes, deed, |_| lucky(luck)));
            left.insert(name.as_str(), bytes);
        }
        left
    }
}

/// Does a deed to a file, in so far as it survives.
fn done(held: &mut Vec<u8>, deed: &Deed, mut survives: impl FnMut(usize) -> bool) {
    match deed {
        Deed::Written { at, bytes } => {
            let mut from = 0;
            while from < bytes.len() {
                // Up to the end of the sector in which it begins.
                let until = bytes.len().min((at + from) / SECTOR * SECTOR + SECTOR - at);
                if survives(at + from) {
                    let end = at + until;
                    held.resize(held.len().max(end), 0);
                    held[at + from..end].copy_from_slice(&bytes[from..until]);
                }
                from = until;
            }
        }
        Deed::Cut { length } if survives(*length) => held.resize(*length, 0),
        Deed::Cut { .. } | Deed::Synced | Deed::Removed => {}
    }
}
