//! Named locations, and the cells that their overlapping ranges cut the addresses into.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use crate::Names;
use crate::json::{Said, get, is_guid, normal_id, said, text, texts};
use crate::logic::any;

/// The id of the trusted addresses of the old multifactor service.
pub(crate) const MFA_TRUSTED_IPS: &str = "00000000-0000-0000-0000-000000000000";

/// The id of all compliant networks everywhere. Only beta serves it.
pub(crate) const COMPLIANT_NETWORK: &str = "3d46dbda-8382-466a-856d-eb00cbc6b910";

/// One named location.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) id: String,
    pub(crate) name: String,
    /// `None`: not stated.
    pub(crate) trusted: Option<bool>,
    pub(crate) kind: Kind,
}

/// What a location is made of.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Address ranges. Not complete when one of them can't be read.
    Ip { ranges: Vec<Range>, complete: bool },
    /// Countries, found by address or (apart from that) by GPS.
    Country { codes: BTreeSet<String>, unknown: bool, gps: bool },
    /// Global Secure Access.
    CompliantNetwork,
    /// A kind that we don't know.
    Unknown,
}

/// A range of addresses of one family, ends included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    v6: bool,
    first: u128,
    last: u128,
}

#[cfg(any(test, feature = "reference"))]
impl Range {
    /// Whether an address is in the range.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let (v6, number) = number(address);
        self.v6 == v6 && self.first <= number && number <= self.last
    }

    /// The first and last address.
    pub(crate) fn ends(&self) -> [IpAddr; 2] {
        [address(self.v6, self.first), address(self.v6, self.last)]
    }
}

/// The named locations of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Locations {
    /// Whether they were read.
    pub(crate) known: bool,
    /// Whether they were read where every kind of them is served, so that an id that is not found was deleted.
    pub(crate) every_kind: bool,
    /// Whether each that was read says its id.
    identified: bool,
    /// Whether the trusted locations hold the compliant network; none where no such location was read, or one doesn't say.
    compliant_network_trusted: Option<bool>,
    pub(crate) list: Vec<Location>,
    by_id: HashMap<String, usize>,
    names: Names,
    /// Cells of addresses that lie in the same locations, given by their indexes. Every address lies in exactly one cell.
    pub(crate) cells: BTreeSet<BTreeSet<usize>>,
}

impl Locations {
    /// Reads data set 11.
    pub(crate) fn read(values: Option<&[Value]>) -> Locations {
        let mut list: Vec<Location> = values.unwrap_or_default().iter().map(read_location).collect();
        let mut names = Names::default();
        for location in &list {
            names.add(&location.name, &location.id);
        }
        let cells = cells(&list);
        let identified = list.iter().all(|location| is_guid(&location.id));
        // Of those that were read: the one that stands for all joins the list below, and says nothing.
        let networks = || list.iter().filter(|one| matches!(one.kind, Kind::CompliantNetwork)).map(|one| one.trusted);
        let compliant_network_trusted = networks().next().and_then(|_| any(networks()));
        if !list.iter().any(|location| location.id == COMPLIANT_NETWORK) {
            list.push(Location {
                id: COMPLIANT_NETWORK.to_owned(),
                name: "All compliant network locations".to_owned(),
                trusted: None,
                kind: Kind::CompliantNetwork,
            });
        }
        let by_id = list.iter().enumerate().map(|(index, location)| (location.id.clone(), index)).collect();
        Locations {
            known: values.is_some(),
            every_kind: false,
            identified,
            compliant_network_trusted,
            list,
            by_id,
            names,
            cells,
        }
    }

    /// What a text in place of a location's id means.
    pub(crate) fn find(&self, word: &str) -> Found {
        // A blank means none, and a location that doesn't say its id is none that a blank means.
        if word.is_empty() {
            return Found::Unknown;
        }
        let of = |id: &str| self.by_id.get(id).copied();
        match of(word).or_else(|| self.names.id_of(word).filter(|_| self.known).and_then(of)) {
            Some(index) => Found::At(index),
            None if self.every_one_known() && is_guid(word) => Found::Deleted,
            None => Found::Unknown,
        }
    }

