//! Controls, protections and frameworks as files, the tables that controls see, and the predicate language.

pub mod control;
pub mod data_sets;
pub mod predicate;
pub mod roles;
pub mod tables;
