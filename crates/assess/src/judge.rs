//! One scan of a judged table answers all its controls: counts, and the rows that lose points.

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::buffer::BooleanBuffer;
use idscore_catalogue::control::{Check, Control, Note, Rule};
use idscore_catalogue::tables::{Table, UNCOUNTED};
use idscore_score::{Finding, Outcome, Points, Profile, Tally};

use crate::assessment::{EvidenceRow, Urgency};
use crate::evaluate::{EvaluateError, Evaluator};
use crate::explain;
use crate::frame::Frame;

/// How many rows of evidence to keep for each control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceLimit {
    /// None: only count.
    Count,
    /// The first so many.
    First(usize),
    /// The first so many, and whoever is privileged beyond them.
    Foremost(usize),
    /// Every row.
    All,
}

impl EvidenceLimit {
    fn allows(self, kept: usize) -> bool {
        match self {
            Self::Count => false,
            Self::First(limit) | Self::Foremost(limit) => kept < limit,
            Self::All => true,
        }
    }
}

/// A control being judged row by row.
pub struct Running<'a> {
    /// The control.
    pub control: &'a Control,
    check: &'a Check,
    found: Found,
    /// What is found when only what is proven counts, for the columns that read otherwise then.
    proven: Option<Found>,
    /// A row that may be judged stands for any number of rows.
    uncounted: bool,
    limit: EvidenceLimit,
    /// The rows that lose points or are unknown, in table order, as far as they are kept.
    pub evidence: Vec<EvidenceRow>,
    /// Rows that were kept, those included that were handed on.
    kept: usize,
    /// Rows of `evidence` that were handed on.
    handed_on: usize,
    /// Users that lose points without a method that they may use; none while that is known of nobody who loses any.
    pub without_method: Option<u64>,
    /// The remarks of the control that are made under this profile, and how many rows cause each.
    pub notes: Vec<(&'a Note, u64)>,
}

/// What the rows said so far.
#[derive(Debug, Clone)]
struct Found {
    tally: Tally,
    parts: Vec<Option<bool>>,
}

impl Found {
    fn nothing(check: &Check) -> Self {
        let parts = match &check.rule {
            Rule::Parts(parts) => vec![Some(true); parts.len()],
            Rule::Met(_) | Rule::Task { .. } | Rule::Attested => Vec::new(),
        };
        Self { tally: Tally::default(), parts }
    }

    fn add(&mut self, judgement: &Judgement) {
        self.tally.met += judgement.met.count_set_bits() as u64;
        self.tally.not_met += judgement.not_met.count_set_bits() as u64;
        self.tally.unknown += judgement.unknown.count_set_bits() as u64;
    }

    fn add_part(&mut self, at: usize, judgement: &Judgement) {
        let Some(state) = self.parts.get_mut(at) else { return };
        if judgement.not_met.count_set_bits() > 0 {
            *state = Some(false);
        } else if judgement.unknown.count_set_bits() > 0 && *state != Some(false) {
            *state = None;
        }
    }
}

/// Which rows are judged, and what the rule says of them.
struct Judgement {
    met: BooleanBuffer,
    not_met: BooleanBuffer,
    unknown: BooleanBuffer,
}

impl<'a> Running<'a> {
    /// Starts judging a control by a check, before any row.
    #[must_use]
    pub fn new(control: &'a Control, check: &'a Check, profile: Profile, limit: EvidenceLimit) -> Self {
        let notes =
            control.notes.iter().filter(|note| note.profiles.contains(&profile)).map(|note| (note, 0)).collect();
        Self {
            control,
            check,
            found: Found::nothing(check),
            proven: None,
            uncounted: false,
            limit,
            evidence: Vec::new(),
            kept: 0,
            handed_on: 0,
            without_method: None,
            notes,
        }
    }

