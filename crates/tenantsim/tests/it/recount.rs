//! What `planted.json` says, counted again from the pages as written.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use idscore_tenantsim::{Edition, Options, Planted, Posture, generate};
use serde_json::Value;

struct Written {
    directory: tempfile::TempDir,
    planted: Planted,
}

fn write(options: &Options) -> Written {
    let directory = tempfile::tempdir().unwrap();
    let planted = generate(options, directory.path()).unwrap();
    Written { directory, planted }
}

impl Written {
    /// All rows of a data set, over all pages and owners.
    fn rows(&self, data_set: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        collect(&self.directory.path().join(data_set), &mut rows);
        rows
    }

    fn with_owner(&self, data_set: &str, owner: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        collect(&self.directory.path().join(data_set).join(owner), &mut rows);
        rows
    }
}

fn collect(folder: &Path, rows: &mut Vec<Value>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, rows);
        } else {
            let page: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            match page["value"].as_array() {
                Some(list) => rows.extend(list.iter().cloned()),
                None => rows.push(page),
            }
        }
    }
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

fn tenants() -> Vec<Written> {
    [Posture::Weak, Posture::Average, Posture::Strong]
        .into_iter()
        .enumerate()
        .map(|(number, posture)| {
            write(&Options {
                users: 1300,
                seed: 40 + number as u64,
                posture: Some(posture),
                edition: Some(Edition::P2),
                hybrid: Some(true),
                policies: Some(60),
                ..Options::default()
            })
        })
        .collect()
}

/// Ids that the declarations and the kind of account take out of the populations.
fn excepted(tenant: &Written) -> HashSet<String> {
    let declared = std::fs::read_to_string(tenant.directory.path().join("idscore.toml")).unwrap();
    let mut ids = HashSet::new();
    let mut table = "";
    for line in declared.lines() {
        if line.starts_with("[[") {
            table = line.trim_matches(['[', ']']);
        } else if let Some(id) = line.strip_prefix("id      = ")
            && ["break_glass", "service_account"].contains(&table)
        {
            ids.insert(id.trim_matches('"').to_owned());
        }
    }
    ids.extend(
        tenant
            .rows("users")
            .iter()
            .filter(|user| user["identityParentId"].is_string())
            .map(|user| text(user, "id").to_owned()),
    );
    let sync = tenant.rows("roleAssignments");
    ids.extend(
        sync.iter()
            .filter(|row| text(row, "roleDefinitionId").starts_with("d29b2b05"))
            .map(|row| text(row, "principalId").to_owned()),
    );
    ids
}

#[test]
fn members_and_guests_are_as_many_as_the_users_file_holds() {
    for tenant in tenants() {
        let out = excepted(&tenant);
        let users = tenant.rows("users");
        let judged: Vec<&Value> =
            users.iter().filter(|user| user["accountEnabled"] == true && !out.contains(text(user, "id"))).collect();
        let members = judged.iter().filter(|user| user["userType"] != "Guest").count() as u64;
        let populations = &tenant.planted.populations;
        assert_eq!(populations.users, users.len() as u64);
        assert_eq!((populations.members, populations.members_and_guests), (members, judged.len() as u64));
    }
}

#[test]
fn registered_members_are_those_of_the_report() {
    for tenant in tenants() {
        let out = excepted(&tenant);
        let report: HashMap<String, bool> = tenant
            .rows("userRegistrationDetails")
            .iter()
            .map(|row| (text(row, "id").to_owned(), row["isMfaRegistered"].as_bool().unwrap()))
            .collect();
        let mut counts = [0; 3];
        for user in tenant.rows("users") {
            if user["accountEnabled"] == true && user["userType"] != "Guest" && !out.contains(text(&user, "id")) {
                let place = match report.get(text(&user, "id")) {
                    Some(true) => 0,
                    Some(false) => 1,
                    None => 2,
                };
                counts[place] += 1;
            }
        }
        let planted = &tenant.planted.registration;
        assert_eq!(counts, [planted.registered.count, planted.not_registered.count, planted.not_reported.count]);
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    }
}

