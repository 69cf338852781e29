//! Numbers and instants of a JSON body, replaced by those of the fault script.

/// The body with every number or every instant replaced by a text, which need not be JSON. Numbers within strings stay.
pub(crate) fn rewritten(body: &[u8], number: Option<&str>, instant: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(first) = rest.first() {
        let length = match first {
            b'"' => string_length(rest),
            b'-' | b'0'..=b'9' => rest.iter().take_while(|byte| b"+-.0123456789Ee".contains(byte)).count(),
            _ => 1,
        };
        let (token, behind) = rest.split_at(length);
        match (first, number, instant) {
            (b'-' | b'0'..=b'9', Some(number), _) => out.extend_from_slice(number.as_bytes()),
            (b'"', _, Some(instant)) if is_instant(token) => out.extend_from_slice(format!("\"{instant}\"").as_bytes()),
            _ => out.extend_from_slice(token),
        }
        rest = behind;
    }
    out
}

/// The bytes of a string with both its quotes.
fn string_length(text: &[u8]) -> usize {
    let mut escaped = false;
    let end = text.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

fn is_instant(token: &[u8]) -> bool {
    let text = std::str::from_utf8(token).unwrap_or_default().trim_matches('"');
    text.len() > 10 && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"id":"7","n":[1,-2.5e3,true],"at":"2026-11-20T06:00:00Z","a\"1":"b 2 \\","c":12}"#;

    #[test]
    fn every_number_is_replaced_and_no_text() {
        let replaced = String::from_utf8(rewritten(BODY.as_bytes(), Some("1e999"), None)).unwrap();
        let expected = BODY.replace("[1,-2.5e3", "[1e999,1e999").replace(":12}", ":1e999}");
        assert_eq!(replaced, expected);
        assert_eq!(rewritten("\u{feff}120".as_bytes(), Some("-1"), None), "\u{feff}-1".as_bytes());
    }

    #[test]
    fn every_instant_is_replaced_and_no_other_text() {
        let replaced = String::from_utf8(rewritten(BODY.as_bytes(), None, Some("never"))).unwrap();
        assert_eq!(replaced, BODY.replace("2026-11-20T06:00:00Z", "never"));
        assert_eq!(rewritten(BODY.as_bytes(), None, None), BODY.as_bytes());
        assert_eq!(rewritten(b"\"torn", None, Some("x")), b"\"torn");
    }
}
