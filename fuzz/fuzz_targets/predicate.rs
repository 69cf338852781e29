//! Predicates: no text panics, and what is read is printed so that it reads the same again.

#![no_main]

use std::sync::LazyLock;

use idscore_catalogue::ColumnRef;
use idscore_catalogue::predicate::parse;
use idscore_catalogue::tables::TABLES;
use libfuzzer_sys::fuzz_target;

/// The columns of all tables at once, so that one run reaches every type.
static COLUMNS: LazyLock<Vec<ColumnRef>> =
    LazyLock::new(|| TABLES.iter().flat_map(|table| table.columns).map(ColumnRef::from).collect());

fuzz_target!(|source: &str| {
    if let Ok(predicate) = parse(source, &COLUMNS) {
        let printed = predicate.expression.to_string();
        // A printed predicate has more parentheses than a written one and may outgrow the limits.
        if let Ok(again) = parse(&printed, &COLUMNS) {
            assert_eq!(predicate.expression, again.expression, "{printed}");
        }
    }
});
