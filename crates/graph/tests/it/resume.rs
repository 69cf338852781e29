//! Interrupted, then resumed: the same export in the end.

use std::time::Duration;

use idscore_graph::{CollectError, Stop, Unwatched};
use idscore_graph_server::Server;
use idscore_tenantsim::{Edition, Options};

use crate::support::{Invented, assert_same, collect, connection, faulty, seen, unlimited, wanted};

fn tenant() -> Invented {
    Invented::of(&Options {
        users: 150,
        seed: 21,
        edition: Some(Edition::P2),
        per_user_mfa: true,
        ..Options::default()
    })
}

const SMALL_PAGES: &str = "[[fault]]\npage_size = 9\n[[fault]]\ndelay_ms = 3\n";

#[test]
fn stopped_at_any_moment_it_goes_on_from_there() {
    let tenant = tenant();
    let expected = seen(&tenant.export);
    let server = Server::start(&tenant.export, faulty(SMALL_PAGES)).unwrap();
    let connection = connection(&server);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let out = tenant.beside("collected");
    let mut wanted = wanted(&out);
    wanted.per_user_mfa = true;
    let (mut stops, mut done_at_last) = (0, false);
    for attempt in 0..40 {
        let stop = Stop::default();
        let stopping = stop.clone();
        let done = runtime.block_on(async {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(40 + 40 * attempt)).await;
                stopping.stop();
            });
            idscore_graph::collect(&connection, &wanted, &Unwatched, &stop).await
        });
        wanted.resume = true;
        match done {
            Ok(collection) => {
                assert_eq!(collection.missing().count(), 0);
                done_at_last = true;
                break;
            }
            Err(CollectError::Interrupted { .. }) => {
                stops += 1;
                // What is there says that it is not all.
                if let Ok(report) = std::fs::read(out.join("collection.json")) {
                    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
                    let sets = report["dataSets"].as_array().unwrap();
                    let whole = sets.iter().all(|set| set["status"] == "complete");
                    assert!(whole || sets.iter().any(|set| set["errorCode"] == "interrupted"));
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(stops >= 3 && done_at_last, "{stops} stops");
    assert_same(&expected, &seen(&out), "resumed");
}

#[test]
fn what_was_read_is_not_read_again() {
    let tenant = tenant();
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let out = tenant.beside("collected");
    let mut wanted = wanted(&out);
    collect(&connection(&server), &wanted).unwrap();
    let before = server.statistics().requests;
    wanted.resume = true;
    collect(&connection(&server), &wanted).unwrap();
    // Counting, and asking what changed meanwhile.
    assert!(server.statistics().requests - before <= 6, "{}", server.statistics().requests - before);
}

#[test]
fn a_page_token_that_expired_meanwhile_begins_that_data_set_anew() {
    let tenant = tenant();
    let script = "[[fault]]\ndata_set = \"users\"\npage_size = 20\n[[fault]]\ndata_set = \"users\"\nfrom = 4\nuntil = 12\nstatus = 503\n\
        [[fault]]\ndata_set = \"users\"\nnth = 13\nexpired_page_token = true\n";
    let server = Server::start(&tenant.export, faulty(script)).unwrap();
    let out = tenant.beside("collected");
    let mut wanted = wanted(&out);
    let collection = collect(&connection(&server), &wanted).unwrap();
    let users = collection.data_sets.iter().find(|set| set.name == "users").unwrap();
    assert!(users.status == idscore_graph::Status::Failed && out.join("users/00001.json").is_file(), "{users:?}");
    wanted.resume = true;
    let collection = collect(&connection(&server), &wanted).unwrap();
    assert_eq!(collection.missing().collect::<Vec<_>>(), Vec::<&idscore_graph::DataSetReport>::new());
    wanted.per_user_mfa = true;
    collect(&connection(&server), &wanted).unwrap();
    assert_same(&seen(&tenant.export), &seen(&out), "begun anew");
}

#[test]
fn another_tenant_does_not_go_on_with_a_collection() {
    let (one, other) = (tenant(), Invented::usual());
    let out = one.beside("collected");
    let mut wanted = wanted(&out);
    let server = Server::start(&one.export, unlimited()).unwrap();
    collect(&connection(&server), &wanted).unwrap();
    let second = Server::start(&other.export, unlimited()).unwrap();
    wanted.resume = true;
    let refused = collect(&connection(&second), &wanted).unwrap_err();
    assert!(refused.to_string().contains("holds a collection of tenant"), "{refused}");
}
