//! Whole collections against a server that behaves as Microsoft Graph does.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod changes;
mod equal;
mod faults;
mod hostile;
mod missing;
mod resume;
mod secrets;
mod sign_in;
mod support;
