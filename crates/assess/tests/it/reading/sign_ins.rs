//! Which sign-ins there are to tell apart, and which of them a policy is about.

use std::net::IpAddr;

use serde_json::Value;

use super::claim::{Claim, all, any, known, not, open};
use super::people::{Words, is_guid, members_besides, unique, words};
use super::policies::{ADMIN_PORTALS, AZURE, BASELINE, EXCHANGE, OFFICE, is_empty};
use super::tenants::{COMPLIANT_NETWORK, MFA_TRUSTED_ADDRESSES, OWN_APP, Tenant};

/// One thing that a sign-in has one value of.
#[derive(Debug, Clone, PartialEq)]
pub enum Coordinate {
    App {
        id: Option<String>,
        office: Claim,
        portals: Claim,
        agents: bool,
    },
    Action(String),
    /// A client, a platform, a risk or a flow, by Graph's word (or ours).
    Word(&'static str),
    Place(Place),
    Device {
        matching: Vec<bool>,
        compliant: bool,
        joined: bool,
    },
}

/// From where somebody signs in.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    address: IpAddr,
    country: Option<&'static str>,
    gps_country: Option<&'static str>,
    mfa_trusted: bool,
    compliant_network: bool,
    /// Whether it is in a trusted location, where the locations weren't read.
    trusted_unread: bool,
}

/// The dimensions, in the order of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    Target,
    Client,
    Platform,
    Place,
    SignInRisk,
    UserRisk,
    InsiderRisk,
    Device,
    Flow,
}

pub const DIMENSIONS: [Dimension; 9] = [
    Dimension::Target,
    Dimension::Client,
    Dimension::Platform,
    Dimension::Place,
    Dimension::SignInRisk,
    Dimension::UserRisk,
    Dimension::InsiderRisk,
    Dimension::Device,
    Dimension::Flow,
];

const RISKS: [&str; 4] = ["none", "low", "medium", "high"];
const INSIDER_RISKS: [&str; 4] = ["none", "minor", "moderate", "elevated"];
const FLOWS: [&str; 3] = ["none", "deviceCodeFlow", "authenticationTransfer"];
const PLATFORMS: [&str; 7] = ["android", "iOS", "windows", "windowsPhone", "macOS", "linux", "unrecognised"];
/// Exchange ActiveSync in its two halves.
const CLIENTS: [&str; 5] = ["browser", "mobileAppsAndDesktopClients", "easSupported", "easUnsupported", "other"];

/// How policies are read about apps.
#[derive(Debug, Clone, Copy)]
pub struct Apps<'s> {
    /// Every excluded app is forgiven.
    pub any_exclusion: bool,
    /// These are.
    pub listed: Option<&'s str>,
}

/// A tenant's policies about sign-ins.
pub struct SignIns<'t> {
    pub tenant: &'t Tenant,
    pub empty_left_out: bool,
    pub apps: Apps<'t>,
}