    /// Whether an id that is not found is of no location.
    pub(crate) fn every_one_known(&self) -> bool {
        self.known && self.every_kind && self.identified
    }

    /// Whether the trusted locations hold the compliant network.
    pub(crate) fn compliant_network_trusted(&self) -> Option<bool> {
        self.compliant_network_trusted
    }
}

/// What a text in a list of locations stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    At(usize),
    Deleted,
    Unknown,
}

impl Found {
    pub(crate) fn index(self) -> Option<usize> {
        match self {
            Found::At(index) => Some(index),
            Found::Deleted | Found::Unknown => None,
        }
    }
}

fn read_location(value: &Value) -> Location {
    let id = text(value, "id").map(normal_id).unwrap_or_default();
    let kind = text(value, "@odata.type").unwrap_or_default().to_ascii_lowercase();
    let has = |name: &str| get(value, name).is_some();
    let is_country = kind.ends_with("countrynamedlocation") || kind.is_empty() && has("countriesAndRegions");
    let kind = if kind.ends_with("ipnamedlocation") && !kind.contains("serviceprovider")
        || kind.is_empty() && has("ipRanges")
    {
        match said(value, "ipRanges") {
            Said::Value(Value::Array(items)) => ranges(items.iter().map(read_range).collect()),
            Said::Value(one) => ranges(vec![read_range(one)]),
            Said::Absent | Said::Null => ranges(vec![None]),
        }
    } else if is_country {
        read_countries(value).unwrap_or(Kind::Unknown)
    } else if kind.ends_with("compliantnetworknamedlocation") || id == COMPLIANT_NETWORK {
        Kind::CompliantNetwork
    } else {
        Kind::Unknown
    };
    let stated = get(value, "isTrusted").and_then(Value::as_bool);
    Location {
        name: text(value, "displayName").map_or_else(|| id.clone(), str::to_owned),
        // Graph knows no trusted countries.
        trusted: if is_country { Some(stated.unwrap_or(false)) } else { stated },
        id,
        kind,
    }
}

fn ranges(read: Vec<Option<Range>>) -> Kind {
    Kind::Ip { complete: read.iter().all(Option::is_some), ranges: read.into_iter().flatten().collect() }
}

/// The countries of a location, where all of it can be read.
fn read_countries(value: &Value) -> Option<Kind> {
    let Said::Value(codes) = said(value, "countriesAndRegions") else { return None };
    let codes = texts(Some(codes));
    let is_code = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    let lookup = text(value, "countryLookupMethod")?.to_ascii_lowercase();
    let known = codes.iter().all(is_code) && ["clientipaddress", "authenticatorappgps"].contains(&lookup.as_str());
    known.then_some(Kind::Country {
        codes: codes.iter().map(|code| code.to_ascii_uppercase()).collect(),
        unknown: get(value, "includeUnknownCountriesAndRegions")?.as_bool()?,
        gps: lookup == "authenticatorappgps",
    })
}

fn read_range(value: &Value) -> Option<Range> {
    if let Some(cidr) = value.as_str().or_else(|| text(value, "cidrAddress")) {
        let net = cidr.parse::<IpNet>().ok().or_else(|| cidr.parse::<IpAddr>().ok().map(IpNet::from))?;
        let (v6, first) = number(net.network());
        let (_, last) = number(net.broadcast());
        return Some(Range { v6, first, last });
    }
    let (v6, first) = number(text(value, "lowerAddress")?.parse().ok()?);
    let (other, last) = number(text(value, "upperAddress")?.parse().ok()?);
    (v6 == other && first <= last).then_some(Range { v6, first, last })
}

fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(v4) => (false, u128::from(v4.to_bits())),
        IpAddr::V6(v6) => (true, v6.to_bits()),
    }
}

