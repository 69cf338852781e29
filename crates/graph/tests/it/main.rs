//! Against small servers that say what a test wants to hear.
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]
