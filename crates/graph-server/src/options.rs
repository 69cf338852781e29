//! What the server is told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::endpoints::{ENDPOINTS, Edition, ON_PREMISES, READ_HIDDEN};
use crate::faults::Script;

/// What a server does besides serving an export. The default accepts everybody, grants everything and keeps the documented limits.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Answer over TLS, with a certificate that is made at the start.
    pub https: bool,
    /// Exports that are served after the first, in turn, each when it is asked for.
    pub next: Vec<PathBuf>,
    /// The source of all chance.
    pub seed: u64,
    /// Who may sign in.
    pub sign_in: SignIn,
    /// Permissions that the app has; all where none is named.
    pub grant: Vec<String>,
    /// Permissions that it hasn't.
    pub without: Vec<String>,
    /// Data sets above this edition are refused for want of a licence; without one, the export's own report decides.
    pub edition: Option<Edition>,
    /// Limits are kept, made that many times as generous; none where this is `None`.
    pub throttle: Option<f64>,
    /// Seconds that a page token lives.
    pub page_token_life: i64,
    /// Seconds that the server's clock runs ahead.
    pub clock_skew_seconds: i64,
    /// What goes wrong.
    pub faults: Script,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            https: false,
            next: Vec::new(),
            seed: 7,
            sign_in: SignIn::default(),
            grant: Vec::new(),
            without: Vec::new(),
            edition: None,
            throttle: Some(1.0),
            page_token_life: 3_600,
            clock_skew_seconds: 0,
            faults: Script::default(),
        }
    }
}

impl Options {
    /// Every permission that opens a data set, and that of hidden memberships.
    pub fn permissions() -> Vec<&'static str> {
        let mut all: Vec<&str> =
            ENDPOINTS.iter().flat_map(|endpoint| endpoint.permissions).flat_map(|set| *set).copied().collect();
        all.extend([READ_HIDDEN, ON_PREMISES]);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What tokens hold.
    pub(crate) fn granted(&self) -> Vec<String> {
        let all = || Self::permissions().into_iter().map(str::to_owned).collect();
        let mut granted: Vec<String> = if self.grant.is_empty() { all() } else { self.grant.clone() };
        granted.retain(|permission| !self.without.contains(permission));
        granted
    }

    pub(crate) fn licensed(&self, needs: Edition) -> bool {
        needs <= self.edition.unwrap_or(Edition::P2)
    }
}

/// Who may sign in, and how.
#[derive(Clone)]
pub struct SignIn {
    /// Names of the tenant; any where none is given.
    pub tenants: Vec<String>,
    /// The app; any where none is given.
    pub client_id: Option<String>,
    /// Its secret; any where none is given.
    pub client_secret: Option<String>,
    /// A secret that was right once.
    pub expired_secret: Option<String>,
    /// Its certificate as PEM: assertions must be signed with it. Without one, signatures aren't looked at.
    pub certificate: Option<String>,
    /// Seconds that an access token lives.
    pub token_life: i64,
    /// How often a client of the device code flow hears that the person is still at it.
    pub device_polls: u32,
    /// Seconds between two such questions.
    pub device_interval: u64,
    /// The person says no.
    pub device_declined: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            tenants: Vec::new(),
            client_id: None,
            client_secret: None,
            expired_secret: None,
            certificate: None,
            token_life: 3_599,
            device_polls: 1,
            device_interval: 5,
            device_declined: false,
        }
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets are left out.
        formatter
            .debug_struct("SignIn")
            .field("tenants", &self.tenants)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_permissions_are_granted_but_those_that_are_taken_away() {
        let options = Options { without: vec!["User.Read.All".to_owned()], ..Options::default() };
        let granted = options.granted();
        assert!(granted.iter().any(|permission| permission == "Policy.Read.All"));
        assert!(!granted.iter().any(|permission| permission == "User.Read.All"));
        let options = Options { grant: vec!["Policy.Read.All".to_owned()], ..Options::default() };
        assert_eq!(options.granted(), ["Policy.Read.All"]);
    }

    #[test]
    fn a_secret_is_not_shown() {
        let sign_in = SignIn { client_secret: Some("hush".to_owned()), ..SignIn::default() };
        assert!(!format!("{sign_in:?}").contains("hush"));
    }
}
