//! `sign-in.toml`: the provider, and who may do what.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use idscore_secrets::{SettingsError, Source, settings};
use idscore_store::Role;
use reqwest::Url;
use serde::Deserialize;

use crate::roles::{Mapping, Mappings};

/// Who vouches for people, and what they may do.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The issuer, exactly as its discovery document and its tokens name it.
    pub issuer: String,
    /// Our id at the provider.
    pub client_id: String,
    /// Our secret at the provider.
    pub secret: Source,
    /// Where browsers see this service, without a slash at the end.
    pub public_address: String,
    /// What is asked of the provider, `openid` always.
    pub scopes: Vec<String>,
    /// From claims to roles.
    pub mappings: Mappings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    issuer: String,
    client_id: String,
    client_secret_env: Option<String>,
    client_secret_file: Option<PathBuf>,
    public_address: String,
    scopes: Option<Vec<String>>,
    claim: Option<String>,
    microsoft_roles: Option<bool>,
    #[serde(default, rename = "role")]
    roles: Vec<RoleTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleTable {
    claim: Option<String>,
    value: String,
    role: Role,
    tenants: Vec<String>,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, has an unknown key, or a value breaks a rule.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        Self::parse(&settings::read(path)?, path)
    }

    /// Reads a text; `path` names it in errors.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        settings::parse(text, path, Self::of)
    }

    fn of(file: File) -> Result<Self, String> {
        address(&file.issuer).map_err(|reason| format!("`issuer` {reason}"))?;
        let public = address(&file.public_address).map_err(|reason| format!("`public_address` {reason}"))?;
        if public.path() != "/" {
            return Err("`public_address` is a scheme and a host, such as https://score.example.org; \
                        the pages lie at its root"
                .to_owned());
        }
        if file.client_id.trim().is_empty() {
            return Err("`client_id` is empty; the provider gave one when the application was registered".to_owned());
        }
        let secret = Source::of(file.client_secret_env, file.client_secret_file, "client_secret")?;
        let secret = secret
            .ok_or("name the application's secret with `client_secret_env` or `client_secret_file`".to_owned())?;
        let mut scopes = file.scopes.unwrap_or_else(|| vec!["profile".to_owned()]);
        scopes.retain(|scope| scope != "openid");
        if let Some(odd) =
            scopes.iter().find(|scope| scope.is_empty() || !scope.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return Err(format!("the scope `{}` is no single word", odd.escape_debug()));
        }
        let usual = file.claim.unwrap_or_else(|| "roles".to_owned());
        let microsoft = file.microsoft_roles.unwrap_or(file.roles.is_empty());
        let own = file.roles.into_iter().map(|table| mapping(table, &usual)).collect::<Result<Vec<_>, _>>()?;
        if !microsoft && own.is_empty() {
            return Err("nobody would get in: `microsoft_roles` is false and there is no [[role]]".to_owned());
        }
        let own = Mappings::new(own);
        Ok(Self {
            issuer: file.issuer,
            client_id: file.client_id,
            secret,
            public_address: file.public_address.trim_end_matches('/').to_owned(),
            scopes,
            mappings: if microsoft { own.and(Mappings::microsoft()) } else { own },
        })
    }
}

fn mapping(table: RoleTable, usual: &str) -> Result<Mapping, String> {
    if table.value.is_empty() {
        return Err("a [[role]] has an empty `value`".to_owned());
    }
    if table.tenants.is_empty() || table.tenants.iter().any(String::is_empty) {
        return Err(format!(
            "the [[role]] for `{}` names no tenant; write tenants = [\"*\"] for all, or their ids",
            table.value.escape_debug()
        ));
    }
    Ok(Mapping {
        claim: table.claim.unwrap_or_else(|| usual.to_owned()),
        value: table.value,
        role: table.role,
        tenants: table.tenants,
    })
}

/// An address that may be used: encrypted, or within this machine.
fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "is no address, such as https://login.example.org".to_owned())?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("holds a user name, a query or a fragment; write the plain address".to_owned());
    }
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if is_loopback(host) => Ok(url),
        ("http", Some(_)) => Err("is http, which is for loopback only; use https".to_owned()),
        _ => Err("is neither https nor http".to_owned()),
    }
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = r#"
        issuer = "https://login.example.org/v2.0"
        client_id = "idscore"
        client_secret_env = "SECRET"
        public_address = "https://score.example.org/"
    "#;

    fn parse(text: &str) -> Result<Settings, String> {
        Settings::parse(text, Path::new("sign-in.toml")).map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            format!("{error} {cause}")
        })
    }

    #[test]
    fn the_smallest_file_maps_microsofts_roles() {
        let settings = parse(SMALLEST).unwrap();
        assert_eq!(settings.mappings, Mappings::microsoft());
        assert_eq!(settings.public_address, "https://score.example.org");
        assert_eq!(settings.scopes, ["profile"]);
    }

    #[test]
    fn own_roles_stand_in_place_of_microsofts_unless_both_are_asked_for() {
        let own = "[[role]]\nvalue = 'a'\nrole = 'operator'\ntenants = ['t']\n[[role]]\nclaim = 'groups'\nvalue = 'b'\nrole = 'reader'\ntenants = ['*']\n";
        let of = |claim: &str, value: &str, role, tenant: &str| Mapping {
            claim: claim.to_owned(),
            value: value.to_owned(),
            role,
            tenants: vec![tenant.to_owned()],
        };
        let expected = Mappings::new(vec![of("app", "a", Role::Operator, "t"), of("groups", "b", Role::Reader, "*")]);
        assert_eq!(parse(&format!("{SMALLEST}claim = 'app'\n{own}")).unwrap().mappings, expected);
        let both = parse(&format!("{SMALLEST}claim = 'app'\nmicrosoft_roles = true\n{own}")).unwrap();
        assert_eq!(both.mappings, expected.and(Mappings::microsoft()));
    }

    #[test]
    fn what_would_be_unsafe_or_let_nobody_in_is_told() {
        for (change, said) in [
            (SMALLEST.replace("https://login", "http://login"), "`issuer` is http"),
            (SMALLEST.replace("https://score.example.org/", "https://score.example.org/a"), "lie at its root"),
            (SMALLEST.replace("https://score.example.org/", "http://score.example.org"), "loopback only"),
            (SMALLEST.replace("client_secret_env = \"SECRET\"", ""), "client_secret_file"),
            (format!("{SMALLEST}client_secret_file = 'x'"), "exclude each other"),
            (format!("{SMALLEST}microsoft_roles = false"), "nobody would get in"),
            (format!("{SMALLEST}[[role]]\nvalue = 'a'\nrole = 'reader'\ntenants = []"), "names no tenant"),
            (format!("{SMALLEST}[[role]]\nvalue = 'a'\nrole = 'owner'\ntenants = ['*']"), "unknown variant"),
            (format!("{SMALLEST}client_secret = 'x'"), "unknown field"),
        ] {
            let refused = parse(&change).unwrap_err();
            assert!(refused.contains(said), "{refused}");
        }
    }
}
