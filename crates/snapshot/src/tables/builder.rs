//! Rows of a judged table become Arrow batches; the catalogue says which columns there are.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Int64Builder, ListBuilder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use idscore_catalogue::tables::{Column, Kind, Stage, Table};

use crate::ReadError;

/// The columns of a table that a snapshot stores, in the catalogue's order.
pub(crate) fn stored_columns(table: &Table) -> Vec<&'static Column> {
    table.columns.iter().filter(|column| column.stage == Stage::Snapshot).collect()
}

/// The Arrow schema of a stored table.
pub(crate) fn schema(table: &Table) -> SchemaRef {
    let fields: Vec<Field> = stored_columns(table)
        .iter()
        .map(|column| Field::new(column.name, data_type(column.kind), column.nullable))
        .collect();
    Arc::new(Schema::new(fields))
}

/// The field of a declared column that a snapshot stores, for snapshots that were written before it was; always nullable.
pub(crate) fn stored_field(table: &str, column: &str) -> Option<FieldRef> {
    let declared = idscore_catalogue::tables::table(table)?.column(column)?;
    let field = Field::new(declared.name, data_type(declared.kind), true);
    (declared.stage == Stage::Snapshot).then(|| Arc::new(field))
}

fn item() -> Field {
    Field::new("item", DataType::Utf8, false)
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Boolean => DataType::Boolean,
        Kind::Integer | Kind::Bounds => DataType::Int64,
        Kind::Text => DataType::Utf8,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::TextList => DataType::List(Arc::new(item())),
    }
}

enum Values {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Text(StringBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    TextList(ListBuilder<StringBuilder>),
}

impl Values {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
            Kind::Integer | Kind::Bounds => Self::Integer(Int64Builder::new()),
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Timestamp => Self::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Kind::TextList => Self::TextList(ListBuilder::new(StringBuilder::new()).with_field(item())),
        }
    }
    fn append_null(&mut self) {
        match self {
            Self::Boolean(values) => values.append_null(),
            Self::Integer(values) => values.append_null(),
            Self::Text(values) => values.append_null(),
            Self::Timestamp(values) => values.append_null(),
            Self::TextList(values) => values.append_null(),
        }
    }
    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Boolean(values) => Arc::new(values.finish()),
            Self::Integer(values) => Arc::new(values.finish()),
            Self::Text(values) => Arc::new(values.finish()),
            Self::Timestamp(values) => Arc::new(values.finish()),
            Self::TextList(values) => Arc::new(values.finish()),
        }
    }
}

struct Slot {
    column: &'static Column,
    values: Values,
    filled: bool,
}

/// Builds rows of one table. A column that a row doesn't set is NULL.
pub(crate) struct TableBuilder {
    table: &'static Table,
    schema: SchemaRef,
    slots: Vec<Slot>,
    /// The column expected next: rows are set in the catalogue's order.
    next: usize,
    rows: usize,
    /// A value that has no place: a mistake in this crate, reported by `finish`.
    mistake: Option<String>,
}

impl TableBuilder {
    pub(crate) fn new(table: &'static Table) -> Self {
        let slots = stored_columns(table)
            .into_iter()
            .map(|column| Slot { column, values: Values::of(column.kind), filled: false })
            .collect();
        Self { table, schema: schema(table), slots, next: 0, rows: 0, mistake: None }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    fn slot(&mut self, name: &'static str) -> Option<&mut Values> {
        let at = if self.slots.get(self.next).is_some_and(|slot| slot.column.name == name) {
            Some(self.next)
        } else {
            self.slots.iter().position(|slot| slot.column.name == name)
        };
        match at.and_then(|at| self.slots.get_mut(at).map(|slot| (at, slot))) {
            Some((at, slot)) if !slot.filled => {
                self.next = at + 1;
                slot.filled = true;
                Some(&mut slot.values)
            }
            _ => {
                self.mistake.get_or_insert_with(|| format!("no place for column `{name}`"));
                None
            }
        }
    }

    fn misfit(&mut self, name: &'static str) {
        self.mistake.get_or_insert_with(|| format!("column `{name}` has another type"));
    }

    pub(crate) fn boolean(&mut self, name: &'static str, value: Option<bool>) {
        match self.slot(name) {
            Some(Values::Boolean(values)) => values.append_option(value),
            Some(_) => self.misfit(name),
            None => {}
        }
    }

    pub(crate) fn integer(&mut self, name: &'static str, value: Option<i64>) {
        match self.slot(name) {
            Some(Values::Integer(values)) => values.append_option(value),
            Some(_) => self.misfit(name),
            None => {}
        }
    }

    pub(crate) fn text(&mut self, name: &'static str, value: Option<&str>) {
        match self.slot(name) {
            Some(Values::Text(values)) => values.append_option(value),
            Some(_) => self.misfit(name),
            None => {}
        }
    }

    /// Microseconds since 1970.
    pub(crate) fn timestamp(&mut self, name: &'static str, value: Option<i64>) {
        match self.slot(name) {
            Some(Values::Timestamp(values)) => values.append_option(value),
            Some(_) => self.misfit(name),
            None => {}
        }
    }

    pub(crate) fn text_list<T: AsRef<str>>(&mut self, name: &'static str, value: Option<impl IntoIterator<Item = T>>) {
        match self.slot(name) {
            Some(Values::TextList(values)) => match value {
                Some(items) => {
                    for item in items {
                        values.values().append_value(item);
                    }
                    values.append(true);
                }
                None => values.append_null(),
            },
            Some(_) => self.misfit(name),
            None => {}
        }
    }

    pub(crate) fn end_row(&mut self) {
        for slot in &mut self.slots {
            if !slot.filled {
                slot.values.append_null();
            }
            slot.filled = false;
        }
        self.next = 0;
        self.rows += 1;
    }

    /// The rows since the last call.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ReadError> {
        self.rows = 0;
        let failed = |reason: String| ReadError::Table { table: self.table.name, reason };
        if let Some(mistake) = self.mistake.take() {
            return Err(failed(mistake));
        }
        let arrays = self.slots.iter_mut().map(|slot| slot.values.finish()).collect();
        RecordBatch::try_new(self.schema.clone(), arrays).map_err(|error| failed(error.to_string()))
    }
}
