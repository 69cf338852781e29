//! The arithmetic of scores, and what is proven of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod arithmetic;
mod interval;
