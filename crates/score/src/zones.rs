//! Where a percentage stands by the organisation's own thresholds. Only shown: no score follows from it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What the organisation calls a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Zone {
    /// Below both thresholds.
    Bad,
    /// From the first threshold on.
    Okay,
    /// From the second threshold on.
    Good,
}

impl Zone {
    /// The zone as people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Okay => "okay",
            Self::Good => "good",
        }
    }
}

/// The percentages at which *okay* and *good* begin; a threshold belongs to the zone above it.
///
/// ```
/// use idscore_score::{Zone, Zones};
///
/// let zones: Zones = "40,80".parse().unwrap();
/// assert_eq!(zones.zone_of(39.99), Zone::Bad);
/// assert_eq!(zones.zone_of(40.0), Zone::Okay);
/// assert_eq!(Zones::default().to_string(), "50,75");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Zones {
    okay: u8,
    good: u8,
}

/// Thresholds that don't make three zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidZones;

impl fmt::Display for InvalidZones {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "zones are two whole percentages such as 50,75: where okay begins, above 0, and where good begins, above that, up to 100",
        )
    }
}

impl std::error::Error for InvalidZones {}

impl Zones {
    /// Zones by the percentages at which *okay* and *good* begin.
    ///
    /// # Errors
    /// Unless 0 < okay < good <= 100: each zone must be reachable.
    pub fn new(okay: u8, good: u8) -> Result<Self, InvalidZones> {
        if 0 < okay && okay < good && good <= 100 { Ok(Self { okay, good }) } else { Err(InvalidZones) }
    }

    /// The percentage at which *okay* begins.
    #[must_use]
    pub fn okay(self) -> u8 {
        self.okay
    }

    /// The percentage at which *good* begins.
    #[must_use]
    pub fn good(self) -> u8 {
        self.good
    }

    /// The zone of a percentage.
    #[must_use]
    pub fn zone_of(self, percent: f64) -> Zone {
        if percent >= f64::from(self.good) {
            Zone::Good
        } else if percent >= f64::from(self.okay) {
            Zone::Okay
        } else {
            Zone::Bad
        }
    }
}

impl Default for Zones {
    /// Ours, not Microsoft's: okay from half of the points, good from three quarters.
    fn default() -> Self {
        Self { okay: 50, good: 75 }
    }
}

impl FromStr for Zones {
    type Err = InvalidZones;

    fn from_str(text: &str) -> Result<Self, InvalidZones> {
        let (okay, good) = text.split_once(',').ok_or(InvalidZones)?;
        let percent = |text: &str| text.trim().parse().map_err(|_| InvalidZones);
        Self::new(percent(okay)?, percent(good)?)
    }
}

impl fmt::Display for Zones {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{}", self.okay, self.good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_belongs_to_the_zone_above_it() {
        let zones = Zones::new(50, 75).unwrap();
        let of = |percent| zones.zone_of(percent);
        assert_eq!([of(0.0), of(49.99)], [Zone::Bad, Zone::Bad]);
        assert_eq!([of(50.0), of(74.99)], [Zone::Okay, Zone::Okay]);
        assert_eq!([of(75.0), of(100.0)], [Zone::Good, Zone::Good]);
    }

    #[test]
    fn each_zone_can_be_reached_or_the_thresholds_are_refused() {
        for (okay, good) in [(0, 75), (75, 75), (80, 75), (50, 101)] {
            assert_eq!(Zones::new(okay, good), Err(InvalidZones), "{okay},{good}");
        }
        assert!(Zones::new(1, 2).is_ok() && Zones::new(99, 100).is_ok());
        for text in ["", "50", "50,", "50,75,90", "-5,75", "49.5,75", "a,b", "50;75"] {
            assert_eq!(text.parse::<Zones>(), Err(InvalidZones), "{text}");
        }
        assert_eq!(" 30, 60".parse(), Zones::new(30, 60));
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let zones = Zones::new(30, 60).unwrap();
        assert_eq!(zones.to_string().parse(), Ok(zones));
    }
}
