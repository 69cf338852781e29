//! Concrete sign-ins to try: real addresses, countries, apps and devices, and which policies each of them meets.
//!
//! A dimension is a list of samples. A sample knows two sets of policies: those that it surely meets, and those that it
//! may meet. No sample stands for a set: the addresses are the ends of ranges and their neighbours, so that a mistake in
//! cutting ranges into pieces elsewhere can't be repeated here.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use crate::places::{Location, LocationKind};
use crate::policy::{App, Client, DEVICE_FILTERS, Flow, Place, Platform, Policy, Risk, Target};

/// A set of policies by number; a tenant has at most 240.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct Mask([u64; 4]);

impl Mask {
    pub fn insert(&mut self, policy: usize) {
        if let Some(word) = self.0.get_mut(policy / 64) {
            *word |= 1 << (policy % 64);
        }
    }

    pub fn contains(&self, policy: usize) -> bool {
        self.0.get(policy / 64).is_some_and(|word| word >> (policy % 64) & 1 == 1)
    }

    pub fn and(self, other: Self) -> Self {
        let mut both = self;
        for (word, other) in both.0.iter_mut().zip(other.0) {
            *word &= other;
        }
        both
    }

    pub fn or(self, other: Self) -> Self {
        let mut either = self;
        for (word, other) in either.0.iter_mut().zip(other.0) {
            *word |= other;
        }
        either
    }

    pub fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }

    /// The policies for which the test is true.
    pub fn of(policies: &[Policy], test: impl Fn(&Policy) -> bool) -> Self {
        let mut mask = Self::default();
        for (number, _) in policies.iter().enumerate().filter(|(_, policy)| test(policy)) {
            mask.insert(number);
        }
        mask
    }
}

/// Whether a policy meets a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    No,
    Maybe,
    Yes,
}

/// What a sign-in asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    App(String),
    /// An app that is surely part of Office 365, and that no policy names.
    Office365,
    /// A portal of the suite, that no policy names.
    AdminPortals,
    /// Only openid, profile and the like, which count as the directory itself.
    BaselineScopes,
    /// An app that nobody has heard of.
    Other,
    RegisterSecurityInfo,
}

/// Where a sign-in comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct From {
    pub address: IpAddr,
    /// `None` where the address has no known country.
    pub country: Option<&'static str>,
    /// In a trusted location, or on the list of trusted addresses of the old MFA service.
    pub trusted: bool,
}

/// One value of a dimension.
#[derive(Debug, Clone)]
pub(crate) struct Sample<T> {
    pub value: T,
    pub sure: Mask,
    pub possible: Mask,
}

/// All samples of a tenant's policies.
pub(crate) struct Space {
    pub resources: Vec<Sample<Resource>>,
    pub clients: Vec<Sample<Client>>,
    pub platforms: Vec<Sample<Platform>>,
    pub places: Vec<Sample<From>>,
    pub sign_in_risk: Vec<Sample<Risk>>,
    pub user_risk: Vec<Sample<Risk>>,
    pub insider_elevated: Vec<Sample<bool>>,
    pub devices: Vec<Vec<Sample<bool>>>,
    pub flows: Vec<Sample<Flow>>,
}

impl Space {
    pub fn new(policies: &[Policy], locations: &[Location], forgiven: Option<&str>) -> Self {
        let samples = Sampler { policies };
        const RISKS: [Risk; 4] = [Risk::None, Risk::Low, Risk::Medium, Risk::High];
        const PLATFORMS: [Platform; 7] = [
            Platform::Android,
            Platform::Ios,
            Platform::Windows,
            Platform::WindowsPhone,
            Platform::MacOs,
            Platform::Linux,
            Platform::Unknown,
        ];
        const CLIENTS: [Client; 4] = [Client::Browser, Client::Modern, Client::ActiveSync, Client::Other];
        let mut places = samples.all(origins(locations), |policy, origin| yes(place_meets(policy, locations, origin)));
        // Origins that meet the same policies are tried once.
        places.sort_by_key(|origin| (origin.sure, origin.value.trusted));
        places.dedup_by_key(|origin| (origin.sure, origin.value.trusted));
        Self {
            resources: samples
                .all(resources(policies), |policy, resource| resource_meets(&policy.target, resource, forgiven)),
            clients: samples.listed(CLIENTS, |policy| &policy.clients),
            platforms: samples.all(PLATFORMS, |policy, platform| {
                let included = policy.platforms.is_empty() || policy.platforms.contains(platform);
                yes(included && !policy.exclude_platforms.contains(platform))
            }),
            places,
            sign_in_risk: samples.listed(RISKS, |policy| &policy.sign_in_risk),
            user_risk: samples.listed(RISKS, |policy| &policy.user_risk),
            insider_elevated: samples.all([false, true], |policy, elevated| yes(!policy.insider_elevated || *elevated)),
            devices: (0..DEVICE_FILTERS.len())
                .map(|filter| {
                    samples.all([false, true], |policy, matches| {
                        yes(policy.device.is_none_or(|(named, include)| named != filter || include == *matches))
                    })
                })
                .collect(),
            flows: samples.listed([Flow::None, Flow::DeviceCode, Flow::Transfer], |policy| &policy.flows),
        }
    }
}

