//! Which data sets a control needs, and how.

use std::collections::BTreeMap;

use idscore_access::{Also, Protection};
use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Check, Control};
use idscore_catalogue::tables::{ACCESS_NEEDS, Kind, Need};
use idscore_score::Profile;

use crate::scan::judged_columns;
use crate::view::protection_behind;

/// What it costs a control when a data set is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// It is judged without, and says so.
    Detail,
    /// The rows that name the data set's objects are unknown, or another data set has to serve.
    Part,
    /// It is not assessed. Where the licence that brings the data isn't owned, nothing is missing.
    All,
}

/// The data sets behind a control's verdict, each with what its absence costs.
#[must_use]
pub fn needs(catalogue: &Catalogue, control: &Control, profile: Profile) -> BTreeMap<&'static str, Cost> {
    let mut costs: BTreeMap<&'static str, Cost> = BTreeMap::new();
    let Some(check) = control.checks.get(&profile) else { return costs };
    let eligible = profile != Profile::Compat;
    let mut cost = |name: &'static str, cost: Cost| {
        let known = costs.entry(name).or_insert(cost);
        *known = cost.max(*known);
    };
    for (need, bounds) in all_needs(catalogue, control, check, eligible) {
        match need {
            Need::IfLicensed(name) if bounds => cost(name, Cost::Part),
            Need::Needs(name) | Need::NeedsSome(name) | Need::IfLicensed(name) | Need::WhenEligible(name) => {
                cost(name, Cost::All);
            }
            Need::WhenNamed(name) => cost(name, Cost::Part),
            Need::OneOf(names) => names.iter().for_each(|name| cost(name, Cost::Part)),
            Need::Refines(name) => cost(name, Cost::Detail),
        }
    }
    costs
}

/// Every need of a control under a check, and whether the column behind it holds ranges. `eligible`: administrators are judged
/// with the roles that they may activate.
pub(crate) fn all_needs(catalogue: &Catalogue, control: &Control, check: &Check, eligible: bool) -> Vec<(Need, bool)> {
    let own = judged_columns(check).into_iter().map(|column| (check.of.name, column));
    let applies = control.applies.expression.columns().into_iter().map(|column| ("tenant", column.to_owned()));
    let mut all = Vec::new();
    for (table, name) in own.chain(applies) {
        let Some(column) = catalogue.column(table, &name) else { continue };
        let bounds = column.kind == Kind::Bounds;
        all.extend(column.needs.iter().map(|need| (*need, bounds)));
        if table == "users" {
            // What the protections behind a user column need besides the column's own declaration.
            let behind = protection_behind(&name);
            let protections = catalogue.protections.iter().filter(|protection| protection.column == behind);
            all.extend(protections.flat_map(protection_needs).map(|need| (need, bounds)));
        }
    }
    all.extend(check.of.needs.iter().map(|need| (*need, false)));
    all.into_iter().filter_map(|(need, bounds)| Some((of_profile(need, eligible)?, bounds))).collect()
}

/// The need as it stands under a profile, if it does.
fn of_profile(need: Need, eligible: bool) -> Option<Need> {
    match need {
        Need::WhenEligible(name) => eligible.then_some(Need::IfLicensed(name)),
        other => Some(other),
    }
}

fn protection_needs(protection: &Protection) -> Vec<Need> {
    let mut needs = ACCESS_NEEDS.to_vec();
    if protection.as_activated {
        needs.push(Need::WhenEligible("roleEligibilityScheduleInstances"));
    }
    if protection.also.contains(&Also::PerUserMfa) {
        needs.push(Need::Refines("requirements"));
    }
    if protection.also.contains(&Also::SecurityDefaults) {
        needs.push(Need::WhenNamed("identitySecurityDefaultsEnforcementPolicy"));
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_names_the_data_sets_that_it_cannot_do_without() {
        let catalogue = Catalogue::embedded().unwrap();
        let needs = |id: &str| needs(&catalogue, catalogue.control(id).unwrap(), Profile::Standard);
        let registration = needs("MFARegistrationV2");
        assert_eq!(registration["users"], Cost::All);
        assert_eq!(registration["userRegistrationDetails"], Cost::All);
        let legacy = needs("BlockLegacyAuthentication");
        assert_eq!((legacy["policies"], legacy.get("userRegistrationDetails")), (Cost::All, None));
        assert_eq!(legacy["members"], Cost::Part);
    }

    #[test]
    fn compat_asks_for_no_eligibility_where_it_judges_active_holders_only() {
        let catalogue = Catalogue::embedded().unwrap();
        for id in ["AdminMFAV2", "ga_count_max"] {
            let needs = |profile| needs(&catalogue, catalogue.control(id).unwrap(), profile);
            for name in ["roleEligibilityScheduleInstances", "eligibilityScheduleInstances"] {
                assert_eq!(needs(Profile::Compat).get(name), None, "{id} {name}");
                assert!(needs(Profile::Standard).contains_key(name), "{id} {name}");
                assert!(needs(Profile::Strict).contains_key(name), "{id} {name}");
            }
        }
    }

    #[test]
    fn a_number_that_may_be_a_range_is_judged_without_eligibility() {
        let catalogue = Catalogue::embedded().unwrap();
        let needs = needs(&catalogue, catalogue.control("ga_count_max").unwrap(), Profile::Standard);
        assert_eq!(needs["roleEligibilityScheduleInstances"], Cost::Part);
        assert_eq!(needs["roleAssignments"], Cost::All);
    }
}
