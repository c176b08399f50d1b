//! The fault script: what goes wrong, with which requests, and how often.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::vendor::Vendor;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// The connection breaks before anything is done.
    DropBefore,
    /// It is done, and the connection breaks before the answer.
    DropAfter,
    /// The connection breaks, and it is done this much later.
    Late(Duration),
    /// Too many requests, in the vendor's own words, with how long to wait if that is told.
    Limit(Option<Duration>),
    /// A server error instead of doing it.
    ErrorBefore(u16),
    /// A server error after doing it.
    ErrorAfter(u16),
    /// The answer takes this much longer.
    Slow(Duration),
    /// Lists show only what is at least this old.
    Lag(Duration),
    /// Lists of entries are empty, and say so with success.
    SilentEmpty,
    /// The server's clock goes wrong by this much.
    Skew(SignedDuration),
    /// It is done, and somebody changes at once what was written.
    Edit,
    /// It is done, and somebody removes at once what was written.
    Delete,
}

/// Which requests a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meets {
    /// All of them.
    #[default]
    All,
    /// Those that only read.
    Reads,
    /// Those that write.
    Writes,
}

/// One line of the script.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FaultLine {
    /// What goes wrong.
    pub fault: Fault,
    /// With which requests.
    pub meets: Meets,
    /// How many such requests pass before it begins.
    pub after: u32,
    /// How many requests it meets; all of them if absent.
    pub times: Option<u32>,
    /// How likely it meets one, 0 to 1.
    pub chance: f64,
}

impl From<Fault> for FaultLine {
    /// A fault that meets everything for ever.
    fn from(fault: Fault) -> Self {
        Self { fault, meets: Meets::All, after: 0, times: None, chance: 1.0 }
    }
}

impl FaultLine {
    /// Meets writes alone.
    pub fn of_writes(fault: Fault) -> Self {
        Self { meets: Meets::Writes, ..fault.into() }
    }

    /// Meets reads alone.
    pub fn of_reads(fault: Fault) -> Self {
        Self { meets: Meets::Reads, ..fault.into() }
    }

    /// Meets so many requests and no more.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Lets so many requests pass first.
    pub fn after(self, after: u32) -> Self {
        Self { after, ..self }
    }

    /// Meets a request with this likelihood.
    pub fn chance(self, chance: f64) -> Self {
        Self { chance, ..self }
    }
}

/// The text names no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "one of drop-before, drop-after, late:5s, 429, 429:30s, 503, 502-after, slow:2s, lag:10s, \
     silent-empty, skew:-90s, edit, delete is expected"
)]
pub struct UnknownFault;

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (word, rest) = text.split_once(':').map_or((text, None), |(w, r)| (w, Some(r)));
        let span = || rest.and_then(seconds).ok_or(UnknownFault);
        let long = || span().and_then(|it| Duration::try_from(it).map_err(|_| UnknownFault));
        match word {
            "drop-before" => Ok(Self::DropBefore),
            "drop-after" => Ok(Self::DropAfter),
            "late" => Ok(Self::Late(long()?)),
            "429" if rest.is_none() => Ok(Self::Limit(None)),
            "429" => Ok(Self::Limit(Some(long()?))),
            "slow" => Ok(Self::Slow(long()?)),
            "lag" => Ok(Self::Lag(long()?)),
            "silent-empty" => Ok(Self::SilentEmpty),
            "edit" => Ok(Self::Edit),
            "delete" => Ok(Self::Delete),
            "skew" => Ok(Self::Skew(span()?)),
            other => {
                let (code, after) =
                    other.strip_suffix("-after").map_or((other, false), |code| (code, true));
                let code = code.parse().ok().filter(|code| (500..=599).contains(code));
                let code = code.ok_or(UnknownFault)?;
                Ok(if after { Self::ErrorAfter(code) } else { Self::ErrorBefore(code) })
            }
        }
    }
}

impl TryFrom<String> for Fault {
    type Error = UnknownFault;

    fn try_from(text: String) -> Result<Self, UnknownFault> {
        text.parse()
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

/// A number of seconds, written `90s`, `-1.5s`, or without the unit.
fn seconds(text: &str) -> Option<SignedDuration> {
    let number: f64 = text.strip_suffix('s').unwrap_or(text).parse().ok()?;
    number.is_finite().then(|| SignedDuration::try_from_secs_f64(number).ok()).flatten()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropBefore => f.write_str("drop-before"),
            Self::DropAfter => f.write_str("drop-after"),
            Self::Late(by) => write!(f, "late:{}s", by.as_secs_f64()),
            Self::Limit(None) => f.write_str("429"),
            Self::Limit(Some(wait)) => write!(f, "429:{}s", wait.as_secs_f64()),
            Self::ErrorBefore(code) => write!(f, "{code}"),
            Self::ErrorAfter(code) => write!(f, "{code}-after"),
            Self::Slow(by) => write!(f, "slow:{}s", by.as_secs_f64()),
            Self::Lag(by) => write!(f, "lag:{}s", by.as_secs_f64()),
            Self::SilentEmpty => f.write_str("silent-empty"),
            Self::Edit => f.write_str("edit"),
            Self::Delete => f.write_str("delete"),
            Self::Skew(by) => write!(f, "skew:{}s", by.as_secs_f64()),
        }
    }
}

