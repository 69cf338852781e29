//! The law of an honest score: less information only widens the interval.
//!
//! `bases` are whole exports; `mutation` takes something away from one, or makes it unreadable, so that a reader can notice;
//! `bench` judges both, and `law` says what must hold between the two results. `documented` lists where absence is an
//! answer.
//!
//! `IDSCORE_LAWS` sets the number of mutations (default 20,000), `IDSCORE_LAWS_SEED` the start of chance (default 0);
//! `IDSCORE_LAW=careful/123` tries one of them again and tells what it changed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "one mutation that is tried again tells what it does")]

mod bases;
mod bench;
mod dice;
mod documented;
mod examples;
mod export;
mod law;
mod mutation;
mod run;
mod sites;
