//! Which data set a path means.

use crate::endpoints::{ENDPOINTS, Endpoint, endpoint};
use crate::folder::Folder;
use crate::rows::ExportError;
use crate::scan::text;

/// v1.0 or beta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    Beta,
}

impl Version {
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// What a path leads to.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// A data set, or what one owner has of it.
    Set {
        endpoint: &'static Endpoint,
        owner: Option<String>,
    },
    /// The one object of a collection of one, by the name that beta gives it.
    Inner {
        endpoint: &'static Endpoint,
    },
    Delta {
        endpoint: &'static Endpoint,
    },
    Count {
        endpoint: &'static Endpoint,
    },
    ById {
        endpoint: &'static Endpoint,
        id: String,
    },
    /// Related objects of one row, such as the owners of an application.
    Related {
        endpoint: &'static Endpoint,
        id: String,
        relation: String,
    },
    /// Everybody in a group and in the groups in it.
    Transitive {
        group: String,
    },
    Metadata,
    Unknown {
        segment: String,
    },
}

impl Route {
    /// The data set, for limits, permissions and the fault script.
    pub fn endpoint(&self) -> Option<&'static Endpoint> {
        match self {
            Self::Set { endpoint, .. }
            | Self::Inner { endpoint }
            | Self::Delta { endpoint }
            | Self::Count { endpoint }
            | Self::ById { endpoint, .. }
            | Self::Related { endpoint, .. } => Some(endpoint),
            Self::Transitive { .. } => endpoint("members"),
            Self::Metadata | Self::Unknown { .. } => None,
        }
    }
}

/// Reads a path behind the version, decoded, such as `/groups/b1/members`.
pub(crate) fn route(path: &str, version: Version, folder: &Folder) -> Result<Route, ExportError> {
    let named: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if named == ["$metadata"] {
        return Ok(Route::Metadata);
    }
    if named == ["policies", "authorizationPolicy", "authorizationPolicy"]
        && version == Version::Beta
        && let Some(endpoint) = endpoint("authorizationPolicy")
    {
        return Ok(Route::Inner { endpoint });
    }
    let mut segments = Vec::new();
    for segment in &named {
        match keyed(segment, folder)? {
            Some((set, id)) => segments.extend([set, id]),
            None => segments.push((*segment).to_owned()),
        }
    }
    if segments == ["settings"] && version == Version::Beta {
        segments = vec!["groupSettings".to_owned()];
    }
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let Some((endpoint, owner)) = matching(&parts) {
        if endpoint.beta_only && version == Version::V1 {
            return Ok(unknown(&parts));
        }
        return Ok(Route::Set { endpoint, owner });
    }
    let Some((last, before)) = parts.split_last() else { return Ok(unknown(&parts)) };
    if let (["groups", group], "transitiveMembers") = (before, *last) {
        return Ok(Route::Transitive { group: (*group).to_owned() });
    }
    if let Some((endpoint, None)) = matching(before) {
        return Ok(match *last {
            "delta" | "delta()" if endpoint.delta => Route::Delta { endpoint },
            "$count" => Route::Count { endpoint },
            id if !id.starts_with('$') => Route::ById { endpoint, id: id.to_owned() },
            _ => unknown(&parts),
        });
    }
    if let Some((id, collection)) = before.split_last()
        && let Some((endpoint, None)) = matching(collection)
        && endpoint.relations.contains(last)
    {
        return Ok(Route::Related { endpoint, id: (*id).to_owned(), relation: (*last).to_owned() });
    }
    Ok(unknown(&parts))
}

fn unknown(parts: &[&str]) -> Route {
    Route::Unknown { segment: parts.last().copied().unwrap_or_default().to_owned() }
}