impl SignIns<'_> {
    /// Every value of a dimension that some policy may tell from others.
    pub fn values(&self, dimension: Dimension) -> Vec<Coordinate> {
        let words = |words: &[&'static str]| words.iter().map(|word| Coordinate::Word(word)).collect();
        match dimension {
            Dimension::Target => self.targets(),
            Dimension::Client => words(&CLIENTS),
            Dimension::Platform => words(&PLATFORMS),
            Dimension::Place => self.places(),
            Dimension::SignInRisk | Dimension::UserRisk => words(&RISKS),
            Dimension::InsiderRisk => words(&INSIDER_RISKS),
            Dimension::Device => self.devices(),
            Dimension::Flow => words(&FLOWS),
        }
    }

    fn conditions(&self) -> impl Iterator<Item = &Value> {
        self.tenant.policies.iter().filter_map(|policy| policy.get("conditions"))
    }

    fn targets(&self) -> Vec<Coordinate> {
        let mut ids = vec![AZURE, BASELINE];
        let mut named = Vec::new();
        for applications in self.conditions().map(|conditions| &conditions["applications"]) {
            for list in ["includeApplications", "excludeApplications"] {
                named.extend(applications[list].as_array().into_iter().flatten().filter_map(Value::as_str));
            }
        }
        ids.extend(named.iter().copied().filter(|word| is_guid(word)));
        ids.sort_unstable();
        ids.dedup();
        let app = |id: Option<&str>, office: Claim, portals: Claim, agents: bool| Coordinate::App {
            id: id.map(str::to_owned),
            office,
            portals,
            agents,
        };
        let mut targets: Vec<Coordinate> = ids
            .into_iter()
            .map(|id| {
                // Our own apps and these two are in no suite, Exchange is in one; of others nobody can be sure.
                let in_suite = |suite: &str| match id {
                    OWN_APP | BASELINE | AZURE => Claim::No,
                    EXCHANGE => known(suite == OFFICE),
                    _ => open(format!("{id} in {suite}")),
                };
                app(Some(id), in_suite(OFFICE), in_suite(ADMIN_PORTALS), false)
            })
            .collect();
        targets.push(app(None, Claim::No, Claim::No, false));
        for (word, office, portals, agents) in [
            (OFFICE, true, false, false),
            (ADMIN_PORTALS, false, true, false),
            ("AllAgentIdResources", false, false, true),
        ] {
            if named.contains(&word) {
                targets.push(app(None, known(office), known(portals), agents));
            }
        }
        targets.push(Coordinate::Action("urn:user:registersecurityinfo".to_owned()));
        targets
    }

    fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> =
            self.conditions().filter_map(|conditions| conditions["devices"]["deviceFilter"]["rule"].as_str()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    fn devices(&self) -> Vec<Coordinate> {
        let rules = self.rules().len();
        let mut devices = Vec::new();
        for bits in 0..1_usize << (rules + 2) {
            let bit = |at: usize| bits >> at & 1 == 1;
            devices.push(Coordinate::Device {
                matching: (0..rules).map(bit).collect(),
                compliant: bit(rules),
                joined: bit(rules + 1),
            });
        }
        devices
    }

    fn places(&self) -> Vec<Coordinate> {
        let locations = self.tenant.locations.as_deref().unwrap_or_default();
        let ranges = locations.iter().flat_map(|location| location["ipRanges"].as_array().into_iter().flatten());
        let mut addresses: Vec<IpAddr> = vec!["203.0.113.9".parse().unwrap(), "2a00::9".parse().unwrap()];
        for range in ranges.filter_map(|range| Range::read(&range["cidrAddress"])) {
            addresses.extend([Some(range.first()), range.after()].into_iter().flatten());
        }
        addresses.sort_unstable();
        addresses.dedup();
        let mut countries = vec![None, Some("ZZ")];
        for code in ["DE", "FR", "US"] {
            if locations.iter().any(|location| {
                location["countriesAndRegions"].as_array().is_some_and(|codes| codes.contains(&code.into()))
            }) {
                countries.push(Some(code));
            }
        }
        let (both, no) = ([false, true], [false]);
        let unread: &[bool] = if self.tenant.locations.is_none() { &both } else { &no };
        let mut places = Vec::new();
        for address in addresses {
            for country in &countries {
                for gps_country in &countries {
                    for mfa_trusted in both {
                        for compliant_network in both {
                            for trusted_unread in unread {
                                places.push(Coordinate::Place(Place {
                                    address,
                                    country: *country,
                                    gps_country: *gps_country,
                                    mfa_trusted,
                                    compliant_network,
                                    trusted_unread: *trusted_unread,
                                }));
                            }
                        }
                    }
                }
            }
        }
        places
    }

    /// Whether the policy is about sign-ins of that value, as far as this dimension goes.
    pub fn is_about(&self, policy: &Value, dimension: Dimension, value: &Coordinate) -> Claim {
        let id = policy["id"].as_str().unwrap();
        // A policy whose conditions aren't there is dealt with as a whole.
        let Some(conditions) = policy.get("conditions") else { return Claim::Yes };
        match (dimension, value) {
            (Dimension::Target, target) => self.is_about_target(conditions, id, target),
            (Dimension::Client, Coordinate::Word(client)) => is_about_client(conditions, id, client),
            (Dimension::Platform, Coordinate::Word(platform)) => {
                let one = |word: &str| match word {
                    "all" => Claim::Yes,
                    known_word if PLATFORMS[..6].contains(&known_word) => known(known_word == *platform),
                    new => open(format!("platform {new}")),
                };
                self.two_sided(&conditions["platforms"], "Platforms", id, &one)
            }
            (Dimension::Place, Coordinate::Place(place)) => {
                self.two_sided(&conditions["locations"], "Locations", id, &|word| self.is_in(word, place))
            }
            (Dimension::SignInRisk, Coordinate::Word(level)) => {
                among(&conditions["signInRiskLevels"], level, &RISKS, id)
            }
            (Dimension::UserRisk, Coordinate::Word(level)) => among(&conditions["userRiskLevels"], level, &RISKS, id),
            (Dimension::InsiderRisk, Coordinate::Word(level)) => {
                among(&split(&conditions["insiderRiskLevels"]), level, &INSIDER_RISKS, id)
            }
            (Dimension::Flow, Coordinate::Word(flow)) => {
                let methods = split(&conditions["authenticationFlows"]["transferMethods"]);
                let configured = methods.as_array().is_some_and(|words| *words != ["none"]);
                if configured { among(&methods, flow, &FLOWS, id) } else { Claim::Yes }
            }
            (Dimension::Device, Coordinate::Device { matching, compliant, joined }) => {
                self.is_about_device(conditions, id, matching, *compliant, *joined)
            }
            _ => unreachable!("a value of another dimension"),
        }
    }

    /// Include minus exclude; nothing included by name is everything.
    fn two_sided(&self, part: &Value, name: &str, policy: &str, one: &dyn Fn(&str) -> Claim) -> Claim {
        if part.is_null() {
            return Claim::Yes;
        }
        let side = |side: &str| {
            let Words { words, open: unread } = words(part, &format!("{side}{name}"), self.empty_left_out);
            let nothing = words.is_empty() && !unread;
            let unread = if unread { open(format!("{policy} {side}{name}")) } else { Claim::No };
            (nothing, any(words.into_iter().map(one).chain([unread])))
        };
        let ((nothing, included), (_, excluded)) = (side("include"), side("exclude"));
        all([if nothing { Claim::Yes } else { included }, not(excluded)])
    }

    fn is_about_target(&self, conditions: &Value, policy: &str, target: &Coordinate) -> Claim {
        let Some(applications) = conditions.get("applications") else { return open(format!("{policy} applications")) };
        let actions: Vec<&str> =
            applications["includeUserActions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let Coordinate::App { id, office, portals, agents } = target else {
            let Coordinate::Action(action) = target else { unreachable!("no target") };
            return known(actions.contains(&action.as_str()));
        };
        // Beside user actions no app is in scope; what a new word means there nobody knows.
        let no_apps = !actions.is_empty();
        let is_known =
            |word: &str| ["All", "None", OFFICE, ADMIN_PORTALS, "AllAgentIdResources"].contains(&word) || is_guid(word);
        let one = |word: &str| match word {
            "All" => Claim::Yes,
            "None" => Claim::No,
            OFFICE => office.clone(),
            ADMIN_PORTALS => portals.clone(),
            "AllAgentIdResources" => known(*agents),
            word if is_guid(word) => known(id.as_deref() == Some(word)),
            new => open(format!("{id:?} in app word {new}")),
        };
        let (include, exclude) = (
            words(applications, "includeApplications", self.empty_left_out),
            words(applications, "excludeApplications", self.empty_left_out),
        );
        let unread = |words: &Words<'_>, side: &str| {
            if words.open { open(format!("{policy} {side}Applications")) } else { Claim::No }
        };
        let filter = &applications["applicationFilter"];
        let (filter_includes, filter_excludes) = if is_empty(filter) {
            (Claim::No, Claim::No)
        } else {
            let matches = open(format!("{policy} applicationFilter"));
            match filter["mode"].as_str() {
                Some("include") => (matches, Claim::No),
                Some("exclude") => (Claim::No, matches),
                _ => {
                    let side = open(format!("{policy} applicationFilter includes"));
                    (all([matches.clone(), side.clone()]), all([matches, not(side)]))
                }
            }
        };
        let everything = include.words.contains(&"All");
        let unread_include = unread(&include, "include");
        let include_one = |word: &str| if no_apps && is_known(word) { Claim::No } else { one(word) };
        let included = any(include.words.into_iter().map(include_one).chain([unread_include, filter_includes]));
        let forgiven = |word: &&str| everything && self.apps.listed == Some(*word);
        let unread_exclude = unread(&exclude, "exclude");
        let excluded = any(exclude
            .words
            .into_iter()
            .filter(|word| !forgiven(word))
            .map(one)
            .chain([unread_exclude, filter_excludes]));
        let excluded = if everything && self.apps.any_exclusion { Claim::No } else { excluded };
        all([included, not(excluded)])
    }

    fn is_about_device(
        &self,
        conditions: &Value,
        policy: &str,
        matching: &[bool],
        compliant: bool,
        joined: bool,
    ) -> Claim {
        let state = |word: &str| match word {
            "All" => Claim::Yes,
            "Compliant" => known(compliant),
            "DomainJoined" => known(joined),
            new => open(format!("device state {new}")),
        };
        let filter = &conditions["devices"]["deviceFilter"];
        let filtered = if is_empty(filter) {
            Claim::Yes
        } else {
            let at = self.rules().iter().position(|rule| filter["rule"] == **rule);
            let matches = at.map_or_else(|| open(format!("{policy} rule")), |at| known(matching[at]));
            match filter["mode"].as_str() {
                Some("include") => matches,
                Some("exclude") => not(matches),
                _ => open(format!("{policy} device filter")),
            }
        };
        let devices = &conditions["devices"];
        let old = |part: &Value, name: &str| {
            let side = |side: &str| part[format!("{side}{name}")].as_array().cloned().unwrap_or_default();
            let (include, exclude) = (side("include"), side("exclude"));
            let one = |words: Vec<Value>| any(words.iter().map(|word| state(word.as_str().unwrap_or_default())));
            all([if include.is_empty() { Claim::Yes } else { one(include) }, not(one(exclude))])
        };
        all([filtered, old(devices, "Devices"), old(&conditions["deviceStates"], "States")])
    }

    fn is_in(&self, word: &str, place: &Place) -> Claim {
        match word {
            "All" => return Claim::Yes,
            "AllTrusted" => return self.is_trusted(place),
            // Without the locations it is an id like any other.
            MFA_TRUSTED_ADDRESSES if self.tenant.locations.is_some() => return known(place.mfa_trusted),
            COMPLIANT_NETWORK => return known(place.compliant_network),
            _ => {}
        }
        let Some(locations) = &self.tenant.locations else { return open(format!("in location {word}")) };
        let id = if is_guid(word) { Some(word) } else { unique(locations, "displayName", word) };
        match id.and_then(|id| locations.iter().find(|location| location["id"] == id)) {
            Some(location) => is_within(location, place),
            // Only beta serves every kind of location.
            None if id.is_some() && self.tenant.locations_version == "beta" => Claim::No,
            None => open(format!("in location {word}")),
        }
    }

    /// Whether the sign-in comes from a trusted location.
    pub fn is_trusted(&self, place: &Place) -> Claim {
        let locations = self.tenant.locations.as_deref().unwrap_or_default();
        let named = locations.iter().map(|location| all([is_marked_trusted(location), is_within(location, place)]));
        let known_network = locations.iter().any(|location| location["id"] == COMPLIANT_NETWORK);
        let network = if known_network || !place.compliant_network {
            Claim::No
        } else {
            open("the compliant network is trusted")
        };
        any(named.chain([known(place.mfa_trusted || place.trusted_unread), network]))
    }

    /// Whether a policy narrows nothing in this dimension, the values apart that are forgiven.
    pub fn is_whole(
        &self,
        policy: &Value,
        dimension: Dimension,
        values: &[Coordinate],
        forgiven: &Coordinate,
    ) -> Claim {
        all(values.iter().filter(|value| *value != forgiven).map(|value| self.is_about(policy, dimension, value)))
    }
}

