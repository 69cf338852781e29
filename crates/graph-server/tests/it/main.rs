//! The Graph server from outside, over the wire: every behaviour by its rule.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod assertions;
mod batches;
mod changes;
mod client;
mod faults;
mod limits;
mod paging;
mod permissions;
mod signing_in;
mod wire;
