//! Object ids: most are GUIDs, some are not.

use std::borrow::Cow;
use std::collections::HashMap;

/// An object id in little memory; GUIDs have no case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Id {
    Guid([u8; 16]),
    Other(Box<str>),
}

impl Id {
    pub(crate) fn of(text: &str) -> Self {
        guid(text).map_or_else(|| Self::Other(text.into()), Self::Guid)
    }
}

/// The bytes of `62e90394-69f5-4237-9190-012177145e10`.
fn guid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 16];
    let mut at = 0;
    for (number, byte) in bytes.iter_mut().enumerate() {
        if matches!(number, 4 | 6 | 8 | 10) {
            if *text.get(at)? != b'-' {
                return None;
            }
            at += 1;
        }
        *byte = (hex(*text.get(at)?)? << 4) | hex(*text.get(at + 1)?)?;
        at += 2;
    }
    Some(bytes)
}

/// Whether a text is a GUID.
pub(crate) fn is_guid(text: &str) -> bool {
    guid(text).is_some()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The id as it is stored: GUIDs in lower case, anything else as it is.
pub(crate) fn normal(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) && guid(text).is_some() {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Something per object, keyed by id.
#[derive(Debug, Clone)]
pub(crate) struct IdMap<T> {
    guids: HashMap<[u8; 16], T>,
    others: HashMap<Box<str>, T>,
}

impl<T> Default for IdMap<T> {
    fn default() -> Self {
        Self { guids: HashMap::new(), others: HashMap::new() }
    }
}

impl<T> IdMap<T> {
    /// Sets the value of an id and gives back the earlier one.
    pub(crate) fn insert(&mut self, id: Id, value: T) -> Option<T> {
        match id {
            Id::Guid(guid) => self.guids.insert(guid, value),
            Id::Other(text) => self.others.insert(text, value),
        }
    }
    pub(crate) fn get(&self, id: &Id) -> Option<&T> {
        match id {
            Id::Guid(guid) => self.guids.get(guid),
            Id::Other(text) => self.others.get(text),
        }
    }
    pub(crate) fn contains(&self, id: &Id) -> bool {
        self.get(id).is_some()
    }
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.guids.values_mut().chain(self.others.values_mut())
    }
    /// The ids alone.
    pub(crate) fn without_values(self) -> IdMap<()> {
        IdMap {
            guids: self.guids.into_keys().map(|id| (id, ())).collect(),
            others: self.others.into_keys().map(|id| (id, ())).collect(),
        }
    }
    pub(crate) fn reserve(&mut self, more: usize) {
        self.guids.reserve(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_have_no_case_and_other_ids_do() {
        let lower = "62e90394-69f5-4237-9190-012177145e10";
        assert_eq!(Id::of(lower), Id::of(&lower.to_uppercase()));
        assert_eq!(normal(&lower.to_uppercase()), lower);
        assert_ne!(Id::of("lAPp-1"), Id::of("lapp-1"));
        assert_eq!(normal("lAPp-1"), "lAPp-1");
        assert!(matches!(Id::of("62e90394-69f5-4237-9190-012177145e1g"), Id::Other(_)));
    }
}
