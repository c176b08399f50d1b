//! Nouns for the tests of every room, whole and valid.

use super::{Canonical, Digest, Effects, Expectation, Preview, Remedy, Target, Verification};

/// A rollback that can be undone.
pub(crate) fn remedy() -> Remedy {
    Remedy {
        verb: "rollback".to_owned(),
        target: Target {
            system: "admin".to_owned(),
            resource: "checkout-config".to_owned(),
            environment: "production".to_owned(),
        },
        args: Canonical::parse(r#"{"to":"r41"}"#).unwrap(),
        tool_schema: Digest::of("tool", &[b"rollback"]),
        preview: Preview::Diff { text: "- 2\n+ 20".into() },
        effects: Effects { reversible: true, blast_radius: "checkout".into(), downtime_s: 0 },
        rollback: None,
        verify: Verification {
            query: "error-ratio".to_owned(),
            expect: Expectation::Below(0.02),
            after_s: 1,
            hold_s: 5,
        },
    }
}
