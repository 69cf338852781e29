//! Concrete sign-ins: from the edges of everything that policies name, and out of the boxes that are said to escape.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{AGENT, SignIn, Target};
use crate::access::Prepared;
use crate::location::{Kind, Locations};
use crate::prover::OpenBox;
use crate::question::Question;
use crate::resource::{AppWord, ResourceKind, Suite};
use crate::space::{
    CLIENT, COMPLIANT_NETWORK, COUNTRY, Client, Countries, DEVICE, FLOW, GPS, INSIDER_RISK, IP, MFA_TRUSTED, PLATFORM,
    RESOURCE, SIGN_IN_RISK, USER_RISK,
};
use crate::{ClientApp, Flow, InsiderRisk, Platform, Protection, Risk};

/// Picks a number below a bound.
pub type Picker<'p> = dyn FnMut(usize) -> usize + 'p;

/// An app that belongs to a suite, and that no policy names.
const UNNAMED_MEMBER: &str = "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee";
/// An app that belongs to no suite, and that no policy names.
const UNNAMED_APP: &str = "dddddddd-dddd-dddd-dddd-dddddddddddd";
/// A country that no location names.
const UNNAMED_COUNTRY: &str = "ZZ";

fn one<T: Clone>(pick: &mut Picker<'_>, from: &[T]) -> T {
    from[pick(from.len())].clone()
}

/// Addresses at and beside the ends of every range.
fn addresses(locations: &Locations) -> Vec<IpAddr> {
    let mut found: BTreeSet<IpAddr> =
        ["0.0.0.0", "255.255.255.255", "::", "ffff::", "198.51.100.7", "2001:db8:ffff::7"]
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect();
    for location in &locations.list {
        let Kind::Ip { ranges, .. } = &location.kind else { continue };
        for end in ranges.iter().flat_map(crate::location::Range::ends) {
            found.insert(end);
            found.extend(beside(end));
        }
    }
    found.into_iter().collect()
}

fn beside(address: IpAddr) -> Vec<IpAddr> {
    match address {
        IpAddr::V4(v4) => {
            let bits = v4.to_bits();
            [bits.checked_sub(1), bits.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|bits| IpAddr::V4(bits.into()))
                .collect()
        }
        IpAddr::V6(v6) => {
            let bits = v6.to_bits();
            [bits.checked_sub(1), bits.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|bits| IpAddr::V6(bits.into()))
                .collect()
        }
    }
}

fn countries(locations: &Locations) -> Vec<Option<String>> {
    let mut found: BTreeSet<Option<String>> = BTreeSet::from([None, Some(UNNAMED_COUNTRY.to_owned())]);
    for location in &locations.list {
        if let Kind::Country { codes, .. } = &location.kind {
            found.extend(codes.iter().cloned().map(Some));
        }
    }
    found.into_iter().collect()
}

fn app(id: &str, outside_suites: &BTreeSet<String>, pick: &mut Picker<'_>) -> Target {
    let outside = outside_suites.contains(id);
    let mut held = |suite: Suite| !outside && suite.holds(id).unwrap_or_else(|| pick(2) == 1);
    Target::App { id: id.to_owned(), office: held(Suite::Office365), admin_portals: held(Suite::AdminPortals) }
}

