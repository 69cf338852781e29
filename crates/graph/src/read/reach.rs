//! Which objects the pages on disk name: groups that policies and roles reach, federated domains, the service
//! principal of Microsoft Graph.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use super::Reader;
use super::owners::Tally;
use crate::error::CollectError;
use crate::plan::Reading;
use crate::request::Fault;
use crate::write::Folder;

/// Microsoft Graph's client id.
const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Objects by id. Most ids are GUIDs and take sixteen bytes.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    guids: HashSet<u128>,
    others: HashSet<String>,
}

impl Ids {
    /// Whether it is new.
    pub(crate) fn insert(&mut self, id: &str) -> bool {
        match guid(id) {
            Some(guid) => self.guids.insert(guid),
            None => self.others.insert(id.to_ascii_lowercase()),
        }
    }

    fn contains(&self, id: &str) -> bool {
        guid(id).map_or_else(|| self.others.contains(&id.to_ascii_lowercase()), |guid| self.guids.contains(&guid))
    }
}

fn guid(id: &str) -> Option<u128> {
    let is_guid = id.len() == 36 && [8, 13, 18, 23].iter().all(|at| id.as_bytes().get(*at) == Some(&b'-'));
    if !is_guid {
        return None;
    }
    let hex: String = id.chars().filter(|c| *c != '-').collect();
    u128::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == 32)
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Holder {
    principal_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Domain {
    id: String,
    #[serde(default)]
    authentication_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Principal {
    id: String,
    #[serde(default)]
    app_id: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(default, rename = "@odata.type")]
    kind: Option<String>,
    id: String,
}

/// What the pages name.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Groups that exist; none where the list was not read.
    groups: Option<Ids>,
    /// Groups that policies, roles and methods name.
    pub(crate) reached: BTreeSet<String>,
    /// Groups that hold a role.
    pub(crate) role_groups: BTreeSet<String>,
    pub(crate) federated: Vec<String>,
    pub(crate) microsoft_graph: Vec<String>,
}

