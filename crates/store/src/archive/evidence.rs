//! Evidence as Parquet beside the snapshot: who lost the points, as it was said then.
//!
//! A row group holds rows of one control. Reading a page looks at two narrow columns of that control's row groups to find its rows
//! and their order, and then decodes the rows of the page alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use idscore_assess::{EvidenceRow, Urgency};
use idscore_history::word;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, PageIndexPolicy, RowGroupMetaData};
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::Statistics;

use crate::database::columns::of_word;
use crate::error::HistoryError;

/// The columns of text; the number `urgency` stands behind them.
const COLUMNS: [&str; 7] = ["control_id", "object_id", "name", "outcome", "why", "witness", "evidence"];
const URGENCY: &str = "urgency";
/// In the file's footer: the controls whose rows count. One that turned out to be blocked or not to apply has rows that don't.
const COUNTING: &str = "idscore.controls";
/// What a search looks into.
const SEARCHED: [&str; 5] = ["object_id", "name", "why", "witness", "evidence"];
/// Rows of a row group at most, and rows that are decoded at a time.
const GROUP: usize = 4_096;
/// Rows of a page of a column, so that few rows need few bytes.
const PAGE: usize = 1_024;

type Cause = Box<dyn std::error::Error + Send + Sync>;

fn failed(path: &Path) -> impl Fn(Cause) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::Evidence { path: path.clone(), source }
}

fn unread(path: &Path) -> impl Fn(Cause) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::of_evidence(&path, source)
}

/// Writes evidence, control by control.
pub(crate) struct Writer {
    path: PathBuf,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    /// Rows that don't fill a row group yet.
    waiting: BTreeMap<String, Vec<EvidenceRow>>,
    /// Controls of which rows were taken.
    handed_on: BTreeSet<String>,
}

impl Writer {
    /// Begins a file.
    pub(crate) fn create(path: &Path) -> Result<Self, HistoryError> {
        let failed = failed(path);
        let mut fields = COLUMNS.map(|name| Field::new(name, DataType::Utf8, true)).to_vec();
        fields.push(Field::new(URGENCY, DataType::Int64, true));
        let schema = Arc::new(Schema::new(fields));
        let file = File::create(path).map_err(|source| failed(Box::new(source)))?;
        let properties = WriterProperties::builder()
            // Ids and names are most of it: three fifths of the bytes that Snappy needs, and read as quickly.
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_data_page_row_count_limit(PAGE)
            .set_write_batch_size(PAGE)
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties));
        let writer = writer.map_err(|source| failed(Box::new(source)))?;
        Ok(Self { path: path.to_owned(), schema, writer, waiting: BTreeMap::new(), handed_on: BTreeSet::new() })
    }

    /// Takes rows of one control; controls may come in turns.
    pub(crate) fn take(&mut self, control_id: &str, rows: Vec<EvidenceRow>) -> Result<(), HistoryError> {
        let mut waiting = self.waiting.remove(control_id).unwrap_or_default();
        waiting.extend(rows);
        let whole = waiting.len() / GROUP * GROUP;
        let rest = waiting.split_off(whole);
        self.write(control_id, &waiting)?;
        self.handed_on.insert(control_id.to_owned());
        self.waiting.insert(control_id.to_owned(), rest);
        Ok(())
    }

    /// Writes rows of one control, in row groups of their own.
    fn write(&mut self, control_id: &str, rows: &[EvidenceRow]) -> Result<(), HistoryError> {
        let failed = failed(&self.path);
        for rows in rows.chunks(GROUP) {
            let batch = batch(&self.schema, control_id, rows).map_err(&failed)?;
            self.writer.write(&batch).map_err(|source| failed(Box::new(source)))?;
            self.writer.flush().map_err(|source| failed(Box::new(source)))?;
        }
        Ok(())
    }

    /// Ends the file. Of the controls that were taken, those count that have rows here; those that were not taken are written.
    pub(crate) fn finish(mut self, judged: &BTreeMap<String, Vec<EvidenceRow>>) -> Result<(), HistoryError> {
        for (control_id, rows) in std::mem::take(&mut self.waiting) {
            if judged.contains_key(&control_id) {
                self.write(&control_id, &rows)?;
            }
        }
        for (control_id, rows) in judged {
            if !self.handed_on.contains(control_id) {
                self.write(control_id, rows)?;
            }
        }
        let failed = failed(&self.path);
        let counting: Vec<&String> = judged.keys().collect();
        let counting = serde_json::to_string(&counting).map_err(|source| failed(Box::new(source)))?;
        self.writer.append_key_value_metadata(KeyValue::new(COUNTING.to_owned(), counting));
        self.writer.close().map(|_| ()).map_err(|source| failed(Box::new(source)))
    }
}

