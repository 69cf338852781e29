//! The judged tables, one file each: how a row follows from Graph's objects.

pub(crate) mod applications;
pub(crate) mod builder;
pub(crate) mod directory;
pub(crate) mod role_assignments;
pub(crate) mod tenant;
pub(crate) mod users;

use idscore_catalogue::tables::{TABLES, Table};

use crate::ReadError;

/// The catalogue's table of that name.
pub(crate) fn table(name: &'static str) -> Result<&'static Table, ReadError> {
    TABLES
        .iter()
        .find(|table| table.name == name)
        .ok_or_else(|| ReadError::Table { table: name, reason: "the catalogue has no such table".to_owned() })
}
