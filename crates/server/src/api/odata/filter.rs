//! `$filter`: OData 4.01 Part 2 §5.1.1 *Common Expression Syntax*, as far as clients of Graph use it.
//!
//! `eq ne gt ge lt le`, `and or not`, parentheses, `in (…)`, string, number, boolean, date, instant and null literals,
//! property paths, `startswith endswith contains tolower toupper length year month day date`, and `any`/`all`.
//!
//! Three readings where the standard leaves room: strings are compared exactly (`tolower` is there for the rest);
//! operators and property names are read in any case; `not a eq b` means `not (a eq b)`.

mod evaluate;
mod expression;
mod lex;
mod parse;
mod path;
mod print;
#[cfg(test)]
pub(crate) mod tests;
mod typing;
mod value;

pub use expression::{Comparison, Expression, Function, Literal, Path, Quantifier, Root};
pub use parse::parse;
pub(crate) use path::bind_members;
pub(crate) use typing::Kind;
pub(crate) use value::{instant, member};

/// The longest filter that is read.
pub const MAX_CHARACTERS: usize = 2_000;

/// The deepest nesting of parentheses, `not`, calls and lambdas that is read.
pub const MAX_NESTING: usize = 32;
