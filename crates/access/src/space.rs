//! The space of sign-ins, cut into exactly the atoms that the policies at hand tell apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::layout::{Cube, Layout};
use crate::location::{Kind, Locations, MFA_TRUSTED_IPS};
use crate::policy::{Apps, Policy};
use crate::resource::{AppWord, Resource, atoms};
use crate::{ClientApp, Flow, InsiderRisk, Platform, Protection, Risk, Settings};

/// What a sign-in goes to.
pub(crate) const RESOURCE: usize = 0;
/// The address, by the named locations it lies in.
pub(crate) const IP: usize = 1;
/// The country of the address.
pub(crate) const COUNTRY: usize = 2;
/// The country that the Authenticator app found by GPS.
pub(crate) const GPS: usize = 3;
/// Whether the address is among the trusted ones of the old multifactor service, which Graph doesn't show. Where named
/// locations were not read: whether it is trusted at all. Atom 1 is yes.
pub(crate) const MFA_TRUSTED: usize = 4;
/// Whether the sign-in comes through Global Secure Access: 0 is no, 1 is yes where the trusted locations don't hold the
/// compliant network, 2 is yes where they do. When that is not known, the tenant is one of two, and both stay.
pub(crate) const COMPLIANT_NETWORK: usize = 5;
/// The kind of client, as in [`Client::ALL`].
pub(crate) const CLIENT: usize = 6;
/// The platform.
pub(crate) const PLATFORM: usize = 7;
/// Sign-in risk.
pub(crate) const SIGN_IN_RISK: usize = 8;
/// User risk.
pub(crate) const USER_RISK: usize = 9;
/// Insider risk.
pub(crate) const INSIDER_RISK: usize = 10;
/// The flow.
pub(crate) const FLOW: usize = 11;
/// The first of the device filters, each a dimension: atom 1 is a device that matches.
pub(crate) const DEVICE: usize = 12;

/// Kinds of clients, as old policies tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Browser,
    MobileAppsAndDesktopClients,
    /// Exchange ActiveSync on the platforms that `easSupported` meant.
    EasSupported,
    /// The other half of Exchange ActiveSync.
    EasUnsupported,
    Other,
}

impl Client {
    pub(crate) const ALL: [Client; 5] = [
        Client::Browser,
        Client::MobileAppsAndDesktopClients,
        Client::EasSupported,
        Client::EasUnsupported,
        Client::Other,
    ];

    /// Graph's kind of today.
    pub(crate) fn app(self) -> ClientApp {
        match self {
            Client::Browser => ClientApp::Browser,
            Client::MobileAppsAndDesktopClients => ClientApp::MobileAppsAndDesktopClients,
            Client::EasSupported | Client::EasUnsupported => ClientApp::ExchangeActiveSync,
            Client::Other => ClientApp::Other,
        }
    }

    /// Whether a word of `clientAppTypes` means it; `None`: nobody knows the word.
    pub(crate) fn is_meant_by(self, word: &str) -> Option<bool> {
        match word.to_ascii_lowercase().as_str() {
            "all" => Some(true),
            "modern" => Some(self == Client::MobileAppsAndDesktopClients),
            "eassupported" => Some(self == Client::EasSupported),
            "easunsupported" => Some(self == Client::EasUnsupported),
            _ => ClientApp::from_word(word).map(|app| self.app() == app),
        }
    }
}

/// Countries that no policy tells apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Countries {
    pub(crate) codes: Vec<String>,
    pub(crate) unknown: bool,
    /// Every country that no location names.
    pub(crate) other: bool,
    /// Locations that hold them.
    within: BTreeSet<usize>,
}

/// The atoms, and where they lie in a box.
#[derive(Debug)]
pub(crate) struct Space<'a> {
    pub(crate) layout: Layout,
    pub(crate) locations: &'a Locations,
    pub(crate) resources: Vec<Resource>,
    /// Addresses, by the locations (of those at hand) they lie in.
    pub(crate) cells: Vec<BTreeSet<usize>>,
    pub(crate) countries: Vec<Countries>,
    pub(crate) gps_countries: Vec<Countries>,
    pub(crate) devices: Vec<String>,
}

