//! Columns as they read when only what is proven counts: rows are unknown that refining data, had they been read, could turn,
//! let in or take out.
//!
//! The headline judges without such data. Floor and ceiling may not.

use std::collections::BTreeSet;

use arrow::array::{Array, BooleanArray};
use arrow::buffer::NullBuffer;
use idscore_access::{Also, Bounds, Protection, Settings};
use roaring::RoaringBitmap;

use crate::frame::Frame;
use crate::view::{View, joined_columns, three_valued, two_valued};

/// What per-user MFA would bring, had it been read.
#[derive(Debug, Default)]
pub(crate) struct WithoutPerUserMfa {
    /// The columns of the protections that it brings; none where it does not count.
    protections: BTreeSet<String>,
    /// Users of whom it is not known.
    users: RoaringBitmap,
}

impl WithoutPerUserMfa {
    /// Nothing where it was read of every user, or does not count.
    pub(crate) fn of(protections: &[Protection], settings: &Settings, users: RoaringBitmap) -> Self {
        if users.is_empty() || !settings.per_user_mfa_counts {
            return Self::default();
        }
        let counted = protections.iter().filter(|protection| protection.also.contains(&Also::PerUserMfa));
        Self { protections: counted.map(|protection| protection.column.clone()).collect(), users }
    }
}

/// The columns of a table that read otherwise.
pub(crate) fn columns(view: &View<'_>, table: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |otherwise: bool, column: &str| {
        if otherwise {
            found.insert(column.to_owned());
        }
    };
    let perhaps_privileged = !perhaps_privileged(view).is_empty();
    match table {
        "users" => {
            add(!view.exceptions.perhaps_excepted.is_empty(), "excepted");
            add(view.roles_read && perhaps_privileged, "is_privileged");
            let perhaps_protected = &view.without_per_user_mfa.protections;
            for column in perhaps_protected {
                add(true, column);
            }
            for (name, [left, _]) in joined_columns() {
                add(perhaps_protected.contains(left), name);
            }
            add(perhaps_protected.contains("mfa_required"), "mfa_escapes_by_exclusion");
        }
        "role_assignments" => {
            add(true, "is_privileged");
            add(!view.exceptions.perhaps_break_glass.is_empty(), "principal_excepted");
        }
        "service_principals" => add(perhaps_privileged, "owned_by_admins_only"),
        "tenant" => add(!columns(view, "users").is_empty(), "mfa_excluded_share"),
        _ => {}
    }
    found
}

fn perhaps_privileged<'v>(view: &'v View<'_>) -> &'v RoaringBitmap {
    if view.configuration.eligible_admins() {
        &view.roles.perhaps_privileged_or_eligible
    } else {
        &view.roles.perhaps_privileged_active
    }
}

/// Puts the columns of a batch of users that starts at that row.
pub(crate) fn put_users(view: &View<'_>, frame: &mut Frame, start: u32) {
    let rows = frame.rows();
    let exceptions = &view.exceptions;
    if !exceptions.perhaps_excepted.is_empty() {
        let sure = exceptions.excepted.clone();
        let possible = &sure | &exceptions.perhaps_excepted;
        frame.insert_boolean("excepted", three_valued(&Bounds { sure, possible }, start, rows));
    }
    if view.roles_read && !perhaps_privileged(view).is_empty() {
        let privileged = view.roles.proven_privileged(view.configuration.eligible_admins());
        frame.insert_boolean("is_privileged", three_valued(&privileged, start, rows));
    }
    let perhaps_protected = &view.without_per_user_mfa;
    if !perhaps_protected.protections.is_empty() {
        let unread = two_valued(&perhaps_protected.users, start, rows);
        for column in &perhaps_protected.protections {
            let verdicts = frame.array(column).and_then(|array| array.as_any().downcast_ref::<BooleanArray>().cloned());
            if let Some(verdicts) = verdicts {
                frame.insert_boolean(column, unless_met(&verdicts, &unread));
            }
        }
        view.add_joined_columns(frame);
    }
}

/// NULL where the verdict is not TRUE and the other way to the protection was not read.
fn unless_met(verdicts: &BooleanArray, unread: &BooleanArray) -> BooleanArray {
    let met = verdicts.values();
    let read_or_met = &!unread.values() | met;
    let known = match verdicts.nulls() {
        Some(nulls) => &read_or_met & nulls.inner(),
        None => read_or_met,
    };
    BooleanArray::new(met.clone(), Some(NullBuffer::new(known)))
}
