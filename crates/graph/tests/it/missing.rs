//! What can't be read is said, and costs exactly the controls that need it.

use std::collections::{BTreeMap, BTreeSet};

use idscore_assess::{Cost, needs};
use idscore_catalogue::Catalogue;
use idscore_graph::{BUNDLES, Status, Stop, Unwatched, data_sets_of, granted_by, probe};
use idscore_graph_server::{self as graph_server, Server};
use idscore_score::{Outcome, Profile};

use crate::support::{Invented, collect, connection, faulty, outcomes, seen, unlimited, wanted};

/// What our bundles ask for.
fn bundled() -> Vec<String> {
    BUNDLES.iter().flat_map(|bundle| bundle.permissions).map(|permission| (*permission).to_owned()).collect()
}

#[test]
fn the_bundles_are_enough_for_everything() {
    let tenant = Invented::usual();
    let server = Server::start(&tenant.export, graph_server::Options { grant: bundled(), ..unlimited() }).unwrap();
    let out = tenant.beside("collected");
    let collection = collect(&connection(&server), &wanted(&out)).unwrap();
    assert_eq!(collection.missing().collect::<Vec<_>>(), Vec::<&idscore_graph::DataSetReport>::new());
}

#[test]
fn every_permission_removed_in_turn_costs_exactly_the_controls_that_need_it() {
    let catalogue = Catalogue::embedded().unwrap();
    let tenant = Invented::usual();
    let whole = outcomes(&tenant.export);
    let mut wrong = Vec::new();
    for permission in bundled() {
        // Directory.Read.All opens nearly everything: without the others, only what it alone opens is of interest.
        let grant: Vec<String> =
            bundled().into_iter().filter(|other| *other != permission && other != "Directory.Read.All").collect();
        let server = Server::start(&tenant.export, graph_server::Options { grant, ..unlimited() }).unwrap();
        let out = tenant.beside(&format!("without-{permission}"));
        let collection = collect(&connection(&server), &wanted(&out)).unwrap();
        let lost: BTreeMap<&str, Status> = collection.missing().map(|set| (set.name.as_str(), set.status)).collect();
        let brings: BTreeSet<&str> = data_sets_of(&permission)
            .chain(data_sets_of("Directory.Read.All"))
            .filter(|set| set.option.is_none())
            .map(|set| set.name)
            .collect();
        for (name, status) in &lost {
            let owner_lost = *status == Status::Failed && permission != "Directory.Read.All";
            assert!(brings.contains(name) || owner_lost, "{permission}: `{name}` is {status:?}");
        }
        for set in collection.missing().filter(|set| set.status == Status::Refused) {
            let (_, named) = granted_by(&set.permission).unwrap();
            assert!(named == permission || named == "Directory.Read.All" || set.name == "signInActivity", "{set:?}");
            assert!(set.error_code.is_some() && set.rows == 0);
        }
        let judged = outcomes(&out);
        for (id, (before, ..)) in &whole {
            let control = catalogue.control(id).unwrap();
            let needed = needs(&catalogue, control, Profile::Standard);
            let blocked = needed.iter().any(|(name, cost)| *cost == Cost::All && lost.contains_key(name));
            let touched = needed.keys().any(|name| lost.contains_key(name));
            let after = judged[id].0;
            if blocked && !matches!(after, Outcome::NotAssessed | Outcome::NotApplicable) {
                wrong.push(format!("{permission}: {id} is {after:?} all the same"));
            } else if !touched && after != *before {
                wrong.push(format!("{permission}: {id} needs nothing of it, and became {after:?} from {before:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn with_the_core_bundle_alone_a_score_comes() {
    let tenant = Invented::usual();
    let grant = BUNDLES[0].permissions.iter().map(|permission| (*permission).to_owned()).collect();
    let server = Server::start(&tenant.export, graph_server::Options { grant, ..unlimited() }).unwrap();
    let out = tenant.beside("collected");
    let collection = collect(&connection(&server), &wanted(&out)).unwrap();
    let complete: BTreeSet<&str> = collection.complete().map(|set| set.name.as_str()).collect();
    assert!(
        ["users", "groups", "members", "policies", "roleAssignments", "domains"]
            .iter()
            .all(|name| complete.contains(name))
    );
    assert!(!complete.contains("userRegistrationDetails") && !complete.contains("applications"));
    let judged = outcomes(&out);
    assert!(judged.values().any(|(outcome, ..)| *outcome == Outcome::Met || *outcome == Outcome::Partial));
    assert_eq!(judged["MFARegistrationV2"].0, Outcome::NotAssessed);
}

#[test]
fn a_free_tenant_lacks_licences_and_no_permission() {
    let tenant = Invented::usual();
    let server = Server::start(
        &tenant.export,
        graph_server::Options { edition: Some(graph_server::Edition::Free), ..unlimited() },
    )
    .unwrap();
    let collection = collect(&connection(&server), &wanted(&tenant.beside("collected"))).unwrap();
    let missing: BTreeMap<&str, Status> = collection.missing().map(|set| (set.name.as_str(), set.status)).collect();
    assert!(missing.values().all(|status| *status == Status::NotLicensed), "{missing:?}");
    for name in
        ["signInActivity", "userRegistrationDetails", "roleEligibilityScheduleInstances", "riskyUsers", "definitions"]
    {
        assert!(missing.contains_key(name), "{name}");
    }
    assert!(!missing.contains_key("users") && !missing.contains_key("roleAssignments"));
}

#[test]
fn one_endpoint_that_is_down_for_good_costs_no_other() {
    let tenant = Invented::usual();
    let server = Server::start(&tenant.export, faulty("[[fault]]\ndata_set = \"domains\"\nstatus = 503\n")).unwrap();
    let out = tenant.beside("collected");
    let collection = collect(&connection(&server), &wanted(&out)).unwrap();
    let missing: BTreeMap<&str, Status> = collection.missing().map(|set| (set.name.as_str(), set.status)).collect();
    assert_eq!(missing, BTreeMap::from([("domains", Status::Failed), ("federationConfiguration", Status::Failed)]));
    let domains = collection.data_sets.iter().find(|set| set.name == "domains").unwrap();
    assert!(domains.message.as_deref().unwrap().ends_with("and so 8 times in a row"), "{domains:?}");
    // It comes later, and nothing else is asked again.
    drop(server);
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let mut again = wanted(&out);
    again.resume = true;
    let mut connection = connection(&server);
    connection.hosts =
        idscore_graph::Hosts::new(idscore_graph::Cloud::Global, Some(server.url()), Some(server.url())).unwrap();
    let refused = collect(&connection, &again).unwrap_err();
    assert!(refused.to_string().contains("holds a collection from"), "another server is another tenant: {refused}");
}

#[test]
fn role_assignments_that_are_refused_are_read_from_activated_roles() {
    let tenant = Invented::usual();
    let script = "[[fault]]\ndata_set = \"roleAssignments\"\nstatus = 403\ncode = \"Authorization_RequestDenied\"\n";
    let server = Server::start(&tenant.export, faulty(script)).unwrap();
    let collection = collect(&connection(&server), &wanted(&tenant.beside("collected"))).unwrap();
    let status = |name: &str| collection.data_sets.iter().find(|set| set.name == name).map(|set| set.status);
    assert_eq!(status("roleAssignments"), Some(Status::Refused));
    assert!(status("directoryRoles").is_some());
}

#[test]
fn a_trial_writes_nothing_and_sees_what_a_collection_would() {
    let tenant = Invented::usual();
    let without =
        vec!["AuditLog.Read.All".to_owned(), "Application.Read.All".to_owned(), "Directory.Read.All".to_owned()];
    let server = Server::start(&tenant.export, graph_server::Options { without, ..unlimited() }).unwrap();
    let out = tenant.beside("collected");
    let (connection, wanted) = (connection(&server), wanted(&out));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let trial = runtime.block_on(probe(&connection, &wanted, &Unwatched, &Stop::default())).unwrap();
    assert!(!out.exists());
    let asked = server.statistics();
    assert!(asked.rows < 2500, "each data set is asked for once, cheaply: {} rows", asked.rows);
    assert!(trial.granted.contains(&"Policy.Read.All".to_owned()) && trial.tenant_id.is_some());
    let collection = collect(&connection, &wanted).unwrap();
    let refused = |sets: &[idscore_graph::DataSetReport]| -> BTreeSet<String> {
        sets.iter().filter(|set| set.status == Status::Refused).map(|set| set.name.clone()).collect()
    };
    assert_eq!(refused(&trial.data_sets), refused(&collection.data_sets));
    assert!(seen(&out).contains_key("users"));
}
