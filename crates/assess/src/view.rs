//! A tenant seen under one profile: proofs, roles and exceptions, and the user columns that follow from them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{BooleanArray, BooleanBufferBuilder, ListBuilder, StringArray, StringBuilder};
use arrow::buffer::NullBuffer;
use arrow::compute::{and_kleene, not};
use arrow::datatypes::{DataType, Field};
use idscore_access::{Answer, Bounds, Prepared, Proofs, Protection};
use roaring::RoaringBitmap;

use crate::configuration::Configuration;
use crate::exceptions::Exceptions;
use crate::frame::Frame;
use crate::proven::WithoutPerUserMfa;
use crate::roles::RoleSets;

/// Columns that two others are joined to: name, and the columns of which all must hold.
const JOINED: [(&str, &str, &str); 2] =
    [("admin_mfa", "admin_mfa_required", "mfa_registered"), ("mfa_ready", "mfa_required", "mfa_capable")];
/// The protection that asks what would be if no policy excluded anybody.
pub(crate) const WITHOUT_EXCLUSIONS: &str = "mfa_required_without_exclusions";

/// A tenant seen under one profile.
pub(crate) struct View<'a> {
    pub configuration: &'a Configuration,
    pub roles: RoleSets,
    pub roles_read: bool,
    pub exceptions: Exceptions,
    pub proofs: HashMap<String, Arc<Proofs>>,
    pub external_users: Option<Answer>,
    pub without_per_user_mfa: WithoutPerUserMfa,
}

/// What of the directory was read.
#[derive(Debug, Clone)]
pub(crate) struct ReadData {
    pub roles: bool,
    /// Users whose per-user MFA is not known.
    pub without_per_user_mfa: RoaringBitmap,
}

impl<'a> View<'a> {
    /// Proves every protection that the columns in use need.
    pub(crate) fn new(
        configuration: &'a Configuration,
        prepared: &Prepared<'_>,
        protections: &[Protection],
        columns: &BTreeSet<String>,
        roles: RoleSets,
        read: ReadData,
        exceptions: Exceptions,
    ) -> Self {
        let wanted = protections.iter().filter(|protection| is_wanted(&protection.column, columns));
        let proofs = wanted.map(|protection| (protection.column.clone(), Arc::new(prepared.prove(protection))));
        let external_users = protections
            .iter()
            .find(|protection| protection.column == "mfa_required")
            .map(|protection| prepared.prove_external_users(protection));
        let proofs = proofs.collect();
        let without_per_user_mfa =
            WithoutPerUserMfa::of(protections, &configuration.access_settings(None), read.without_per_user_mfa);
        let roles_read = read.roles;
        Self { configuration, roles, roles_read, exceptions, proofs, external_users, without_per_user_mfa }
    }

    /// Adds the derived columns to a batch of users that starts at that row.
    pub(crate) fn add_user_columns(&self, frame: &mut Frame, start: u32) {
        let rows = frame.rows();
        let window = |bounds: &Bounds| three_valued(bounds, start, rows);
        frame.insert_boolean("excepted", two_valued(&self.exceptions.excepted, start, rows));
        frame.insert_text("exception_kind", self.exception_kinds(start, rows));
        if self.roles_read {
            frame.insert_boolean("is_privileged", window(self.roles.privileged(self.configuration.eligible_admins())));
            frame.insert_boolean("is_global_admin", window(&self.roles.global_admins));
            frame.insert_boolean("is_global_admin_or_eligible", window(&self.roles.global_admins_or_eligible));
            frame.insert_boolean("is_directory_sync_account", window(&self.roles.directory_sync));
            frame.insert("active_roles", Arc::new(lists(&self.roles.active_names, start, rows)));
            frame.insert("eligible_roles", Arc::new(lists(&self.roles.eligible_names, start, rows)));
        }
        self.add_break_glass(frame, start);
        for (column, proofs) in &self.proofs {
            add_proofs(frame, column, proofs, start);
        }
        self.add_joined_columns(frame);
    }