/// The data set with that path, and the owner in it.
fn matching(parts: &[&str]) -> Option<(&'static Endpoint, Option<String>)> {
    ENDPOINTS.iter().find_map(|endpoint| {
        let mut owner = None;
        let mut own = endpoint.path.split('/').skip(1);
        let mut given = parts.iter();
        loop {
            match (own.next(), given.next()) {
                (None, None) => return (!endpoint.path.is_empty()).then_some((endpoint, owner)),
                (Some("{id}"), Some(id)) => owner = Some((*id).to_owned()),
                (Some(wanted), Some(found)) if wanted == *found => {}
                _ => return None,
            }
        }
    })
}

/// `servicePrincipals(appId='…')` or `users('…')`: the collection, and the id of the row.
fn keyed(segment: &str, folder: &Folder) -> Result<Option<(String, String)>, ExportError> {
    let Some((name, key)) = segment.strip_suffix(')').and_then(|rest| rest.split_once('(')) else { return Ok(None) };
    let unquoted = |text: &str| text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map(str::to_owned);
    if let Some(id) = unquoted(key) {
        return Ok(Some((name.to_owned(), id)));
    }
    let Some((property, value)) = key.split_once('=') else { return Ok(None) };
    let (Some(value), Some(endpoint)) = (unquoted(value), endpoint(name)) else { return Ok(None) };
    let mut found = None;
    if let Some(rows) = folder.rows(endpoint.name)? {
        rows.for_each(|_, row| {
            if found.is_none() && text(row, property).as_deref() == Some(&value) {
                found = text(row, "id");
            }
        })?;
    }
    Ok(Some((name.to_owned(), found.unwrap_or(value))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(path: &str, version: Version) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("servicePrincipals")).unwrap();
        std::fs::write(folder.path().join("servicePrincipals/1.json"), r#"{"value":[{"id":"s1","appId":"a1"}]}"#)
            .unwrap();
        match route(path, version, &Folder::open(folder.path(), 1).unwrap()).unwrap() {
            Route::Set { endpoint, owner } => format!("set {} {}", endpoint.name, owner.unwrap_or_default()),
            Route::Inner { endpoint } => format!("inner {}", endpoint.name),
            Route::Delta { endpoint } => format!("delta {}", endpoint.name),
            Route::Count { endpoint } => format!("count {}", endpoint.name),
            Route::ById { endpoint, id } => format!("by id {} {id}", endpoint.name),
            Route::Related { endpoint, id, relation } => format!("related {} {id} {relation}", endpoint.name),
            Route::Transitive { group } => format!("transitive {group}"),
            Route::Metadata => "metadata".to_owned(),
            Route::Unknown { segment } => format!("unknown {segment}"),
        }
    }

    #[test]
    fn paths_lead_to_their_data_sets() {
        for (path, wanted) in [
            ("/users", "set users "),
            ("/users/delta", "delta users"),
            ("/users/$count", "count users"),
            ("/users/a1", "by id users a1"),
            ("/users('a1')", "by id users a1"),
            ("/groups/b1/members", "set members b1"),
            ("/groups/b1/transitiveMembers", "transitive b1"),
            ("/servicePrincipals(appId='a1')/appRoleAssignedTo", "set appRoleAssignedTo s1"),
            ("/applications/e1/owners", "related applications e1 owners"),
            ("/policies/crossTenantAccessPolicy/default", "set default "),
            ("/identity/conditionalAccess/policies", "set policies "),
            ("/$metadata", "metadata"),
            ("/signIns/delta", "unknown delta"),
            ("/", "unknown "),
        ] {
            assert_eq!(routed(path, Version::V1), wanted, "{path}");
        }
    }

    #[test]
    fn what_only_beta_has_is_unknown_in_v1() {
        assert_eq!(routed("/users/a1/authentication/requirements", Version::V1), "unknown requirements");
        assert_eq!(routed("/users/a1/authentication/requirements", Version::Beta), "set requirements a1");
        assert_eq!(routed("/settings", Version::Beta), "set groupSettings ");
        assert_eq!(
            routed("/policies/authorizationPolicy/authorizationPolicy", Version::Beta),
            "inner authorizationPolicy"
        );
    }
}