#[cfg(any(test, feature = "reference"))]
fn address(v6: bool, number: u128) -> IpAddr {
    use std::net::{Ipv4Addr, Ipv6Addr};
    if v6 {
        IpAddr::V6(Ipv6Addr::from_bits(number))
    } else {
        IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(number).unwrap_or(u32::MAX)))
    }
}

/// A sweep over the ends of all ranges, of each family apart.
fn cells(list: &[Location]) -> BTreeSet<BTreeSet<usize>> {
    let mut found = BTreeSet::new();
    for v6 in [false, true] {
        let end = if v6 { u128::MAX } else { u128::from(u32::MAX) };
        // At an address: which locations gain or lose a range there.
        let mut changes: BTreeMap<u128, Vec<(usize, bool)>> = BTreeMap::from([(0, Vec::new())]);
        for (index, location) in list.iter().enumerate() {
            let Kind::Ip { ranges, .. } = &location.kind else { continue };
            for range in ranges.iter().filter(|range| range.v6 == v6) {
                changes.entry(range.first).or_default().push((index, true));
                if range.last < end {
                    changes.entry(range.last + 1).or_default().push((index, false));
                }
            }
        }
        let mut depth = vec![0_u32; list.len()];
        let mut within = BTreeSet::new();
        for changes in changes.into_values() {
            for (index, opens) in &changes {
                let depth = &mut depth[*index];
                *depth = if *opens { *depth + 1 } else { depth.saturating_sub(1) };
            }
            // Judged after all changes at this address: a range may end where another of the same location begins.
            for (index, _) in changes {
                if depth[index] > 0 {
                    within.insert(index)
                } else {
                    within.remove(&index)
                };
            }
            if !found.contains(&within) {
                found.insert(within.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ip(id: &str, ranges: &[&str]) -> Value {
        let ranges: Vec<Value> = ranges.iter().map(|range| json!({"cidrAddress": range})).collect();
        json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id, "isTrusted": true, "ipRanges": ranges})
    }

    #[test]
    fn overlapping_ranges_of_both_families_are_cut_into_cells() {
        let values = [ip("a", &["10.0.0.0/8", "2001:db8::/32"]), ip("b", &["10.1.0.0/16", "10.0.0.0/16"])];
        let locations = Locations::read(Some(&values));
        let within: Vec<Vec<usize>> = locations.cells.iter().map(|within| within.iter().copied().collect()).collect();
        assert_eq!(within, [vec![], vec![0], vec![0, 1]]);
    }

    #[test]
    fn ranges_that_cover_every_address_leave_no_other_cell() {
        let values = [ip("a", &["0.0.0.0/1", "128.0.0.0/1", "::/0"])];
        assert_eq!(Locations::read(Some(&values)).cells.len(), 1);
    }

    #[test]
    fn a_range_that_cannot_be_read_leaves_the_location_incomplete() {
        let locations = Locations::read(Some(&[ip("a", &["10.0.0.0/8", "ten"])]));
        assert!(matches!(locations.list[0].kind, Kind::Ip { complete: false, .. }));
    }

    #[test]
    fn an_id_that_is_not_found_was_deleted_only_where_every_location_says_its_own() {
        let gone = "10ddd0a7-4b15-40cb-8cb9-6de051097f64";
        let one = ip("ac16d3f6-d6ff-44e4-8e44-158e5cdc32cf", &["10.0.0.0/8"]);
        let mut nameless = ip("b", &["10.1.0.0/16"]);
        nameless.as_object_mut().unwrap().remove("id");
        for (values, expected) in [(vec![one.clone()], Found::Deleted), (vec![one, nameless], Found::Unknown)] {
            let mut locations = Locations::read(Some(&values));
            locations.every_kind = true;
            assert_eq!(locations.find(gone), expected, "{values:?}");
        }
    }

    #[test]
    fn a_blank_is_no_location_that_does_not_say_its_id() {
        let mut nameless = ip("b", &[]);
        nameless["id"] = Value::Null;
        assert_eq!(Locations::read(Some(&[nameless])).find(""), Found::Unknown);
    }
}
