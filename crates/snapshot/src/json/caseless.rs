//! A deserializer in front of another one, for which property names have no case.

use std::fmt;

use serde::de::value::U64Deserializer;
use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// Reads `displayName`, `DisplayName` and `displayname` into the same field, in every struct below.
pub(crate) struct Caseless<D>(pub(crate) D);

macro_rules! forward {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(visitor)
        }
    )*};
}
macro_rules! wrap {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(CaselessVisitor { visitor, fields: &[] })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Caseless<D> {
    type Error = D::Error;

    forward! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier
    }
    wrap! { deserialize_any deserialize_option deserialize_seq deserialize_map }

    /// serde_json skips a value of any depth; read like any other value, its limit of 128 levels holds everywhere.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(CaselessVisitor { visitor, fields: &[] })
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, CaselessVisitor { visitor, fields: &[] })
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(len, CaselessVisitor { visitor, fields: &[] })
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, len, CaselessVisitor { visitor, fields: &[] })
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, CaselessVisitor { visitor, fields })
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }
}

struct CaselessVisitor<V> {
    visitor: V,
    fields: &'static [&'static str],
}

macro_rules! forward_visit {
    ($($method:ident: $kind:ty,)*) => {$(
        fn $method<E: de::Error>(self, value: $kind) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for CaselessVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.visitor.expecting(formatter)
    }
    forward_visit! {
        visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str,
        visit_borrowed_str: &'de str, visit_string: String,
    }
    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }
    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Caseless(deserializer))
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Caseless(deserializer))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(CaselessSeq(access))
    }
    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(CaselessMap { access, fields: self.fields, next: 0, at: None })
    }
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(access)
    }
}

struct CaselessSeed<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for CaselessSeed<S> {
    type Value = S::Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Caseless(deserializer))
    }
}

struct CaselessSeq<A>(A);

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for CaselessSeq<A> {
    type Error = A::Error;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(CaselessSeed(seed))
    }
    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

struct CaselessMap<A> {
    access: A,
    fields: &'static [&'static str],
    next: usize,
    /// The field whose value comes.
    at: Option<usize>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for CaselessMap<A> {
    type Error = A::Error;
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        if self.fields.is_empty() {
            return self.access.next_key_seed(seed);
        }
        self.access.next_key_seed(FieldSeed { seed, fields: self.fields, next: &mut self.next, at: &mut self.at })
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let value = self.access.next_value_seed(CaselessSeed(seed));
        value.map_err(|error| match self.at.and_then(|at| self.fields.get(at)) {
            Some(field) => naming(field, error),
            None => error,
        })
    }
    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

/// A value of another type is told with the property that holds it.
fn naming<E: de::Error>(field: &str, error: E) -> E {
    let text = error.to_string();
    if text.starts_with("invalid type") { E::custom(format_args!("`{field}`: {text}")) } else { error }
}

/// Finds the field of a property name and hands its number to the derived field visitor.
struct FieldSeed<'n, S> {
    seed: S,
    fields: &'static [&'static str],
    /// The field expected next: objects of one page have their properties in one order.
    next: &'n mut usize,
    at: &'n mut Option<usize>,
}

impl<S> FieldSeed<'_, S> {
    fn number(&mut self, name: &str) -> u64 {
        let found = if self.fields.get(*self.next) == Some(&name) {
            Some(*self.next)
        } else {
            self.fields
                .iter()
                .position(|field| *field == name)
                .or_else(|| self.fields.iter().position(|field| field.eq_ignore_ascii_case(name)))
        };
        *self.at = found;
        if let Some(number) = found {
            *self.next = number + 1;
        }
        // Derived visitors ignore a number that no field has.
        found.and_then(|number| u64::try_from(number).ok()).unwrap_or(u64::MAX)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for FieldSeed<'_, S> {
    type Value = S::Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for FieldSeed<'_, S> {
    type Value = S::Value;
    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a property name")
    }
    fn visit_str<E: de::Error>(mut self, name: &str) -> Result<S::Value, E> {
        let number: U64Deserializer<E> = self.number(name).into_deserializer();
        self.seed.deserialize(number)
    }
}

#[cfg(test)]
mod tests {
    use super::Caseless;
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Outer {
        display_name: Option<String>,
        inner: Vec<Inner>,
        maybe: Option<Inner>,
    }
    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Inner {
        is_enabled: Option<bool>,
    }

    fn read(text: &str) -> Outer {
        Outer::deserialize(Caseless(&mut serde_json::Deserializer::from_str(text))).unwrap()
    }

    #[test]
    fn property_names_have_no_case_at_any_depth() {
        let expected = Outer {
            display_name: Some("x".into()),
            inner: vec![Inner { is_enabled: Some(true) }],
            maybe: Some(Inner { is_enabled: Some(false) }),
        };
        for text in [
            r#"{"displayName":"x","inner":[{"isEnabled":true}],"maybe":{"isEnabled":false}}"#,
            r#"{"MAYBE":{"ISENABLED":false},"DisplayName":"x","Inner":[{"IsEnabled":true,"More":[{}]}]}"#,
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn unknown_properties_are_ignored() {
        assert_eq!(read(r#"{"displayNames":{"a":[1,{"b":null}]},"":1}"#), Outer::default());
    }
}