fn batch(schema: &Arc<Schema>, control_id: &str, rows: &[EvidenceRow]) -> Result<RecordBatch, Cause> {
    let mut columns: [StringBuilder; 7] = Default::default();
    let mut urgency = Int64Builder::with_capacity(rows.len());
    for row in rows {
        let shown = serde_json::to_string(&row.evidence)?;
        let outcome = word(&row.outcome);
        let cells = [
            Some(control_id),
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
        urgency.append_value(number(row.urgency));
    }
    let mut arrays: Vec<ArrayRef> = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    arrays.push(Arc::new(urgency.finish()));
    Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
}

fn number(urgency: Urgency) -> i64 {
    Urgency::ALL.iter().position(|one| *one == urgency).and_then(|at| i64::try_from(at).ok()).unwrap_or(i64::MAX)
}

fn urgency(number: i64) -> Urgency {
    usize::try_from(number).ok().and_then(|at| Urgency::ALL.get(at).copied()).unwrap_or_default()
}

/// The rows of a control that are kept, the most urgent first and else as they were judged; only those that a search finds.
///
/// Nothing but their places is in memory: [`EvidenceRows::rows`] reads.
#[derive(Debug)]
pub struct EvidenceRows {
    path: PathBuf,
    /// None where nothing was kept.
    open: Option<(File, ArrowReaderMetadata, Vec<usize>)>,
    kept: usize,
    /// Places in the row groups, in the order of showing.
    places: Vec<usize>,
    urgent: [usize; 4],
}

impl EvidenceRows {
    /// Nothing was kept.
    pub(crate) fn none() -> Self {
        Self { path: PathBuf::new(), open: None, kept: 0, places: Vec::new(), urgent: [0; 4] }
    }

    /// Finds the rows of a control, or those of them in which a text stands, in whatever case.
    pub(crate) fn find(path: &Path, control_id: &str, text: &str) -> Result<Self, HistoryError> {
        let failed = unread(path);
        let file = File::open(path).map_err(|source| failed(Box::new(source)))?;
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|source| failed(Box::new(source)))?;
        let counts = counting(&metadata).map_err(&failed)?.is_none_or(|known| known.contains(control_id));
        let of_control = |group: &RowGroupMetaData| counts && may_hold(group, control_id);
        let groups = metadata.metadata().row_groups().iter().enumerate();
        let groups: Vec<usize> = groups.filter(|(_, group)| of_control(group)).map(|(at, _)| at).collect();
        let mut found = Self { path: path.to_owned(), open: None, kept: 0, places: Vec::new(), urgent: [0; 4] };
        let text = text.trim().to_lowercase();
        let mut columns = vec!["control_id", URGENCY];
        if !text.is_empty() {
            columns.extend(SEARCHED);
        }
        let mut places: [Vec<usize>; 4] = Default::default();
        let mut first = 0;
        for batch in batches(&file, &metadata, &groups, &columns, None).map_err(&failed)? {
            let batch = batch.map_err(|source| failed(Box::new(source)))?;
            let ids = text_column(&batch, "control_id").ok_or_else(|| failed(lacks("control_id")))?;
            let numbers = batch.column_by_name(URGENCY).and_then(|column| column.as_primitive_opt::<Int64Type>());
            let searched: Vec<&StringArray> = SEARCHED.iter().filter_map(|name| text_column(&batch, name)).collect();
            for row in (0..batch.num_rows()).filter(|row| ids.value(*row) == control_id) {
                found.kept += 1;
                let stands = |column: &&StringArray| column.is_valid(row) && holds(column.value(row), &text);
                if text.is_empty() || searched.iter().any(stands) {
                    let at = numbers.filter(|numbers| numbers.is_valid(row)).map(|numbers| numbers.value(row));
                    let at = at.map_or(Urgency::Other, urgency);
                    let at = usize::try_from(number(at)).unwrap_or(3);
                    if let (Some(places), Some(many)) = (places.get_mut(at), found.urgent.get_mut(at)) {
                        places.push(first + row);
                        *many += 1;
                    }
                }
            }
            first += batch.num_rows();
        }
        found.places = places.concat();
        found.open = Some((file, metadata, groups));
        Ok(found)
    }

    /// Rows that are kept of the control, found or not.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// Rows that were found.
    #[must_use]
    pub fn found(&self) -> usize {
        self.places.len()
    }

    /// Rows that were found of an urgency.
    #[must_use]
    pub fn of(&self, urgency: Urgency) -> usize {
        usize::try_from(number(urgency)).ok().and_then(|at| self.urgent.get(at)).copied().unwrap_or(0)
    }

    /// Reads some of the rows that were found, by their number from 0. Beyond the end there are none.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn rows(&self, wanted: Range<usize>) -> Result<Vec<EvidenceRow>, HistoryError> {
        let Some((file, metadata, groups)) = &self.open else { return Ok(Vec::new()) };
        let end = wanted.end.min(self.places.len());
        let Some(places) = self.places.get(wanted.start.min(end)..end).filter(|places| !places.is_empty()) else {
            return Ok(Vec::new());
        };
        let failed = unread(&self.path);
        let mut sorted = places.to_vec();
        sorted.sort_unstable();
        let all = groups.iter().filter_map(|group| metadata.metadata().row_groups().get(*group));
        let all = all.map(|group| usize::try_from(group.num_rows()).unwrap_or(0)).sum();
        let selection = RowSelection::from_consecutive_ranges(consecutive(&sorted).into_iter(), all);
        let mut read = BTreeMap::new();
        let mut at = sorted.iter();
        let columns = [COLUMNS.as_slice(), &[URGENCY]].concat();
        for batch in batches(file, metadata, groups, &columns, Some(selection)).map_err(&failed)? {
            let batch = batch.map_err(|source| failed(Box::new(source)))?;
            for_each_row(&batch, &failed, |_, row| {
                if let Some(place) = at.next() {
                    read.insert(*place, row);
                }
            })?;
        }
        Ok(places.iter().filter_map(|place| read.remove(place)).collect())
    }
}

