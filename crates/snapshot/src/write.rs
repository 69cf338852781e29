//! Writing a snapshot: into a folder beside the target, which takes its name when everything is there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use tempfile::TempDir;

use crate::ReadError;
use crate::manifest::{Manifest, TableRecord};
use crate::snapshot::{MANIFEST, is_snapshot};

/// Rows held before they are compressed and written.
const ROW_GROUP: usize = 65_536;

/// A snapshot that is being written. Dropping it leaves nothing behind.
pub(crate) struct Output {
    /// None: everything is checked and nothing kept.
    place: Option<(TempDir, PathBuf)>,
    tables: Vec<TableRecord>,
}

impl Output {
    pub(crate) fn create(target: &Path) -> Result<Self, ReadError> {
        check_target(target)?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(|source| ReadError::io("create", parent, source))?;
        let folder = tempfile::Builder::new()
            .prefix(".idscore-snapshot-")
            .tempdir_in(parent)
            .map_err(|source| ReadError::io("create a folder in", parent, source))?;
        Ok(Self { place: Some((folder, target.to_owned())), tables: Vec::new() })
    }

    /// An output that keeps nothing.
    pub(crate) fn nowhere() -> Self {
        Self { place: None, tables: Vec::new() }
    }

    fn path(&self, table: &str, end: &str) -> Option<PathBuf> {
        self.place.as_ref().map(|(folder, _)| folder.path().join(format!("{table}.{end}")))
    }

    /// Begins a table.
    pub(crate) fn table(&self, table: &str, schema: &SchemaRef) -> Result<TableWriter, ReadError> {
        TableWriter::create(self.path(table, "parquet").as_deref(), table, schema)
    }

    /// Ends a table.
    pub(crate) fn finish_table(&mut self, writer: TableWriter) -> Result<(), ReadError> {
        let record = writer.finish()?;
        self.tables.push(record);
        Ok(())
    }

    /// A table that fits into one batch.
    pub(crate) fn write_table(&mut self, table: &str, batch: &RecordBatch) -> Result<(), ReadError> {
        let mut writer = self.table(table, &batch.schema())?;
        writer.write(batch)?;
        self.finish_table(writer)
    }

    /// Writes a finished table again without some of its rows.
    pub(crate) fn rewrite(&mut self, table: &str, mut keep: impl FnMut(usize) -> bool) -> Result<(), ReadError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| ReadError::WriteTable {
            table: table.to_owned(),
            source,
        };
        let (Some(path), Some(shorter)) = (self.path(table, "parquet"), self.path(table, "rewritten")) else {
            return Ok(());
        };
        let file = File::open(&path).map_err(|source| ReadError::io("open", &path, source))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| failed(Box::new(source)))?;
        let schema = builder.schema().clone();
        let reader = builder.with_batch_size(ROW_GROUP).build().map_err(|source| failed(Box::new(source)))?;
        let mut writer = TableWriter::create(Some(&shorter), table, &schema)?;
        let mut row = 0;
        for batch in reader {
            let batch = batch.map_err(|source| failed(Box::new(source)))?;
            let kept: arrow::array::BooleanArray = (row..row + batch.num_rows()).map(|row| Some(keep(row))).collect();
            row += batch.num_rows();
            let batch =
                arrow::compute::filter_record_batch(&batch, &kept).map_err(|source| failed(Box::new(source)))?;
            writer.write(&batch)?;
        }
        let record = writer.finish()?;
        fs::rename(&shorter, &path).map_err(|source| ReadError::io("replace", &path, source))?;
        self.tables.retain(|known| known.name != table);
        self.tables.push(record);
        Ok(())
    }

    /// Adds the manifest and gives the snapshot its name.
    pub(crate) fn publish(self, mut manifest: Manifest) -> Result<Manifest, ReadError> {
        manifest.tables = self.tables;
        manifest.tables.sort_by(|one, other| one.name.cmp(&other.name));
        let Some((folder, target)) = self.place else { return Ok(manifest) };
        let path = folder.path().join(MANIFEST);
        let json =
            serde_json::to_vec_pretty(&manifest).map_err(|source| ReadError::io("write", &path, source.into()))?;
        fs::write(&path, json).map_err(|source| ReadError::io("write", &path, source))?;
        check_target(&target)?;
        let moved = |source| ReadError::io("move the finished snapshot to", &target, source);
        let parent = folder.path().parent().unwrap_or(Path::new(".")).to_owned();
        let finished = folder.keep();
        let result = replace(&finished, &target, &parent);
        if result.is_err() {
            // Nothing half-written stays; the first error is the one to report.
            let _ = fs::remove_dir_all(&finished);
        }
        result.map_err(moved)?;
        Ok(manifest)
    }
}

/// Puts the finished folder in the place of an older snapshot, if there is one.
fn replace(finished: &Path, target: &Path, parent: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        // Temporary folders are private; a snapshot is readable like any other folder.
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(finished, fs::Permissions::from_mode(0o755))?;
    }
    if !target.exists() {
        return fs::rename(finished, target);
    }
    let old = tempfile::Builder::new().prefix(".idscore-old-").tempdir_in(parent)?;
    let aside = old.path().join("snapshot");
    fs::rename(target, &aside)?;
    fs::rename(finished, target).inspect_err(|_| {
        // Best effort: the old snapshot goes back to its place.
        let _ = fs::rename(&aside, target);
    })
}

/// Only a snapshot or an empty folder may be replaced.
fn check_target(target: &Path) -> Result<(), ReadError> {
    let empty = || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if fs::symlink_metadata(target).is_ok() && !is_snapshot(target) && !empty() {
        return Err(ReadError::Occupied { path: target.display().to_string() });
    }
    Ok(())
}

/// Writes one Parquet file.
pub(crate) struct TableWriter {
    writer: Option<ArrowWriter<File>>,
    table: String,
    rows: u64,
}

impl TableWriter {
    fn create(path: Option<&Path>, table: &str, schema: &SchemaRef) -> Result<Self, ReadError> {
        let Some(path) = path else { return Ok(Self { writer: None, table: table.to_owned(), rows: 0 }) };
        let file = File::create(path).map_err(|source| ReadError::io("create", path, source))?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_statistics_enabled(EnabledStatistics::None)
            .set_created_by(format!("idscore {}", env!("CARGO_PKG_VERSION")));
        for field in schema.fields() {
            // Values that hardly repeat: a dictionary would only cost time.
            let distinct = matches!(field.data_type(), DataType::Timestamp(..) | DataType::Binary)
                || matches!(field.name().as_str(), "id" | "user_principal_name" | "display_name" | "key_id" | "json");
            if distinct {
                properties = properties.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false);
            }
        }
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties.build()))
            .map_err(|source| ReadError::WriteTable { table: table.to_owned(), source: Box::new(source) })?;
        Ok(Self { writer: Some(writer), table: table.to_owned(), rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ReadError> {
        self.rows += batch.num_rows() as u64;
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer
            .write(batch)
            .map_err(|source| ReadError::WriteTable { table: self.table.clone(), source: Box::new(source) })
    }

    fn finish(self) -> Result<TableRecord, ReadError> {
        let Self { writer, table, rows } = self;
        let closed = writer.map(ArrowWriter::close).transpose();
        closed.map_err(|source| ReadError::WriteTable { table: table.clone(), source: Box::new(source) })?;
        Ok(TableRecord { name: table, rows })
    }
}
