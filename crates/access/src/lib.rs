//! Exact Conditional Access: whether a protection holds for every sign-in of a user, over all policies together.
//!
//! A policy is a box (or a few) in the space of sign-ins, with a set of users and a demand. A user has a protection
//! exactly when the boxes of the policies that apply to the user and imply the demand cover the protection's region.

mod access;
mod alone;
mod also;
mod answer;
mod bits;
mod boxes;
mod demand;
mod directory;
mod external;
mod json;
mod judge;
mod layout;
mod location;
pub mod logic;
mod names;
mod policy;
mod proof;
mod protection;
mod prove;
mod prover;
mod question;
#[cfg(any(test, feature = "reference"))]
pub mod reference;
mod resource;
mod roles;
mod scope;
mod settings;
mod signature;
mod space;
mod strength;
mod witness;

pub use access::{Access, Prepared, Referenced, States};
pub use alone::{Alone, PolicyScope, PolicyState};
pub use answer::{Answer, Proofs, Statistics};
pub use directory::{Bounds, Directory, GroupMembers, PerUserMfa, RoleAssignment, RoleHolders};
pub use json::is_guid;
pub use names::Names;
pub use protection::{
    Also, ClientApp, Condition, Demand, Flow, InsiderRisk, PersistentBrowser, Platform, Protection, Risk,
    SessionDemand, SignIns,
};
pub use scope::Dangling;
pub use settings::{AppExclusions, BaselineScopes, EligibleAdmins, HighRisk, Settings, SettingsOverrides};
