//! Functions over judged tenants of the repository.

#![expect(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod benchmark;
mod difference;
mod judged;
mod ranking;
mod regression;
mod reidentify;
mod rescore;
mod seeded;
mod tasks;
