//! The elements of a chunk of JSON, one at a time.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Caseless, Chunk, Number, Shape, cut};
use crate::ReadError;

/// Takes the elements of a data set.
pub(crate) trait Elements {
    /// Reads one element.
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error>;
}

/// A value that nobody needs, nested no deeper than any other.
pub(crate) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(Caseless(deserializer)).map(|_| Self)
    }
}

/// Elements that are only counted.
pub(crate) struct Counted;

impl Elements for Counted {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        Skipped::deserialize(deserializer).map(|_| ())
    }
}

/// What a page says beside its elements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PageFacts {
    /// Elements in it.
    pub(crate) rows: u64,
    /// The page names a next page.
    pub(crate) next_link: bool,
    /// How many elements all pages together have, as Graph counted them.
    pub(crate) count: Option<u64>,
    /// `value` is null: nothing was read, which is not the same as an empty list.
    pub(crate) unread: bool,
}

/// Reads a chunk, giving every element to `elements`.
pub(crate) fn read_chunk<E: Elements>(chunk: &Chunk, elements: &mut E) -> Result<PageFacts, ReadError> {
    let text = chunk.text()?;
    let mut facts = chunk.page;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let result = match chunk.shape {
        // No line is a list of no objects; no JSON at all is a file that was cut off.
        Shape::Empty if chunk.is_lines() => return Ok(facts),
        Shape::Empty => return Err(chunk.empty()),
        Shape::Array => {
            deserializer.deserialize_seq(Items { elements, facts: &mut facts }).and_then(|()| deserializer.end())
        }
        Shape::Envelope | Shape::Collapsed => {
            deserializer.deserialize_map(Page { elements, facts: &mut facts }).and_then(|()| deserializer.end())
        }
        Shape::Single => {
            facts.rows = 1;
            elements.element(&mut deserializer).and_then(|()| deserializer.end())
        }
        Shape::Lines => {
            for (number, line) in (0..).zip(text.split('\n')).filter(|(_, line)| !line.trim_ascii().is_empty()) {
                let mut deserializer = serde_json::Deserializer::from_str(line);
                let read = elements.element(&mut deserializer).and_then(|()| deserializer.end());
                read.map_err(|error| chunk.damaged_in_line(number, &error))?;
                facts.rows += 1;
            }
            return Ok(facts);
        }
    };
    result.map_err(|error| chunk.damaged(&error))?;
    Ok(facts)
}

struct Page<'a, E> {
    elements: &'a mut E,
    facts: &'a mut PageFacts,
}

impl<'de, E: Elements> Visitor<'de> for Page<'_, E> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a page of Microsoft Graph")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        while let Some(key) = access.next_key::<Cow<str>>()? {
            if key.eq_ignore_ascii_case("value") {
                access.next_value_seed(Items { elements: &mut *self.elements, facts: &mut *self.facts })?;
            } else if key.eq_ignore_ascii_case("@odata.nextLink") {
                let link: Option<Cow<str>> = access.next_value()?;
                self.facts.next_link |= link.is_some_and(|link| !link.is_empty());
            } else if key.eq_ignore_ascii_case("@odata.count") {
                self.facts.count = access.next_value::<Number>()?.0.and_then(whole);
            } else {
                access.next_value::<Skipped>()?;
            }
        }
        Ok(())
    }
}

struct Items<'a, E> {
    elements: &'a mut E,
    facts: &'a mut PageFacts,
}

impl<'de, E: Elements> DeserializeSeed<'de> for Items<'_, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A count that is no whole number counts nothing.
fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok()).flatten()
}

impl<'de, E: Elements> Visitor<'de> for Items<'_, E> {
    type Value = ();
    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list of objects")
    }
    fn visit_unit<F: de::Error>(self) -> Result<(), F> {
        self.facts.unread = true;
        Ok(())
    }
    fn visit_str<F: de::Error>(self, text: &str) -> Result<(), F> {
        Err(F::custom(cut::instead_of("value", text, "a list of objects")))
    }
    /// PowerShell collapses a list of one to its element.
    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<(), A::Error> {
        self.facts.rows += 1;
        self.elements.element(MapAccessDeserializer::new(access))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        while access.next_element_seed(Item(&mut *self.elements))?.is_some() {
            self.facts.rows += 1;
        }
        Ok(())
    }
}

struct Item<'a, E>(&'a mut E);

impl<'de, E: Elements> DeserializeSeed<'de> for Item<'_, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.element(deserializer)
    }
}
