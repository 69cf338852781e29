//! Which properties objects do not carry, counted while they are read.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::Caseless;

/// The properties of one data set that columns are made from, and how many objects lack each.
///
/// A name may be a path (`servicePlans.servicePlanId`, through lists and objects) and may have alternatives (`a|b`: absent where
/// all of them are). Objects that are read straight into their fields are looked at from above only: no path, no alternatives.
#[derive(Debug, Default)]
pub(crate) struct Absences {
    properties: &'static [String],
    objects: Vec<u64>,
    /// The properties as fields of the struct that is read: which of them count, and where.
    watched: Option<Fields>,
    /// What the object that was read last lacks, as bits of its fields.
    last: u64,
}

#[derive(Debug)]
struct Fields {
    of: &'static [&'static str],
    /// A bit for each field that counts.
    mask: u64,
}

impl Absences {
    pub(crate) fn of(properties: &'static [String]) -> Self {
        Self { properties, objects: vec![0; properties.len()], watched: None, last: 0 }
    }

    /// Reads an object and notes what it lacks.
    pub(crate) fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        &mut self,
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(Watched { inner: Caseless(deserializer), absences: self })
    }

    /// Notes what an object lacks.
    pub(crate) fn look(&mut self, object: &Value) {
        for (property, objects) in self.properties.iter().zip(&mut self.objects) {
            *objects += u64::from(property.split('|').all(|path| lacks(object, path)));
        }
    }

    /// Adds what later objects lack.
    pub(crate) fn add(&mut self, later: &Self) {
        if self.properties.is_empty() {
            (self.properties, self.objects) = (later.properties, vec![0; later.properties.len()]);
        }
        for (objects, more) in self.objects.iter_mut().zip(&later.objects) {
            *objects += more;
        }
    }

    /// How many objects lack a property.
    pub(crate) fn count(&self, property: &str) -> u64 {
        self.counted().find(|(name, _)| *name == property).map_or(0, |(_, objects)| objects)
    }

    /// The properties that objects lack; of alternatives the first. What is missing within a property that is missing itself goes
    /// without saying.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let lacking = |property: &str, least: u64| {
            self.properties.iter().zip(&self.objects).any(|(name, objects)| name == property && *objects >= least)
        };
        let within = move |path: &str, objects: u64| {
            path.match_indices('.').any(|(at, _)| path.get(..at).is_some_and(|outer| lacking(outer, objects)))
        };
        let all = self.properties.iter().zip(&self.objects).filter(|(_, objects)| **objects > 0);
        let told = all.map(|(property, objects)| (property.split('|').next().unwrap_or(property), *objects));
        told.filter(move |(property, objects)| !within(property, *objects))
    }

    fn note(&mut self, fields: &'static [&'static str], seen: u64) {
        if self.watched.as_ref().is_none_or(|watched| !std::ptr::eq(watched.of, fields)) {
            let counts = |field: &&&str| self.properties.iter().any(|property| property.eq_ignore_ascii_case(field));
            let bits = fields.iter().zip(0_u32..64).filter(|(field, _)| counts(field)).map(|(_, bit)| 1_u64 << bit);
            self.watched = Some(Fields { of: fields, mask: bits.fold(0, |all, bit| all | bit) });
        }
        self.last = self.watched.as_ref().map_or(0, |watched| watched.mask & !seen);
        if self.last != 0 {
            self.count_last(|objects| objects.saturating_add(1));
        }
    }

    /// Takes back what was noted of the object that was read last: it is no object of the data set.
    pub(crate) fn forget_last(&mut self) {
        self.count_last(|objects| objects.saturating_sub(1));
        self.last = 0;
    }

    fn count_last(&mut self, counted: impl Fn(u64) -> u64) {
        let fields = self.watched.as_ref().map_or(&[][..], |watched| watched.of);
        let mut absent = self.last;
        while absent != 0 {
            let field = usize::try_from(absent.trailing_zeros()).ok().and_then(|at| fields.get(at));
            let place =
                field.and_then(|field| self.properties.iter().position(|name| name.eq_ignore_ascii_case(field)));
            if let Some(objects) = place.and_then(|at| self.objects.get_mut(at)) {
                *objects = counted(*objects);
            }
            absent &= absent - 1;
        }
    }
}

/// Whether a path leads nowhere, because an object on it lacks the property. A null has nothing in it that could be lacking.
fn lacks(value: &Value, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match value {
        Value::Object(properties) => {
            match properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value) {
                None => true,
                Some(value) => rest.is_some_and(|rest| lacks(value, rest)),
            }
        }
        Value::Array(items) => items.iter().any(|item| lacks(item, path)),
        _ => false,
    }
}

