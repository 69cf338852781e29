//! The words and the arithmetic of an Identity Secure Score. No I/O.

mod points;
mod words;

pub use points::{Hundredths, InvalidPoints, Points};
pub use words::{License, Missing, MissingKind, Outcome, Profile, Scoring, Set, Status};
