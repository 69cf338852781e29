//! Evidence as Parquet beside the snapshot: who lost the points, as it was said then.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use idscore_assess::EvidenceRow;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::assessments::{of_text, of_word, word};
use crate::error::HistoryError;

/// The columns; all are text.
const COLUMNS: [&str; 7] = ["control_id", "object_id", "name", "outcome", "why", "witness", "evidence"];

/// Writes the evidence of all controls.
pub(crate) fn write(path: &Path, evidence: &BTreeMap<String, Vec<EvidenceRow>>) -> Result<(), HistoryError> {
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| HistoryError::Evidence { path: path.into(), source };
    let mut columns: [StringBuilder; 7] = Default::default();
    for (control_id, row) in evidence.iter().flat_map(|(id, rows)| rows.iter().map(move |row| (id, row))) {
        let shown = serde_json::to_string(&row.evidence).map_err(|source| failed(Box::new(source)))?;
        let outcome = word(&row.outcome);
        let cells = [
            Some(control_id.as_str()),
            Some(row.object_id.as_str()),
            row.name.as_deref(),
            Some(outcome.as_str()),
            Some(row.why.as_str()),
            row.witness.as_deref(),
            Some(shown.as_str()),
        ];
        for (column, cell) in columns.iter_mut().zip(cells) {
            column.append_option(cell);
        }
    }
    let schema = Arc::new(Schema::new(COLUMNS.map(|name| Field::new(name, DataType::Utf8, true)).to_vec()));
    let arrays: Vec<ArrayRef> = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|source| failed(Box::new(source)))?;
    let file = File::create(path).map_err(|source| failed(Box::new(source)))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|source| failed(Box::new(source)))?;
    writer.write(&batch).map_err(|source| failed(Box::new(source)))?;
    writer.close().map_err(|source| failed(Box::new(source)))?;
    Ok(())
}

/// The rows by control, in the order in which they were written: of one control, or of all.
pub(crate) fn read(path: &Path, control_id: Option<&str>) -> Result<BTreeMap<String, Vec<EvidenceRow>>, HistoryError> {
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| HistoryError::Evidence { path: path.into(), source };
    let file = File::open(path).map_err(|source| failed(Box::new(source)))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|source| failed(Box::new(source)))?;
    let mut rows = BTreeMap::<String, Vec<EvidenceRow>>::new();
    for batch in reader {
        let batch = batch.map_err(|source| failed(Box::new(source)))?;
        let mut columns = Vec::with_capacity(COLUMNS.len());
        for name in COLUMNS {
            let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
            columns.push(column.ok_or_else(|| failed(format!("it has no column of text `{name}`").into()))?);
        }
        for row in 0..batch.num_rows() {
            let cell = |at: usize| {
                let column = columns.get(at).filter(|column| column.is_valid(row));
                column.map(|column| column.value(row).to_owned())
            };
            let id = cell(0).unwrap_or_default();
            if control_id.is_none_or(|wanted| wanted == id) {
                rows.entry(id).or_default().push(EvidenceRow {
                    object_id: cell(1).unwrap_or_default(),
                    name: cell(2),
                    outcome: of_word(cell(3).unwrap_or_default(), "outcome")?,
                    why: cell(4).unwrap_or_default(),
                    witness: cell(5),
                    evidence: of_text(&cell(6).unwrap_or_default(), "evidence")?,
                });
            }
        }
    }
    Ok(rows)
}
