//! Tries concrete sign-ins against policies.

use crate::policy::{Platform, Policy, State, Target};
use crate::protections::{Demand, Statement};
use crate::space::{Mask, Sample, Space};

/// What came of trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every sign-in tried was met by a policy that demands it.
    Covered,
    /// A sign-in was found that no policy can meet.
    Escapes,
    /// A sign-in was found that a policy may or may not meet.
    Unknown,
}

/// What is imagined to be different, to find out why somebody escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Imagine {
    Nothing,
    ReportOnlyEnforced,
    ManagedDeviceIsMfa,
    NoTrustedPlaces,
    NoUnlistedPlatforms,
    NoExcludedApps,
    NoDeviceFilters,
    OnlyBrowsers,
}

/// A question with the sign-ins that belong to it, ready for many sets of policies.
pub(crate) struct Question {
    /// One for each demand; all must be covered.
    parts: Vec<Part>,
}

struct Part {
    sure: Tries,
    possible: Tries,
}

/// Samples as sets of policies, dimension by dimension.
struct Tries {
    /// The policies that count at all.
    relevant: Mask,
    dimensions: Vec<Vec<Mask>>,
    /// For each dimension: the policies that meet every sample of it and of those after it.
    rest: Vec<Mask>,
}

/// What a question is put to.
pub(crate) struct World<'a> {
    pub space: &'a Space,
    pub policies: &'a [Policy],
}

impl Question {
    pub fn new(world: &World<'_>, statement: &Statement, imagine: Imagine) -> Self {
        let parts = statement.demands.iter().map(|demand| Part::new(world, statement, *demand, imagine)).collect();
        Self { parts }
    }

    /// The policies that could make a difference.
    pub fn relevant(&self) -> Mask {
        self.parts.iter().fold(Mask::default(), |all, part| all.or(part.possible.relevant))
    }

    /// Tries every sign-in for somebody to whom the policies surely, or possibly, apply.
    pub fn ask(&self, sure: Mask, possible: Mask) -> Verdict {
        if self.parts.iter().all(|part| part.sure.all_met(sure)) {
            Verdict::Covered
        } else if self.parts.iter().all(|part| part.possible.all_met(possible)) {
            Verdict::Unknown
        } else {
            Verdict::Escapes
        }
    }
}

impl Part {
    fn new(world: &World<'_>, statement: &Statement, demand: Demand, imagine: Imagine) -> Self {
        let World { space, policies } = *world;
        let in_force = |policy: &Policy| match policy.state {
            State::Enabled => true,
            State::ReportOnly => imagine == Imagine::ReportOnlyEnforced,
            State::Disabled => false,
        };
        let relevant = Mask::of(policies, |policy| {
            in_force(policy) && statement.counts(demand, policy, imagine == Imagine::ManagedDeviceIsMfa)
        });
        let listed = |platform: Platform| {
            policies
                .iter()
                .enumerate()
                .any(|(number, policy)| relevant.contains(number) && policy.platforms.contains(&platform))
        };
        let excluded = |resource: &crate::space::Resource| {
            policies.iter().enumerate().any(|(number, policy)| match &policy.target {
                Target::Apps { exclude, .. } if relevant.contains(number) => {
                    exclude.iter().any(|app| matches!((app, resource), (crate::policy::App::Id(app), crate::space::Resource::App(id)) if app == id))
                }
                _ => false,
            })
        };
        let no_trusted = statement.trusted_suffices || imagine == Imagine::NoTrustedPlaces;
        let mut dimensions = Dimensions { relevant, sure: Vec::new(), possible: Vec::new() };
        dimensions.add(&space.resources, |resource| {
            statement.apps.holds(resource) && !(imagine == Imagine::NoExcludedApps && excluded(resource))
        });
        dimensions.add(&space.clients, |client| {
            let asked = statement.clients.is_empty() || statement.clients.contains(client);
            asked && !(imagine == Imagine::OnlyBrowsers && *client != crate::policy::Client::Browser)
        });
        dimensions.add(&space.flows, |flow| statement.flows.is_empty() || statement.flows.contains(flow));
        dimensions.add(&space.sign_in_risk, |risk| {
            statement.sign_in_risk.is_empty() || statement.sign_in_risk.contains(risk)
        });
        dimensions.add(&space.user_risk, |risk| statement.user_risk.is_empty() || statement.user_risk.contains(risk));
        dimensions.add(&space.insider_elevated, |elevated| !statement.insider_elevated || *elevated);
        dimensions.add(&space.platforms, |platform| imagine != Imagine::NoUnlistedPlatforms || listed(*platform));
        for filter in &space.devices {
            // A filter that excludes leaves the devices it matches; imagine there were none.
            dimensions.add(filter, |matches| imagine != Imagine::NoDeviceFilters || !*matches);
        }
        dimensions.add(&space.places, |origin| !(no_trusted && origin.trusted));
        // A policy that meets nothing of what is asked in some dimension can't make a difference.
        let relevant = dimensions.possible.iter().fold(relevant, |relevant, samples| {
            relevant.and(samples.iter().fold(Mask::default(), |any, sample| any.or(*sample)))
        });
        Self { sure: Tries::new(relevant, dimensions.sure), possible: Tries::new(relevant, dimensions.possible) }
    }
}

