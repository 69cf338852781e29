//! The service as a client sees it, without a socket.
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod actions;
mod browser;
mod busy;
mod client;
mod collection;
mod comparison;
mod damage;
mod document;
mod graph;
mod history;
mod http2;
mod metrics;
mod network;
mod overview;
mod own;
mod pages;
mod places;
mod recommendations;
mod reviews;
mod safety;
#[cfg(feature = "postgres")]
mod same;
mod settings;
mod settings_shown;
mod sign_in;
mod sockets;
mod tenants;
mod upload;
mod uploads;
mod walk;
