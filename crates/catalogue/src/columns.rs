//! The columns of a table as a control sees them: those declared in code, and those that protections add.

use std::collections::BTreeMap;

use idscore_access::Protection;

use crate::tables::{ACCESS_NEEDS, Column, Kind, Need, Stage, TABLES};

/// One column that a predicate may name.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRef {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it can be unknown.
    pub nullable: bool,
    /// Who fills it.
    pub stage: Stage,
    /// The data sets it comes from, besides the table's own.
    pub needs: &'static [Need],
    /// What it says and the rule behind it.
    pub doc: String,
}

impl From<&Column> for ColumnRef {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name.to_owned(),
            kind: column.kind,
            nullable: column.nullable,
            stage: column.stage,
            needs: column.needs,
            doc: column.doc.to_owned(),
        }
    }
}

/// What a column of this kind is called in messages and reference pages.
#[must_use]
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "boolean",
        Kind::Integer => "whole number",
        Kind::Bounds => "number, or a range",
        Kind::Text => "text",
        Kind::Timestamp => "instant",
        Kind::TextList => "list of texts",
    }
}

/// The columns of every table, with those that protections add.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    of_table: BTreeMap<&'static str, Vec<ColumnRef>>,
}

impl Columns {
    /// What code declares, and three columns of `users` for each protection: the verdict, a sign-in that escapes, and the
    /// policies that cover.
    pub(crate) fn with(protections: &[Protection]) -> Self {
        let mut of_table: BTreeMap<&'static str, Vec<ColumnRef>> =
            TABLES.iter().map(|table| (table.name, table.columns.iter().map(ColumnRef::from).collect())).collect();
        if let Some(users) = of_table.get_mut("users") {
            users.extend(protections.iter().flat_map(protection_columns));
        }
        Self { of_table }
    }

    /// The columns of that table.
    pub(crate) fn of(&self, table: &str) -> &[ColumnRef] {
        self.of_table.get(table).map_or(&[], Vec::as_slice)
    }

    /// The column of that name.
    pub(crate) fn column(&self, table: &str, name: &str) -> Option<&ColumnRef> {
        self.of(table).iter().find(|column| column.name == name)
    }
}

fn protection_columns(protection: &Protection) -> [ColumnRef; 3] {
    let column = |suffix: &str, kind, doc: String| ColumnRef {
        name: format!("{}{suffix}", protection.column),
        kind,
        nullable: true,
        stage: Stage::Assessment,
        needs: ACCESS_NEEDS,
        doc,
    };
    let statement = protection.says.trim_end_matches('.');
    [
        column("", Kind::Boolean, format!("{statement}. NULL where it could not be decided.")),
        column(
            "_gap",
            Kind::Text,
            format!("A sign-in that escapes `{}`, or why it could not be decided.", protection.column),
        ),
        column(
            "_by",
            Kind::Text,
            format!("What covers `{}`: the policies by name, or the other way that counts.", protection.column),
        ),
    ]
}
