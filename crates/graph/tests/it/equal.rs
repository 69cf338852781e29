//! What is read through the server is what the tenant is.

use idscore_graph::{Access, Credential, Status};
use idscore_graph_server::Server;
use idscore_tenantsim::{Edition, Options};

use crate::support::{
    Invented, assert_same, assert_same_outcomes, collect, connection, files, seen, unlimited, wanted,
};

#[test]
fn twenty_tenants_are_the_same_table_by_table() {
    for seed in 0..20_u32 {
        let edition = [Edition::Free, Edition::P1, Edition::P2, Edition::P2][(seed % 4) as usize];
        let tenant = Invented::of(&Options {
            users: 40 + 13 * seed,
            seed: u64::from(seed),
            edition: Some(edition),
            per_user_mfa: seed % 3 == 0,
            sign_ins: seed % 5 == 0,
            ..Options::default()
        });
        let server = Server::start(&tenant.export, unlimited()).unwrap();
        let out = tenant.beside("collected");
        let mut wanted = wanted(&out);
        wanted.per_user_mfa = seed % 3 == 0;
        wanted.sign_in_days = (seed % 5 == 0).then_some(30);
        let collection = collect(&connection(&server), &wanted).unwrap();
        let failed: Vec<_> = collection
            .missing()
            .filter(|set| set.status != Status::NotLicensed || edition == Edition::P2)
            .map(|set| (&set.name, set.status, &set.message))
            .collect();
        assert!(failed.is_empty(), "seed {seed}: {failed:?}");
        assert_same(&seen(&tenant.export), &seen(&out), &format!("seed {seed}"));
        assert_same_outcomes(&tenant.export, &out, &format!("seed {seed}"));
        assert_eq!(server.statistics().avoidable(), 0);
        assert!(server.statistics().most_at_once <= 8);
    }
}

#[test]
fn a_person_reads_the_on_premises_synchronisation_too() {
    let tenant =
        Invented::of(&Options { users: 60, seed: 3, hybrid: Some(true), on_premises_sync: true, ..Options::default() });
    let mut options = unlimited();
    options.sign_in.device_interval = 1;
    let server = Server::start(&tenant.export, options).unwrap();
    let out = tenant.beside("collected");
    let mut connection = connection(&server);
    let mut wanted = wanted(&out);
    wanted.on_premises_sync = true;
    let refused = collect(&connection, &wanted).unwrap_err();
    assert!(refused.to_string().starts_with("no application may read"), "{refused}");
    connection.credential = Credential::DeviceCode;
    let collection = collect(&connection, &wanted).unwrap();
    assert_eq!(collection.access, Some(Access::Delegated));
    assert_same(&seen(&tenant.export), &seen(&out), "with a person");
}

#[test]
fn an_export_says_when_where_and_of_whom_it_is() {
    let tenant = Invented::usual();
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let out = tenant.beside("collected");
    let collection = collect(&connection(&server), &wanted(&out)).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&files(&out)["collection.json"]).unwrap();
    let organization: serde_json::Value =
        serde_json::from_slice(&std::fs::read(tenant.export.join("organization/00001.json")).unwrap()).unwrap();
    assert_eq!(report["tenantId"], organization["value"][0]["id"]);
    assert_eq!((report["formatVersion"].as_u64(), report["cloud"].as_str()), (Some(1), Some("global")));
    assert_eq!((report["access"].as_str(), collection.access), (Some("application"), Some(Access::Application)));
    assert!(collection.started_at.unwrap() <= collection.finished_at.unwrap());
    // Data sets of options that were not given are not spoken of.
    let names: Vec<&str> = collection.data_sets.iter().map(|set| set.name.as_str()).collect();
    for absent in ["requirements", "signIns", "onPremisesSynchronization", "directoryRoles"] {
        assert!(!names.contains(&absent) && !out.join(absent).exists(), "{absent}");
    }
    // Nothing passing is left.
    assert!(files(&out).keys().all(|name| name.ends_with(".json") || name == "collection.state"));
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let tenant = Invented::usual();
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let out = tenant.beside("collected");
    collect(&connection(&server), &wanted(&out)).unwrap();
    let before = files(&out);
    let asked = server.statistics().requests;
    let refused = collect(&connection(&server), &wanted(&out)).unwrap_err();
    assert!(refused.to_string().ends_with("holds a collection already"), "{refused}");
    assert!(refused.hint().unwrap().contains("--resume"));
    assert_eq!((files(&out), server.statistics().requests), (before, asked), "and nobody was asked");
    let refused = collect(&connection(&server), &wanted(tenant.folder.path())).unwrap_err();
    assert!(refused.to_string().ends_with("is not empty, and no collection"), "{refused}");
}

/// A service collects on threads of its own.
#[test]
fn a_collection_may_run_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let tenant = Invented::usual();
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let (connection, wanted) = (connection(&server), wanted(&tenant.beside("collected")));
    let stop = idscore_graph::Stop::default();
    is_send(&idscore_graph::collect(&connection, &wanted, &idscore_graph::Unwatched, &stop));
    is_send(&idscore_graph::probe(&connection, &wanted, &idscore_graph::Unwatched, &stop));
}

#[test]
fn an_export_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let tenant = Invented::usual();
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let out = tenant.beside("collected");
    collect(&connection(&server), &wanted(&out)).unwrap();
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o700);
}