fn yes(answer: bool) -> Answer {
    if answer { Answer::Yes } else { Answer::No }
}

struct Sampler<'a> {
    policies: &'a [Policy],
}

impl Sampler<'_> {
    fn all<T>(&self, values: impl IntoIterator<Item = T>, meets: impl Fn(&Policy, &T) -> Answer) -> Vec<Sample<T>> {
        values
            .into_iter()
            .map(|value| {
                let sure = Mask::of(self.policies, |policy| meets(policy, &value) == Answer::Yes);
                let possible = Mask::of(self.policies, |policy| meets(policy, &value) != Answer::No);
                Sample { value, sure, possible }
            })
            .collect()
    }

    /// A dimension whose condition is a list, and where an empty list is no condition.
    fn listed<T: Copy + PartialEq, const N: usize>(
        &self,
        values: [T; N],
        list: impl Fn(&Policy) -> &Vec<T>,
    ) -> Vec<Sample<T>> {
        self.all(values, |policy, value| yes(list(policy).is_empty() || list(policy).contains(value)))
    }
}

fn resources(policies: &[Policy]) -> BTreeSet<Resource> {
    let mut found = BTreeSet::from([
        Resource::Office365,
        Resource::AdminPortals,
        Resource::BaselineScopes,
        Resource::Other,
        Resource::RegisterSecurityInfo,
        Resource::App(crate::policy::AZURE_MANAGEMENT.to_owned()),
    ]);
    for policy in policies {
        if let Target::Apps { include, exclude } = &policy.target {
            for app in include.iter().chain(exclude) {
                if let App::Id(id) = app {
                    found.insert(Resource::App(id.clone()));
                }
            }
        }
    }
    found
}

/// `forgiven` is the app that policies may exclude by declaration.
fn resource_meets(target: &Target, resource: &Resource, forgiven: Option<&str>) -> Answer {
    match (target, resource) {
        (Target::RegisterSecurityInfo, _) => yes(*resource == Resource::RegisterSecurityInfo),
        (Target::AuthenticationContext(_), _) | (_, Resource::RegisterSecurityInfo) => Answer::No,
        // The attribute of an app is not in Graph.
        (Target::AppFilter(_), _) => Answer::Maybe,
        (Target::Apps { include, exclude }, _) => {
            let included = include.iter().map(|app| app_holds(app, resource)).max().unwrap_or(Answer::No);
            // Exclusions don't reach the baseline scopes, and a declared one is forgiven.
            let excluded = match resource {
                Resource::BaselineScopes => Answer::No,
                Resource::App(id) if forgiven == Some(id) => Answer::No,
                _ => exclude.iter().map(|app| app_holds(app, resource)).max().unwrap_or(Answer::No),
            };
            match (included, excluded) {
                (Answer::No, _) | (_, Answer::Yes) => Answer::No,
                (Answer::Yes, Answer::No) => Answer::Yes,
                _ => Answer::Maybe,
            }
        }
    }
}

fn app_holds(app: &App, resource: &Resource) -> Answer {
    match (app, resource) {
        (App::All, _) | (App::Office365, Resource::Office365) | (App::AdminPortals, Resource::AdminPortals) => {
            Answer::Yes
        }
        // Nobody publishes all members of the suites.
        (App::Office365 | App::AdminPortals, Resource::App(_)) => Answer::Maybe,
        (App::Id(named), Resource::App(id)) => yes(named == id),
        _ => Answer::No,
    }
}

/// The addresses worth trying with every country worth trying.
fn origins(locations: &[Location]) -> Vec<From> {
    const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(233, 252, 0, 9));
    let mut addresses = BTreeSet::from([NOWHERE]);
    let mut countries = BTreeSet::from([Some("ZZ"), None]);
    for location in locations {
        match &location.kind {
            LocationKind::Ranges { ranges, .. } => addresses.extend(ranges.iter().flat_map(|range| range.samples())),
            LocationKind::Countries { countries: named, .. } => {
                countries.extend(named.iter().map(|country| Some(*country)))
            }
        }
    }
    let mut origins = Vec::new();
    for country in countries {
        origins.push(From { address: NOWHERE, country, trusted: true });
        origins.extend(addresses.iter().map(|address| {
            let trusted = locations.iter().any(|location| is_trusted(location, *address));
            From { address: *address, country, trusted }
        }));
    }
    origins
}

/// The location is trusted and holds the address.
fn is_trusted(location: &Location, address: IpAddr) -> bool {
    match &location.kind {
        LocationKind::Ranges { trusted, ranges } => *trusted && ranges.iter().any(|range| range.contains(address)),
        LocationKind::Countries { .. } => false,
    }
}

fn place_meets(policy: &Policy, locations: &[Location], origin: &From) -> bool {
    let holds = |place: &Place| match place {
        Place::All => true,
        Place::AllTrusted => origin.trusted,
        Place::Named(number) => locations.get(*number).is_some_and(|location| match &location.kind {
            LocationKind::Ranges { ranges, .. } => ranges.iter().any(|range| range.contains(origin.address)),
            LocationKind::Countries { countries, unknown } => {
                origin.country.map_or(*unknown, |country| countries.contains(&country))
            }
        }),
    };
    (policy.places.is_empty() || policy.places.iter().any(holds)) && !policy.exclude_places.iter().any(holds)
}
