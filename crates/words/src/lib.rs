//! The words that people read, the same on the command line, in reports and in the dashboard.
//!
//! Outcomes, numbers and reasons are worded by functions; what only the dashboard says stands in [`texts`].

pub mod arithmetic;
pub mod comparison;
mod domain;
pub mod moves;
pub mod prose;
pub mod reasons;
pub mod reconciled;
pub mod texts;

pub use domain::*;
pub use idscore_output_encoding::{hidden, visible, visible_lines};