/// The controls whose rows count; none where all do.
fn counting(metadata: &ArrowReaderMetadata) -> Result<Option<BTreeSet<String>>, Cause> {
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    let said = pairs.into_iter().flatten().find(|pair| pair.key == COUNTING);
    said.and_then(|pair| pair.value.as_deref()).map(|text| Ok(serde_json::from_str(text)?)).transpose()
}

/// Whether the row group may hold rows of a control.
fn may_hold(group: &RowGroupMetaData, control_id: &str) -> bool {
    let column = group.columns().iter().find(|column| column.column_path().string() == "control_id");
    let Some(Statistics::ByteArray(known)) = column.and_then(|column| column.statistics()) else { return true };
    let id = control_id.as_bytes();
    // The ends may be cut off: the lower downwards, the upper upwards.
    known.min_bytes_opt().is_none_or(|min| min <= id) && known.max_bytes_opt().is_none_or(|max| id <= max)
}

fn lacks(column: &str) -> Cause {
    format!("it has no column of text `{column}`").into()
}

fn text_column<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringArray> {
    batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>())
}

/// Whether a text holds another that is in lower case already.
fn holds(text: &str, lower: &str) -> bool {
    text.to_lowercase().contains(lower)
}

/// Ranges of numbers that follow each other.
fn consecutive(sorted: &[usize]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for place in sorted {
        match ranges.last_mut() {
            Some(last) if last.end == *place => last.end += 1,
            _ => ranges.push(*place..*place + 1),
        }
    }
    ranges
}

