//! Short names of trackers: an ending that all of them share says nothing about any of them.

/// `github` for `github-sandbox`, if every one of the trackers is such a sandbox.
pub(super) fn short<'a>(name: &'a str, trackers: &[String]) -> &'a str {
    let ending = ending(trackers);
    name.strip_suffix(ending).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// The ending, from its dash on, that at least two names and all of them share.
fn ending(names: &[String]) -> &str {
    let [first, _, ..] = names else { return "" };
    let Some(at) = first.rfind('-').filter(|at| *at > 0) else { return "" };
    let ending = first.get(at..).unwrap_or_default();
    if names.iter().all(|name| name.ends_with(ending)) { ending } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn an_ending_that_all_share_is_left_out() {
        let all = names(&["github-sandbox", "jira-sandbox"]);
        assert_eq!(short("github-sandbox", &all), "github");
        assert_eq!(short("elsewhere", &all), "elsewhere");
        assert_eq!(short("-sandbox", &all), "-sandbox");
    }

    #[test]
    fn an_ending_that_tells_names_apart_stays() {
        let all = names(&["jira-eu", "jira-us"]);
        assert_eq!(short("jira-eu", &all), "jira-eu");
        assert_eq!(short("jira-eu", &names(&["jira-eu"])), "jira-eu");
    }
}
