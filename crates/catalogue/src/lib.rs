//! Controls, protections and frameworks as files, the tables that controls see, and the predicate language.

mod catalogue;
pub mod cell;
mod columns;
pub mod control;
pub mod data_sets;
mod document;
mod files;
pub mod framework;
mod nearest;
mod policies;
pub mod predicate;
mod problem;
pub mod properties;
mod protection;
pub mod reference;
pub mod roles;
pub mod tables;
mod words;

pub use catalogue::Catalogue;
pub use columns::{ColumnRef, kind_name};
pub use idscore_access::logic;
pub use problem::{Problem, Severity};
