//! Webhooks: how a tracker signs what it sends, so that a stranger cannot make us read.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::settings::Secret;

/// How a tracker signs what it sends: a keyed SHA-256 digest of the body's bytes, in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signing {
    /// The header that holds the signature, or several with commas between while keys are exchanged.
    pub header: &'static str,
    /// What stands before each signature.
    pub prefix: &'static str,
    /// The header that names the delivery and stays the same when it is tried again, if there is one.
    pub delivery: Option<&'static str>,
}

/// Most signatures that are looked at.
const MOST_SIGNATURES: usize = 8;

impl Signing {
    /// Whether one of the signatures in the header's value is that of the body, in a time that says
    /// nothing about where they differ.
    pub fn admits(&self, secret: &Secret, body: &[u8], value: &str) -> bool {
        let offered = value.split(',').take(MOST_SIGNATURES);
        let bytes = offered.filter_map(|one| unhex(one.trim().strip_prefix(self.prefix)?));
        // Every one is looked at, so that the time does not tell which one fits.
        let fits: Vec<bool> = bytes.map(|bytes| is_signature(secret, body, &bytes)).collect();
        fits.contains(&true)
    }
}

fn is_signature(secret: &Secret, body: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(signature).is_ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let pairs = text.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| match pair {
        [high, low] => Some((digit(*high)? << 4) | digit(*low)?),
        _ => None,
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNING: Signing = Signing { header: "x-signature", prefix: "v1=", delivery: None };

    /// The example of <https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>.
    #[test]
    fn the_published_example_is_admitted() {
        let secret = Secret::new("It's a Secret to Everybody");
        let value = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let signing = Signing { prefix: "sha256=", ..SIGNING };
        assert!(signing.admits(&secret, b"Hello, World!", value));
        assert!(!signing.admits(&secret, b"Hello, World?", value));
        assert!(!signing.admits(&Secret::new("other"), b"Hello, World!", value));
    }

    /// The example of <https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks>.
    #[test]
    fn the_published_example_of_jira_is_admitted() {
        let secret = Secret::new("It's a Secret to Everybody");
        let value = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
        let signing = Signing { prefix: "sha256=", ..SIGNING };
        assert!(signing.admits(&secret, b"Hello World!", value));
        assert!(!signing.admits(&secret, b"Hello World", value));
    }

    /// The header as PagerDuty's page on verifying signatures shows it, with ours behind the two.
    #[test]
    fn the_published_header_of_pagerduty_is_understood() {
        let secret = Secret::new("a secret of the subscription");
        let body =
            "{\"event\":{\"event_type\":\"incident.annotated\",\"data\":{\"content\":\"käse\"}}}";
        let published = "v1=f03de6f61df6e454f3620c4d6aca17ad072d3f8bbb2760eac3b2ad391b5e8073,\
                         v1=130dcacb53a94d983a37cf2acba98e805a1c37185309ba56fdcccbcf00d6dd8b";
        assert!(!SIGNING.admits(&secret, body.as_bytes(), published));
        let ours = "v1=f75b31d359c94300b14b19e1eb77ed34da1aef0ec6bbd19b432ec319d0e1f8bc";
        assert!(SIGNING.admits(&secret, body.as_bytes(), &format!("{published},{ours}")));
        assert!(!SIGNING.admits(&secret, body.as_bytes(), &ours.replace("v1", "v2")));
    }

    #[test]
    fn while_keys_are_exchanged_any_of_the_signatures_is_enough() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"new").unwrap();
        mac.update(b"body");
        let good = mac.finalize().into_bytes().into_iter().map(|byte| format!("{byte:02x}"));
        let good = good.collect::<Vec<_>>().concat();
        let bad = "0".repeat(64);
        let secret = Secret::new("new");
        assert!(SIGNING.admits(&secret, b"body", &format!("v1={bad},v1={good}")));
        for value in [
            bad.clone(),
            good.clone(),
            format!("v1={bad}"),
            format!("v2={good}"),
            format!("v1={}", &good[..62]),
            "v1=".to_owned(),
            String::new(),
            "v1=zz".to_owned(),
        ] {
            assert!(!SIGNING.admits(&secret, b"body", &value), "{value}");
        }
    }
}
