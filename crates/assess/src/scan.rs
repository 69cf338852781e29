//! One scan of each table answers all its controls, under every profile at once.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, BooleanArray};
use idscore_catalogue::control::{Check, Control, Rule};
use idscore_catalogue::tables::{Stage, TABLES, Table, UNCOUNTED, table};
use idscore_snapshot::Snapshot;

use crate::assessment::EvidenceRow;
use crate::error::{AssessError, reading};
use crate::evaluate::Evaluator;
use crate::frame::Frame;
use crate::judge::Running;
use crate::object_columns::ObjectColumns;
use crate::proven;
use crate::sign_ins;
use crate::tenant_columns::{ExcludedShare, TenantColumns};
use crate::view::{View, protection_behind};

/// One profile with its controls, on their way through the tables.
pub(crate) struct Pass<'a> {
    pub view: &'a View<'a>,
    pub running: Vec<Running<'a>>,
    /// Whether each control is about this tenant, by position in `running`.
    pub applies: Vec<Option<bool>>,
    pub excluded_share: ExcludedShare,
    /// The same, when only what is proven counts.
    pub proven_excluded_share: ExcludedShare,
}

impl Pass<'_> {
    pub(crate) fn new<'a>(view: &'a View<'a>, running: Vec<Running<'a>>) -> Pass<'a> {
        let applies = vec![None; running.len()];
        Pass {
            view,
            running,
            applies,
            excluded_share: ExcludedShare::default(),
            proven_excluded_share: ExcludedShare::default(),
        }
    }

    /// Why the proofs behind a check could not be decided, the most frequent reason first.
    pub(crate) fn unknown_reasons(&self, check: &Check) -> Vec<String> {
        let columns = judged_columns(check);
        columns.iter().flat_map(|column| self.view.unknown_reasons(protection_behind(column))).collect()
    }
}

/// Every table and tenant-wide fact that a scan needs besides the passes.
pub(crate) struct Scan<'a> {
    pub snapshot: &'a Snapshot,
    pub taken_at: i64,
    pub objects: &'a ObjectColumns<'a>,
    pub tenant: &'a TenantColumns<'a>,
}

/// Where rows of evidence go as they are found, rather than into memory.
pub(crate) struct HandOn<'s> {
    /// Takes rows of a control, in table order.
    pub sink: &'s mut EvidenceSink<'s>,
    /// Rows of each control that stay in memory as well.
    pub sample: usize,
}