/// How one request goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weather {
    /// The fault that decides how it ends, if any does.
    pub(super) ending: Option<Fault>,
    pub(super) slow: Duration,
    pub(super) lag: Duration,
    pub(super) skew: SignedDuration,
    pub(super) silent: bool,
}

/// The script of every server, and the dice for what is only likely.
#[derive(Debug)]
pub(super) struct Faults {
    lines: Vec<(Vendor, FaultLine)>,
    dice: fastrand::Rng,
}

impl Faults {
    /// A script with nothing in it.
    pub(super) fn seeded(seed: u64) -> Self {
        Self { lines: Vec::new(), dice: fastrand::Rng::with_seed(seed) }
    }

    /// Adds a line; earlier ones are met first.
    pub(super) fn add(&mut self, vendor: Vendor, line: FaultLine) {
        self.lines.push((vendor, line));
    }

    /// Strikes every line of a server.
    pub(super) fn clear(&mut self, vendor: Vendor) {
        self.lines.retain(|(of, _)| *of != vendor);
    }

    /// The lines of a server that still meet something.
    pub(super) fn lines(&self, vendor: Vendor) -> impl Iterator<Item = &FaultLine> {
        self.lines.iter().filter(move |(of, _)| *of == vendor).map(|(_, line)| line)
    }

    /// What the next request meets: the first fault that ends it, and everything that does not.
    pub(super) fn meet(&mut self, vendor: Vendor, writes: bool) -> Weather {
        let mut weather = Weather::default();
        for (of, line) in &mut self.lines {
            let is_met = match line.meets {
                Meets::All => true,
                Meets::Reads => !writes,
                Meets::Writes => writes,
            };
            let is_ending = !matches!(
                line.fault,
                Fault::Slow(_) | Fault::Lag(_) | Fault::SilentEmpty | Fault::Skew(_)
            );
            if *of != vendor || !is_met || (is_ending && weather.ending.is_some()) {
                continue;
            }
            if line.after > 0 {
                line.after -= 1;
                continue;
            }
            if line.times == Some(0) || (line.chance < 1.0 && self.dice.f64() >= line.chance) {
                continue;
            }
            line.times = line.times.map(|times| times - 1);
            match line.fault {
                Fault::Slow(by) => weather.slow += by,
                Fault::Lag(by) => weather.lag = weather.lag.max(by),
                Fault::SilentEmpty => weather.silent = true,
                Fault::Skew(by) => weather.skew += by,
                ending => weather.ending = Some(ending),
            }
        }
        self.lines.retain(|(_, line)| line.times != Some(0));
        weather
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_survives_its_text() {
        for text in [
            "drop-before",
            "drop-after",
            "late:5s",
            "429",
            "429:30s",
            "503",
            "502-after",
            "slow:0.5s",
            "lag:10s",
            "silent-empty",
            "skew:-90s",
            "edit",
            "delete",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        for text in ["", "404", "slow", "slow:-1s", "lag:x", "600", "skew:infs"] {
            assert_eq!(text.parse::<Fault>(), Err(UnknownFault), "{text}");
        }
    }

    #[test]
    fn a_line_meets_what_it_says_and_then_no_more() {
        let mut faults = Faults::seeded(1);
        faults.add(Vendor::Jira, FaultLine::of_writes(Fault::DropAfter).after(1).times(2));
        let mut ending = |writes| faults.meet(Vendor::Jira, writes).ending;
        assert_eq!(ending(false), None);
        let met: Vec<_> = (0..4).map(|_| ending(true).is_some()).collect();
        assert_eq!(met, [false, true, true, false]);
        faults.add(Vendor::Jira, Fault::SilentEmpty.into());
        assert!(faults.meet(Vendor::Jira, false).silent);
        assert!(!faults.meet(Vendor::Github, false).silent);
        faults.clear(Vendor::Jira);
        assert_eq!(faults.meet(Vendor::Jira, false), Weather::default());
    }

    #[test]
    fn what_is_likely_is_the_same_under_the_same_seed() {
        let drawn = |seed| {
            let mut faults = Faults::seeded(seed);
            faults.add(Vendor::Github, FaultLine::from(Fault::DropBefore).chance(0.3));
            let met = |_| faults.meet(Vendor::Github, true).ending.is_some();
            (0..200).map(met).collect::<Vec<_>>()
        };
        assert_eq!(drawn(5), drawn(5));
        assert_ne!(drawn(5), drawn(6));
        let met = drawn(5).into_iter().filter(|met| *met).count();
        assert!((35..85).contains(&met), "{met} of 200");
    }
}