struct Watched<'a, D> {
    inner: D,
    absences: &'a mut Absences,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Watched<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_struct(name, fields, WatchedVisitor { visitor, fields, absences: self.absences })
    }
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

struct WatchedVisitor<'a, V> {
    visitor: V,
    fields: &'static [&'static str],
    absences: &'a mut Absences,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for WatchedVisitor<'_, V> {
    type Value = V::Value;
    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.visitor.expecting(formatter)
    }
    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let mut map = WatchedMap { access, seen: 0 };
        let value = self.visitor.visit_map(&mut map)?;
        self.absences.note(self.fields, map.seen);
        Ok(value)
    }
}

struct WatchedMap<A> {
    access: A,
    /// A bit for each field that was carried.
    seen: u64,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for &mut WatchedMap<A> {
    type Error = A::Error;
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.access.next_key_seed(NumberSeed { seed, seen: &mut self.seen })
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.access.next_value_seed(seed)
    }
    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

/// Hears the number by which [`Caseless`] hands on a field, and passes it on.
struct NumberSeed<'a, S> {
    seed: S,
    seen: &'a mut u64,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for NumberSeed<'_, S> {
    type Value = S::Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let number = u64::deserialize(deserializer)?;
        if let Some(bit) = u32::try_from(number).ok().and_then(|number| 1_u64.checked_shl(number)) {
            *self.seen |= bit;
        }
        let number: de::value::U64Deserializer<D::Error> = number.into_deserializer();
        self.seed.deserialize(number)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::Absences;
    use crate::json::Presence;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Thing<'a> {
        #[serde(borrow)]
        id: &'a str,
        #[serde(default)]
        is_on: Presence<bool>,
        #[serde(default)]
        ignored: Option<u8>,
        #[serde(default, rename = "theKind")]
        kind: Option<&'a str>,
    }

    fn names(names: &[&str]) -> &'static [String] {
        Vec::leak(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn an_object_is_read_as_ever_and_what_it_lacks_is_counted() {
        let mut absences = Absences::of(names(&["isOn", "theKind", "never"]));
        for (json, is_on) in [
            (r#"{"id":"a","isOn":true,"theKind":"x","more":[1]}"#, Presence::Is(true)),
            (r#"{"ID":"b","ISON":null,"ignored":1}"#, Presence::Null),
            (r#"{"id":"c"}"#, Presence::Absent),
        ] {
            let thing: Thing = absences.read(&mut serde_json::Deserializer::from_str(json)).unwrap();
            assert_eq!(thing.is_on, is_on, "{json}");
        }
        assert_eq!(absences.counted().collect::<Vec<_>>(), [("isOn", 1), ("theKind", 2)]);
        let gone: Thing = absences.read(&mut serde_json::Deserializer::from_str(r#"{"id":"d"}"#)).unwrap();
        absences.forget_last();
        assert_eq!((gone.is_on, absences.count("isOn")), (Presence::Absent, 1));
        let mut sum = Absences::default();
        sum.add(&absences);
        sum.add(&absences);
        assert_eq!((sum.count("isOn"), sum.count("never")), (2, 0));
    }

    #[test]
    fn paths_lead_through_lists_and_a_null_lacks_nothing() {
        for (json, expected) in [
            (r#"{"plans":[{"id":"1"},{"id":null}],"name":"x"}"#, vec![]),
            (r#"{"Plans":[{"ID":"1"},{}]}"#, vec![("plans.id", 1)]),
            (r#"{"plans":null}"#, vec![]),
            (r#"{"plans":[]}"#, vec![]),
            ("{}", vec![("plans.id", 1), ("plans", 1)]),
        ] {
            let mut absences = Absences::of(names(&["plans.id", "plans|name"]));
            absences.look(&serde_json::from_str(json).unwrap());
            assert_eq!(absences.counted().collect::<Vec<_>>(), expected, "{json}");
        }
        let mut absences = Absences::of(names(&["plans", "plans.id"]));
        absences.look(&serde_json::json!({}));
        assert_eq!(absences.counted().collect::<Vec<_>>(), [("plans", 1)]);
        absences.look(&serde_json::json!({"plans": [{}]}));
        assert_eq!(absences.counted().collect::<Vec<_>>(), [("plans", 1), ("plans.id", 2)]);
    }
}