    /// Judges the rows of a frame of the check's table.
    ///
    /// # Errors
    /// When a column has another type than the catalogue declares.
    pub fn add(&mut self, frame: &Frame, evaluator: &mut Evaluator<'_, 'a>) -> Result<(), EvaluateError> {
        let chosen = evaluator.evaluate(&self.check.filter.expression)?;
        if let Some(uncounted) = frame.array(UNCOUNTED).and_then(|array| array.as_boolean_opt()) {
            let may_be_chosen = &true_bits(&chosen) | &!&known_bits(&chosen);
            self.uncounted |= (&true_bits(uncounted) & &may_be_chosen).count_set_bits() > 0;
        }
        match &self.check.rule {
            Rule::Met(met) => {
                let judgement = judge(&chosen, &evaluator.evaluate(&met.expression)?);
                self.found.add(&judgement);
                self.keep_evidence(frame, &judgement, evaluator)
            }
            Rule::Parts(parts) => {
                let mut rows_met = constant(true, frame.rows());
                for (at, part) in parts.iter().enumerate() {
                    let met = evaluator.evaluate(&part.met.expression)?;
                    self.found.add_part(at, &judge(&chosen, &met));
                    rows_met = arrow::compute::and_kleene(&rows_met, &met).unwrap_or(rows_met);
                }
                self.keep_evidence(frame, &judge(&chosen, &rows_met), evaluator)
            }
            Rule::Task { .. } | Rule::Attested => Ok(()),
        }
    }

    /// Judges the same rows by the columns as they read when only what is proven counts.
    ///
    /// # Errors
    /// When a column has another type than the catalogue declares.
    pub(crate) fn add_proven(&mut self, evaluator: &mut Evaluator<'_, 'a>) -> Result<(), EvaluateError> {
        let chosen = evaluator.evaluate(&self.check.filter.expression)?;
        let proven = self.proven.get_or_insert_with(|| Found::nothing(self.check));
        match &self.check.rule {
            Rule::Met(met) => proven.add(&judge(&chosen, &evaluator.evaluate(&met.expression)?)),
            Rule::Parts(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    proven.add_part(at, &judge(&chosen, &evaluator.evaluate(&part.met.expression)?));
                }
            }
            Rule::Task { .. } | Rule::Attested => {}
        }
        Ok(())
    }

    fn keep_evidence(
        &mut self,
        frame: &Frame,
        judgement: &Judgement,
        evaluator: &mut Evaluator<'_, 'a>,
    ) -> Result<(), EvaluateError> {
        self.count_without_method(frame, &judgement.not_met);
        // The rows behind a tenant's number were collected from their own table; without any, the number speaks for itself.
        if self.check.evidence_rows.is_some() && self.kept > 0 {
            return Ok(());
        }
        let open = &judgement.not_met | &judgement.unknown;
        for row in open.set_indices() {
            if !self.limit.allows(self.kept) {
                match self.limit {
                    EvidenceLimit::Foremost(_) if frame.boolean("is_privileged", row) == Some(true) => {}
                    EvidenceLimit::Foremost(_) => continue,
                    _ => break,
                }
            }
            self.kept += 1;
            let outcome = if judgement.not_met.value(row) { Outcome::NotMet } else { Outcome::NotAssessed };
            let why = explain::why(self.check, frame, row, evaluator)?;
            self.evidence.push(evidence_row(self.check.of, &self.check.evidence, frame, row, outcome, why));
        }
        Ok(())
    }

    /// Who has a method needs a policy only; who has none needs to be met in person, or a pass.
    fn count_without_method(&mut self, frame: &Frame, not_met: &BooleanBuffer) {
        if self.check.of.name != "users" {
            return;
        }
        let capable = frame.array("mfa_capable").and_then(|array| array.as_boolean_opt());
        let Some(capable) = capable else { return };
        let known = not_met & &known_bits(capable);
        let many = known.count_set_bits();
        if many > 0 {
            let with = (&known & capable.values()).count_set_bits();
            self.without_method = Some(self.without_method.unwrap_or(0) + (many - with) as u64);
        }
    }

    /// Collects the rows that stand behind the number of a tenant control.
    ///
    /// # Errors
    /// When a column has another type than the catalogue declares.
    pub fn add_rows_behind(&mut self, frame: &Frame, evaluator: &mut Evaluator<'_, 'a>) -> Result<(), EvaluateError> {
        let Some(rows) = &self.check.evidence_rows else { return Ok(()) };
        let chosen = evaluator.evaluate(&rows.filter.expression)?;
        for row in true_bits(&chosen).set_indices() {
            if !self.limit.allows(self.kept) {
                break;
            }
            self.kept += 1;
            let why = explain::listed(&rows.columns, frame, row);
            self.evidence.push(evidence_row(rows.of, &rows.columns, frame, row, Outcome::NotMet, why));
        }
        Ok(())
    }

    /// Counts the rows of a table that cause remarks.
    ///
    /// # Errors
    /// When a column has another type than the catalogue declares.
    pub fn add_notes(&mut self, of: &Table, evaluator: &mut Evaluator<'_, 'a>) -> Result<(), EvaluateError> {
        for (note, rows) in self.notes.iter_mut().filter(|(note, _)| note.of.name == of.name) {
            *rows += true_bits(&evaluator.evaluate(&note.when.expression)?).count_set_bits() as u64;
        }
        Ok(())
    }

    /// Hands on the rows that were kept since the last time; the first `sample` of all stay here as well.
    pub(crate) fn hand_on(&mut self, sample: usize) -> Vec<EvidenceRow> {
        let new = self.evidence.split_off(self.handed_on.min(self.evidence.len()));
        let here = sample.saturating_sub(self.evidence.len());
        self.evidence.extend(new.iter().take(here).cloned());
        self.handed_on = self.evidence.len();
        new
    }

    /// Whether every row that may be judged stands for itself, so that the size of the population is known.
    pub(crate) fn counted(&self) -> bool {
        !self.uncounted
    }

    /// The check in force.
    #[must_use]
    pub fn check(&self) -> &'a Check {
        self.check
    }

    /// Rows counted so far; for a graded control its parts.
    #[must_use]
    pub fn tally(&self) -> Tally {
        if self.found.parts.is_empty() {
            return self.found.tally;
        }
        let count = |wanted: Option<bool>| self.found.parts.iter().filter(|state| **state == wanted).count() as u64;
        Tally { met: count(Some(true)), not_met: count(Some(false)), unknown: count(None) }
    }

    /// What was found, for the arithmetic. Tasks and attestations are not found in rows.
    #[must_use]
    pub fn finding(&self) -> Finding {
        self.finding_of(&self.found)
    }

    /// What was found when only what is proven counts; `None` where that is the same.
    pub(crate) fn proven(&self) -> Option<Finding> {
        let proven = self.finding_of(self.proven.as_ref()?);
        (proven != self.finding()).then_some(proven)
    }

    fn finding_of(&self, found: &Found) -> Finding {
        match (&self.check.rule, self.control.scoring) {
            (Rule::Parts(parts), _) => {
                let graded = parts.iter().zip(&found.parts);
                Finding::Graded(graded.map(|(part, state)| (part.points.clone(), *state)).collect::<Vec<(Points, _)>>())
            }
            (_, idscore_score::Scoring::Binary) => Finding::Binary(found.tally),
            _ => Finding::Partial(found.tally),
        }
    }
}

