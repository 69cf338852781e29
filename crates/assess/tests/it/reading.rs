//! A second, naive reading of Conditional Access: it lists concrete sign-ins and looks at every policy for each of them.
//!
//! It is written from what policies mean and shares nothing with `idscore_access`. Random tenants with every oddity that an
//! export can hold are judged by both. The naive reading has two answers: one that lets each open question be answered by
//! itself wherever it comes up, and one that tries out every answer. The proof must know at least what the first knows, and
//! nothing that the second doesn't.

mod claim;
mod demands;
mod people;
mod policies;
mod sign_ins;
mod tenants;
mod verdicts;

use std::collections::BTreeMap;
use std::path::Path;

use idscore_assess::{Configuration, Evidence, assess};
use idscore_catalogue::Catalogue;
use idscore_catalogue::control::Rule;
use idscore_catalogue::predicate::{Predicate, parse};
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use serde_json::{Value, json};

use crate::tenant::{Tenant as Export, user_page};
use tenants::Tenant;
use verdicts::{Profile, Protection, Verdicts};

const TENANTS: u64 = 1_000;
const CONTEXTS: usize = 20_000;
const PROFILES: [Profile; 3] = [Profile::Compat, Profile::Standard, Profile::Strict];

/// Every protection's verdict for every user under one profile.
type Proven = BTreeMap<(String, String), Option<bool>>;

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    tenants: u64,
    too_many_contexts: u64,
    contexts: usize,
    met: u64,
    not_met: u64,
    unknown: u64,
    /// Unknown to the proof, and certain once every answer is tried out.
    correlated: u64,
    disagreements: Vec<String>,
}

#[test]
fn a_naive_reading_of_concrete_sign_ins_agrees_with_the_proofs_or_both_say_unknown() {
    let tenants = std::env::var("IDSCORE_READING_TENANTS").ok().and_then(|text| text.parse().ok()).unwrap_or(TENANTS);
    let first = std::env::var("IDSCORE_READING_FIRST").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let tally = compare(first, tenants);
    println!(
        "{} tenants, {} sign-ins listed, {} tenants with too many; met {}, not met {}, unknown {}, of these {} decided by trying out",
        tally.tenants,
        tally.contexts,
        tally.too_many_contexts,
        tally.met,
        tally.not_met,
        tally.unknown,
        tally.correlated
    );
    if let Some(file) = std::env::var_os("IDSCORE_READING_LIST") {
        std::fs::write(file, tally.disagreements.join("\n")).unwrap();
    }
    let shown: Vec<&str> = tally.disagreements.iter().take(20).map(String::as_str).collect();
    assert!(tally.disagreements.is_empty(), "{} disagreements:\n{}", tally.disagreements.len(), shown.join("\n"));
    assert!(tally.met > 0 && tally.not_met > 0 && tally.unknown > 0);
}

fn compare(first: u64, tenants: u64) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4) as u64;
    let mut tallies: Vec<Tally> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || share(first + thread, threads, tenants / threads))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut total = tallies.remove(0);
    for tally in tallies {
        total.tenants += tally.tenants;
        total.too_many_contexts += tally.too_many_contexts;
        total.contexts += tally.contexts;
        total.met += tally.met;
        total.not_met += tally.not_met;
        total.unknown += tally.unknown;
        total.correlated += tally.correlated;
        total.disagreements.extend(tally.disagreements);
    }
    total
}

/// One thread's share of the tenants.
fn share(first: u64, step: u64, wanted: u64) -> Tally {
    let protections = Protection::read_all();
    let catalogue = asking(&protections);
    let mut tally = Tally::default();
    let mut seed = first;
    while tally.tenants < wanted {
        let tenant = tenants::tenant(seed);
        match verdicts::contexts(&tenant, &protections) {
            contexts if contexts > CONTEXTS => tally.too_many_contexts += 1,
            contexts => {
                tally.tenants += 1;
                tally.contexts += contexts;
                judge(seed, &tenant, &protections, &catalogue, &mut tally);
            }
        }
        seed += step;
    }
    tally
}

fn judge(seed: u64, tenant: &Tenant, protections: &[Protection], catalogue: &Catalogue, tally: &mut Tally) {
    let folder = tempfile::tempdir().unwrap();
    export(tenant).write(&folder.path().join("export"));
    let stored = folder.path().join("snapshot");
    if let Err(error) = write_snapshot(&folder.path().join("export"), &stored, &ReadOptions::default()) {
        tally.disagreements.push(format!("seed {seed}: the export is refused: {error}"));
        return;
    }
    let snapshot = Snapshot::open(&stored).unwrap();
    for profile in PROFILES {
        let proven = proven(&snapshot, catalogue, tenant, profile);
        for Verdicts { protection, user, independently, exactly } in verdicts::verdicts(tenant, protections, profile) {
            let Some(verdict) = proven.get(&(user.clone(), protection.clone())) else {
                tally.disagreements.push(format!("seed {seed}: no verdict on {protection} of {user}"));
                continue;
            };
            let at_least = independently.is_none() || independently == *verdict;
            let at_most = verdict.is_none() || *verdict == exactly();
            if !(at_least && at_most) {
                tally.disagreements.push(format!(
                    "seed {seed} {profile:?} {protection} {user}: proof {verdict:?}, reading {independently:?}, tried out {:?}\n{}",
                    exactly(),
                    shown(tenant)
                ));
            }
            match verdict {
                Some(true) => tally.met += 1,
                Some(false) => tally.not_met += 1,
                None => {
                    tally.unknown += 1;
                    tally.correlated += u64::from(exactly().is_some());
                }
            }
        }
    }
}