impl Place {
    /// Whether it is the network of the tenant's own secure access.
    pub fn compliant_network(&self) -> bool {
        self.compliant_network
    }
}

/// Conditions that nobody has told us of.
pub fn new_conditions(conditions: &Value) -> impl Iterator<Item = &String> {
    members_besides(
        conditions,
        &[
            "clientAppTypes",
            "applications",
            "users",
            "locations",
            "platforms",
            "devices",
            "deviceStates",
            "signInRiskLevels",
            "userRiskLevels",
            "servicePrincipalRiskLevels",
            "insiderRiskLevels",
            "authenticationFlows",
            "clientApplications",
            "agentIdRiskLevels",
            "agents",
            "agentContext",
        ],
    )
}

fn is_about_client(conditions: &Value, policy: &str, client: &str) -> Claim {
    // Graph demands a value: an absent or an empty list is no answer, whatever the file leaves out.
    let Words { words, open: unread } = words(conditions, "clientAppTypes", false);
    if words.is_empty() || unread && words.is_empty() {
        return open(format!("{policy} clientAppTypes has {client}"));
    }
    let unread = if unread { open(format!("{policy} clientAppTypes has {client}")) } else { Claim::No };
    any(words
        .into_iter()
        .map(|word| match word {
            "all" => Claim::Yes,
            "modern" => known(client == "mobileAppsAndDesktopClients"),
            "exchangeActiveSync" => known(client.starts_with("eas")),
            word if CLIENTS.contains(&word) => known(word == client),
            new => open(format!("client {new} is {client}")),
        })
        .chain([unread]))
}

