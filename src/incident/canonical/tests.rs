//! What canonical means: one spelling per value, and no value for an ambiguous spelling.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::json::{MOST_BYTES, MOST_INTEGER};
use super::{Canonical, CanonicalError, Digest, DigestError};
use crate::incident::text::Untrusted;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-MOST_INTEGER..=MOST_INTEGER).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{7f}\u{e9}\u{ff5e}\u{1f600}]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-c\u{e9}\u{ff5e}\u{1f600}]{0,3}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Spells a value in another way: members reversed, blanks everywhere, letters escaped.
fn respell(value: &Value) -> String {
    let text = |text: &str| {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
        format!("\"{}\"", units.collect::<Vec<_>>().concat())
    };
    match value {
        Value::String(string) => text(string),
        Value::Array(items) => {
            format!("[ {} ]", items.iter().map(respell).collect::<Vec<_>>().join("\n,\t"))
        }
        Value::Object(members) => {
            let members = members.iter().rev().map(|(k, v)| format!("{} :{}", text(k), respell(v)));
            format!("{{\r{} }}", members.collect::<Vec<_>>().join(" , "))
        }
        other => other.to_string(),
    }
}

fn digest(canonical: &Canonical) -> Digest {
    Digest::of("proposal", &[canonical.as_str().as_bytes()])
}

proptest! {
    #[test]
    fn every_spelling_of_a_value_is_the_same_text(value in value()) {
        let canonical = Canonical::from_value(&value).unwrap();
        prop_assert_eq!(&Canonical::parse(&respell(&value)).unwrap(), &canonical);
        prop_assert_eq!(canonical.to_value(), value);
    }

    #[test]
    fn canonical_text_is_stable_and_survives_storage(value in value()) {
        let canonical = Canonical::from_value(&value).unwrap();
        prop_assert_eq!(&Canonical::parse(canonical.as_str()).unwrap(), &canonical);
        let stored = serde_json::to_string(&canonical).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Canonical>(&stored).unwrap(), &canonical);
    }

    #[test]
    fn any_flipped_bit_is_refused_or_gives_another_digest(value in value(), at: prop::sample::Index, bit in 0..8) {
        let canonical = Canonical::from_value(&value).unwrap();
        let mut bytes = canonical.as_str().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let changed = String::from_utf8(bytes).ok().and_then(|text| Canonical::try_from(text).ok());
        prop_assert!(changed.is_none_or(|changed| digest(&changed) != digest(&canonical)));
    }

    #[test]
    fn the_card_shows_bytes_that_read_back_exactly(value in value()) {
        let canonical = Canonical::from_value(&value).unwrap();
        let read = Untrusted::unshow(&canonical.show()).unwrap();
        prop_assert_eq!(read.for_storage(), canonical.as_str());
    }

    #[test]
    fn hostile_text_never_panics(text in any::<String>()) {
        let _checked = Canonical::parse(&text);
    }

    #[test]
    fn a_digest_survives_its_text(bytes: [u8; 32]) {
        let digest = Digest::of("x", &[&bytes]);
        prop_assert_eq!(digest.to_string().parse(), Ok(digest));
    }

    #[test]
    fn the_same_bytes_divided_differently_differ(bytes: Vec<u8>, one: prop::sample::Index, other: prop::sample::Index) {
        let (one, other) = (one.index(bytes.len() + 1), other.index(bytes.len() + 1));
        let split = |at: usize| Digest::of("x", &[&bytes[..at], &bytes[at..]]);
        prop_assert_eq!(split(one) == split(other), one == other);
    }
}

#[test]
fn members_are_sorted_by_utf_16_as_the_rfc_asks() {
    // U+1F600 is the surrogate pair D83D DE00, so it sorts before U+FF5E.
    let canonical = Canonical::from_value(&json!({"\u{ff5e}": 1, "\u{1f600}": 2, "a": 3})).unwrap();
    assert_eq!(canonical.as_str(), "{\"a\":3,\"\u{1f600}\":2,\"\u{ff5e}\":1}");
}

#[test]
fn controls_are_spelled_as_the_rfc_asks() {
    let canonical =
        Canonical::from_value(&json!("\u{8}\t\n\u{c}\r\"\\/\u{1}\u{1f}\u{7f}€")).unwrap();
    assert_eq!(canonical.as_str(), "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0001\\u001f\u{7f}€\"");
}

#[test]
fn what_two_programs_may_read_differently_is_refused() {
    for json in [
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":1}"#,
        r#"{"x":{"a":null,"b":0,"a":null}}"#,
        "1.0",
        "1e3",
        "-0",
        "0.1",
        "9007199254740992",
        "-9007199254740992",
        "123456789012345678901234567890",
        "01",
        "+1",
        "NaN",
        r#""\ud800""#,
        "[1,]",
        "1 2",
        "",
        "\u{feff}1",
    ] {
        assert!(Canonical::parse(json).is_err(), "{json}");
    }
    assert_eq!(Canonical::parse("-9007199254740991").unwrap().as_str(), "-9007199254740991");
}

#[test]
fn a_duplicate_key_is_named_without_its_escapes() {
    let error = Canonical::parse("{\"\\u001b[2J\":1,\"\\u001b[2J\":2}").unwrap_err();
    let CanonicalError::Ambiguous(why) = error else { panic!("{error}") };
    assert!(why.to_string().starts_with("the key `␛[2J` stands there twice"), "{why}");
}

#[test]
fn nesting_and_length_are_bounded() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(Canonical::parse(&nested(64)).is_ok());
    assert!(Canonical::parse(&nested(65)).is_err());
    assert!(Canonical::parse(&nested(30_000)).is_err());
    let long = format!("\"{}\"", "x".repeat(MOST_BYTES));
    assert!(matches!(Canonical::parse(&long), Err(CanonicalError::TooLong { bytes: 65_538 })));
}

#[test]
fn text_stored_in_another_spelling_is_refused() {
    for text in [r#"{"b":1,"a":2}"#, "{ }", r#""\u0061""#] {
        let stored = serde_json::to_string(text).unwrap();
        assert!(serde_json::from_str::<Canonical>(&stored).is_err(), "{text}");
    }
}

#[test]
fn only_a_full_lower_case_digest_is_one() {
    let full = Digest::of("proposal", &[]).to_string();
    assert_eq!(full.len(), 71);
    for wrong in [
        &full[..70],
        &full[7..],
        &full.to_uppercase(),
        &full.replace("sha256:", "sha256:sha256:"),
        &format!("{full} "),
        &format!("{full}0"),
        &format!("sha256:{}", "g".repeat(64)),
        &format!("sha256:{}", "１".repeat(64)),
        &format!("sha256:{}é", "0".repeat(62)),
        &format!("sha256:+{}", "0".repeat(63)),
    ] {
        assert_eq!(wrong.parse::<Digest>(), Err(DigestError), "{wrong}");
    }
}

#[test]
fn a_digest_of_another_domain_differs() {
    assert_ne!(Digest::of("proposal", &[b"x"]), Digest::of("question", &[b"x"]));
    assert_eq!(
        Digest::of("proposal", &[b"x"]).to_string(),
        "sha256:4122bbdcf12adbc900d0c159f61988b2a81d7bec989be0c0e3f05dd3711f5bd2",
        "a stored digest must stay valid for ever"
    );
}
