//! A value as a key of an order, which a skip token can carry.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::filter::instant;

/// Texts that are equal for so long are left to the next key of the order, so that a token fits into an address.
const MAX_CHARACTERS: usize = 256;

/// A value that rows are ordered by. Null comes first; kinds that a client can only mix in an open type follow each
/// other as declared here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Key {
    #[serde(rename = "z")]
    Null,
    #[serde(rename = "b")]
    Boolean(bool),
    /// The bits of a double: written as decimal digits it could come back as its neighbour, and a row would be lost.
    #[serde(rename = "n")]
    Number(u64),
    #[serde(rename = "i")]
    Instant(Timestamp),
    #[serde(rename = "t")]
    Text(String),
}

impl Key {
    pub(crate) fn of(value: Option<&Json>, is_instant: bool) -> Self {
        match value {
            Some(Json::Bool(value)) => Self::Boolean(*value),
            // Adding zero makes one of the two zeros.
            Some(Json::Number(number)) => {
                number.as_f64().map_or(Self::Null, |number| Self::Number((number + 0.0).to_bits()))
            }
            Some(Json::String(text)) => match instant(text).filter(|_| is_instant) {
                Some(instant) => Self::Instant(instant),
                None => Self::Text(text.chars().take(MAX_CHARACTERS).collect()),
            },
            _ => Self::Null,
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Boolean(_) => 1,
            Self::Number(_) => 2,
            Self::Instant(_) => 3,
            Self::Text(_) => 4,
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => f64::from_bits(*left).total_cmp(&f64::from_bits(*right)),
            (Self::Instant(left), Self::Instant(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (left, right) => left.rank().cmp(&right.rank()),
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