impl<'a> Space<'a> {
    /// The space that these policies cut, and a protection asks about.
    pub(crate) fn new(
        policies: &[&Policy],
        locations: &'a Locations,
        protection: &Protection,
        with_trusted: bool,
        outside_suites: &BTreeSet<String>,
    ) -> Space<'a> {
        let at_hand = locations_at_hand(policies, locations, with_trusted);
        let cells: BTreeSet<BTreeSet<usize>> =
            locations.cells.iter().map(|within| within.intersection(&at_hand).copied().collect()).collect();
        let region = &protection.sign_ins;
        let resources = atoms(
            policies.iter().map(|policy| -> &Apps { &policy.apps }),
            region.resource.as_deref().unwrap_or_default(),
            region.user_action.as_deref().unwrap_or_default(),
            outside_suites,
        );
        let devices: BTreeSet<String> = policies
            .iter()
            .flat_map(|policy| policy.devices.iter().chain(&policy.any_device))
            .map(|device| device.rule.clone())
            .collect();
        let cells: Vec<_> = cells.into_iter().collect();
        let countries = countries(locations, &at_hand, false);
        let gps_countries = countries_gps(locations, &at_hand);
        let mut sizes = vec![
            resources.len(),
            cells.len(),
            countries.len(),
            gps_countries.len(),
            2,
            3,
            Client::ALL.len(),
            Platform::ALL.len(),
            Risk::ALL.len(),
            Risk::ALL.len(),
            InsiderRisk::ALL.len(),
            Flow::ALL.len(),
        ];
        sizes.extend(devices.iter().map(|_| 2));
        Space {
            layout: Layout::new(&sizes),
            locations,
            resources,
            cells,
            countries,
            gps_countries,
            devices: devices.into_iter().collect(),
        }
    }

    /// The box of the sign-ins that a protection is about.
    pub(crate) fn region(&self, protection: &Protection, settings: &Settings) -> Cube {
        let mut region = self.layout.full();
        let trusted = self.locations.compliant_network_trusted();
        self.layout.fill(&mut region, COMPLIANT_NETWORK, |atom| match atom {
            1 => trusted != Some(true),
            2 => trusted != Some(false),
            _ => true,
        });
        let asked = &protection.sign_ins;
        self.layout.fill(&mut region, RESOURCE, |atom| {
            let resource = &self.resources[atom];
            match (&asked.user_action, &asked.resource) {
                (None, None) => resource.is_app(),
                (actions, apps) => {
                    actions.iter().flatten().any(|action| resource.is_action(action))
                        || apps.iter().flatten().any(|app| resource.matches(&AppWord::of(&crate::json::normal_id(app))))
                }
            }
        });
        if let Some(wanted) = &asked.client_app {
            self.layout.fill(&mut region, CLIENT, |atom| wanted.contains(&Client::ALL[atom].app()));
        }
        self.keep(&mut region, PLATFORM, Platform::ALL, asked.platform.as_deref());
        self.keep(&mut region, SIGN_IN_RISK, Risk::ALL, asked.sign_in_risk.as_deref());
        self.keep(&mut region, USER_RISK, Risk::ALL, asked.user_risk.as_deref());
        self.keep(&mut region, INSIDER_RISK, InsiderRisk::ALL, asked.insider_risk.as_deref());
        self.keep(&mut region, FLOW, Flow::ALL, asked.flow.as_deref());
        if settings.unknown_platform_hole_ok {
            let before = self.layout.atoms(&region, PLATFORM);
            self.layout
                .fill(&mut region, PLATFORM, |atom| Platform::ALL[atom] != Platform::Unknown && before.contains(&atom));
        }
        region
    }

    fn keep<T: PartialEq>(&self, region: &mut [u64], dimension: usize, all: &[T], wanted: Option<&[T]>) {
        if let Some(wanted) = wanted {
            self.layout.fill(region, dimension, |atom| wanted.contains(&all[atom]));
        }
    }

    /// The boxes of all trusted locations: those that are trusted for sure, or (`may_be`) those that may be. With
    /// `compliant_network` that place is among them whether trusted or not.
    pub(crate) fn trusted(&self, region: &[u64], may_be: bool, compliant_network: bool) -> Vec<Cube> {
        let trusted = |index: usize| match self.locations.list[index].trusted {
            None => may_be,
            Some(trusted) => trusted,
        };
        let open = |kind: &Kind| matches!(kind, Kind::Unknown | Kind::Ip { complete: false, .. });
        let any_open =
            (0..self.locations.list.len()).any(|index| trusted(index) && open(&self.locations.list[index].kind));
        if may_be && any_open {
            return vec![region.to_vec()];
        }
        let mut boxes = vec![region.to_vec(), region.to_vec(), region.to_vec()];
        self.layout.fill(&mut boxes[0], MFA_TRUSTED, |atom| atom == 1);
        self.layout.fill(&mut boxes[1], IP, |atom| self.cells[atom].iter().any(|location| trusted(*location)));
        let through = self.layout.atoms(region, COMPLIANT_NETWORK);
        let may_be_network = may_be && self.locations.compliant_network_trusted().is_none();
        self.layout.fill(&mut boxes[2], COMPLIANT_NETWORK, |atom| {
            through.contains(&atom) && (atom == 2 || atom == 1 && (may_be_network || compliant_network))
        });
        boxes.retain(|cube| self.layout.meet(cube, cube));
        boxes
    }

    /// Whether a location holds the countries of an atom.
    pub(crate) fn country_within(countries: &Countries, location: usize) -> bool {
        countries.within.contains(&location)
    }
}