struct Dimensions {
    relevant: Mask,
    sure: Vec<Vec<Mask>>,
    possible: Vec<Vec<Mask>>,
}

impl Dimensions {
    fn add<T>(&mut self, samples: &[Sample<T>], belongs: impl Fn(&T) -> bool) {
        let asked = || samples.iter().filter(|sample| belongs(&sample.value));
        let distinct = |masks: Vec<Mask>| {
            let mut masks: Vec<Mask> = masks.into_iter().map(|mask| mask.and(self.relevant)).collect();
            masks.sort_unstable();
            masks.dedup();
            masks
        };
        let sure = distinct(asked().map(|sample| sample.sure).collect());
        let possible = distinct(asked().map(|sample| sample.possible).collect());
        self.sure.push(sure);
        self.possible.push(possible);
    }
}

impl Tries {
    fn new(relevant: Mask, dimensions: Vec<Vec<Mask>>) -> Self {
        let mut rest = vec![relevant; dimensions.len() + 1];
        for (number, samples) in dimensions.iter().enumerate().rev() {
            let after = rest.get(number + 1).copied().unwrap_or_default();
            if let Some(rest) = rest.get_mut(number) {
                *rest = samples.iter().fold(after, |rest, sample| rest.and(*sample));
            }
        }
        Self { relevant, dimensions, rest }
    }

    fn all_met(&self, policies: Mask) -> bool {
        self.met_from(0, policies.and(self.relevant))
    }

