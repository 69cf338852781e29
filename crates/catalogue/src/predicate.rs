//! The predicate language: a small subset of SQL.

mod expression;

pub use expression::{Comparison, Expression, Literal, State};

/// A predicate as written and as parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The text in the control file.
    pub source: String,
    /// Its meaning.
    pub expression: Expression,
}
