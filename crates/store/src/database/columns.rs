//! Values as they lie in columns: words and JSON as texts, flags as numbers.

use idscore_history::instants::NONE;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::HistoryError;

pub(crate) const READ: &str = "read assessments";

/// `$2, $3, $4`: so many places for values, from a number on.
pub(crate) fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

pub(crate) fn flag(flag: Option<bool>) -> i64 {
    flag.map_or(NONE, i64::from)
}

/// The value of a word.
pub(crate) fn of_word<T: DeserializeOwned>(word: String, what: &'static str) -> Result<T, HistoryError> {
    idscore_history::of_word(word).map_err(|source| HistoryError::Damaged { what, source: Box::new(source) })
}

pub(crate) fn text<T: Serialize>(value: &T) -> Result<String, HistoryError> {
    serde_json::to_string(value).map_err(|source| HistoryError::Damaged { what: "value", source: Box::new(source) })
}

pub(crate) fn of_text<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, HistoryError> {
    serde_json::from_str(text).map_err(|source| HistoryError::Damaged { what, source: Box::new(source) })
}

/// What [`flag`] wrote.
pub(crate) fn owned(flag: i64) -> Option<bool> {
    (flag >= 0).then_some(flag == 1)
}

/// The values of JSON texts that a database joined by commas; none where there was nothing to join.
pub(crate) fn of_list<T: DeserializeOwned>(joined: Option<String>, what: &'static str) -> Result<Vec<T>, HistoryError> {
    joined.map_or_else(|| Ok(Vec::new()), |joined| of_text(&format!("[{joined}]"), what))
}
