//! The catalogue as its users see it.

#![expect(clippy::unwrap_used, reason = "a helper of a test may panic like the test itself")]

mod built_in;
mod fuzz_corpus;
mod lint;
mod reference;
