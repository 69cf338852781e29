//! Reading a snapshot.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray, new_null_array};
use arrow::datatypes::{FieldRef, Schema};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use roaring::RoaringBitmap;

use crate::error::OpenError;
use crate::graph::{MicrosoftProfile, MicrosoftRecommendation, MicrosoftScore, OwnedSku};
use crate::json::Open;
use crate::manifest::{FORMAT_VERSION, Manifest};
use crate::tables::builder;

/// The most rows of a batch.
const BATCH: usize = 65_536;

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const DOCUMENTS: &str = "documents";
pub(crate) const GROUP_MEMBERS: &str = "group_members";
pub(crate) const GROUP_ELIGIBILITY: &str = "group_eligibility";

/// Whether a folder is a snapshot.
#[must_use]
pub fn is_snapshot(path: &Path) -> bool {
    fs::read(path.join(MANIFEST)).ok().and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok()).is_some()
}

/// A snapshot on disk.
#[derive(Debug)]
pub struct Snapshot {
    folder: PathBuf,
    manifest: Manifest,
}

/// The direct members of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupMembers {
    /// The group.
    pub group_id: String,
    /// Users, as row numbers in the table `users`.
    pub users: RoaringBitmap,
    /// Groups inside.
    pub groups: Vec<String>,
    /// Devices, service principals, and users that are in no user list.
    pub others: Vec<String>,
    /// Every member was read.
    pub complete: bool,
}

/// Somebody who may become member or owner of a group through PIM for groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEligibility {
    /// The group.
    pub group_id: String,
    /// Who may join.
    pub principal_id: String,
    /// `member` or `owner`.
    pub access_id: String,
}

impl Snapshot {
    /// Opens a snapshot folder.
    ///
    /// # Errors
    /// When the manifest is missing, damaged, or of another format version.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(MANIFEST);
        let bytes = fs::read(&path).map_err(|source| OpenError::ReadManifest { path: path.clone(), source })?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|source| OpenError::ParseManifest { path: path.clone(), source })?;
        if manifest.format_version != FORMAT_VERSION {
            return Err(OpenError::FormatVersion { path, found: manifest.format_version, expected: FORMAT_VERSION });
        }
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// What the snapshot says about itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Stored columns of a table, in the order asked for; batches of up to 65,536 rows in stored order. A column that is
    /// declared, but that an older snapshot does not have, is NULL in every row.
    ///
    /// # Errors
    /// When the table's file can't be read, or a column is not stored.
    pub fn read(&self, table: &str, columns: &[&str]) -> Result<Batches, OpenError> {
        let path = self.folder.join(format!("{table}.parquet"));
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| OpenError::ReadTable { path: path.clone(), source };
        let file = File::open(&path).map_err(|source| failed(Box::new(source)))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| failed(Box::new(source)))?;
        let schema = builder.schema().clone();
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            places.push(match schema.index_of(column) {
                Ok(place) => Ok(place),
                // Declared, but the snapshot was written before it was.
                Err(_) => Err(builder::stored_field(table, column).ok_or_else(|| OpenError::UnknownColumn {
                    table: table.to_owned(),
                    column: (*column).to_owned(),
                })?),
            });
        }
        let mut stored: Vec<usize> = places.iter().filter_map(|place| place.as_ref().ok().copied()).collect();
        stored.sort_unstable();
        stored.dedup();
        let order = places
            .into_iter()
            .filter_map(|place| match place {
                Ok(place) => stored.binary_search(&place).ok().map(Asked::Stored),
                Err(field) => Some(Asked::Unknown(field)),
            })
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), stored);
        let reader =
            builder.with_projection(mask).with_batch_size(BATCH).build().map_err(|source| failed(Box::new(source)))?;
        Ok(Batches { reader, order, path })
    }

    /// The raw JSON of all objects of a kind (`conditionalAccessPolicy`, `namedLocation`, …), with their ids.
    ///
    /// # Errors
    /// When the file can't be read or a document is damaged.
    pub fn documents(&self, kind: &str) -> Result<Vec<(String, serde_json::Value)>, OpenError> {
        let mut found = Vec::new();
        let batches = self.read(DOCUMENTS, &["kind", "id", "json"])?;
        let path = batches.path.clone();
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| OpenError::ReadTable { path: path.clone(), source };
        for batch in batches {
            let batch = batch?;
            let (kinds, ids, documents) =
                (texts(&batch, 0, &path)?, texts(&batch, 1, &path)?, texts(&batch, 2, &path)?);
            for row in 0..batch.num_rows() {
                if kinds.value(row) == kind {
                    let json = serde_json::from_str(documents.value(row)).map_err(|source| failed(Box::new(source)))?;
                    found.push((ids.value(row).to_owned(), json));
                }
            }
        }
        Ok(found)
    }

    /// Microsoft's own scores of the tenant, the newest day first.
    ///
    /// # Errors
    /// When the file can't be read or a document is damaged.
    pub fn microsoft_scores(&self) -> Result<Vec<MicrosoftScore>, OpenError> {
        let mut scores = self.open_documents("secureScore", MicrosoftScore::of)?;
        scores.sort_by(|one, other| (other.created_date_time, &other.id).cmp(&(one.created_date_time, &one.id)));
        Ok(scores)
    }

    /// What Microsoft says about its controls, and what was decided about them.
    ///
    /// # Errors
    /// When the file can't be read or a document is damaged.
    pub fn microsoft_profiles(&self) -> Result<Vec<MicrosoftProfile>, OpenError> {
        self.open_documents("secureScoreControlProfile", MicrosoftProfile::of)
    }

    /// Microsoft's recommendations, with the objects they are about where those were exported.
    ///
    /// # Errors
    /// When the file can't be read or a document is damaged.
    pub fn microsoft_recommendations(&self) -> Result<Vec<MicrosoftRecommendation>, OpenError> {
        self.open_documents("recommendation", MicrosoftRecommendation::of)
    }

    /// The licences that the tenant owns, as Graph lists them; none in snapshots of before they were kept.
    ///
    /// # Errors
    /// When the file can't be read or a document is damaged.
    pub fn owned_skus(&self) -> Result<Vec<OwnedSku>, OpenError> {
        self.open_documents("subscribedSku", |_, open| OwnedSku::of(open))
    }

    fn open_documents<T>(&self, kind: &str, of: impl Fn(String, Open<'_>) -> T) -> Result<Vec<T>, OpenError> {
        Ok(self.documents(kind)?.into_iter().map(|(id, document)| of(id, Open(&document))).collect())
    }

    /// The direct members of every group whose members were read.
    ///
    /// # Errors
    /// When the file can't be read or a bitmap is damaged.
    pub fn group_members(&self) -> Result<Vec<GroupMembers>, OpenError> {
        let batches = self.read(GROUP_MEMBERS, &["group_id", "user_rows", "group_ids", "other_ids", "complete"])?;
        let path = batches.path.clone();
        let damaged = || OpenError::ReadTable { path: path.clone(), source: "a column has another type".into() };
        let mut found = Vec::new();
        for batch in batches {
            let batch = batch?;
            let ids = texts(&batch, 0, &path)?;
            let bitmaps = batch.column(1).as_binary_opt::<i32>().ok_or_else(damaged)?;
            let complete = batch.column(4).as_boolean_opt().ok_or_else(damaged)?;
            for row in 0..batch.num_rows() {
                let users = RoaringBitmap::deserialize_from(bitmaps.value(row))
                    .map_err(|source| OpenError::ReadTable { path: path.clone(), source: Box::new(source) })?;
                found.push(GroupMembers {
                    group_id: ids.value(row).to_owned(),
                    users,
                    groups: list(batch.column(2), row).ok_or_else(damaged)?,
                    others: list(batch.column(3), row).ok_or_else(damaged)?,
                    complete: complete.value(row),
                });
            }
        }
        Ok(found)
    }

    /// Who may join which group through PIM for groups.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn group_eligibility(&self) -> Result<Vec<GroupEligibility>, OpenError> {
        let batches = self.read(GROUP_ELIGIBILITY, &["group_id", "principal_id", "access_id"])?;
        let path = batches.path.clone();
        let mut found = Vec::new();
        for batch in batches {
            let batch = batch?;
            let (groups, principals, access) =
                (texts(&batch, 0, &path)?, texts(&batch, 1, &path)?, texts(&batch, 2, &path)?);
            found.extend((0..batch.num_rows()).map(|row| GroupEligibility {
                group_id: groups.value(row).to_owned(),
                principal_id: principals.value(row).to_owned(),
                access_id: access.value(row).to_owned(),
            }));
        }
        Ok(found)
    }
}

