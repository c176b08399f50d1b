//! The ground of the terminal, dark or light: asked once, safely, and remembered.
//!
//! A terminal is asked only where its answer comes before anything else is read, and where nothing
//! slow lies between: never over the network, never without a terminal. One that does not answer is
//! not asked again.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::keeper::Keeper;
use super::terminal::{Ground, probe_ground};

/// The file in which it is remembered.
const FILE: &str = "ground.json";

/// What is known before the terminal is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// What the person says: `dark`, `light`, or `ask` to ask in any case (`WHEELHOUSE_BACKGROUND`).
    pub wish: Option<&'a str>,
    /// What the terminal told its children (`COLORFGBG`), as rxvt and Konsole do.
    pub colours: Option<&'a str>,
    /// What the terminal calls itself.
    pub terminal: Option<&'a str>,
    /// Whether this login came over the network.
    pub is_remote: bool,
    /// Whether keys and screen are those of a terminal that can be asked.
    pub is_terminal: bool,
}

/// What an earlier start found out about a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    terminal: String,
    ground: Option<Ground>,
    answers: bool,
}

/// Finds out the ground; may wait up to 200 ms for the terminal, once for each kind of terminal.
pub fn ground(hints: &Hints<'_>, state: Option<&Path>) -> Option<Ground> {
    let keeper = state.map(|state| Keeper::new(state.to_owned()));
    let kept = keeper.as_ref().and_then(|keeper| keeper.read(FILE));
    let (ground, new) = found(hints, kept, probe_ground);
    if let (Some(keeper), Some(new)) = (keeper, new)
        && let Err(error) = keeper.keep(FILE, &new)
    {
        tracing::warn!(%error, "the ground of the terminal could not be remembered");
    }
    ground
}

/// The ground as far as it is known without asking.
pub fn known_ground(hints: &Hints<'_>, state: Option<&Path>) -> Option<Ground> {
    let kept = state.and_then(|state| Keeper::new(state.to_owned()).read(FILE));
    found(&Hints { is_terminal: false, ..*hints }, kept, || None).0
}

fn found(
    hints: &Hints<'_>,
    kept: Option<Kept>,
    probe: impl FnOnce() -> Option<Ground>,
) -> (Option<Ground>, Option<Kept>) {
    match hints.wish {
        Some("dark") => return (Some(Ground::Dark), None),
        Some("light") => return (Some(Ground::Light), None),
        _ => {}
    }
    let terminal = hints.terminal.unwrap_or_default();
    let kept = kept.filter(|kept| kept.terminal == terminal);
    let earlier = kept.as_ref().and_then(|kept| kept.ground);
    if may_ask(hints, kept.as_ref()) {
        let answer = probe();
        let ground = answer.or_else(|| told(hints)).or(earlier);
        let terminal = terminal.to_owned();
        let new = Kept { terminal, ground: answer.or(earlier), answers: answer.is_some() };
        return (ground, (kept.as_ref() != Some(&new)).then_some(new));
    }
    (told(hints).or(earlier), None)
}

fn may_ask(hints: &Hints<'_>, kept: Option<&Kept>) -> bool {
    let is_wished = hints.wish == Some("ask");
    let is_drawable = !matches!(hints.terminal, None | Some("" | "dumb"));
    let is_silent = kept.is_some_and(|kept| !kept.answers);
    hints.is_terminal && is_drawable && (is_wished || (!hints.is_remote && !is_silent))
}

/// `COLORFGBG` is text and ground as numbers of the sixteen: `15;0`, or `0;default;15`.
fn told(hints: &Hints<'_>) -> Option<Ground> {
    match hints.colours?.rsplit(';').next()?.parse::<u8>().ok()? {
        7 | 15 => Some(Ground::Light),
        0..=6 | 8..=14 => Some(Ground::Dark),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Hints<'static> = Hints {
        wish: None,
        colours: None,
        terminal: Some("xterm-256color"),
        is_remote: false,
        is_terminal: true,
    };

    fn asked(
        hints: &Hints<'_>,
        kept: Option<Kept>,
        answer: Option<Ground>,
    ) -> (bool, Option<Ground>) {
        let mut was_asked = false;
        let (ground, _) = found(hints, kept, || {
            was_asked = true;
            answer
        });
        (was_asked, ground)
    }

    #[test]
    fn a_terminal_here_is_asked_and_believed() {
        assert_eq!(asked(&HERE, None, Some(Ground::Light)), (true, Some(Ground::Light)));
    }

    #[test]
    fn nothing_is_asked_where_an_answer_could_come_late_or_never() {
        let places = [
            Hints { is_remote: true, ..HERE },
            Hints { is_terminal: false, ..HERE },
            Hints { terminal: Some("dumb"), ..HERE },
            Hints { terminal: None, ..HERE },
            Hints { wish: Some("light"), ..HERE },
        ];
        for hints in places {
            assert!(!asked(&hints, None, Some(Ground::Dark)).0, "{hints:?}");
        }
    }

    #[test]
    fn what_the_person_says_is_stronger_than_what_the_terminal_says() {
        let dark = Hints { wish: Some("dark"), colours: Some("0;15"), ..HERE };
        assert_eq!(asked(&dark, None, Some(Ground::Light)), (false, Some(Ground::Dark)));
        let remote = Hints { wish: Some("ask"), is_remote: true, ..HERE };
        assert_eq!(asked(&remote, None, Some(Ground::Light)), (true, Some(Ground::Light)));
    }

    #[test]
    fn a_terminal_that_does_not_answer_is_asked_once() {
        let (ground, kept) = found(&HERE, None, || None);
        assert_eq!(ground, None);
        assert_eq!(asked(&HERE, kept.clone(), Some(Ground::Light)), (false, None));
        let other = Hints { terminal: Some("kitty"), ..HERE };
        assert!(asked(&other, kept, None).0);
    }

    #[test]
    fn the_last_answer_is_remembered_for_where_nothing_can_be_asked() {
        let (_, kept) = found(&HERE, None, || Some(Ground::Light));
        let remote = Hints { is_remote: true, ..HERE };
        assert_eq!(asked(&remote, kept.clone(), None), (false, Some(Ground::Light)));
        let (_, again) = found(&HERE, kept, || Some(Ground::Light));
        assert_eq!(again, None, "nothing new is written");
    }

    #[test]
    fn a_terminal_that_told_its_children_need_not_be_asked() {
        let told = |colours| told(&Hints { colours: Some(colours), ..HERE });
        assert_eq!(told("15;0"), Some(Ground::Dark));
        assert_eq!(told("0;default;15"), Some(Ground::Light));
        assert_eq!(told("default;default"), None);
    }
}
