//! The words and the arithmetic of an Identity Secure Score. No I/O.
//!
//! A control's rows become a [`Finding`], a finding becomes a [`ControlScore`], scores become [`Totals`].

mod control;
mod interval;
mod points;
mod totals;
mod words;
mod zones;

pub use control::{ControlScore, Earned, Finding, Judged, Ownership, ScoreSettings, Sight, Tally};
pub use interval::Interval;
pub use points::{Hundredths, InvalidPoints, Points, decimals_apart};
pub use totals::{Totals, gained, impact};
pub use words::{License, Missing, MissingKind, Outcome, Profile, Scoring, Set, Status};
pub use zones::{InvalidZones, Zone, Zones};
