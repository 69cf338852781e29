//! The tenant's row: stored settings, and counts over the other tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};
use idscore_access::Bounds;
use idscore_catalogue::roles::GLOBAL_ADMINISTRATOR;
use idscore_catalogue::tables::{Stage, table};
use idscore_snapshot::{DataSetStatus, Snapshot};

use crate::data_sets::DataSets;
use crate::directory::Assignment;
use crate::error::{AssessError, reading};
use crate::exceptions::BreakGlass;
use crate::facts::UserFacts;
use crate::frame::Frame;
use crate::roles::PrivilegedRoles;
use crate::view::{View, gap};

/// Users who escape multifactor authentication by exclusion, counted on the way through the users.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExcludedShare {
    escaping: u64,
    /// Counted members of whom it is not known.
    unknown: u64,
    total: u64,
    /// Users who may be counted: of these, who escape or may, and who don't or may not.
    perhaps_escaping: u64,
    perhaps_protected: u64,
}

impl ExcludedShare {
    /// Counts a batch of users with their derived columns.
    pub(crate) fn add(&mut self, frame: &Frame) {
        // Looked up once: there may be a million rows.
        let boolean = |name: &str| frame.array(name).and_then(|array| array.as_boolean_opt());
        let value = |array: Option<&BooleanArray>, row: usize| {
            array.filter(|array| array.is_valid(row)).map(|array| array.value(row))
        };
        let user_type = frame.array("user_type").and_then(|array| array.as_string_opt::<i32>());
        let [enabled, excepted, escapes] = ["account_enabled", "excepted", "mfa_escapes_by_exclusion"].map(boolean);
        for row in 0..frame.rows() {
            let (enabled, excepted) = (value(enabled, row), value(excepted, row));
            let member = user_type.filter(|types| types.is_valid(row)).map(|types| types.value(row) == "Member");
            if enabled == Some(false) || member == Some(false) || excepted == Some(true) {
                continue;
            }
            let escapes = value(escapes, row);
            if enabled.is_some() && member.is_some() && excepted.is_some() {
                self.total += 1;
                self.escaping += u64::from(escapes == Some(true));
                self.unknown += u64::from(escapes.is_none());
            } else {
                self.perhaps_escaping += u64::from(escapes != Some(false));
                self.perhaps_protected += u64::from(escapes != Some(true));
            }
        }
    }

    /// Percent of the members, sure and possible.
    #[expect(clippy::cast_precision_loss, reason = "a count of users stays far below 2^53")]
    fn percent(self) -> (f64, f64) {
        let percent = |users: u64, of: u64| if of == 0 { 0.0 } else { 100.0 * users as f64 / of as f64 };
        let most = self.escaping + self.unknown + self.perhaps_escaping;
        (percent(self.escaping, self.total + self.perhaps_protected), percent(most, self.total + self.perhaps_escaping))
    }
}

/// What the tenant's derived columns are made from.
pub(crate) struct TenantColumns<'a> {
    pub data_sets: &'a DataSets<'a>,
    pub facts: &'a UserFacts,
    pub assignments: &'a [Assignment],
    pub roles: &'a PrivilegedRoles,
}