impl Prepared<'_> {
    /// Sign-ins of the region, out of everything that the policies tell apart.
    pub fn samples(&self, protection: &Protection, count: usize, pick: &mut Picker<'_>) -> Vec<SignIn> {
        let (addresses, countries) = (addresses(self.locations()), countries(self.locations()));
        (0..count).map(|_| self.sample(protection, &addresses, &countries, pick)).collect()
    }

    fn sample(
        &self,
        protection: &Protection,
        addresses: &[IpAddr],
        countries: &[Option<String>],
        pick: &mut Picker<'_>,
    ) -> SignIn {
        let region = &protection.sign_ins;
        let mut filters = BTreeSet::new();
        for (_, policy) in self.counted() {
            let rules = policy.devices.iter().chain(&policy.any_device).map(|device| device.rule.clone());
            filters.extend(rules.filter(|_| pick(2) == 1));
        }
        let platforms: Vec<Platform> = region
            .platform
            .clone()
            .unwrap_or_else(|| Platform::ALL.to_vec())
            .into_iter()
            .filter(|platform| *platform != Platform::Unknown || !self.settings().unknown_platform_hole_ok)
            .collect();
        SignIn {
            target: self.target(protection, pick),
            address: one(pick, addresses),
            mfa_trusted_address: pick(4) == 0,
            compliant_network: pick(4) == 0,
            compliant_network_trusted: {
                let either = pick(2) == 0;
                self.locations().compliant_network_trusted().unwrap_or(either)
            },
            country: one(pick, countries),
            gps_country: one(pick, countries),
            client_app: one(pick, region.client_app.as_deref().unwrap_or(ClientApp::ALL)),
            eas_supported: pick(2) == 0,
            platform: one(pick, &platforms),
            sign_in_risk: one(pick, region.sign_in_risk.as_deref().unwrap_or(Risk::ALL)),
            user_risk: one(pick, region.user_risk.as_deref().unwrap_or(Risk::ALL)),
            insider_risk: one(pick, region.insider_risk.as_deref().unwrap_or(InsiderRisk::ALL)),
            flow: one(pick, region.flow.as_deref().unwrap_or(Flow::ALL)),
            matching_filters: filters,
        }
    }

    fn target(&self, protection: &Protection, pick: &mut Picker<'_>) -> Target {
        let member = |office: bool| Target::App { id: UNNAMED_MEMBER.to_owned(), office, admin_portals: !office };
        let outside = Target::App { id: UNNAMED_APP.to_owned(), office: false, admin_portals: false };
        if let Some(actions) = &protection.sign_ins.user_action {
            return Target::UserAction(one(pick, actions));
        }
        if let Some(words) = &protection.sign_ins.resource {
            return match AppWord::of(&one(pick, words)) {
                AppWord::Suite(suite) => member(suite == Suite::Office365),
                AppWord::Id(id) => app(id, self.outside_suites(), pick),
                _ => outside,
            };
        }
        let mut ids = BTreeSet::from([crate::resource::BASELINE.to_owned()]);
        for (_, policy) in self.counted() {
            let named = policy.apps.include.iter().chain(&policy.apps.exclude);
            ids.extend(named.filter(|word| matches!(AppWord::of(word), AppWord::Id(_))).cloned());
        }
        let ids: Vec<String> = ids.into_iter().collect();
        match pick(ids.len() + 4) {
            0 => outside,
            1 => member(true),
            2 => member(false),
            3 => Target::App { id: AGENT.to_owned(), office: false, admin_portals: false },
            at => app(&ids[at - 4], self.outside_suites(), pick),
        }
    }

    /// Concrete sign-ins out of every box that the witnesses of one user tell of.
    pub fn escapes(
        &self,
        protection: &Protection,
        row: u32,
        decided_alone: usize,
        pick: &mut Picker<'_>,
    ) -> Vec<SignIn> {
        let mut found = Vec::new();
        for (question, open) in self.open_boxes(protection, row, decided_alone) {
            for open in &open {
                found.extend((0..6).filter_map(|_| self.out_of(&question, open, pick)));
            }
        }
        found
    }

    fn out_of(&self, question: &Question<'_>, open: &OpenBox, pick: &mut Picker<'_>) -> Option<SignIn> {
        let space = &question.space;
        let atom = |dimension: usize, pick: &mut Picker<'_>| {
            let atoms = space.layout.atoms(&open.cube, dimension);
            assert!(!atoms.is_empty(), "a box is empty in no dimension");
            atoms[pick(atoms.len())]
        };
        let cell = &space.cells[atom(IP, pick)];
        let at_hand: BTreeSet<usize> = space.cells.iter().flatten().copied().collect();
        let inside = |address: &IpAddr| {
            at_hand.iter().all(|location| {
                let Kind::Ip { ranges, .. } = &space.locations.list[*location].kind else { return true };
                ranges.iter().any(|range| range.contains(*address)) == cell.contains(location)
            })
        };
        let addresses: Vec<IpAddr> = addresses(space.locations).into_iter().filter(inside).collect();
        assert!(!addresses.is_empty(), "a cell holds an address beside an end of some range");
        let country = |countries: &Countries, pick: &mut Picker<'_>| {
            let mut from: Vec<Option<String>> = countries.codes.iter().cloned().map(Some).collect();
            from.extend(countries.unknown.then_some(None));
            from.extend(countries.other.then(|| Some(UNNAMED_COUNTRY.to_owned())));
            one(pick, &from)
        };
        let resource = &space.resources[atom(RESOURCE, pick)];
        let (compliant, client) = (atom(COMPLIANT_NETWORK, pick), Client::ALL[atom(CLIENT, pick)]);
        let held = |suite: Suite| resource.suites.contains(&suite);
        let target_app = |id: &str| Target::App {
            id: id.to_owned(),
            office: held(Suite::Office365),
            admin_portals: held(Suite::AdminPortals),
        };
        let mut matching_filters = BTreeSet::new();
        for (at, rule) in space.devices.iter().enumerate() {
            if atom(DEVICE + at, pick) == 1 {
                matching_filters.insert(rule.clone());
            }
        }
        Some(SignIn {
            target: match &resource.kind {
                ResourceKind::App(id) => target_app(id),
                ResourceKind::Suite(_) => target_app(UNNAMED_MEMBER),
                ResourceKind::Agents => target_app(AGENT),
                ResourceKind::OtherApp => target_app(UNNAMED_APP),
                ResourceKind::UserAction(action) => Target::UserAction(action.clone()),
                ResourceKind::Context(_) => return None,
            },
            address: one(pick, &addresses),
            mfa_trusted_address: atom(MFA_TRUSTED, pick) == 1,
            compliant_network: compliant > 0,
            compliant_network_trusted: match compliant {
                1 => false,
                2 => true,
                _ => self.locations().compliant_network_trusted().unwrap_or(false),
            },
            country: country(&space.countries[atom(COUNTRY, pick)], pick),
            gps_country: country(&space.gps_countries[atom(GPS, pick)], pick),
            client_app: client.app(),
            eas_supported: client != Client::EasUnsupported,
            platform: Platform::ALL[atom(PLATFORM, pick)],
            sign_in_risk: Risk::ALL[atom(SIGN_IN_RISK, pick)],
            user_risk: Risk::ALL[atom(USER_RISK, pick)],
            insider_risk: InsiderRisk::ALL[atom(INSIDER_RISK, pick)],
            flow: Flow::ALL[atom(FLOW, pick)],
            matching_filters,
        })
    }
}