/// A comma-separated text as a list.
fn split(text: &Value) -> Value {
    match text.as_str() {
        Some(text) => text.split(',').map(|word| Value::from(word.trim())).collect(),
        None => Value::Null,
    }
}

/// Listed levels; no list is no condition.
fn among(list: &Value, level: &str, known_words: &[&str], policy: &str) -> Claim {
    let Some(words) = list.as_array().filter(|words| !words.is_empty()) else { return Claim::Yes };
    any(words.iter().map(|word| match word.as_str() {
        Some(word) if known_words.contains(&word) => known(word == level),
        Some(word) if !word.trim().is_empty() => open(format!("{level} is {word}")),
        _ => open(format!("{policy} blank is {level}")),
    }))
}

fn is_marked_trusted(location: &Value) -> Claim {
    match location["@odata.type"].as_str() {
        Some("#microsoft.graph.countryNamedLocation") => Claim::No,
        _ => location["isTrusted"].as_bool().map_or_else(|| open(format!("{} is trusted", location["id"])), known),
    }
}

fn is_within(location: &Value, place: &Place) -> Claim {
    let somewhere = || open(format!("in location {}", location["id"]));
    match location["@odata.type"].as_str() {
        Some("#microsoft.graph.ipNamedLocation") => {
            let Some(ranges) = location["ipRanges"].as_array() else { return somewhere() };
            any(ranges.iter().map(|range| match Range::read(&range["cidrAddress"]) {
                Some(range) => known(range.holds(place.address)),
                None => somewhere(),
            }))
        }
        Some("#microsoft.graph.countryNamedLocation") => {
            let (Some(codes), Some(unknown), Some(lookup)) = (
                location["countriesAndRegions"].as_array(),
                location["includeUnknownCountriesAndRegions"].as_bool(),
                location["countryLookupMethod"].as_str(),
            ) else {
                return somewhere();
            };
            let country = if lookup == "authenticatorAppGps" { place.gps_country } else { place.country };
            known(country.map_or(unknown, |country| codes.contains(&country.into())))
        }
        Some("#microsoft.graph.compliantNetworkNamedLocation") => known(place.compliant_network),
        _ => somewhere(),
    }
}

/// A range of addresses, compared bit by bit.
struct Range {
    bits: u128,
    length: u32,
    total: u32,
}

impl Range {
    fn read(text: &Value) -> Option<Range> {
        let (address, length) = text.as_str()?.split_once('/')?;
        let (bits, total) = bits(address.parse().ok()?);
        Some(Range { bits, length: length.parse().ok()?, total })
    }

    fn size(&self) -> u128 {
        1 << (self.total - self.length)
    }

    fn holds(&self, address: IpAddr) -> bool {
        let (bits, total) = bits(address);
        total == self.total && bits >= self.bits && bits - self.bits < self.size()
    }

    fn first(&self) -> IpAddr {
        address(self.bits, self.total)
    }

    fn after(&self) -> Option<IpAddr> {
        let after = self.bits.checked_add(self.size())?;
        (self.total == 128 || after < 1 << 32).then(|| address(after, self.total))
    }
}

fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    }
}

fn address(bits: u128, total: u32) -> IpAddr {
    if total == 32 { IpAddr::V4(u32::try_from(bits).unwrap().into()) } else { IpAddr::V6(bits.into()) }
}