    /// Adds the columns that are joined from others.
    pub(crate) fn add_joined_columns(&self, frame: &mut Frame) {
        for (name, left, right) in JOINED {
            self.add_joined(frame, name, left, right);
        }
        self.add_escapes(frame);
    }

    /// Why users could not be decided, the most frequent reason first.
    pub(crate) fn unknown_reasons(&self, protection: &str) -> Vec<String> {
        let Some(proofs) = self.proofs.get(protection) else { return Vec::new() };
        let mut users_of = vec![0_u64; proofs.answers.len()];
        for answer in &proofs.answer_of_user {
            if let Some(users) = usize::try_from(*answer).ok().and_then(|answer| users_of.get_mut(answer)) {
                *users += 1;
            }
        }
        let mut reasons = BTreeMap::<&str, u64>::new();
        for (answer, users) in proofs.answers.iter().zip(users_of) {
            if let (None, Some(why)) = (answer.verdict, &answer.unknown) {
                *reasons.entry(why).or_default() += users;
            }
        }
        let mut reasons: Vec<(&str, u64)> = reasons.into_iter().filter(|(_, users)| *users > 0).collect();
        reasons.sort_by_key(|(_, users)| std::cmp::Reverse(*users));
        reasons.into_iter().map(|(why, _)| why.to_owned()).collect()
    }

    fn exception_kinds(&self, start: u32, rows: usize) -> StringArray {
        let mut kinds = vec![None; rows];
        for (kind, users) in &self.exceptions.kinds {
            for (index, _) in members(users, start, rows) {
                if let Some(slot) = kinds.get_mut(index) {
                    *slot = Some(*kind);
                }
            }
        }
        StringArray::from(kinds)
    }

    fn add_break_glass(&self, frame: &mut Frame, start: u32) {
        let of_row = |index: usize| self.exceptions.break_glass.get(&row_number(start, index));
        let rows = frame.rows();
        if self.exceptions.break_glass.is_empty() {
            return;
        }
        let ok: BooleanArray = (0..rows).map(|index| of_row(index).and_then(|result| result.ok())).collect();
        let failures: StringArray = (0..rows).map(|index| of_row(index).and_then(|result| result.words())).collect();
        frame.insert_boolean("break_glass_ok", ok);
        frame.insert_text("break_glass_failures", failures);
    }

    fn add_joined(&self, frame: &mut Frame, name: &str, left: &str, right: &str) {
        let boolean = |name: &str| frame.array(name)?.as_any().downcast_ref::<BooleanArray>().cloned();
        if let Some((left, right)) = boolean(left).zip(boolean(right))
            && let Ok(joined) = and_kleene(&left, &right)
        {
            frame.insert_boolean(name, joined);
        }
    }

    fn add_escapes(&self, frame: &mut Frame) {
        let boolean = |name: &str| frame.array(name)?.as_any().downcast_ref::<BooleanArray>().cloned();
        if let Some((required, without)) = boolean("mfa_required").zip(boolean(WITHOUT_EXCLUSIONS))
            && let Ok(escapes) = not(&required).and_then(|open| and_kleene(&open, &without))
        {
            frame.insert_boolean("mfa_escapes_by_exclusion", escapes);
        }
    }
}

/// The two columns that a user column joins, if it joins any.
pub(crate) fn joined(column: &str) -> Option<[&'static str; 2]> {
    joined_columns().find(|(name, _)| *name == column).map(|(_, joined)| joined)
}

/// Every user column that joins two others, with these.
pub(crate) fn joined_columns() -> impl Iterator<Item = (&'static str, [&'static str; 2])> {
    JOINED.into_iter().map(|(name, left, right)| (name, [left, right]))
}

/// The protection that a user column rests on; a column of its own name where it rests on none.
pub(crate) fn protection_behind(column: &str) -> &str {
    match column {
        "mfa_escapes_by_exclusion" => "mfa_required",
        other => JOINED.iter().find(|(name, ..)| *name == other).map_or(other, |(_, protection, _)| protection),
    }
}

