//! Named locations.

use std::net::IpAddr;

use crate::dice::{IdOf, guid};

/// A named location.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub id: String,
    pub name: String,
    pub kind: LocationKind,
}

/// Addresses or countries.
#[derive(Debug, Clone)]
pub(crate) enum LocationKind {
    Ranges { trusted: bool, ranges: Vec<Range> },
    Countries { countries: Vec<&'static str>, unknown: bool },
}

/// A CIDR range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub address: IpAddr,
    pub length: u32,
}

impl Range {
    /// The address lies in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (Some((first, last)), number) = (self.ends(), number(address)) else { return false };
        self.address.is_ipv4() == address.is_ipv4() && first <= number && number <= last
    }

    /// First and last address as numbers.
    fn ends(&self) -> Option<(u128, u128)> {
        let bits = if self.address.is_ipv4() { 32 } else { 128u32 };
        let host = bits.checked_sub(self.length)?;
        let mask = if host >= 128 { u128::MAX } else { (1u128 << host) - 1 };
        let first = number(self.address) & !mask;
        Some((first, first | mask))
    }

    /// Addresses worth trying: both ends, and one on either side.
    pub fn samples(&self) -> Vec<IpAddr> {
        let Some((first, last)) = self.ends() else { return Vec::new() };
        [first.checked_sub(1), Some(first), Some(last), last.checked_add(1)]
            .into_iter()
            .flatten()
            .filter_map(|number| address(number, self.address.is_ipv4()))
            .collect()
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn address(number: u128, is_v4: bool) -> Option<IpAddr> {
    if is_v4 {
        u32::try_from(number).ok().map(|number| IpAddr::V4(number.into()))
    } else {
        Some(IpAddr::V6(number.into()))
    }
}

fn v4(a: u8, b: u8, c: u8, d: u8, length: u32) -> Range {
    Range { address: IpAddr::from([a, b, c, d]), length }
}

fn v6(last: u16, length: u32) -> Range {
    Range { address: IpAddr::from([0x2001, 0xdb8, 0x10, last, 0, 0, 0, 0]), length }
}

/// Places of the locations that policies name.
pub(crate) const HEADQUARTERS: usize = 0;
pub(crate) const GUEST_WIFI: usize = 1;
pub(crate) const BRANCH: usize = 2;
pub(crate) const HOME_COUNTRIES: usize = 3;
pub(crate) const EMBARGOED: usize = 4;
pub(crate) const FIRST_SITE: usize = 5;

/// Invents the locations: an office range within a country, a range within a range, both families of addresses.
pub(crate) fn locations(seed: u64, sites: u32) -> Vec<Location> {
    let ranges = |name: &str, trusted, ranges| (name.to_owned(), LocationKind::Ranges { trusted, ranges });
    let countries = |name: &str, countries: &[&'static str], unknown| {
        (name.to_owned(), LocationKind::Countries { countries: countries.to_vec(), unknown })
    };
    let mut list = vec![
        ranges("Headquarters", true, vec![v4(203, 0, 113, 0, 24), v6(0, 56)]),
        ranges("Guest Wi-Fi at headquarters", false, vec![v4(203, 0, 113, 128, 26), v6(0x0a, 64)]),
        ranges("Branch", true, vec![v4(198, 51, 100, 0, 25), v4(198, 51, 100, 64, 26)]),
        countries("Where we work", &["DE", "FR", "IT", "PL", "PT"], false),
        countries("Embargoed", &["KP", "IR", "SY"], true),
    ];
    for site in 0..sites.min(16) {
        let start = u8::try_from(site * 16).unwrap_or(0);
        list.push(ranges(&format!("Site {:02}", site + 1), site % 3 == 0, vec![v4(192, 0, 2, start, 28)]));
    }
    (0u64..)
        .zip(list)
        .map(|(number, (name, kind))| Location { id: guid(seed, IdOf::Location, number), name, kind })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_ends_and_not_their_neighbours() {
        let range = v4(198, 51, 100, 64, 26);
        let inside: Vec<bool> = range.samples().into_iter().map(|address| range.contains(address)).collect();
        assert_eq!(inside, [false, true, true, false]);
    }

    #[test]
    fn an_address_of_the_other_family_is_outside() {
        assert!(!v4(0, 0, 0, 0, 0).contains(IpAddr::from([0u16, 0, 0, 0, 0, 0, 0, 1])));
    }
}
