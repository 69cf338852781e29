//! What a file holds, seen from its first bytes.

/// The outer form of a JSON file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `[…]`
    Array,
    /// `{"value": […]}` with Graph's annotations around.
    Envelope,
    /// `{"value": {…}}` or `{"value": null}`: a list that PowerShell collapsed, or that was not read.
    Collapsed,
    /// One object.
    Single,
    /// One object per line.
    Lines,
    /// Nothing but white space.
    Empty,
}

/// What the first bytes tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sniffed {
    pub(crate) shape: Shape,
    /// `@odata.context`, where it stands before the elements.
    pub(crate) context: Option<String>,
    /// Names of the top-level properties that were seen.
    pub(crate) keys: Vec<String>,
    /// Whether the top-level object ended within the bytes.
    pub(crate) closed: bool,
}

/// Looks at the beginning of a file without parsing it. Broken JSON gives some answer; the parser complains later.
pub(crate) fn sniff(bytes: &[u8]) -> Sniffed {
    let mut scan = Scan { bytes, at: 0 };
    let mut sniffed = Sniffed { shape: Shape::Empty, context: None, keys: Vec::new(), closed: false };
    match scan.peek() {
        None => return sniffed,
        Some(b'[') => {
            sniffed.shape = Shape::Array;
            return sniffed;
        }
        Some(b'{') => sniffed.shape = Shape::Single,
        Some(_) => {
            sniffed.shape = Shape::Single;
            return sniffed;
        }
    }
    scan.at += 1;
    loop {
        match scan.peek() {
            Some(b',') => scan.at += 1,
            Some(b'"') => {
                let Some(key) = scan.string() else { return sniffed };
                if scan.peek() != Some(b':') {
                    return sniffed;
                }
                scan.at += 1;
                let first = scan.peek();
                if key.eq_ignore_ascii_case("value") && first == Some(b'[') {
                    sniffed.shape = Shape::Envelope;
                    return sniffed;
                }
                // An object of its own has other members before, or a `value` that is a number or a truth value.
                if key.eq_ignore_ascii_case("value")
                    && matches!(first, Some(b'{' | b'n' | b'"'))
                    && sniffed.keys.iter().all(|key| key.starts_with('@'))
                {
                    sniffed.shape = Shape::Collapsed;
                    return sniffed;
                }
                let start = scan.at;
                if !scan.skip_value() {
                    sniffed.keys.push(key);
                    return sniffed;
                }
                if key.eq_ignore_ascii_case("@odata.context") {
                    let value = bytes.get(start..scan.at).unwrap_or_default();
                    sniffed.context = serde_json::from_slice(value).ok();
                }
                sniffed.keys.push(key);
            }
            Some(b'}') => {
                scan.at += 1;
                sniffed.closed = true;
                if scan.peek() == Some(b'{') {
                    sniffed.shape = Shape::Lines;
                }
                return sniffed;
            }
            _ => return sniffed,
        }
    }
}

/// The names of the properties of the first element of a list, in an envelope or not; none where there is no list.
pub(crate) fn first_element(bytes: &[u8]) -> Vec<String> {
    let sniffed = sniff(bytes);
    let start = match sniffed.shape {
        Shape::Array => bytes.iter().position(|byte| *byte == b'['),
        Shape::Envelope => super::chunks::value_bracket(bytes),
        _ => None,
    };
    let element = start.and_then(|start| bytes.get(start + 1..)).unwrap_or_default();
    sniff(element).keys
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if byte.is_ascii_whitespace() { self.at += 1 } else { return Some(*byte) }
        }
        None
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at + 1;
        if !self.skip_string() {
            return None;
        }
        self.bytes.get(start..self.at - 1).map(|text| String::from_utf8_lossy(text).into_owned())
    }

    fn skip_string(&mut self) -> bool {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return true;
                }
                _ => self.at += 1,
            }
        }
        false
    }

    /// Passes over one value; FALSE when the bytes end before it does.
    fn skip_value(&mut self) -> bool {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                None => return false,
                Some(b'"') => {
                    if !self.skip_string() {
                        return false;
                    }
                }
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                Some(b'}' | b']') if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b',' | b':') if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                Some(b',' | b':' | b'}' | b']') => return true,
                Some(_) => {
                    while self.bytes.get(self.at).is_some_and(|byte| {
                        !matches!(byte, b',' | b'}' | b']' | b'"' | b':' | b' ' | b'\n' | b'\r' | b'\t')
                    }) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return self.at < self.bytes.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outer_form_is_told_from_the_first_bytes() {
        for (text, shape) in [
            ("[]", Shape::Array),
            (" \n[{}]", Shape::Array),
            (r#"{"@odata.context":"x","value":[{"id":1"#, Shape::Envelope),
            (r#"{"Value":[]}"#, Shape::Envelope),
            (r#"{"id":"a","value":"text"}"#, Shape::Single),
            (r#"{"@odata.context":"x","value":null}"#, Shape::Collapsed),
            (r#"{"value":{"id":"a"}}"#, Shape::Collapsed),
            (r#"{"id":"a","values":[{"value":[1]}]}"#, Shape::Single),
            ("{\"id\":1}\n{\"id\":2}\n", Shape::Lines),
            ("  ", Shape::Empty),
            ("hello", Shape::Single),
        ] {
            assert_eq!(sniff(text.as_bytes()).shape, shape, "{text}");
        }
    }

    #[test]
    fn the_context_and_the_names_before_the_elements_are_kept() {
        let sniffed = sniff(br#"{"@odata.context":"https:\/\/g#users","n":-1.5e3,"o":{"a":[1,"]"]},"value":["#);
        assert_eq!(sniffed.context.as_deref(), Some("https://g#users"));
        assert_eq!(sniffed.keys, ["@odata.context", "n", "o"]);
    }

    #[test]
    fn the_names_in_the_first_element_of_a_list_are_seen() {
        for text in [r#"[{"id":1,"a":{"b":2}},{"c":3}]"#, r#" {"value": [ {"id":1,"a":{"b":2}}"#] {
            assert_eq!(first_element(text.as_bytes()), ["id", "a"], "{text}");
        }
        assert!(first_element(br#"{"id":1}"#).is_empty() && first_element(b"[]").is_empty());
    }

    #[test]
    fn damaged_beginnings_give_some_answer() {
        for text in ["{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"\\", "{]", "{\"a\":}}}", "{,,,", "\u{0}"] {
            sniff(text.as_bytes());
        }
    }
}
