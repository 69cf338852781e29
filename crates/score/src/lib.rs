//! The words and the arithmetic of an Identity Secure Score. No I/O.
//!
//! A control's rows become a [`Finding`], a finding becomes a [`ControlScore`], scores become [`Totals`].

mod control;
mod points;
mod totals;
mod words;
mod zones;

pub use control::{ControlScore, Earned, Finding, Judged, Ownership, ScoreSettings, Tally};
pub use points::{Hundredths, InvalidPoints, Points};
pub use totals::{Totals, gained, impact};
pub use words::{License, Missing, MissingKind, Outcome, Profile, Scoring, Set, Status};
pub use zones::{InvalidZones, Zone, Zones};
