//! Whose a file is, and who else reaches it: what others can write, they decide.

use std::fs::Metadata;

/// What others may not be able to do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// To read it, or anything more.
    Read,
    /// To write to it.
    Write,
}

/// Why a file cannot be relied on, if it cannot.
#[cfg(unix)]
pub(super) fn exposed(metadata: &Metadata, to: Reach) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;

    let (bits, why) = match to {
        Reach::Read => (0o077, "can be read by others"),
        // Whether a group is the person's own nobody can tell from here.
        Reach::Write => (0o022, "can be written by others"),
    };
    // What the system's own account put there is as good as ours.
    let owners = [rustix::process::geteuid().as_raw(), 0];
    if metadata.mode() & bits != 0 {
        Some(why)
    } else if !owners.contains(&metadata.uid()) {
        Some("belongs to somebody else")
    } else {
        None
    }
}

#[cfg(not(unix))]
pub(super) fn exposed(_: &Metadata, _: Reach) -> Option<&'static str> {
    None
}
