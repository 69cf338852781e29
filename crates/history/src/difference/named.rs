//! The difference between two assessments as people name them: by a day, an instant or an id.

use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Check, Control, Rule};
use idscore_catalogue::predicate::Predicate;
use idscore_catalogue::tables::Need;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Difference;
use crate::archive::Archive;
use crate::error::HistoryError;
use crate::instants::{DAY, day_of_date};
use crate::kept::{Cause, KeptAssessment};
use crate::store::History;

/// The difference between two assessments that somebody named.
#[derive(Debug)]
pub struct Named {
    /// In the order of time.
    pub difference: Difference,
    /// Whether the later one was named first.
    pub swapped: bool,
}

impl Archive {
    /// What moved between two assessments, each named as in [`History::named`], in the order of time.
    ///
    /// # Errors
    /// When a name means no assessment, only one of the two is Microsoft's own number, or something kept can't be read.
    pub async fn difference_between(
        &self,
        tenant_id: &str,
        before: &str,
        after: &str,
        catalogue: &Catalogue,
    ) -> Result<Named, HistoryError> {
        let mut before = self.history.named(tenant_id, before).await?;
        let mut after = self.history.named(tenant_id, after).await?;
        let order = |kept: &KeptAssessment| (kept.assessed_at, kept.sequence);
        let swapped = order(&after) < order(&before);
        if swapped {
            std::mem::swap(&mut before, &mut after);
        }
        if (before.cause == Cause::Microsoft) != (after.cause == Cause::Microsoft) {
            return Err(HistoryError::OtherMeasure);
        }
        let rests = |id: &str| catalogue.control(id).is_some_and(|control| rests_on_policies(control, catalogue));
        Ok(Named { difference: self.difference(&before, &after, &rests).await?, swapped })
    }
}

impl History {
    /// The assessment that a text means: the one that stands for a day, or the last before it; the last up to an instant;
    /// or the one with an id.
    ///
    /// # Errors
    /// When there is none, or the database refuses.
    pub async fn named(&self, tenant_id: &str, text: &str) -> Result<KeptAssessment, HistoryError> {
        let missing = |reason: String| HistoryError::NoAssessment { reason };
        if let Ok(date) = text.parse::<Date>()
            && text.len() == 10
        {
            let day = day_of_date(date);
            if let Some(kept) = self.newest_per_day(tenant_id, day, day, 1).await?.pop() {
                return Ok(kept);
            }
            let last = self.assessment_at(tenant_id, (day + 1) * DAY - 1).await?;
            return last.ok_or_else(|| missing(format!("there is no assessment on {date} or before")));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            let last = self.assessment_at(tenant_id, instant.as_microsecond()).await?;
            return last.ok_or_else(|| missing(format!("there is no assessment at {instant} or before")));
        }
        // PostgreSQL takes no NUL in a text, so no id holds one.
        let found = if text.contains('\0') { None } else { Some(self.assessment(tenant_id, text).await) };
        match found {
            None | Some(Err(HistoryError::NotFound { .. })) => {
                Err(missing(format!("`{text}` is no day, no instant and no id of an assessment")))
            }
            Some(other) => other,
        }
    }
}

/// Whether what Conditional Access demands decides about a control.
fn rests_on_policies(control: &Control, catalogue: &Catalogue) -> bool {
    let needs_policies = |table: &str, column: &str| {
        let needs = catalogue.column(table, column).map(|column| column.needs).unwrap_or_default();
        needs.iter().any(|need| matches!(need, Need::Needs("policies") | Need::IfLicensed("policies")))
    };
    let of_table = |check: &Check| {
        check.of.name == "policies" || columns(check).iter().any(|column| needs_policies(check.of.name, column))
    };
    control.checks.values().any(of_table)
}

fn columns(check: &Check) -> Vec<String> {
    let of = |predicate: &Predicate| predicate.expression.columns().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut columns = of(&check.filter);
    match &check.rule {
        Rule::Met(met) => columns.extend(of(met)),
        Rule::Parts(parts) => columns.extend(parts.iter().flat_map(|part| of(&part.met))),
        Rule::Task { .. } | Rule::Attested => {}
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_rests_on_policies_when_a_column_of_its_rule_does() {
        let catalogue = Catalogue::embedded().unwrap();
        let rests = |id: &str| rests_on_policies(catalogue.control(id).unwrap(), &catalogue);
        assert!(rests("AdminMFAV2") && rests("BlockLegacyAuthentication"));
        assert!(!rests("MFARegistrationV2") && !rests("PWAgePolicyNew"));
    }
}
