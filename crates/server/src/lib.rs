//! The dashboard, and the API over HTTP: Microsoft Graph's secure-score resources, and our own for the rest.
//!
//! [`router`] is the whole service; [`serve`] runs it until it is told to stop. Everything is read from an
//! [`idscore_history::Archive`]; nothing here judges or adds up.

pub mod api;
mod app;
mod dashboard;
mod docs;
mod document;
mod state;

pub use app::{paths, router, serve};
pub use dashboard::new_link;
pub use document::document;
pub use state::{Announce, Limits, Service};
