//! What survives: everything that was acknowledged, in every state, and with anything less than FULL not.

use std::collections::BTreeMap;
use std::path::Path;

use fastrand::Rng;
use rusqlite::Connection;
use wheelhouse::journal::Journal;

use super::child::{CHILD, ROWS, TEST, TOLD, asked_for, database, entry};
use super::disk::{Disk, Luck};
use super::recording::{Deed, Event, record};

/// Says how many states are opened, when it is not the usual few.
const STATES: &str = "WHEELHOUSE_POWER_STATES";

/// A recording, and the disk before it.
struct Night {
    before: Disk,
    events: Vec<Event>,
}

impl Night {
    /// Lets a child record in a way, from a journal that is there and empty.
    fn of(way: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap();
        drop(Journal::open(&path).unwrap());
        let before = Disk::of(&path);
        let events = record(TEST, (CHILD, &format!("{way} {}", path.display())), &path);
        let night = Self { before, events };
        night.is_complete(&Disk::of(&path));
        night
    }

    /// The recording alone leads to what really stands there: no way to write was overlooked.
    fn is_complete(&self, after: &Disk) {
        let mut disk = self.before.clone();
        self.events.iter().for_each(|event| disk.take(event));
        let mut rng = Rng::with_seed(0);
        let mut left = |disk: &Disk| -> BTreeMap<String, Vec<u8>> {
            let left = disk.left(Luck::Everything, &mut rng).into_iter();
            let left = left.filter(|(name, _)| name.contains("sqlite3"));
            left.map(|(name, bytes)| (name.to_owned(), bytes)).collect()
        };
        assert!(left(&disk) == left(after), "the recording is not complete");
    }

    /// Leaves the power off after some of the events, in some way, as often as is asked for, and counts the
    /// states in which something that was acknowledged is gone.
    fn states_that_lose(&self, states: usize, lost: impl Fn(&Path, u128) -> bool) -> usize {
        let mut rng = Rng::with_seed(54);
        let mut moments: Vec<usize> = (0..states).map(|_| rng.usize(..self.events.len())).collect();
        moments.sort_unstable();
        let (mut disk, mut told, mut losing) = (self.before.clone(), 0, 0);
        let mut next = 0;
        for moment in moments {
            for event in &self.events[next..=moment] {
                told = acknowledged(event).unwrap_or(told);
                disk.take(event);
            }
            next = next.max(moment + 1);
            let luck = [0.1, 0.5, 0.9].map(Luck::Sectors);
            let luck = [[Luck::Nothing, Luck::Everything].as_slice(), &luck].concat();
            let left = disk.left(luck[rng.usize(..luck.len())], &mut rng);
            let dir = tempfile::tempdir_in(fast()).unwrap();
            for (name, bytes) in left {
                std::fs::write(dir.path().join(name), bytes).unwrap();
            }
            losing += usize::from(lost(dir.path(), told));
        }
        losing
    }
}

/// Which row an event says is recorded, if it says so.
fn acknowledged(event: &Event) -> Option<u128> {
    match &event.deed {
        Deed::Written { bytes, .. } if event.file == TOLD => {
            Some(std::str::from_utf8(bytes).unwrap().trim().parse().unwrap())
        }
        _ => None,
    }
}

/// Where states are written out: in memory if there is such a place, because nothing there is synced.
fn fast() -> std::path::PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

fn states() -> usize {
    asked_for(STATES).map_or(80, |states| states.parse().unwrap())
}

fn lost_by_the_journal(dir: &Path, told: u128) -> bool {
    let journal = Journal::open(dir).expect("it opens without anybody's help");
    journal.history().check().expect("it is whole");
    let is_there = |number| journal.entry(entry(number).id).unwrap() == Some(entry(number));
    let owed = journal.owed().unwrap().len() as u128;
    !(1..=told).all(is_there) || !(told..=told + 1).contains(&owed)
}

fn lost_by_hand(dir: &Path, told: u128) -> bool {
    let db = Connection::open(database(dir)).unwrap();
    let sound: String = db.query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let rows = db.query_row("SELECT count(*) FROM exchange", [], |row| row.get::<_, u32>(0));
    u128::from(rows.unwrap()) < told
}

#[test]
fn whatever_was_acknowledged_survives_any_loss_of_power() {
    let night = Night::of("journal");
    let told = night.events.iter().filter_map(acknowledged).max();
    assert_eq!(told, Some(ROWS));
    assert_eq!(night.states_that_lose(states(), lost_by_the_journal), 0);
}

#[test]
fn with_anything_less_than_full_synchronization_the_same_test_finds_losses() {
    let of = |way: &str| Night::of(way).states_that_lose(states(), lost_by_hand);
    let (full, normal) = (of("FULL"), of("NORMAL"));
    assert_eq!(full, 0);
    assert!(normal > states() / 10, "only {normal} of {} states lose something", states());
}