    /// Every way to choose the remaining samples is met by one of the policies that met those chosen so far.
    fn met_from(&self, dimension: usize, met: Mask) -> bool {
        if met.is_empty() {
            return false;
        }
        let Some(samples) = self.dimensions.get(dimension) else { return true };
        if self.rest.get(dimension).is_some_and(|rest| !rest.and(met).is_empty()) {
            return true;
        }
        let mut tried: Vec<Mask> = Vec::with_capacity(samples.len().min(16));
        for sample in samples {
            let met = met.and(*sample);
            if !tried.contains(&met) {
                if !self.met_from(dimension + 1, met) {
                    return false;
                }
                tried.push(met);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::{HOME_COUNTRIES, locations};
    use crate::policy::{Client, Control, Place, Risk};
    use crate::protections::STATEMENTS;

    fn verdict(name: &str, policies: &[Policy]) -> Verdict {
        let locations = locations(1, 2);
        let space = Space::new(policies, &locations, None);
        let world = World { space: &space, policies };
        let statement = STATEMENTS.iter().find(|statement| statement.name == name).unwrap();
        let everybody = Mask::of(policies, |_| true);
        Question::new(&world, statement, Imagine::Nothing).ask(everybody, everybody)
    }

    fn mfa() -> Policy {
        Policy::named("MFA").asking(&[Control::Mfa])
    }

    #[test]
    fn one_policy_for_everything_covers() {
        assert_eq!(verdict("mfa_required", &[mfa()]), Verdict::Covered);
        assert_eq!(verdict("mfa_required", &[]), Verdict::Escapes);
    }

    #[test]
    fn two_policies_cover_together_inside_and_outside_trusted_places() {
        let outside = Policy { exclude_places: vec![Place::AllTrusted], ..mfa() };
        let inside = Policy { places: vec![Place::AllTrusted], ..mfa() };
        assert_eq!(verdict("mfa_required", std::slice::from_ref(&outside)), Verdict::Escapes);
        assert_eq!(verdict("mfa_required", std::slice::from_ref(&inside)), Verdict::Escapes);
        assert_eq!(verdict("mfa_required", &[outside, inside]), Verdict::Covered);
    }

    #[test]
    fn an_office_in_an_excluded_country_stays_open() {
        // Home without the offices, and everywhere but home: the office at home is in neither.
        let home =
            Policy { places: vec![Place::Named(HOME_COUNTRIES)], exclude_places: vec![Place::AllTrusted], ..mfa() };
        let away = Policy { exclude_places: vec![Place::Named(HOME_COUNTRIES)], ..mfa() };
        assert_eq!(verdict("mfa_required", &[home, away]), Verdict::Escapes);
    }

    #[test]
    fn a_list_of_platforms_leaves_the_unknown_one() {
        let known = Policy {
            platforms: vec![
                Platform::Windows,
                Platform::MacOs,
                Platform::Ios,
                Platform::Android,
                Platform::Linux,
                Platform::WindowsPhone,
            ],
            ..mfa()
        };
        let unknown = Policy { platforms: vec![Platform::Unknown], ..mfa() };
        assert_eq!(verdict("mfa_required", std::slice::from_ref(&known)), Verdict::Escapes);
        assert_eq!(verdict("mfa_required", &[known, unknown]), Verdict::Covered);
    }

    #[test]
    fn both_risks_in_one_policy_cover_neither() {
        let both = Policy { sign_in_risk: vec![Risk::Medium, Risk::High], user_risk: vec![Risk::High], ..mfa() };
        assert_eq!(verdict("sign_in_risk_protected", &[both]), Verdict::Escapes);
    }

    #[test]
    fn a_device_filter_leaves_what_it_excludes() {
        let unfiltered = Policy { device: Some((0, false)), ..mfa() };
        let filtered = Policy { device: Some((0, true)), ..mfa() };
        assert_eq!(verdict("mfa_required", std::slice::from_ref(&unfiltered)), Verdict::Escapes);
        assert_eq!(verdict("mfa_required", &[unfiltered, filtered]), Verdict::Covered);
    }

    #[test]
    fn mfa_for_all_clients_stops_legacy_clients_too() {
        assert_eq!(verdict("legacy_auth_blocked", &[mfa()]), Verdict::Covered);
        assert_eq!(
            verdict("legacy_auth_blocked", &[Policy { clients: vec![Client::Browser], ..mfa() }]),
            Verdict::Escapes
        );
    }

    #[test]
    fn apps_by_attribute_are_unknown() {
        let filtered = Policy { target: Target::AppFilter("x"), ..mfa() };
        assert_eq!(verdict("mfa_required", &[filtered]), Verdict::Unknown);
    }

    #[test]
    fn a_report_only_policy_covers_nothing() {
        assert_eq!(verdict("mfa_required", &[Policy { state: State::ReportOnly, ..mfa() }]), Verdict::Escapes);
    }
}