#[test]
fn global_administrators_are_those_of_the_assignments() {
    const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
    for tenant in tenants() {
        let users: HashSet<String> = tenant.rows("users").iter().map(|user| text(user, "id").to_owned()).collect();
        let holders = |data_set: &str| -> HashSet<String> {
            tenant
                .rows(data_set)
                .iter()
                .filter(|row| {
                    text(row, "roleDefinitionId") == GLOBAL_ADMINISTRATOR && text(row, "directoryScopeId") == "/"
                })
                .map(|row| text(row, "principalId").to_owned())
                .filter(|id| users.contains(id))
                .collect()
        };
        let active = holders("roleAssignments");
        let eligible = holders("roleEligibilityScheduleInstances");
        let planted: HashSet<String> = tenant.planted.global_admins_active.ids.iter().cloned().collect();
        assert_eq!(planted, active);
        let either: HashSet<String> = active.union(&eligible).cloned().collect();
        let planted: HashSet<String> = tenant.planted.global_admins_active_or_eligible.ids.iter().cloned().collect();
        assert_eq!(planted, either);
    }
}

#[test]
fn long_credentials_are_those_whose_dates_say_so() {
    let day = |at: &str| at.parse::<jiff::Timestamp>().unwrap().as_second() / 86_400;
    for tenant in tenants() {
        let taken_at = day(&tenant.planted.tenant.taken_at);
        let mut found = HashSet::new();
        for application in tenant.rows("applications") {
            for (list, limit) in [("passwordCredentials", 180), ("keyCredentials", 365)] {
                for credential in application[list].as_array().unwrap() {
                    let (start, end) = (day(text(credential, "startDateTime")), day(text(credential, "endDateTime")));
                    if end > taken_at && end - start > limit {
                        found.insert(text(credential, "keyId").to_owned());
                    }
                }
            }
        }
        let planted: HashSet<String> = tenant.planted.credentials_too_long.ids.iter().cloned().collect();
        assert_eq!(planted, found);
    }
}

#[test]
fn unprotected_users_divide_into_reasons_without_remainder() {
    for tenant in tenants() {
        for (name, protection) in &tenant.planted.protections {
            let all = protection.members_and_guests;
            assert_eq!(
                all.covered + all.escaping + all.unknown,
                tenant.planted.populations.members_and_guests,
                "{name}"
            );
            assert_eq!(protection.how.values().sum::<u64>(), all.escaping, "{name}");
            assert_eq!(protection.escaping.count, all.escaping, "{name}");
            assert!(protection.escaping.complete && protection.unknown.complete, "{name}");
            assert_eq!(
                protection.admins.covered + protection.admins.escaping + protection.admins.unknown,
                tenant.planted.populations.admins
            );
        }
    }
}

#[test]
fn members_of_every_group_that_a_policy_or_role_names_are_written_with_their_nests() {
    for tenant in tenants() {
        let known: HashSet<String> = tenant.rows("groups").iter().map(|group| text(group, "id").to_owned()).collect();
        let mut open: Vec<String> = Vec::new();
        for policy in tenant.rows("policies") {
            let users = &policy["conditions"]["users"];
            for key in ["includeGroups", "excludeGroups"] {
                open.extend(users[key].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()));
            }
        }
        open.extend(tenant.rows("roleAssignments").iter().map(|row| text(row, "principalId").to_owned()));
        open.retain(|id| known.contains(id));
        assert!(!open.is_empty());
        let mut seen = HashSet::new();
        while let Some(group) = open.pop() {
            if !seen.insert(group.clone()) {
                continue;
            }
            assert!(tenant.directory.path().join("members").join(&group).is_dir(), "{group}");
            let members = tenant.with_owner("members", &group);
            open.extend(
                members
                    .iter()
                    .filter(|row| row["@odata.type"] == "#microsoft.graph.group")
                    .map(|row| text(row, "id").to_owned()),
            );
        }
    }
}

#[test]
fn the_worst_case_has_about_as_many_signatures_as_asked_for() {
    let tenant = write(&Options { users: 4000, distinct_signatures: Some(3000), ..Options::default() });
    let distinct = tenant.planted.distinct_signatures;
    assert!((2500..=3100).contains(&distinct), "{distinct}");
}

#[test]
fn planted_survives_a_round_trip_through_its_file() {
    let tenant = write(&Options::default());
    let bytes = std::fs::read(tenant.directory.path().join("planted.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Planted>(&bytes).unwrap(), tenant.planted);
}
