//! Looks up what a predicate names.

use sqlparser::tokenizer::Location;

use super::PredicateError;
use crate::columns::{ColumnRef, kind_name};
use crate::nearest;
use crate::tables::Kind;

/// The column of that name.
pub(super) fn find<'a>(columns: &'a [ColumnRef], name: &str, at: Location) -> Result<&'a ColumnRef, PredicateError> {
    columns.iter().find(|column| column.name == name).ok_or_else(|| {
        let error = PredicateError::new(format!("unknown column `{}`", shorten(name)), at);
        error.hint(nearest::column_hint(name, columns.iter().map(|column| column.name.as_str())))
    })
}

/// A list column of that name.
pub(super) fn find_list<'a>(
    columns: &'a [ColumnRef],
    name: &str,
    at: Location,
) -> Result<&'a ColumnRef, PredicateError> {
    let column = find(columns, name, at)?;
    if column.kind == Kind::TextList {
        return Ok(column);
    }
    let message = format!("`has` asks about a list, but `{name}` is a {}", kind_name(column.kind));
    Err(PredicateError::new(message, at).hint("compare it with `=`"))
}

/// At most 60 characters of a text, for messages.
pub(super) fn shorten(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