impl Named {
    /// Looks into the pages of the data sets that were read.
    pub(crate) fn read(out: &std::path::Path, is_whole: &dyn Fn(&str) -> bool) -> Result<Self, CollectError> {
        let mut named = Self::default();
        let each = |name: &str, object: &mut dyn FnMut(&str)| {
            if is_whole(name) { Folder::of(out, name).each(object) } else { Ok(()) }
        };
        if is_whole("groups") {
            let mut groups = Ids::default();
            each("groups", &mut |group| {
                if let Ok(group) = serde_json::from_str::<Identified>(group) {
                    groups.insert(&group.id);
                }
            })?;
            named.groups = Some(groups);
        }
        let mut candidates = BTreeSet::new();
        each("policies", &mut |policy| {
            let policy: Value = serde_json::from_str(policy).unwrap_or_default();
            for list in ["includeGroups", "excludeGroups"] {
                let groups = policy.pointer(&format!("/conditions/users/{list}")).and_then(Value::as_array);
                candidates.extend(groups.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            }
        })?;
        for name in ["authenticationMethodsPolicy", "adminConsentRequestPolicy"] {
            each(name, &mut |policy| {
                targets(&serde_json::from_str(policy).unwrap_or_default(), &mut candidates);
            })?;
        }
        let mut holders = BTreeSet::new();
        for name in ["roleAssignments", "roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances"] {
            each(name, &mut |assignment| {
                if let Ok(holder) = serde_json::from_str::<Holder>(assignment) {
                    holders.insert(holder.principal_id);
                }
            })?;
        }
        if let Some(groups) = &named.groups {
            // Somebody else's id, or that of a group that was deleted, is no group.
            named.role_groups = holders.into_iter().filter(|holder| groups.contains(holder)).collect();
            candidates.retain(|group| groups.contains(group));
        }
        named.reached = candidates.union(&named.role_groups).cloned().collect();
        each("domains", &mut |domain| {
            if let Ok(domain) = serde_json::from_str::<Domain>(domain)
                && domain.authentication_type.is_some_and(|kind| kind.eq_ignore_ascii_case("federated"))
            {
                named.federated.push(domain.id);
            }
        })?;
        each("servicePrincipals", &mut |principal| {
            if let Ok(principal) = serde_json::from_str::<Principal>(principal)
                && principal.app_id.is_some_and(|app| app.eq_ignore_ascii_case(MICROSOFT_GRAPH))
            {
                named.microsoft_graph.push(principal.id);
            }
        })?;
        Ok(named)
    }

    fn exists(&self, group: &str) -> bool {
        self.groups.as_ref().is_none_or(|groups| groups.contains(group))
    }
}

/// Groups that a policy names as targets or reviewers, however deep.
fn targets(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let text = |name: &str| object.get(name).and_then(Value::as_str);
            if text("targetType").is_some_and(|kind| kind.eq_ignore_ascii_case("group"))
                && let Some(id) = text("id").filter(|id| guid(id).is_some())
            {
                found.insert(id.to_owned());
            }
            if let Some(query) = text("query") {
                let mut parts = query.split('/');
                if parts.by_ref().any(|part| part.eq_ignore_ascii_case("groups"))
                    && let Some(id) = parts.next().filter(|id| guid(id).is_some())
                {
                    found.insert(id.to_owned());
                }
            }
            object.values().for_each(|value| targets(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| targets(value, found)),
        _ => {}
    }
}

impl Reader<'_> {
    /// Reads the members of every group that is reached, and of the groups in them, until no new one comes.
    pub(crate) async fn members(&self, reading: &Reading, named: &Named, deadline: Instant) -> Result<Tally, Fault> {
        let folder = Folder::of(self.out, reading.name);
        let rows = AtomicU64::new(0);
        let mut tally = Tally::default();
        let mut known: BTreeMap<String, bool> =
            named.reached.iter().map(|group| (group.to_ascii_lowercase(), named.role_groups.contains(group))).collect();
        let mut wave: Vec<String> = named.reached.iter().cloned().collect();
        while !wave.is_empty() {
            // v1.0 leaves service principals out, which may hold roles through a group.
            let (with_roles, others): (Vec<String>, Vec<String>) =
                wave.iter().cloned().partition(|group| known.get(&group.to_ascii_lowercase()) == Some(&true));
            for (version, owners) in [("v1.0", others), ("beta", with_roles)] {
                if !owners.is_empty() {
                    tally.add(self.owners(reading, version, owners, deadline, &rows).await?);
                }
            }
            let mut next = Vec::new();
            for group in &wave {
                let has_role = known.get(&group.to_ascii_lowercase()) == Some(&true);
                folder.owner(group)?.each(|member| {
                    let Ok(member) = serde_json::from_str::<Member>(member) else { return };
                    let nested = member.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("#microsoft.graph.group"));
                    // A cycle ends where a group is known.
                    if nested && named.exists(&member.id) && !known.contains_key(&member.id.to_ascii_lowercase()) {
                        known.insert(member.id.to_ascii_lowercase(), has_role);
                        next.push(member.id);
                    }
                })?;
            }
            wave = next;
        }
        let _ = rows.load(Ordering::Relaxed);
        Ok(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn targets_and_reviewers_are_found_wherever_they_stand() {
        let (a, b, c) = (
            "b0000000-0000-4000-8000-00000000000a",
            "b0000000-0000-4000-8000-00000000000b",
            "b0000000-0000-4000-8000-00000000000c",
        );
        let policy = json!({
            "authenticationMethodConfigurations": [{
                "includeTargets": [{"id": "all_users", "targetType": "group"}, {"id": a, "targetType": "group"}],
                "excludeTargets": [{"id": "a0000000-0000-4000-8000-00000000000a", "targetType": "user"}],
                "featureSettings": {"x": {"includeTarget": {"targetType": "group", "id": b}}},
            }],
            "reviewers": [{"query": format!("/v1.0/groups/{c}/transitiveMembers"), "queryType": "MicrosoftGraph"},
                {"query": "/v1.0/users/a0000000-0000-4000-8000-00000000000b"}],
        });
        let mut found = BTreeSet::new();
        targets(&policy, &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [a, b, c]);
    }

    #[test]
    fn ids_are_compared_without_case_and_need_not_be_guids() {
        let mut groups = Ids::default();
        groups.insert("B0000000-0000-4000-8000-00000000000A");
        groups.insert("Odd-Id");
        assert!(groups.contains("b0000000-0000-4000-8000-00000000000a") && groups.contains("odd-id"));
        assert!(!groups.contains("b0000000-0000-4000-8000-00000000000b") && !groups.contains(""));
    }
}
