//! Microsoft's clouds: where to sign in, where Graph answers.

use reqwest::Url;

use crate::error::CollectError;

/// A cloud of Microsoft, with hosts of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cloud {
    /// Nearly every tenant.
    #[default]
    Global,
    /// US Government, L4 (GCC High).
    UsGov,
    /// US Government, L5 (Department of Defense).
    UsGovDoD,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGov, Self::UsGovDoD, Self::China];

    /// Its name on the command line and in `collection.json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGov => "usGov",
            Self::UsGovDoD => "usGovDoD",
            Self::China => "china",
        }
    }

    fn login(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGov | Self::UsGovDoD => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    fn graph(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGov => "https://graph.microsoft.us",
            Self::UsGovDoD => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }
}

/// The two hosts that a collection speaks to, and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    login: Url,
    graph: Url,
}

impl Hosts {
    /// The hosts of a cloud, or others in their place.
    ///
    /// # Errors
    /// When an address is no URL, or would carry a secret unencrypted over a network.
    pub fn new(cloud: Cloud, login: Option<&str>, graph: Option<&str>) -> Result<Self, CollectError> {
        Ok(Self {
            login: address("--login-url", login.unwrap_or_else(|| cloud.login()))?,
            graph: address("--graph-url", graph.unwrap_or_else(|| cloud.graph()))?,
        })
    }

    /// What tokens are asked for.
    pub(crate) fn scope(&self, name: &str) -> String {
        format!("{}/{name}", trimmed(&self.graph))
    }

    pub(crate) fn resource(&self) -> &str {
        trimmed(&self.graph)
    }

    /// An address of Graph behind its version.
    pub(crate) fn graph(&self, version: &str, rest: &str) -> String {
        format!("{}/{version}{rest}", trimmed(&self.graph))
    }

    /// An address of the tenant's sign-in.
    pub(crate) fn login(&self, tenant: &str, rest: &str) -> String {
        format!("{}/{tenant}{rest}", trimmed(&self.login))
    }

    pub(crate) fn login_host(&self) -> &str {
        self.login.host_str().unwrap_or_default()
    }

    pub(crate) fn graph_host(&self) -> &str {
        self.graph.host_str().unwrap_or_default()
    }

    /// Whether an address that an answer names may be asked with our token.
    pub(crate) fn is_graph(&self, url: &Url) -> bool {
        url.origin() == self.graph.origin() && url.username().is_empty() && url.password().is_none()
    }

    /// The page where an administrator agrees to an application's permissions.
    #[must_use]
    pub fn admin_consent(&self, tenant: &str, client_id: &str) -> String {
        self.login(tenant, &format!("/adminconsent?client_id={client_id}"))
    }
}

fn trimmed(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

fn address(option: &str, text: &str) -> Result<Url, CollectError> {
    let wrong = |reason: &str| {
        CollectError::call(
            format!("the address of {option}, `{text}`, {reason}"),
            "give it like https://graph.microsoft.com; http is for this machine only",
        )
    };
    let url = Url::parse(text).map_err(|_| wrong("is no URL"))?;
    let loopback = url.host_str().is_some_and(is_loopback);
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(wrong("would send secrets unencrypted over a network"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("holds more than a host and a path"));
    }
    Ok(url)
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_has_its_own_pair_of_hosts() {
        let pair = |cloud| {
            let hosts = Hosts::new(cloud, None, None).unwrap();
            (hosts.login_host().to_owned(), hosts.scope(".default"))
        };
        assert_eq!(
            pair(Cloud::Global),
            ("login.microsoftonline.com".to_owned(), "https://graph.microsoft.com/.default".to_owned())
        );
        assert_eq!(pair(Cloud::UsGov).1, "https://graph.microsoft.us/.default");
        assert_eq!(
            pair(Cloud::UsGovDoD),
            ("login.microsoftonline.us".to_owned(), "https://dod-graph.microsoft.us/.default".to_owned())
        );
        assert_eq!(
            pair(Cloud::China),
            ("login.chinacloudapi.cn".to_owned(), "https://microsoftgraph.chinacloudapi.cn/.default".to_owned())
        );
    }

    #[test]
    fn a_next_page_is_read_from_the_same_origin_only() {
        let hosts = Hosts::new(Cloud::Global, None, None).unwrap();
        let ours = |url: &str| hosts.is_graph(&Url::parse(url).unwrap());
        assert!(ours("https://graph.microsoft.com/v1.0/users?$skiptoken=x"));
        for foreign in [
            "https://graph.microsoft.com.example.org/v1.0/users",
            "https://graph.microsoft.com:8443/v1.0/users",
            "http://graph.microsoft.com/v1.0/users",
            "https://graph.microsoft.us/v1.0/users",
            "https://graph.microsoft.com@example.org/v1.0/users",
            "https://me:you@graph.microsoft.com/v1.0/users",
        ] {
            assert!(!ours(foreign), "{foreign}");
        }
    }

    #[test]
    fn an_address_without_encryption_is_for_this_machine_only() {
        let graph = |url| Hosts::new(Cloud::Global, None, Some(url)).is_ok();
        assert!(graph("http://127.0.0.1:8080") && graph("http://localhost:1/") && graph("http://[::1]:9"));
        assert!(graph("https://graph.example.org"));
        assert!(!graph("http://graph.example.org") && !graph("ftp://127.0.0.1") && !graph("graph.microsoft.com"));
    }
}