/// The tenant, for a message.
fn shown(tenant: &Tenant) -> String {
    if std::env::var_os("IDSCORE_READING_SHOW").is_none() {
        return "(IDSCORE_READING_SHOW=1 shows the tenant)".to_owned();
    }
    let policies: Vec<String> = tenant.policies.iter().map(Value::to_string).collect();
    let people: Vec<String> =
        tenant.users.iter().map(|user| format!("{} {:?}", user["userPrincipalName"], user.get("userType"))).collect();
    format!(
        "{}\nusers {people:?}\nmembers {:?}\nactive {:?}\neligible {:?}\nlocations {:?} {}",
        policies.join("\n"),
        tenant.members,
        tenant.role_assignments,
        tenant.eligible_assignments,
        tenant.locations,
        tenant.locations_version
    )
}

/// The catalogue with a single control, which shows every protection of every user.
fn asking(protections: &[Protection]) -> Catalogue {
    let mut catalogue = Catalogue::embedded().unwrap();
    let mut control = catalogue.control("BlockLegacyAuthentication").unwrap().clone();
    let about_users = |text: &str| -> Predicate { parse(text, catalogue.columns("users")).unwrap() };
    for check in control.checks.values_mut() {
        check.filter = about_users("id IS NOT NULL");
        check.rule = Rule::Met(about_users("id IS NULL"));
        check.evidence = protections.iter().map(|protection| protection.column.clone()).collect();
    }
    control.notes.clear();
    catalogue.controls = vec![control];
    catalogue.frameworks.clear();
    catalogue
}

fn proven(snapshot: &Snapshot, catalogue: &Catalogue, tenant: &Tenant, profile: Profile) -> Proven {
    let mut text = format!("profile = \"{}\"\n", profile.word());
    if let Some(app) = tenant.allowed_app {
        text.push_str(&format!(
            "[[allowed_app_exclusion]]\nid = \"{app}\"\nowner = \"IT\"\nreason = \"old\"\nexpires = \"2027-06-30\"\n"
        ));
    }
    let configuration = Configuration::parse(&text, Path::new("idscore.toml")).unwrap();
    let judgement = assess(snapshot, catalogue, &configuration, &Evidence::First(100)).unwrap();
    let rows = judgement.evidence.into_values().flatten();
    rows.flat_map(|row| {
        row.evidence.into_iter().map(move |(column, value)| ((row.object_id.clone(), column), value.as_bool()))
    })
    .collect()
}

/// The tenant as an export.
fn export(tenant: &Tenant) -> Export {
    let add = |export: Export, data_set: &str, objects: &[Value]| {
        objects.iter().fold(export, |export, object| export.with(data_set, object.clone()))
    };
    let mut export = Export::default()
        .with(
            "roleDefinitions",
            role(tenants::CONDITIONAL_ACCESS_ADMINISTRATOR, "Conditional Access Administrator", true),
        )
        .with("roleDefinitions", role(tenants::CUSTOM_ROLE, "Own role", false))
        .with(
            "applications",
            json!({"id": "0b000000-0000-4000-8000-000000000001", "appId": tenants::OWN_APP, "displayName": "Own app",
            "passwordCredentials": [], "keyCredentials": [], "owners": []}),
        );
    for (data_set, objects) in [
        ("users", &tenant.users),
        ("userRegistrationDetails", &tenant.registered),
        ("groups", &tenant.groups),
        ("roleAssignments", &tenant.role_assignments),
        ("roleAssignmentScheduleInstances", &tenant.role_assignments),
        ("roleEligibilityScheduleInstances", &tenant.eligible_assignments),
        ("authenticationStrengthPolicies", &tenant.strengths),
        ("policies", &tenant.policies),
    ] {
        export = add(export, data_set, objects);
    }
    for (group, members) in &tenant.members {
        export = export.with("members", json!({"owner": group, "value": members}));
    }
    for (user, state) in &tenant.states {
        export = export.with("requirements", user_page(user, json!({"perUserMfaState": state})));
    }
    export = export.served_by("namedLocations", tenant.locations_version);
    match &tenant.locations {
        Some(locations) => add(export, "namedLocations", locations),
        None => export.refused("namedLocations", "Policy.Read.All"),
    }
}

fn role(id: &str, name: &str, built_in: bool) -> Value {
    json!({"id": id, "templateId": id, "displayName": name, "isBuiltIn": built_in, "isEnabled": true, "isPrivileged": true})
}
