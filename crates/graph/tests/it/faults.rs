//! Everything that goes wrong on the wire, and the same export in the end.

use idscore_graph::{CollectError, Status};
use idscore_graph_server::Server;
use idscore_tenantsim::{Edition, Options};

use crate::support::{Invented, assert_same, assert_same_outcomes, collect, connection, faulty, seen, wanted};

fn tenant(users: u32, seed: u64) -> Invented {
    Invented::of(&Options { users, seed, edition: Some(Edition::P2), per_user_mfa: true, ..Options::default() })
}

/// Collects through a server with that script, and compares with the tenant.
fn same_under(tenant: &Invented, script: &str, what: &str) -> idscore_graph::Collection {
    let server = Server::start(&tenant.export, faulty(script)).unwrap();
    let out = tenant.beside(what);
    let mut wanted = wanted(&out);
    wanted.per_user_mfa = true;
    let collection = collect(&connection(&server), &wanted).unwrap();
    let missing: Vec<_> = collection.missing().map(|set| (&set.name, set.status, &set.message)).collect();
    assert!(missing.is_empty(), "{what}: {missing:?}");
    assert_same(&seen(&tenant.export), &seen(&out), what);
    assert_same_outcomes(&tenant.export, &out, what);
    collection
}

#[test]
fn each_fault_by_itself_changes_nothing() {
    let tenant = tenant(150, 5);
    let small = "[[fault]]\ndata_set = \"users\"\npage_size = 17\n";
    for (what, script) in [
        ("429 without a word, once for each class", "[[fault]]\nclass = \"IPC\"\nnth = 2\nstatus = 429\n"),
        ("429 in a batch", "[[fault]]\nin_batch = true\nevery = 3\nstatus = 429\n"),
        ("a whole batch of 429", "[[fault]]\nin_batch = true\nuntil = 20\nstatus = 429\n"),
        ("503 now and then", "[[fault]]\nevery = 4\nstatus = 503\n"),
        ("HTML from a gateway", "[[fault]]\nevery = 5\nstatus = 502\nhtml = true\n"),
        ("cut connections", "[[fault]]\nin_batch = false\nevery = 7\nreset = true\n"),
        ("bodies that end in the middle", "[[fault]]\nin_batch = false\nevery = 6\ncut_after = 200\n"),
        ("slow bodies", "[[fault]]\nin_batch = false\nevery = 9\nslow_ms = 40\n"),
        ("tokens that expire in the middle", "[[fault]]\nin_batch = false\nevery = 10\nexpire_tokens = true\n"),
        ("properties that nobody knows", "[[fault]]\nextra_properties = true\n"),
        ("replicas in another order", "[[fault]]\nreorder = true\n"),
        ("a count that is off", "[[fault]]\ncount_off = 40\n"),
    ] {
        same_under(&tenant, &format!("{script}{small}"), what);
    }
}

#[test]
fn paging_that_misbehaves_loses_and_doubles_nothing() {
    let tenant = tenant(150, 6);
    for (what, script) in [
        ("short pages of changing size", "[[fault]]\npage_size = 23\n[[fault]]\nevery = 3\npage_size = 5\n"),
        ("an empty page with a next one", "[[fault]]\npage_size = 29\n[[fault]]\nevery = 2\nempty_page = true\n"),
        ("pages that overlap", "[[fault]]\ndata_set = \"users\"\npage_size = 31\noverlap = 4\n"),
        (
            "an expired page token",
            "[[fault]]\ndata_set = \"users\"\npage_size = 20\n[[fault]]\ndata_set = \"users\"\nnth = 5\nexpired_page_token = true\n",
        ),
    ] {
        same_under(&tenant, script, what);
    }
}

#[test]
fn everything_at_once_by_chance() {
    for seed in 0..4 {
        let tenant = tenant(110, 40 + seed);
        let script = "[[fault]]\ndata_set = \"users\"\npage_size = 19\n\
            [[fault]]\nprobability = 0.08\nstatus = 503\n\
            [[fault]]\nprobability = 0.05\nstatus = 429\n\
            [[fault]]\nin_batch = false\nprobability = 0.05\nreset = true\n\
            [[fault]]\nin_batch = false\nprobability = 0.05\ncut_after = 150\n\
            [[fault]]\nprobability = 0.04\nstatus = 502\nhtml = true\n\
            [[fault]]\nin_batch = false\nprobability = 0.04\nexpire_tokens = true\n\
            [[fault]]\nprobability = 0.1\nextra_properties = true\n\
            [[fault]]\nprobability = 0.1\nempty_page = true\n";
        same_under(&tenant, script, &format!("seed {seed}"));
    }
}

#[test]
fn retry_after_is_obeyed_in_both_forms() {
    let tenant = tenant(60, 8);
    for script in [
        "[[fault]]\ndata_set = \"domains\"\nnth = 1\nstatus = 429\nretry_after = 1\n",
        "[[fault]]\ndata_set = \"domains\"\nnth = 1\nstatus = 503\nretry_after_date = 2\n",
    ] {
        let server = Server::start(&tenant.export, faulty(script)).unwrap();
        let before = std::time::Instant::now();
        collect(&connection(&server), &wanted(&tenant.beside(&format!("{}", script.len())))).unwrap();
        assert!(before.elapsed() >= std::time::Duration::from_millis(950), "{script}");
        // Five others of the class may have been on their way already.
        assert!(server.statistics().avoidable() <= 5, "{script}");
    }
}

#[test]
fn a_next_page_on_another_host_is_not_asked_and_fails_its_data_set_alone() {
    let tenant = tenant(60, 9);
    let script = "[[fault]]\ndata_set = \"users\"\npage_size = 10\nnext_link_host = \"evil.example\"\n";
    let server = Server::start(&tenant.export, faulty(script)).unwrap();
    let collection = collect(&connection(&server), &wanted(&tenant.beside("collected"))).unwrap();
    let missing: Vec<_> =
        collection.missing().map(|set| (set.name.as_str(), set.status, set.error_code.as_deref())).collect();
    assert_eq!(missing, [("users", Status::Failed, Some("foreignAddress"))]);
}

#[test]
fn graph_that_never_answers_is_an_error_and_no_empty_tenant() {
    let tenant = tenant(60, 10);
    let script = "[[fault]]\nclass = \"DIR\"\nreset = true\n";
    let server = Server::start(&tenant.export, faulty(script)).unwrap();
    let error = collect(&connection(&server), &wanted(&tenant.beside("collected"))).unwrap_err();
    assert!(matches!(error, CollectError::Unreachable { .. }), "{error}");
}

#[test]
fn the_limits_are_kept_in_advance() {
    let tenant = Invented::of(&Options { users: 600, seed: 2, edition: Some(Edition::P2), ..Options::default() });
    let server = Server::start(&tenant.export, idscore_graph_server::Options::default()).unwrap();
    let mut connection = connection(&server);
    connection.pace = idscore_graph::Pace::Documented;
    let out = tenant.beside("collected");
    let collection = collect(&connection, &wanted(&out)).unwrap();
    assert_eq!(collection.missing().count(), 0);
    let statistics = server.statistics();
    assert_eq!(statistics.avoidable(), 0, "{statistics:?}");
    assert_same(&seen(&tenant.export), &seen(&out), "paced");
}
