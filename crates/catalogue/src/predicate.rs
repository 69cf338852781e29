//! The predicate language: a small subset of SQL.
//!
//! `AND`, `OR`, `NOT`, the six comparisons, `IS [NOT] NULL | TRUE | FALSE`, `[NOT] IN`, `[NOT] BETWEEN`, `[NOT] LIKE`,
//! `has(list, 'value')`, `has_only(list, 'value', …)`, `taken_at`, and `taken_at - interval '90 days'`. The logic is SQL's three-valued one.

mod calls;
mod expression;
mod names;
mod parse;
mod possible;
mod print;
#[cfg(test)]
mod tests;

use std::fmt;

use sqlparser::tokenizer::Location;

pub use expression::{Comparison, Expression, Literal, State};
pub use parse::parse;
pub(crate) use possible::{Possible, combinations};

/// A predicate as written and as parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The text in the control file.
    pub source: String,
    /// Its meaning.
    pub expression: Expression,
}

impl Predicate {
    /// `TRUE`: every row, every tenant.
    #[must_use]
    pub fn always() -> Self {
        Self { source: "TRUE".to_owned(), expression: Expression::Literal(Literal::Boolean(true)) }
    }

    /// Whether it is the constant `TRUE`.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.expression == Expression::Literal(Literal::Boolean(true))
    }
}

impl fmt::Display for Predicate {
    /// The text in the control file, on one line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.source.split_whitespace().collect();
        formatter.write_str(&words.join(" "))
    }
}

/// Why a text is no predicate over its table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PredicateError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// The line within the predicate, from 1.
    pub line: usize,
    /// The character within the line, from 1.
    pub column: usize,
}

impl PredicateError {
    fn new(message: impl Into<String>, at: Location) -> Self {
        let position = |number: u64| usize::try_from(number).unwrap_or(1).max(1);
        Self { message: message.into(), hint: None, line: position(at.line), column: position(at.column) }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}