impl TenantColumns<'_> {
    /// The stored settings.
    pub(crate) fn stored(&self, snapshot: &Snapshot) -> Result<Frame, AssessError> {
        let declared = table("tenant").map(|tenant| tenant.columns).unwrap_or_default();
        let stored = declared.iter().filter(|column| column.stage == Stage::Snapshot).map(|column| column.name);
        let mut frame = Frame::of_rows(1);
        for batch in reading("tenant", snapshot.read("tenant", &stored.collect::<Vec<_>>()))? {
            let batch = reading("tenant", batch)?;
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                frame.insert(field.name(), array.clone());
            }
        }
        Ok(frame)
    }

    /// Adds the derived columns.
    pub(crate) fn add(&self, frame: &mut Frame, view: &View<'_>, excluded_share: &ExcludedShare) {
        let active = self.global_admins(&view.roles.global_admins, true);
        let all = self.global_admins(&view.roles.global_admins_or_eligible, false);
        let counted = if view.configuration.eligible_admins() { all } else { active };
        put(frame, "global_admin_count", active);
        put(frame, "global_admin_or_eligible_count", all);
        put(frame, "global_admin_counted", counted);
        put(frame, "other_admin_assignment_count", self.other_admin_assignments());
        let users_read = self.data_sets.whole("users");
        let declared = i64::try_from(view.exceptions.break_glass.len()).unwrap_or(i64::MAX);
        // Accounts that are not among the users are not counted, which says nothing where not all users were read.
        let declared = Some(declared).filter(|_| users_read);
        frame.insert("break_glass_declared_count", Arc::new(Int64Array::from(vec![declared])));
        put(frame, "break_glass_ok_count", break_glass_ok(view, users_read));
        if view.proofs.contains_key("mfa_required") {
            let (low, high) = excluded_share.percent();
            put(frame, "mfa_excluded_share", Some((low, Some(high))));
        }
        if let Some(answer) = &view.external_users {
            frame.insert_boolean("external_users_mfa_required", BooleanArray::from(vec![answer.verdict]));
            frame.insert_text("external_users_mfa_required_gap", StringArray::from(vec![gap(answer)]));
        }
    }

    /// How many users hold Global Administrator. Holders that are no known user may be groups of any size.
    fn global_admins(&self, holders: &Bounds, active_only: bool) -> Option<(f64, Option<f64>)> {
        if !self.data_sets.some("roleAssignments") {
            return None;
        }
        let strangers: BTreeSet<(&str, Option<&str>)> = self
            .assignments
            .iter()
            .filter(|assignment| assignment.role_template_id == GLOBAL_ADMINISTRATOR && assignment.scope == "tenant")
            .filter(|assignment| assignment.active || !active_only)
            .filter(|assignment| !self.facts.rows.contains_key(&assignment.principal_id))
            .map(|assignment| (assignment.principal_id.as_str(), assignment.principal_kind.as_deref()))
            .collect();
        let users_read = self.data_sets.whole("users");
        // ScubaGear lists the service principals: who else it names as a holder is a user, or a group of users.
        let some_roles = !users_read && self.data_sets.status("roleAssignments") == DataSetStatus::LowerBound;
        let unnamed = if some_roles { of_kind(&strangers, None) } else { 0 };
        let users_beside = if users_read { 0 } else { of_kind(&strangers, Some("user")) + unnamed };
        let open_ended = !users_read && (of_kind(&strangers, None) + of_kind(&strangers, Some("group")) > 0);
        let all_read = |name: &str| self.data_sets.whole(name) || self.data_sets.empty_without_license(name);
        // PIM for groups makes a holder of whoever may join a group that holds the role.
        let by_group = strangers.iter().any(|(_, kind)| !matches!(kind, Some("user" | "servicePrincipal" | "deleted")));
        let eligible_known = active_only
            || (all_read("roleEligibilityScheduleInstances")
                && (!by_group || all_read("eligibilityScheduleInstances")));
        let unbounded = open_ended || !eligible_known || !self.all_assignments_known();
        let sure = number(holders.sure.len() + users_beside);
        let possible = number(holders.possible.len() + users_beside);
        Some((sure, (!unbounded).then_some(possible)))
    }

    /// Active assignments of task roles: those that are sure, and those whose role nothing decides besides.
    fn other_admin_assignments(&self) -> Option<(f64, Option<f64>)> {
        if !self.data_sets.some("roleAssignments") {
            return None;
        }
        let active = self.assignments.iter().filter(|assignment| assignment.active);
        let answers: Vec<_> = active.map(|assignment| self.roles.is_task_role(&assignment.role_template_id)).collect();
        let of = |answer: Option<bool>| answers.iter().filter(|found| **found == answer).count() as u64;
        let sure = of(Some(true));
        let possible = number(sure + of(None));
        Some((number(sure), self.all_assignments_known().then_some(possible)))
    }

    /// Every assignment was read, and each says who holds which role.
    pub(crate) fn all_assignments_known(&self) -> bool {
        self.data_sets.whole("roleAssignments") && self.assignments.iter().all(Assignment::is_known)
    }
}

fn of_kind(holders: &BTreeSet<(&str, Option<&str>)>, kind: Option<&str>) -> u64 {
    holders.iter().filter(|(_, of)| *of == kind).count() as u64
}

/// Where users were not read whole, any declared account may pass, also one that is not among those that were, or is in a declared
/// group.
fn break_glass_ok(view: &View<'_>, users_read: bool) -> Option<(f64, Option<f64>)> {
    let results = || view.exceptions.break_glass.values().map(BreakGlass::ok);
    let passing = results().filter(|ok| *ok == Some(true)).count() as u64;
    let unknown = results().filter(Option::is_none).count() as u64;
    let all_known = users_read || view.configuration.break_glass.is_empty();
    Some((number(passing), all_known.then_some(number(passing + unknown))))
}

#[expect(clippy::cast_precision_loss, reason = "counts of users and assignments stay far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}

fn put(frame: &mut Frame, name: &str, bounds: Option<(f64, Option<f64>)>) {
    let low = Float64Array::from(vec![bounds.map(|(low, _)| low)]);
    let high = Float64Array::from(vec![bounds.and_then(|(_, high)| high)]);
    frame.insert_bounds(name, low, high);
}
