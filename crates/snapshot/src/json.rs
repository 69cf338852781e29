//! JSON as exports hold it: property names without case, pages of elements, files of any size.

mod absent;
mod caseless;
mod chunks;
#[cfg(test)]
mod chunks_tests;
pub(crate) mod cut;
mod open;
mod page;
mod shape;
mod values;

pub(crate) use absent::Absences;
pub(crate) use caseless::Caseless;
pub(crate) use chunks::{Chunk, Chunks};
pub(crate) use open::Open;
pub(crate) use page::{Counted, Elements, PageFacts, read_chunk};
pub(crate) use shape::{Shape, Sniffed, first_element, sniff};
pub(crate) use values::{Flag, List, Number, Presence, Text};
