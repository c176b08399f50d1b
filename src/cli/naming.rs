//! Naming an incident or a proposal: the full id, or for reading as much of it as is unique.

use std::fmt::Display;

use crate::incident::{Incident, Notice, ProposalId, Trouble};
use crate::journal::History;

/// The shortest part of an id that may stand for it.
const SHORTEST: usize = 4;

/// How many candidates are named when a part fits several.
const MOST_TOLD: usize = 5;

/// The incident of that name, for reading.
///
/// # Errors
/// Nothing or more than one thing has this name.
pub(super) fn incident(history: &History, name: &str) -> Result<Incident, Notice> {
    let incidents = history.incidents()?;
    let titled = |it: &Incident| format!("{} {}", it.id, it.title.line());
    one("incident", name, incidents, |it| it.id.to_string(), titled)
}

/// The one thing whose id is `name`, begins or ends with it.
///
/// # Errors
/// Nothing or more than one thing has this name.
pub(super) fn one<T>(
    what: &'static str,
    name: &str,
    things: Vec<T>,
    id: impl Fn(&T) -> String,
    told: impl Fn(&T) -> String,
) -> Result<T, Notice> {
    let wanted = name.trim().to_ascii_uppercase();
    let shown = || name.escape_debug().take(64).collect::<String>();
    let hint = format!("list what there is with `wheelhouse {what}s`");
    if wanted.len() < SHORTEST {
        let told = format!("`{}` is too short to name one {what}", shown());
        let hint = format!("give at least {SHORTEST} characters of the id's beginning or end");
        return Err(Notice::new(Trouble::Usage, told).hint(hint));
    }
    let fits = |thing: &T| {
        let id = id(thing);
        id.starts_with(&wanted) || id.ends_with(&wanted)
    };
    let mut fitting: Vec<T> = things.into_iter().filter(fits).collect();
    match (fitting.len(), fitting.pop()) {
        (1, Some(thing)) => Ok(thing),
        (_, None) => {
            Err(Notice::new(Trouble::NotFound, format!("there is no {what} `{}`", shown()))
                .hint(hint))
        }
        (several, Some(last)) => {
            let named: Vec<String> =
                fitting.iter().take(MOST_TOLD).chain([&last]).map(told).collect();
            Err(Notice::new(Trouble::Usage, format!("`{}` names {several} {what}s", shown()))
                .detail(named.join("\n"))
                .hint("give more of the id"))
        }
    }
}

/// The full id of a proposal, for deciding: a part of an id never decides anything.
///
/// # Errors
/// It is not a full id.
pub(super) fn proposal(name: impl Display) -> Result<ProposalId, Notice> {
    name.to_string().parse().map_err(|error: crate::incident::IdError| {
        Notice::new(Trouble::Usage, "a decision is named by its full id")
            .detail(error.to_string())
            .hint("copy it from `wheelhouse decisions`: 26 characters, in capitals")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 3] =
        ["01KAGX5T0A7Q8ZAAAAAAAA1111", "01KAGX5T0A7Q8ZBBBBBBBB2222", "01KAH00000000000000000AB12"];

    fn named(name: &str) -> Result<&'static str, Notice> {
        let same = |id: &&str| (*id).to_owned();
        one("incident", name, IDS.to_vec(), same, same)
    }

    #[test]
    fn a_beginning_or_an_end_names_what_it_fits_alone() {
        assert_eq!(named("01KAH").unwrap(), IDS[2]);
        assert_eq!(named("b2222").unwrap(), IDS[1]);
        assert_eq!(named(IDS[0]).unwrap(), IDS[0]);
    }

    #[test]
    fn a_part_that_fits_several_names_none_and_tells_them() {
        let notice = named("01KAGX").unwrap_err();
        assert_eq!(notice.trouble, Trouble::Usage);
        assert!(notice.detail.unwrap().contains(IDS[1]));
        assert_eq!(named("2").unwrap_err().trouble, Trouble::Usage);
        assert_eq!(named("ZZZZ").unwrap_err().trouble, Trouble::NotFound);
    }

    #[test]
    fn a_part_never_decides() {
        assert_eq!(proposal("01KAGX").unwrap_err().trouble, Trouble::Usage);
        assert!(proposal(IDS[0]).is_ok());
    }
}
