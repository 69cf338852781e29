//! Which controls Conditional Access decides.

use crate::catalogue::Catalogue;
use crate::control::{Check, Rule};
use crate::predicate::Predicate;
use crate::tables::Need;

impl Catalogue {
    /// Whether what Conditional Access demands decides about a control; not where there is no such control.
    #[must_use]
    pub fn rests_on_policies(&self, id: &str) -> bool {
        let needs_policies = |table: &str, column: &str| {
            let needs = self.column(table, column).map(|column| column.needs).unwrap_or_default();
            needs.iter().any(|need| matches!(need, Need::Needs("policies") | Need::IfLicensed("policies")))
        };
        let of_table = |check: &Check| {
            check.of.name == "policies" || columns(check).iter().any(|column| needs_policies(check.of.name, column))
        };
        self.control(id).is_some_and(|control| control.checks.values().any(of_table))
    }
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
        let rests = |id: &str| catalogue.rests_on_policies(id);
        assert!(rests("AdminMFAV2") && rests("BlockLegacyAuthentication"));
        assert!(!rests("MFARegistrationV2") && !rests("PWAgePolicyNew") && !rests("none"));
    }
}
