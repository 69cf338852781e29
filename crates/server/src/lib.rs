//! The dashboard, and the API over HTTP: Microsoft Graph's secure-score resources, and our own for the rest.
//!
//! [`router`] is the whole service; [`serve`] runs it until it is told to stop. Everything is read from an
//! [`idscore_store::Archive`], which also judges and keeps what is uploaded; nothing here adds up.

mod accept;
mod access_log;
pub mod api;
mod app;
mod background;
mod dashboard;
mod deadlines;
mod docs;
mod document;
mod failure;
mod forwarded;
mod hosts;
mod lengths;
mod limits;
mod metrics;
mod pace;
mod paths;
mod peers;
mod pieces;
mod state;
mod throttle;
mod tls;
mod uploads;

pub use app::{paths, router, serve};
pub use background::Background;
pub use dashboard::{new_link, page_paths};
pub use document::document;
pub use limits::Limits;
pub use metrics::MetricsAccess;
pub use state::{Announce, Service};
pub use tls::{Tls, TlsError};
pub use uploads::UploadRules;
