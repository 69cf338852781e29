//! The service as a client sees it, without a socket.
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod browser;
mod client;
mod document;
mod graph;
mod metrics;
mod overview;
mod own;
mod pages;
mod places;
mod recommendations;
mod safety;
#[cfg(feature = "postgres")]
mod same;
mod settings;
mod sign_in;
mod upload;
mod uploads;