fn texts<'a>(batch: &'a RecordBatch, column: usize, path: &Path) -> Result<&'a StringArray, OpenError> {
    let array = batch.columns().get(column).and_then(|column| column.as_string_opt::<i32>());
    array.ok_or_else(|| OpenError::ReadTable { path: path.to_owned(), source: "a column has another type".into() })
}

fn list(column: &ArrayRef, row: usize) -> Option<Vec<String>> {
    let items = column.as_list_opt::<i32>()?.value(row);
    let items = items.as_string_opt::<i32>()?;
    Some((0..items.len()).map(|item| items.value(item).to_owned()).collect())
}

/// Where the values of an asked column come from.
enum Asked {
    /// A place among the stored columns that were read.
    Stored(usize),
    /// The snapshot does not have it.
    Unknown(FieldRef),
}

/// The batches of a table.
pub struct Batches {
    reader: ParquetRecordBatchReader,
    /// For each asked column where its values come from.
    order: Vec<Asked>,
    path: PathBuf,
}

impl Batches {
    fn arranged(&self, batch: Result<RecordBatch, ArrowError>) -> Result<RecordBatch, OpenError> {
        batch
            .and_then(|batch| {
                let schema = batch.schema();
                let (mut fields, mut arrays) = (Vec::new(), Vec::new());
                for asked in &self.order {
                    match asked {
                        Asked::Stored(place) => {
                            fields.extend(schema.fields().get(*place).cloned());
                            arrays.extend(batch.columns().get(*place).cloned());
                        }
                        Asked::Unknown(field) => {
                            fields.push(Arc::clone(field));
                            arrays.push(new_null_array(field.data_type(), batch.num_rows()));
                        }
                    }
                }
                let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
                RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &rows)
            })
            .map_err(|source| OpenError::ReadTable { path: self.path.clone(), source: Box::new(source) })
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, OpenError>;
    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(self.arranged(batch))
    }
}