fn judge(chosen: &BooleanArray, met: &BooleanArray) -> Judgement {
    let chosen_true = true_bits(chosen);
    let met_true = true_bits(met);
    let met_known = known_bits(met);
    Judgement {
        met: &chosen_true & &met_true,
        not_met: &(&chosen_true & &met_known) & &!&met_true,
        unknown: &(&chosen_true & &!&met_known) | &!&known_bits(chosen),
    }
}

fn true_bits(array: &BooleanArray) -> BooleanBuffer {
    match array.nulls() {
        Some(nulls) => array.values() & nulls.inner(),
        None => array.values().clone(),
    }
}

fn known_bits(array: &BooleanArray) -> BooleanBuffer {
    array.nulls().map_or_else(|| BooleanBuffer::new_set(array.len()), |nulls| nulls.inner().clone())
}

fn constant(value: bool, rows: usize) -> BooleanArray {
    BooleanArray::from(vec![value; rows])
}

fn evidence_row(
    table: &Table,
    columns: &[String],
    frame: &Frame,
    row: usize,
    outcome: Outcome,
    why: String,
) -> EvidenceRow {
    let text = |column: &str| frame.value(column, row).as_str().map(str::to_owned);
    let witness = columns.iter().filter(|column| column.ends_with("_gap")).find_map(|column| text(column));
    EvidenceRow {
        object_id: text(table.key).unwrap_or_default(),
        name: text(table.display),
        outcome,
        why,
        witness,
        evidence: columns.iter().map(|column| (column.clone(), frame.value(column, row))).collect(),
        urgency: Urgency::of(frame.boolean("is_privileged", row), frame.boolean("mfa_capable", row)),
    }
}
