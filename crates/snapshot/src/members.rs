//! Direct members of groups, and who may join through PIM for groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder, BooleanBuilder, ListBuilder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use roaring::RoaringBitmap;
use serde::{Deserialize, Deserializer};

use crate::ReadError;
use crate::graph::Member;
use crate::ids::{Id, IdMap, normal};
use crate::instant::micros;
use crate::json::{Caseless, Elements};

/// The direct members of one group.
#[derive(Debug, Default)]
pub(crate) struct DirectMembers {
    users: RoaringBitmap,
    pub(crate) groups: Vec<String>,
    others: Vec<String>,
}

/// Members of all groups that were read; a user is its row in `users`.
pub(crate) struct Members<'c> {
    users: &'c IdMap<u32>,
    known_groups: &'c IdMap<()>,
    pub(crate) owner: Option<String>,
    pub(crate) groups: BTreeMap<String, DirectMembers>,
    /// Members that are users by type, but in no user list.
    pub(crate) dangling: u64,
    /// Members on pages that don't say of which group.
    pub(crate) ownerless: u64,
    /// Members that are left out because they are deleted.
    pub(crate) deleted: u64,
}

impl<'c> Members<'c> {
    pub(crate) fn new(users: &'c IdMap<u32>, known_groups: &'c IdMap<()>) -> Self {
        Self { users, known_groups, owner: None, groups: BTreeMap::new(), dangling: 0, ownerless: 0, deleted: 0 }
    }

    /// Begins a page of a group's members; an empty page still says that the group was read.
    pub(crate) fn begin(&mut self, owner: Option<&str>) {
        self.owner = owner.map(|owner| normal(owner).into_owned());
        if let Some(owner) = &self.owner {
            self.groups.entry(owner.clone()).or_default();
        }
    }

    /// The rows of `group_members.parquet`.
    pub(crate) fn finish(&self, complete: impl Fn(&str) -> bool) -> Result<RecordBatch, ReadError> {
        let item = || Field::new("item", DataType::Utf8, false);
        let list = || ListBuilder::new(StringBuilder::new()).with_field(item());
        let (mut ids, mut bitmaps, mut inner, mut others, mut completes) =
            (StringBuilder::new(), BinaryBuilder::new(), list(), list(), BooleanBuilder::new());
        for (id, members) in &self.groups {
            ids.append_value(id);
            let mut bytes = Vec::with_capacity(members.users.serialized_size());
            members
                .users
                .serialize_into(&mut bytes)
                .map_err(|error| ReadError::Table { table: "group_members", reason: error.to_string() })?;
            bitmaps.append_value(bytes);
            for (builder, items) in [(&mut inner, &members.groups), (&mut others, &members.others)] {
                items.iter().for_each(|item| builder.values().append_value(item));
                builder.append(true);
            }
            completes.append_value(complete(id));
        }
        let list_type = || DataType::List(Arc::new(item()));
        batch(
            "group_members",
            vec![
                ("group_id", DataType::Utf8, Arc::new(ids.finish())),
                ("user_rows", DataType::Binary, Arc::new(bitmaps.finish())),
                ("group_ids", list_type(), Arc::new(inner.finish())),
                ("other_ids", list_type(), Arc::new(others.finish())),
                ("complete", DataType::Boolean, Arc::new(completes.finish())),
            ],
        )
    }
}

impl Elements for Members<'_> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let member = Member::deserialize(Caseless(deserializer))?;
        let Some(group) = self.owner.as_ref().and_then(|owner| self.groups.get_mut(owner)) else {
            self.ownerless += 1;
            return Ok(());
        };
        if micros(member.deleted_date_time).is_some() {
            self.deleted += 1;
            return Ok(());
        }
        let id = Id::of(&member.id);
        let kind = member.odata_type.as_deref().and_then(|kind| kind.rsplit('.').next()).unwrap_or_default();
        if let Some(row) = self.users.get(&id) {
            group.users.insert(*row);
        } else if kind.eq_ignore_ascii_case("group")
            || (!is_known(kind) && (!kind.is_empty() || self.known_groups.contains(&id)))
        {
            // A kind that nobody has seen may be a group, whose members were then not read.
            let inner = normal(&member.id).into_owned();
            if !group.groups.contains(&inner) {
                group.groups.push(inner);
            }
        } else {
            self.dangling += u64::from(kind.eq_ignore_ascii_case("user"));
            group.others.push(normal(&member.id).into_owned());
        }
        Ok(())
    }
}

/// Whether a kind of member is one of those that Graph documents.
fn is_known(kind: &str) -> bool {
    const KINDS: &[&str] =
        &["user", "agentUser", "group", "servicePrincipal", "device", "orgContact", "contact", "application"];
    KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

/// The rows of `group_eligibility.parquet`: (group, principal, `member` or `owner`).
pub(crate) fn eligibility(rows: &[(String, String, String)]) -> Result<RecordBatch, ReadError> {
    let column = |pick: fn(&(String, String, String)) -> &String| -> ArrayRef {
        Arc::new(arrow::array::StringArray::from_iter_values(rows.iter().map(pick)))
    };
    batch(
        "group_eligibility",
        vec![
            ("group_id", DataType::Utf8, column(|row| &row.0)),
            ("principal_id", DataType::Utf8, column(|row| &row.1)),
            ("access_id", DataType::Utf8, column(|row| &row.2)),
        ],
    )
}

fn batch(table: &'static str, columns: Vec<(&str, DataType, ArrayRef)>) -> Result<RecordBatch, ReadError> {
    let fields: Vec<Field> = columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), false)).collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| ReadError::Table { table, reason: error.to_string() })
}
