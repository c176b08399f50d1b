//! The arguments of an action as a text that a person can read and change.

use crate::incident::{Canonical, Untrusted};

/// Arguments as a text over several lines.
pub(super) fn text(args: &Canonical) -> String {
    let value = serde_json::from_str::<serde_json::Value>(args.as_str());
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value));
    legible(&pretty.unwrap_or_else(|_| args.as_str().to_owned()))
}

/// JSON in which every character that hides is written as its escape, so that it can be read.
fn legible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for sign in json.chars() {
        let hides = sign != '\n' && Untrusted::from(sign.to_string()).block().hidden() > 0;
        if hides {
            let mut units = [0; 2];
            for unit in sign.encode_utf16(&mut units) {
                text.extend(["\\u", &format!("{unit:04x}")]);
            }
        } else {
            text.push(sign);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_in_arguments_is_written_out_and_means_the_same() {
        let hidden = "{\n  \"to\": \"r\u{202e}41\u{e0041}\"\n}";
        let shown = legible(hidden);
        assert!(shown.contains(r"r\u202e41\udb40\udc41"), "{shown}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&shown), value(hidden));
    }
}