fn batches(
    file: &File,
    metadata: &ArrowReaderMetadata,
    groups: &[usize],
    columns: &[&str],
    selection: Option<RowSelection>,
) -> Result<parquet::arrow::arrow_reader::ParquetRecordBatchReader, Cause> {
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.try_clone()?, metadata.clone());
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let builder = builder.with_row_groups(groups.to_vec()).with_projection(mask).with_batch_size(GROUP);
    let builder = match selection {
        Some(selection) => builder.with_row_selection(selection),
        None => builder,
    };
    Ok(builder.build()?)
}

/// Rows of a batch with the control of each. Columns that were not asked for are empty.
fn for_each_row(
    batch: &RecordBatch,
    failed: &impl Fn(Cause) -> HistoryError,
    mut take: impl FnMut(&str, EvidenceRow),
) -> Result<(), HistoryError> {
    let column = |name: &str| text_column(batch, name);
    for needed in ["control_id", "object_id", "outcome"] {
        column(needed).ok_or_else(|| failed(lacks(needed)))?;
    }
    let columns = COLUMNS.map(column);
    let numbers = batch.column_by_name(URGENCY).and_then(|column| column.as_primitive_opt::<Int64Type>());
    for row in 0..batch.num_rows() {
        let [id, object_id, name, outcome, why, witness, evidence] =
            columns.map(|column| column.filter(|column| column.is_valid(row)).map(|column| column.value(row)));
        let evidence = evidence.map(serde_json::from_str).transpose().map_err(|error| failed(Box::new(error)))?;
        let number = numbers.filter(|numbers| numbers.is_valid(row)).map(|numbers| numbers.value(row));
        let shown = EvidenceRow {
            object_id: object_id.unwrap_or_default().to_owned(),
            name: name.map(str::to_owned),
            outcome: of_word(outcome.unwrap_or_default().to_owned(), "outcome")
                .map_err(|error| failed(Box::new(error)))?,
            why: why.unwrap_or_default().to_owned(),
            witness: witness.map(str::to_owned),
            evidence: evidence.unwrap_or_default(),
            urgency: number.map_or(Urgency::Other, urgency),
        };
        take(id.unwrap_or_default(), shown);
    }
    Ok(())
}

/// Evidence for a comparison, a control at a time: who lost points, and why, without sign-ins and shown columns.
pub(crate) struct Compared {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    counting: Option<BTreeSet<String>>,
}

impl Compared {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> Result<Self, HistoryError> {
        let failed = unread(path);
        let file = File::open(path).map_err(|source| failed(Box::new(source)))?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
        let metadata = metadata.map_err(|source| failed(Box::new(source)))?;
        let counting = counting(&metadata).map_err(&failed)?;
        Ok(Self { path: path.to_owned(), file, metadata, counting })
    }

