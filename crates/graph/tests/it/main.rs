//! Whole collections against a server that behaves as Microsoft Graph does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its work fails the test")]

mod changes;
mod equal;
mod faults;
mod missing;
mod resume;
mod secrets;
mod sign_in;
mod support;