impl Resource {
    fn is_action(&self, action: &str) -> bool {
        matches!(&self.kind, crate::resource::ResourceKind::UserAction(own) if own.eq_ignore_ascii_case(action))
    }
}

/// Whether a word of a location list means the trusted locations.
pub(crate) fn is_all_trusted(word: &str) -> bool {
    word.eq_ignore_ascii_case("AllTrusted")
}

/// Whether a word of a location list is none of the tenant's named locations.
pub(crate) fn is_location_keyword(word: &str) -> bool {
    is_all_trusted(word)
        || word.eq_ignore_ascii_case("All")
        || word == MFA_TRUSTED_IPS
        || word == crate::location::COMPLIANT_NETWORK
}

fn locations_at_hand(policies: &[&Policy], locations: &Locations, with_trusted: bool) -> BTreeSet<usize> {
    let words = || policies.iter().flat_map(|policy| policy.locations.include.iter().chain(&policy.locations.exclude));
    let mut found: BTreeSet<usize> =
        words().filter(|word| *word != MFA_TRUSTED_IPS).filter_map(|word| locations.find(word).index()).collect();
    if with_trusted || words().any(|word| is_all_trusted(word)) {
        // One that may be trusted matters too.
        found.extend((0..locations.list.len()).filter(|index| locations.list[*index].trusted != Some(false)));
    }
    found
}

fn countries_gps(locations: &Locations, at_hand: &BTreeSet<usize>) -> Vec<Countries> {
    countries(locations, at_hand, true)
}

fn countries(locations: &Locations, at_hand: &BTreeSet<usize>, by_gps: bool) -> Vec<Countries> {
    let mut codes: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut unknown_within = BTreeSet::new();
    for index in at_hand {
        let Kind::Country { codes: own, unknown, gps } = &locations.list[*index].kind else { continue };
        if *gps != by_gps {
            continue;
        }
        for code in own {
            codes.entry(code).or_default().insert(*index);
        }
        if *unknown {
            unknown_within.insert(*index);
        }
    }
    let mut atoms: BTreeMap<BTreeSet<usize>, Countries> = BTreeMap::new();
    let mut at = |within: BTreeSet<usize>, change: &dyn Fn(&mut Countries)| {
        let atom = atoms.entry(within.clone()).or_insert_with(|| Countries { within, ..Countries::default() });
        change(atom);
    };
    at(BTreeSet::new(), &|atom| atom.other = true);
    at(unknown_within, &|atom| atom.unknown = true);
    for (code, within) in codes {
        at(within, &|atom| atom.codes.push(code.to_owned()));
    }
    atoms.into_values().collect()
}
