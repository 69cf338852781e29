//! Signing in with OpenID Connect: the code flow with PKCE, and what an ID token must fulfil before it is believed.
//!
//! [`Settings`] is `sign-in.toml`; [`Provider::begin`] says where a browser goes, [`Provider::finish`] turns the code that it
//! comes back with into an [`Identity`]. Only the ID token is used, and it is not kept.

mod error;
mod http;
mod provider;
mod roles;
mod settings;

pub use error::Refusal;
pub use provider::{Begun, Identity, Provider};
pub use roles::{Mapping, Mappings};
pub use settings::Settings;
