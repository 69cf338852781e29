//! Conditional Access as people write it, held against what it means.

mod generator;
mod properties;
mod protections;
mod support;
mod traps;
