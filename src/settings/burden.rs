//! How much memory a JSON text takes once it is read, told before it is read.

/// A value in a list that has just grown to twice its length.
const VALUE: usize = 64;
/// The room that a list begins with.
const LIST: usize = 144;
/// The first node of a tree of fields.
const OBJECT: usize = 648;
/// The share of a field in the further nodes.
const FIELD: usize = 96;
/// What is allocated for the shortest text.
const TEXT: usize = 32;

/// The memory that a JSON text takes at most once its values are read, in bytes.
///
/// A bound on the length of a text is none on its values: eight megabytes of `{"":0},` become seven hundred.
/// Every sign is counted with what `serde_json` and the allocator take at worst for what it announces; the
/// pages of real trackers come to four to six times their length. What is no JSON has some number, too.
pub fn burden(json: &[u8]) -> usize {
    let (mut sum, mut is_text, mut is_escaped) = (VALUE, false, false);
    for byte in json {
        sum += match byte {
            _ if is_escaped => 1,
            b'"' if !is_text => TEXT,
            _ if is_text => 1,
            b',' => VALUE,
            b'[' => LIST,
            b'{' => OBJECT,
            b':' => FIELD,
            _ => 0,
        };
        if is_escaped {
            is_escaped = false;
        } else if *byte == b'"' {
            is_text = !is_text;
        } else {
            is_escaped = is_text && *byte == b'\\';
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    #[test]
    fn many_short_values_are_heavy_and_a_long_text_is_not() {
        for short in ["0,", "[],", "{},", "\"\",", "[0],", "{\"\":0},", "[[[[]]]],"] {
            let list = format!("[{}0]", short.repeat(MIB / short.len()));
            assert!(burden(list.as_bytes()) > 16 * list.len(), "{short}");
        }
        let text = format!("\"{}\"", r#"[{\"a\":0},\\"#.repeat(MIB / 12));
        assert!(burden(text.as_bytes()) < text.len() + MIB / 64);
        assert_eq!(burden(br#"["\\"]"#), VALUE + LIST + TEXT + 3);
    }

    #[test]
    fn a_page_as_trackers_write_it_is_a_few_times_its_length() {
        let note = serde_json::json!({
            "url": "https://api.example/repos/octocat/incidents/issues/comments/1795183200",
            "id": 1_795_183_200, "node_id": "IC_kwDOABCD1234567890", "author_association": "MEMBER",
            "user": { "login": "octocat", "id": 1, "type": "User", "site_admin": false },
            "created_at": "2026-11-20T11:00:00Z", "updated_at": "2026-11-20T11:00:00Z",
            "body": "The pool is exhausted: 20 of 20 connections wait for the ledger. ".repeat(8),
        });
        let page = serde_json::to_string(&vec![note; 100]).unwrap();
        assert!(burden(page.as_bytes()) < 6 * page.len());
    }
}