/// Whether a protection's column is used, itself or through a column derived from it.
fn is_wanted(column: &str, used: &BTreeSet<String>) -> bool {
    let uses = |name: &str| used.contains(name);
    let with_suffix = |suffix: &str| used.contains(&format!("{column}{suffix}"));
    let joined = JOINED.iter().any(|(name, left, _)| *left == column && uses(name));
    let escapes = uses("mfa_escapes_by_exclusion") || uses("mfa_excluded_share");
    uses(column)
        || with_suffix("_gap")
        || with_suffix("_by")
        || joined
        || (escapes && (column == WITHOUT_EXCLUSIONS || column == "mfa_required"))
}

fn add_proofs(frame: &mut Frame, column: &str, proofs: &Arc<Proofs>, start: u32) {
    let rows = frame.rows();
    let verdicts: BooleanArray = (0..rows).map(|index| proofs.verdict(row_number(start, index))).collect();
    frame.insert_boolean(column, verdicts);
    let words = |make: fn(&Answer) -> Option<String>| {
        let proofs = Arc::clone(proofs);
        move |index: usize| proofs.answer(row_number(start, index)).and_then(make)
    };
    frame.insert_words(format!("{column}_gap"), words(gap));
    frame.insert_words(format!("{column}_by"), words(by));
}

/// The escaping sign-ins, or why it can't be decided, in words.
pub(crate) fn gap(answer: &Answer) -> Option<String> {
    let mut parts: Vec<String> = if answer.verdict == Some(false) { answer.witnesses.clone() } else { Vec::new() };
    parts.extend(answer.unknown.iter().filter(|_| answer.verdict.is_none()).cloned());
    let mut words = parts.join("; ");
    // That per-user MFA was not read is said once, beside the result.
    let notes = answer.notes.iter().filter(|note| *note != Answer::PER_USER_MFA_NOT_READ);
    if answer.verdict != Some(true) && !parts.is_empty() {
        notes.for_each(|note| words.push_str(&format!(" ({note})")));
    }
    (!words.is_empty()).then_some(words)
}

fn by(answer: &Answer) -> Option<String> {
    (!answer.by.is_empty()).then(|| answer.by.join(", "))
}

fn row_number(start: u32, index: usize) -> u32 {
    start.saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
}

/// Members of a set within a window of rows, as indexes into the window.
fn members(users: &RoaringBitmap, start: u32, rows: usize) -> impl Iterator<Item = (usize, u32)> + '_ {
    let end = row_number(start, rows);
    users.range(start..end).map(move |row| (usize::try_from(row - start).unwrap_or(usize::MAX), row))
}

fn bits(users: &RoaringBitmap, start: u32, rows: usize) -> BooleanBufferBuilder {
    let mut bits = BooleanBufferBuilder::new(rows);
    bits.append_n(rows, false);
    for (index, _) in members(users, start, rows) {
        bits.set_bit(index, true);
    }
    bits
}

pub(crate) fn two_valued(users: &RoaringBitmap, start: u32, rows: usize) -> BooleanArray {
    BooleanArray::new(bits(users, start, rows).finish(), None)
}

/// TRUE for sure members, NULL for those that may be, FALSE for the rest.
pub(crate) fn three_valued(bounds: &Bounds, start: u32, rows: usize) -> BooleanArray {
    let sure = bits(&bounds.sure, start, rows).finish();
    if bounds.is_exact() {
        return BooleanArray::new(sure, None);
    }
    let only_possible = bits(&(&bounds.possible - &bounds.sure), start, rows).finish();
    BooleanArray::new(sure, Some(NullBuffer::new(!&only_possible)))
}

fn lists(names: &BTreeMap<u32, Vec<String>>, start: u32, rows: usize) -> arrow::array::ListArray {
    let item = Field::new_list_field(DataType::Utf8, false);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(item);
    let mut next = 0;
    for (row, names) in names.range(start..row_number(start, rows)) {
        let index = usize::try_from(row - start).unwrap_or(rows);
        for _ in next..index {
            lists.append(true);
        }
        for name in names {
            lists.values().append_value(name);
        }
        lists.append(true);
        next = index + 1;
    }
    for _ in next..rows {
        lists.append(true);
    }
    lists.finish()
}
