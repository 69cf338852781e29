//! Reads a tenant from Microsoft Graph into an export: signing in, pacing, paging, resuming, changes.
//!
//! [`collect`] writes what Graph answered, and beside it `collection.json`: each data set is complete, or it says which
//! permission, licence, cloud or fault stopped it. Nothing is judged here. Only this crate talks to Microsoft.

// Every number here is one that a server said, or is worked out from one.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod cloud;
mod collect;
mod error;
mod outcome;
mod pace;
mod page;
mod permissions;
mod plan;
mod probe;
mod read;
mod report;
mod request;
mod retry;
mod run;
mod sign_in;
mod state;
mod stop;
mod watch;
mod write;

pub use cloud::{Cloud, Hosts};
pub use collect::{Connection, Wanted, collect, is_collection};
pub use error::{CollectError, Kind};
pub use pace::Pace;
pub use permissions::{BUNDLES, Bundle, by_default, data_sets_of, granted_by};
pub use probe::{Trial, probe};
pub use report::{Access, Collection, DataSetReport, Status};
pub use retry::Patience;
pub use sign_in::{Certificate, Credential};
pub use stop::Stop;
pub use watch::{Unwatched, Watch};
