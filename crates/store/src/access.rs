//! Who may use the service: people with their sessions and failed attempts to sign in, and tokens of the API.

pub(crate) mod attempts;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod uses;
