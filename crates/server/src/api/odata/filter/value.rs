//! Values while a filter is evaluated, and how two of them compare.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::Value as Json;

use super::expression::{Comparison, Literal};

/// What an expression gives for one row.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Null,
    Boolean(bool),
    Number(f64),
    Text(Cow<'a, str>),
    Instant(Timestamp),
    Date(Date),
    /// An object or a list, which equals nothing and is not null.
    Structure,
}

impl<'a> Value<'a> {
    pub(super) fn of_json(json: Option<&'a Json>, is_instant: bool) -> Self {
        match json {
            None | Some(Json::Null) => Self::Null,
            Some(Json::Bool(value)) => Self::Boolean(*value),
            Some(Json::Number(number)) => number.as_f64().map_or(Self::Null, Self::Number),
            Some(Json::String(text)) => match instant(text).filter(|_| is_instant) {
                Some(instant) => Self::Instant(instant),
                None => Self::Text(Cow::Borrowed(text)),
            },
            Some(Json::Array(_) | Json::Object(_)) => Self::Structure,
        }
    }

    pub(super) fn of_literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Boolean(value) => Self::Boolean(*value),
            Literal::Number(number) => Self::Number(*number),
            Literal::Text(text) => Self::Text(Cow::Borrowed(text)),
            Literal::Instant(instant) => Self::Instant(*instant),
            Literal::Date(date) => Self::Date(*date),
        }
    }

    pub(super) fn of_truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Boolean)
    }

    /// True, false, or neither.
    pub(super) fn truth(&self) -> Option<bool> {
        if let Self::Boolean(value) = self { Some(*value) } else { None }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The day in UTC.
    pub(super) fn date(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            _ => self.instant().map(|instant| Offset::UTC.to_datetime(instant).date()),
        }
    }

    fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Instant(instant) => Some(*instant),
            Self::Text(text) => instant(text),
            Self::Date(date) => midnight(*date),
            _ => None,
        }
    }

    /// Their order; `None` when they are of different kinds.
    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => Some(left.cmp(right)),
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(right),
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            (Self::Date(left), Self::Date(right)) => Some(left.cmp(right)),
            // Undeclared members carry instants as text.
            (Self::Instant(_) | Self::Date(_), _) | (_, Self::Instant(_) | Self::Date(_)) => {
                Some(self.instant()?.cmp(&other.instant()?))
            }
            _ => None,
        }
    }
}

/// OData 4.01 Part 2 §5.1.1.1: null equals null and nothing else, and is neither greater nor less than anything.
pub(super) fn compare(comparison: Comparison, left: &Value<'_>, right: &Value<'_>) -> bool {
    let order = match (left, right) {
        (Value::Null, Value::Null) => {
            return comparison == Comparison::Equal;
        }
        (left, right) => left.order(right),
    };
    match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
    }
}

/// The start of a day in UTC.
pub(super) fn midnight(date: Date) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// The instant that a text writes.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The member at the end of a path.
pub(crate) fn member<'a>(start: &'a Json, segments: &[String]) -> Option<&'a Json> {
    segments.iter().try_fold(start, |value, segment| value.get(segment))
}
