//! A few rows of one judged table in memory: what predicates are evaluated over.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, StringArray, TimestampMicrosecondArray,
    new_null_array,
};
use arrow::datatypes::{DataType, Field, TimeUnit};
use idscore_catalogue::tables::Kind;
use jiff::Timestamp;
use serde_json::Value;

/// One column of a [`Frame`].
#[derive(Debug, Clone)]
pub enum FrameColumn {
    /// Boolean, Int64, Utf8, Timestamp (microseconds, UTC) or a list of Utf8.
    Array(ArrayRef),
    /// A number known as a range. A NULL low means that nothing is known, a NULL high that there is no upper bound.
    Bounds {
        /// What is sure.
        low: Float64Array,
        /// What is possible.
        high: Float64Array,
    },
    /// Words made only for the rows that somebody looks at; a predicate sees NULL.
    Words(Words),
}

/// Makes the words for a row.
#[derive(Clone)]
pub struct Words(Arc<dyn Fn(usize) -> Option<String> + Send + Sync>);

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Words")
    }
}

/// A batch of rows with named columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    rows: usize,
    columns: HashMap<String, FrameColumn>,
}

impl Frame {
    /// A frame of so many rows and no columns yet.
    #[must_use]
    pub fn of_rows(rows: usize) -> Self {
        Self { rows, columns: HashMap::new() }
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds or replaces a column. One of another length is left out, which makes it unknown.
    pub fn insert(&mut self, name: impl Into<String>, array: ArrayRef) {
        if array.len() == self.rows {
            self.columns.insert(name.into(), FrameColumn::Array(array));
        }
    }

    /// Adds a Boolean column.
    pub fn insert_boolean(&mut self, name: impl Into<String>, values: BooleanArray) {
        self.insert(name, Arc::new(values));
    }

    /// Adds a text column.
    pub fn insert_text(&mut self, name: impl Into<String>, values: StringArray) {
        self.insert(name, Arc::new(values));
    }

    /// Adds a column of ranges.
    pub fn insert_bounds(&mut self, name: impl Into<String>, low: Float64Array, high: Float64Array) {
        if low.len() == self.rows && high.len() == self.rows {
            self.columns.insert(name.into(), FrameColumn::Bounds { low, high });
        }
    }

    /// Adds a column whose words are made when a row is shown.
    pub fn insert_words(
        &mut self,
        name: impl Into<String>,
        words: impl Fn(usize) -> Option<String> + Send + Sync + 'static,
    ) {
        self.columns.insert(name.into(), FrameColumn::Words(Words(Arc::new(words))));
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&FrameColumn> {
        self.columns.get(name)
    }

    /// The plain array of that name.
    #[must_use]
    pub fn array(&self, name: &str) -> Option<&ArrayRef> {
        match self.columns.get(name) {
            Some(FrameColumn::Array(array)) => Some(array),
            _ => None,
        }
    }

    /// The value at a row, as a person or a JSON reader gets it; NULL where nothing is known.
    #[must_use]
    pub fn value(&self, name: &str, row: usize) -> Value {
        if row >= self.rows {
            return Value::Null;
        }
        match self.columns.get(name) {
            Some(FrameColumn::Array(array)) => array_value(array, row),
            Some(FrameColumn::Bounds { low, high }) => bounds_value(low, high, row),
            Some(FrameColumn::Words(Words(words))) => words(row).map_or(Value::Null, Value::String),
            None => Value::Null,
        }
    }

    /// The text at a row, if the column is there, is text and is not NULL.
    #[must_use]
    pub fn text(&self, name: &str, row: usize) -> Option<&str> {
        let array = self.array(name)?.as_any().downcast_ref::<StringArray>()?;
        (row < array.len() && array.is_valid(row)).then(|| array.value(row))
    }

    /// The Boolean at a row, if it is known.
    #[must_use]
    pub fn boolean(&self, name: &str, row: usize) -> Option<bool> {
        let array = self.array(name)?.as_any().downcast_ref::<BooleanArray>()?;
        (row < array.len() && array.is_valid(row)).then(|| array.value(row))
    }
}

fn array_value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    let any = array.as_any();
    if let Some(array) = any.downcast_ref::<BooleanArray>() {
        Value::Bool(array.value(row))
    } else if let Some(array) = any.downcast_ref::<StringArray>() {
        Value::String(array.value(row).to_owned())
    } else if let Some(array) = any.downcast_ref::<Int64Array>() {
        Value::from(array.value(row))
    } else if let Some(array) = any.downcast_ref::<Float64Array>() {
        Value::from(array.value(row))
    } else if let Some(array) = any.downcast_ref::<TimestampMicrosecondArray>() {
        // Years past what a time can be written for are the "never" of credentials.
        let shown =
            Timestamp::from_microsecond(array.value(row)).map_or_else(|_| "9999-12-31".to_owned(), |at| at.to_string());
        Value::String(shown)
    } else if let Some(array) = any.downcast_ref::<ListArray>() {
        let items = array.value(row);
        (0..items.len()).map(|item| array_value(&items, item)).collect()
    } else {
        Value::Null
    }
}

/// `3` where it is known exactly, else `2 to 5` or `at least 2`.
fn bounds_value(low: &Float64Array, high: &Float64Array, row: usize) -> Value {
    match (low.is_valid(row).then(|| low.value(row)), high.is_valid(row).then(|| high.value(row))) {
        (None, _) => Value::Null,
        (Some(low), Some(high)) if low == high => Value::from(low),
        (Some(low), Some(high)) => Value::String(format!("{low} to {high}")),
        (Some(low), None) => Value::String(format!("at least {low}")),
    }
}

/// The Arrow type of a column kind; ranges have none and are held as two arrays.
#[must_use]
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Boolean => DataType::Boolean,
        Kind::Integer => DataType::Int64,
        Kind::Bounds => DataType::Float64,
        Kind::Text => DataType::Utf8,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::TextList => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, false))),
    }
}

/// A column in which nothing is known.
#[must_use]
pub fn unknown(kind: Kind, rows: usize) -> ArrayRef {
    new_null_array(&data_type(kind), rows)
}
