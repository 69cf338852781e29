//! Values whose spelling differs between the tools that write them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::{Caseless, cut};

/// Text that borrows from the page where it has no escapes. (serde's own `Option<Cow<str>>` never borrows.)
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E: de::Error>(self, text: String) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A property that is absent, null, or has a value: the three say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Presence<T> {
    /// The property was not asked for.
    #[default]
    Absent,
    /// Asked for, and there is none.
    Null,
    /// Its value.
    Is(T),
}

impl<T> Presence<T> {
    /// Its value; `null` where the property is null; None where the object does not carry it.
    pub(crate) fn or_null(self, null: T) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Null => Some(null),
            Self::Is(value) => Some(value),
        }
    }

    /// Its value; None where there is none, whether the object carries the property or not.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether the object does not carry the property.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T> Presence<List<T>> {
    /// Its items; none where the list is null; None where the object does not carry it.
    pub(crate) fn items(&self) -> Option<&[T]> {
        match self {
            Self::Absent => None,
            Self::Null => Some(&[]),
            Self::Is(list) => Some(list),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Presence<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Is))
    }
}

/// A collection that PowerShell may have collapsed to its only element, or to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = Vec<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a list")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }
            fn visit_none<E: de::Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
                deserializer.deserialize_any(self)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
                if cut::is_no_word(text) {
                    return Err(E::invalid_type(de::Unexpected::Str(text), &self));
                }
                Ok(vec![T::deserialize(text.into_deserializer())?])
            }
            fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<Vec<T>, A::Error> {
                // PowerShell leaves null elements in otherwise empty lists.
                let items = Vec::<Option<T>>::deserialize(SeqAccessDeserializer::new(access))?;
                Ok(items.into_iter().flatten().collect())
            }
            fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Vec<T>, A::Error> {
                Ok(vec![T::deserialize(Caseless(MapAccessDeserializer::new(access)))?])
            }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData)).map(Self)
    }
}

/// A boolean that may be written as text (`"True"`); other text is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) Option<bool>);

impl Flag {
    pub(crate) fn parse(text: &str) -> Option<bool> {
        if text.eq_ignore_ascii_case("true") {
            Some(true)
        } else if text.eq_ignore_ascii_case("false") {
            Some(false)
        } else {
            None
        }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FlagVisitor;
        impl Visitor<'_> for FlagVisitor {
            type Value = Flag;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("true or false")
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(Some(value)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Flag, E> {
                Ok(Flag(Flag::parse(text)))
            }
        }
        deserializer.deserialize_any(FlagVisitor)
    }
}

/// A number that may be written as text; other text is unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number(pub(crate) Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a number")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
                Ok(Number(Some(value)))
            }
            #[expect(clippy::cast_precision_loss, reason = "points and percentages are small")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }
            #[expect(clippy::cast_precision_loss, reason = "points and percentages are small")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.trim().parse().ok().filter(|number: &f64| number.is_finite())))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Caseless, Cow, List, Text};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Holder<'a> {
        #[serde(default, borrow)]
        names: Option<List<Text<'a>>>,
        #[serde(default)]
        items: List<Item>,
    }
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Item {
        key_id: String,
    }

    fn read(text: &str) -> Holder<'_> {
        Holder::deserialize(Caseless(&mut serde_json::Deserializer::from_str(text))).unwrap()
    }

    #[test]
    fn a_collection_of_one_may_be_collapsed() {
        let holder = read(r#"{"Names":"All","Items":{"KeyId":"a"}}"#);
        assert_eq!(holder.names.unwrap().len(), 1);
        assert_eq!(holder.items[0].key_id, "a");
        let holder = read(r#"{"names":["All","None"],"items":[{"keyid":"a"},{"keyId":"b"},null]}"#);
        assert_eq!(holder.names.unwrap().len(), 2);
        assert_eq!(holder.items[1].key_id, "b");
        assert_eq!(holder.items.len(), 2);
    }

    #[test]
    fn null_and_absent_lists_are_empty_or_unknown() {
        assert!(read(r#"{"items":null,"names":null}"#).names.is_none());
        assert!(read("{}").items.is_empty());
    }

    #[test]
    fn text_borrows_from_the_page_unless_it_has_escapes() {
        let holder = read(r#"{"names":["plain","esc\"aped"]}"#);
        let names = holder.names.unwrap();
        assert!(matches!(names[0].0, Cow::Borrowed("plain")));
        assert!(matches!(names[1].0, Cow::Owned(_)));
    }
}