    /// The rows of a control, in the order in which they were written.
    pub(crate) fn rows(&self, control_id: &str) -> Result<Vec<EvidenceRow>, HistoryError> {
        let mut rows = Vec::new();
        if self.counting.as_ref().is_some_and(|known| !known.contains(control_id)) {
            return Ok(rows);
        }
        let failed = unread(&self.path);
        let groups = self.metadata.metadata().row_groups().iter().enumerate();
        let groups = groups.filter(|(_, group)| may_hold(group, control_id)).map(|(at, _)| at).collect::<Vec<_>>();
        let columns = ["control_id", "object_id", "name", "outcome", "why"];
        for batch in batches(&self.file, &self.metadata, &groups, &columns, None).map_err(&failed)? {
            let batch = batch.map_err(|source| failed(Box::new(source)))?;
            for_each_row(&batch, &failed, |id, row| {
                if id == control_id {
                    rows.push(row);
                }
            })?;
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use idscore_score::Outcome;
    use serde_json::json;

    const MANY: usize = 32_778;

    fn row(number: usize, urgency: Urgency) -> EvidenceRow {
        EvidenceRow {
            object_id: format!("id-{number:06}"),
            name: Some(format!("Person{number}@example.org")),
            outcome: if number.is_multiple_of(7) { Outcome::NotAssessed } else { Outcome::NotMet },
            why: format!("MFA registered: {}", number.is_multiple_of(2)),
            witness: (number.is_multiple_of(3)).then(|| "any app in a browser".to_owned()),
            evidence: BTreeMap::from([("methods".to_owned(), json!(["email"]))]),
            urgency,
        }
    }

    /// More rows than a row group has, with an urgent one far behind.
    fn file(folder: &Path) -> PathBuf {
        let path = folder.join("evidence.parquet");
        let mut writer = Writer::create(&path).unwrap();
        let few = vec![row(1, Urgency::Other), row(2, Urgency::WithoutMethod)];
        let many = MANY;
        let urgency = |number| match number {
            20_000 => Urgency::Privileged,
            30_000 => Urgency::PrivilegedWithoutMethod,
            _ if number % 1_000 == 5 => Urgency::WithoutMethod,
            _ => Urgency::Other,
        };
        let rows: Vec<_> = (0..many).map(|number| row(number, urgency(number))).collect();
        // Rows come batch by batch, and other controls in between.
        for (at, some) in rows.chunks(7_000).enumerate() {
            writer.take("B", some.to_vec()).unwrap();
            writer.take("Blocked", rows[..(at + 1) * 1_000].to_vec()).unwrap();
        }
        let sample = rows[..100].to_vec();
        writer.finish(&BTreeMap::from([("A".to_owned(), few), ("B".to_owned(), sample)])).unwrap();
        path
    }

    #[test]
    fn pages_begin_with_the_most_urgent_and_hold_every_row_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let found = EvidenceRows::find(&path, "B", "").unwrap();
        assert_eq!((found.kept(), found.found()), (MANY, MANY));
        let without = found.of(Urgency::WithoutMethod);
        assert_eq!((found.of(Urgency::PrivilegedWithoutMethod), found.of(Urgency::Privileged), without), (1, 1, 33));
        let ids = |rows: &[EvidenceRow]| rows.iter().map(|row| row.object_id.clone()).collect::<Vec<_>>();
        let first = found.rows(0..4).unwrap();
        assert_eq!(ids(&first), ["id-030000", "id-020000", "id-000005", "id-001005"]);
        assert_eq!(first[0], row(30_000, Urgency::PrivilegedWithoutMethod));
        let mut all: Vec<String> = vec![];
        for start in (0..found.found()).step_by(5_000) {
            all.extend(ids(&found.rows(start..start + 5_000).unwrap()));
        }
        assert_eq!(all.len(), found.found());
        all.sort_unstable();
        assert_eq!(all, (0..found.found()).map(|number| format!("id-{number:06}")).collect::<Vec<_>>());
        assert!(found.rows(found.found()..found.found() + 5).unwrap().is_empty());
        assert_eq!(EvidenceRows::find(&path, "A", "").unwrap().rows(0..9).unwrap().len(), 2);
        assert_eq!(EvidenceRows::find(&path, "C", "").unwrap().kept(), 0);
        assert_eq!(EvidenceRows::find(&path, "Blocked", "").unwrap().kept(), 0, "its rows say nothing");
    }

    #[test]
    fn a_search_finds_names_and_reasons_in_whatever_case() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        let found = EvidenceRows::find(&path, "B", " PERSON2000").unwrap();
        assert_eq!((found.found(), found.kept()), (11, MANY), "Person2000 and Person20000 to 20009");
        assert_eq!(found.rows(0..1).unwrap()[0].object_id, "id-020000", "the privileged one comes first");
        assert_eq!(EvidenceRows::find(&path, "A", "registered: TRUE").unwrap().found(), 1);
        assert_eq!(EvidenceRows::find(&path, "A", "nobody").unwrap().found(), 0);
    }

    #[test]
    fn a_comparison_has_the_rows_of_a_control_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let compared = Compared::open(&file(folder.path())).unwrap();
        assert_eq!(compared.rows("B").unwrap().len(), MANY);
        assert!(compared.rows("Blocked").unwrap().is_empty() && compared.rows("C").unwrap().is_empty());
        let few = compared.rows("A").unwrap();
        assert_eq!((few[1].object_id.as_str(), few[1].why.as_str()), ("id-000002", "MFA registered: true"));
    }
}
