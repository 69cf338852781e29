//! `$orderby`: OData 4.01 Part 2 §5.1.5 *System Query Option $orderby*, with property paths.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value as Json;

use super::entity::{EntityType, PropertyType};
use super::error::ODataError;
use super::filter::{Kind, bind_members, member};
use super::key::Key;
use super::options::names;

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Null first.
    Ascending,
    /// Null last.
    Descending,
}

/// One key of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// The members on the way to the value.
    pub segments: Vec<String>,
    /// Its direction.
    pub direction: Direction,
    is_instant: bool,
}

impl OrderKey {
    fn bound(entity: &'static EntityType, path: &str, direction: Direction) -> Result<Self, ODataError> {
        let bound = bind_members(&entity.structure, &names(path)?, false)?;
        if !bound.filterable || !bound.kind.is_ordered() {
            return Err(ODataError::new(format!("The property '{path}' cannot be used in the $orderby query option.")));
        }
        let is_instant = matches!(bound.kind, Kind::Property(PropertyType::DateTimeOffset));
        Ok(Self { segments: bound.segments, direction, is_instant })
    }

    fn key(&self, row: &Json) -> Key {
        Key::of(member(row, &self.segments), self.is_instant)
    }
}

impl fmt::Display for OrderKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.direction {
            Direction::Ascending => "asc",
            Direction::Descending => "desc",
        };
        write!(out, "{} {word}", self.segments.join("/"))
    }
}

/// More keys would make tokens too long, and nobody asks for them.
const MAX_KEYS: usize = 8;

/// Reads `$orderby`.
pub(crate) fn parse(text: &str, entity: &'static EntityType) -> Result<Vec<OrderKey>, ODataError> {
    let mut position = 0;
    let mut keys = Vec::new();
    for item in text.split(',').filter(|_| !text.trim().is_empty()) {
        let key = one(item, entity).map_err(|error| ODataError { position: Some(position), ..error })?;
        keys.push(key);
        if keys.len() > MAX_KEYS {
            return Err(ODataError::at(position, format!("$orderby takes no more than {MAX_KEYS} properties.")));
        }
        position += item.chars().count() + 1;
    }
    Ok(keys)
}

fn one(item: &str, entity: &'static EntityType) -> Result<OrderKey, ODataError> {
    let words: Vec<&str> = item.split_whitespace().collect();
    let (path, direction) = match *words.as_slice() {
        [path] => (path, Direction::Ascending),
        [path, word] if word.eq_ignore_ascii_case("asc") => (path, Direction::Ascending),
        [path, word] if word.eq_ignore_ascii_case("desc") => (path, Direction::Descending),
        _ => return Err(ODataError::new(format!("Syntax error in $orderby at '{}'.", item.trim()))),
    };
    OrderKey::bound(entity, path, direction)
}

/// What the client asked for, then the entity's own order, then its key: an order in which no two rows are equal.
pub(crate) fn complete(asked: &[OrderKey], entity: &'static EntityType) -> Result<Vec<OrderKey>, ODataError> {
    let mut order = asked.to_vec();
    for by in entity.default_order {
        order.push(OrderKey::bound(entity, by.property, by.direction)?);
    }
    order.push(OrderKey::bound(entity, entity.key, Direction::Ascending)?);
    Ok(order)
}

/// The keys of a row.
pub(crate) fn keys(order: &[OrderKey], row: &Json) -> Vec<Key> {
    order.iter().map(|key| key.key(row)).collect()
}

/// Which of two rows comes first, by their keys.
pub(crate) fn compare(order: &[OrderKey], left: &[Key], right: &[Key]) -> Ordering {
    let pairs = order.iter().zip(left.iter().zip(right));
    let orders = pairs.map(|(key, (left, right))| match key.direction {
        Direction::Ascending => left.cmp(right),
        Direction::Descending => right.cmp(left),
    });
    orders.fold(Ordering::Equal, Ordering::then)
}
