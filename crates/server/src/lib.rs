//! The dashboard, and the API over HTTP: Microsoft Graph's secure-score resources, and our own for the rest.
//!
//! [`router`] is the whole service; [`serve`] runs it until it is told to stop. Everything is read from an
//! [`idscore_history::Archive`], which also judges and keeps what is uploaded; nothing here adds up.

pub mod api;
mod app;
mod dashboard;
mod docs;
mod document;
mod forwarded;
mod metrics;
mod state;
mod tls;
mod uploads;

pub use app::{paths, router, serve};
pub use dashboard::{new_link, page_paths};
pub use document::document;
pub use metrics::MetricsAccess;
pub use state::{Announce, Limits, Service};
pub use tls::{Tls, TlsError};
pub use uploads::UploadRules;
