//! The catalogue as its users see it.

mod built_in;