/// Takes rows of a control, in table order.
pub type EvidenceSink<'s> =
    dyn FnMut(&str, Vec<EvidenceRow>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + 's;

impl<'a> Scan<'a> {
    /// Judges all tables; the tenant's own row comes last because it counts over the others.
    pub(crate) fn run(&self, passes: &mut [Pass<'a>], hand_on: &mut Option<HandOn<'_>>) -> Result<(), AssessError> {
        for table in TABLES.iter().filter(|table| table.name != "tenant") {
            self.table(table, passes, hand_on)?;
        }
        self.tenant(passes)
    }

    fn table(
        &self,
        of: &'static Table,
        passes: &mut [Pass<'a>],
        hand_on: &mut Option<HandOn<'_>>,
    ) -> Result<(), AssessError> {
        let used = passes.iter().flat_map(|pass| &pass.running).any(|running| {
            looks_at(running.check(), of) || running.notes.iter().any(|(note, _)| note.of.name == of.name)
        });
        if !used {
            return Ok(());
        }
        let columns = stored_columns(of, passes);
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mut start = 0_u32;
        for batch in reading(of.name, self.snapshot.read(of.name, &names))? {
            let batch = reading(of.name, batch)?;
            let mut stored = Frame::of_rows(batch.num_rows());
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                stored.insert(field.name(), array.clone());
            }
            if of.name == "users" {
                sign_ins::add(&mut stored, self.taken_at);
            }
            for pass in &mut *passes {
                let mut frame = stored.clone();
                if of.name == "users" {
                    pass.view.add_user_columns(&mut frame, start);
                    pass.excluded_share.add(&frame);
                } else {
                    self.objects.add(of, &mut frame, pass.view);
                }
                self.judge(of, &frame, pass, hand_on)?;
                let otherwise = proven::columns(pass.view, of.name);
                if !otherwise.is_empty() {
                    if of.name == "users" {
                        proven::put_users(pass.view, &mut frame, start);
                        pass.proven_excluded_share.add(&frame);
                    } else {
                        self.objects.put_proven(of, &mut frame, pass.view);
                    }
                    self.judge_proven(&frame, pass, of, &otherwise)?;
                }
            }
            start = start.saturating_add(u32::try_from(batch.num_rows()).unwrap_or(u32::MAX));
        }
        Ok(())
    }

    fn judge(
        &self,
        of: &Table,
        frame: &Frame,
        pass: &mut Pass<'a>,
        hand_on: &mut Option<HandOn<'_>>,
    ) -> Result<(), AssessError> {
        // Expressions belong to the catalogue and outlive this batch; the evaluator does not outlive the frame.
        let mut evaluator = Evaluator::new(frame, self.taken_at);
        for running in &mut pass.running {
            let control = running.control;
            let failed = |source| AssessError::Evaluate { control: control.id.clone(), source };
            if running.check().of.name == of.name {
                running.add(frame, &mut evaluator).map_err(failed)?;
                // Rows behind a number get its outcome in the end, and rows of the tenant are one.
                if let Some(HandOn { sink, sample }) = hand_on.as_mut().filter(|_| of.name != "tenant") {
                    let rows = running.hand_on(*sample);
                    if !rows.is_empty() {
                        sink(&control.id, rows).map_err(|source| AssessError::Evidence { source })?;
                    }
                }
            } else if looks_at(running.check(), of) {
                running.add_rows_behind(frame, &mut evaluator).map_err(failed)?;
            }
            running.add_notes(of, &mut evaluator).map_err(failed)?;
        }
        Ok(())
    }

    /// Judges the same rows again where columns read otherwise when only what is proven counts.
    fn judge_proven(
        &self,
        frame: &Frame,
        pass: &mut Pass<'a>,
        of: &Table,
        otherwise: &BTreeSet<String>,
    ) -> Result<(), AssessError> {
        let mut evaluator = Evaluator::new(frame, self.taken_at);
        for running in &mut pass.running {
            let check = running.check();
            if check.of.name == of.name && !judged_columns(check).is_disjoint(otherwise) {
                let control = running.control;
                let failed = |source| AssessError::Evaluate { control: control.id.clone(), source };
                running.add_proven(&mut evaluator).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn tenant(&self, passes: &mut [Pass<'a>]) -> Result<(), AssessError> {
        let Some(tenant) = table("tenant") else { return Ok(()) };
        let stored = self.tenant.stored(self.snapshot)?;
        for pass in passes {
            let mut frame = stored.clone();
            self.tenant.add(&mut frame, pass.view, &pass.excluded_share);
            self.judge(tenant, &frame, pass, &mut None)?;
            let otherwise = proven::columns(pass.view, tenant.name);
            if !otherwise.is_empty() {
                let mut proven = stored.clone();
                self.tenant.add(&mut proven, pass.view, &pass.proven_excluded_share);
                self.judge_proven(&proven, pass, tenant, &otherwise)?;
            }
            let mut evaluator = Evaluator::new(&frame, self.taken_at);
            for (running, applies) in pass.running.iter().zip(&mut pass.applies) {
                let control: &Control = running.control;
                let failed = |source| AssessError::Evaluate { control: control.id.clone(), source };
                let answer: BooleanArray = evaluator.evaluate(&control.applies.expression).map_err(failed)?;
                *applies = (!answer.is_empty() && answer.is_valid(0)).then(|| answer.value(0));
            }
        }
        Ok(())
    }
}

/// Whether a check judges rows of a table, or shows them as evidence.
fn looks_at(check: &Check, of: &Table) -> bool {
    check.of.name == of.name || check.evidence_rows.as_ref().is_some_and(|rows| rows.of.name == of.name)
}

/// The columns of a table that a check's predicates use.
pub(crate) fn judged_columns(check: &Check) -> BTreeSet<String> {
    let mut columns: BTreeSet<String> = check.filter.expression.columns().into_iter().map(str::to_owned).collect();
    match &check.rule {
        Rule::Met(met) => columns.extend(met.expression.columns().into_iter().map(str::to_owned)),
        Rule::Parts(parts) => {
            for part in parts {
                columns.extend(part.met.expression.columns().into_iter().map(str::to_owned));
            }
        }
        Rule::Task { .. } | Rule::Attested => {}
    }
    columns
}

/// Every column that a check uses of each table: judged ones, shown ones, and those of the rows behind a number.
pub(crate) fn used_columns(check: &Check) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut used = BTreeMap::<&'static str, BTreeSet<String>>::new();
    let own = used.entry(check.of.name).or_default();
    own.extend(judged_columns(check));
    own.extend(check.evidence.iter().cloned());
    if let Some(rows) = &check.evidence_rows {
        let behind = used.entry(rows.of.name).or_default();
        behind.extend(rows.filter.expression.columns().into_iter().map(str::to_owned));
        behind.extend(rows.columns.iter().cloned());
    }
    used
}

/// The stored columns to read of a table: those in use, and those that derived columns start from.
fn stored_columns(of: &Table, passes: &[Pass<'_>]) -> BTreeSet<String> {
    let mut columns = BTreeSet::from([of.key.to_owned(), of.display.to_owned()]);
    for running in passes.iter().flat_map(|pass| &pass.running) {
        columns.extend(used_columns(running.check()).remove(of.name).unwrap_or_default());
        let notes = running.notes.iter().filter(|(note, _)| note.of.name == of.name);
        columns.extend(notes.flat_map(|(note, _)| note.when.expression.columns()).map(str::to_owned));
    }
    columns.extend(starting_points(of).iter().map(|name| (*name).to_owned()));
    columns.retain(|name| of.column(name).is_some_and(|column| column.stage == Stage::Snapshot));
    columns
}

/// Stored columns that derived columns of a table are made from.
fn starting_points(of: &Table) -> &'static [&'static str] {
    match of.name {
        "users" => &[
            "mfa_registered",
            "mfa_capable",
            "account_enabled",
            "user_type",
            "last_successful_sign_in_date_time",
            "last_successful_sign_in_carried",
        ],
        "role_assignments" => &["principal_id", "role_template_id", "principal_kind"],
        "service_principals" => &["app_id", "owner_count"],
        "groups" => &["id"],
        "credentials" => &[UNCOUNTED],
        _ => &[],
    }
}
