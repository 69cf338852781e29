//! Finds values in JSON without building them: a page is served from its bytes.

use std::ops::Range;

use memchr::memchr2;

/// Where bytes stop being JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no JSON at byte {0}")]
pub(crate) struct ScanError(pub usize);

/// A place in JSON text.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// At the first byte, behind a byte order mark.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } }
    }

    /// The next byte that is no blank.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8) -> Result<(), ScanError> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(ScanError(self.at))
    }

    /// The text between the quotes, as it is written.
    fn string(&mut self) -> Result<Range<usize>, ScanError> {
        self.take(b'"')?;
        let from = self.at;
        loop {
            let rest = self.bytes.get(self.at..).ok_or(ScanError(self.at))?;
            let found = memchr2(b'"', b'\\', rest).ok_or(ScanError(self.bytes.len()))?;
            self.at += found;
            if self.bytes.get(self.at) == Some(&b'"') {
                self.at += 1;
                return Ok(from..self.at - 1);
            }
            self.at += 2;
        }
    }

    /// Steps over one value and says where it stands.
    pub fn value(&mut self) -> Result<Range<usize>, ScanError> {
        let first = self.peek().ok_or(ScanError(self.at))?;
        let from = self.at;
        match first {
            b'"' => {
                self.string()?;
            }
            b'{' | b'[' => self.nested()?,
            b',' | b'}' | b']' | b':' => return Err(ScanError(self.at)),
            _ => {
                while let Some(byte) = self.bytes.get(self.at) {
                    if matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                        break;
                    }
                    self.at += 1;
                }
            }
        }
        Ok(from..self.at)
    }

    fn nested(&mut self) -> Result<(), ScanError> {
        let mut depth = 0usize;
        loop {
            match self.bytes.get(self.at).ok_or(ScanError(self.at))? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Ok(());
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Every property of the object here, as `(name, place of the value)`, until `each` says that it has seen enough.
    pub fn properties(&mut self, mut each: impl FnMut(&'a [u8], Range<usize>) -> bool) -> Result<(), ScanError> {
        self.take(b'{')?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let name = self.string()?;
            self.take(b':')?;
            let value = self.value()?;
            if !each(self.bytes.get(name).unwrap_or_default(), value) {
                return Ok(());
            }
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(ScanError(self.at)),
            }
        }
    }

    /// Calls `each` at every element of the array here; it steps over the element.
    pub fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), ScanError>) -> Result<(), ScanError> {
        self.take(b'[')?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.peek();
            each(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(ScanError(self.at)),
            }
        }
    }

    /// The byte that comes next.
    pub fn at(&self) -> usize {
        self.at
    }

    /// A scanner at another place of the same text.
    pub fn moved(&self, at: usize) -> Self {
        Self { bytes: self.bytes, at }
    }
}

/// The value of one property of an object, as it is written.
pub(crate) fn property<'a>(object: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let mut found = None;
    Scanner::new(object)
        .properties(|name, value| {
            if name == wanted.as_bytes() {
                found = object.get(value);
            }
            found.is_none()
        })
        .ok()?;
    found
}

/// The text of one property of an object, where it is a text.
pub(crate) fn text(object: &[u8], wanted: &str) -> Option<String> {
    serde_json::from_slice(property(object, wanted)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_whatever_stands_in_texts() {
        let object = br#" { "a\"}" : "x\\" , "b": [1, {"c": "]"}], "d" : -1.5e3 , "e":null} "#;
        let mut seen = Vec::new();
        Scanner::new(object)
            .properties(|name, value| {
                let part = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                seen.push((part(name), part(&object[value])));
                true
            })
            .unwrap();
        let wanted = [("a\\\"}", "\"x\\\\\""), ("b", r#"[1, {"c": "]"}]"#), ("d", "-1.5e3"), ("e", "null")];
        assert_eq!(seen, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(property(object, "d"), Some(&b"-1.5e3"[..]));
        assert_eq!(text(object, "e"), None);
    }

    #[test]
    fn text_that_ends_early_is_an_error_and_no_panic() {
        let whole = br#"{"value":[{"id":"a","n":{"x":[1,2]}},{"id":"b"}]}"#;
        for end in 0..whole.len() {
            let mut count = 0;
            let cut = &whole[..end];
            let done = Scanner::new(cut).properties(|_, _| {
                count += 1;
                true
            });
            assert!(done.is_err(), "{}", String::from_utf8_lossy(cut));
        }
        assert!(Scanner::new(whole).properties(|_, _| true).is_ok());
    }
}
