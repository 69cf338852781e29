//! Typed looks into a record batch. A column of another type than expected reads as unknown.

use arrow::array::{Array, BooleanArray, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray};

/// One column of a batch, by name and type.
pub(crate) fn typed<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Option<&'a T> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}

/// A Boolean column.
pub(crate) struct Booleans<'a>(Option<&'a BooleanArray>);

/// A text column.
pub(crate) struct Texts<'a>(Option<&'a StringArray>);

/// A column of instants, in microseconds.
pub(crate) struct Instants<'a>(Option<&'a TimestampMicrosecondArray>);

impl<'a> Booleans<'a> {
    pub(crate) fn of(batch: &'a RecordBatch, name: &str) -> Self {
        Self(typed(batch, name))
    }
    pub(crate) fn get(&self, row: usize) -> Option<bool> {
        self.0.filter(|array| row < array.len() && array.is_valid(row)).map(|array| array.value(row))
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn of(batch: &'a RecordBatch, name: &str) -> Self {
        Self(typed(batch, name))
    }
    pub(crate) fn get(&self, row: usize) -> Option<&'a str> {
        self.0.filter(|array| row < array.len() && array.is_valid(row)).map(|array| array.value(row))
    }
}

impl<'a> Instants<'a> {
    pub(crate) fn of(batch: &'a RecordBatch, name: &str) -> Self {
        Self(typed(batch, name))
    }
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        self.0.filter(|array| row < array.len() && array.is_valid(row)).map(|array| array.value(row))
    }
}

/// The length of the list at a row, if it is known.
pub(crate) fn list_length(batch: &RecordBatch, name: &str, row: usize) -> Option<usize> {
    let lists = typed::<ListArray>(batch, name)?;
    (row < lists.len() && lists.is_valid(row)).then(|| lists.value(row).len())
}
