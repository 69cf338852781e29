//! Invented Microsoft Entra ID tenants of any size, written as exports.
//!
//! [`generate`] writes a tenant in the layout that `collect` writes, and `planted.json` beside it: what the invention
//! knows about itself ([`Planted`]), worked out here by trying concrete sign-ins, so that an assessment can be held
//! against it. Everything follows from [`Options`]; the clock is never asked.

mod configuration;
mod dice;
mod error;
mod evaluate;
mod expect;
mod export;
mod ground;
mod groups;
mod instants;
mod options;
mod people;
mod places;
mod plant;
mod planted;
mod policies;
mod policy;
mod policy_json;
mod protections;
mod roles;
mod settings;
mod space;
mod tenant;
mod workloads;
mod write;
mod write_directory;
mod write_people;
mod write_workloads;

pub use error::GenerateError;
pub use options::{Edition, Options, Posture, demo_options};
pub use planted::{Expected, Names, Planted, PlantedProtection, PlantedRegistration, Populations, Tally, Tenancy};
pub use write::generate;

/// The instant of every invented tenant: 2026-11-20T06:00:00Z, in seconds since 1970.
pub const TAKEN_AT_SECOND: i64 = 1_795_154_400;

/// The largest number of Conditional Access policies that Microsoft allows in a tenant, in any state.
pub const MAX_POLICIES: u32 = 240;
