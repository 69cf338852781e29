//! The next collection: what changed since, and a full read where Graph no longer knows.

use idscore_graph_server::{self as graph_server, Server};
use idscore_tenantsim::{Edition, Options};

use crate::support::{Invented, assert_same, collect, connection, seen, unlimited, wanted};

/// A tenant, and the same later: other people, fewer and more of them.
fn two_days() -> (Invented, Invented) {
    let options = |users| Options { users, seed: 33, edition: Some(Edition::P2), ..Options::default() };
    (Invented::of(&options(140)), Invented::of(&options(170)))
}

fn next(tenant: &Invented, later: &Invented, script: &str) -> Server {
    let faults = graph_server::Script::parse(script).unwrap();
    let options = graph_server::Options { next: vec![later.export.clone()], faults, ..unlimited() };
    Server::start(&tenant.export, options).unwrap()
}

#[test]
fn the_next_day_only_what_changed_is_read() {
    let (tenant, later) = two_days();
    // The tenant moves on when the second collection asks for its organisation.
    let server = next(&tenant, &later, "[[fault]]\ndata_set = \"organization\"\nnth = 2\nnext_export = true\n");
    let (first, second) = (tenant.beside("first"), tenant.beside("second"));
    collect(&connection(&server), &wanted(&first)).unwrap();
    assert_same(&seen(&tenant.export), &seen(&first), "the first day");
    let before = seen(&first);
    let rows = server.statistics().rows;
    let mut since = wanted(&second);
    since.since = Some(first.clone());
    let collection = collect(&connection(&server), &since).unwrap();
    assert_eq!(collection.missing().count(), 0);
    assert_same(&seen(&later.export), &seen(&second), "the next day");
    assert_same(&before, &seen(&first), "the first day is as it was");
    assert!(rows > 0);
}

#[test]
fn changes_that_graph_forgot_are_read_whole() {
    let (tenant, later) = two_days();
    let script = "[[fault]]\ndata_set = \"organization\"\nnth = 2\nnext_export = true\n\
        [[fault]]\nquery = \"deltatoken=\"\nfrom = 5\nuntil = 6\nresync = true\n";
    let server = next(&tenant, &later, script);
    let (first, second) = (tenant.beside("first"), tenant.beside("second"));
    collect(&connection(&server), &wanted(&first)).unwrap();
    let mut since = wanted(&second);
    since.since = Some(first);
    collect(&connection(&server), &since).unwrap();
    assert_same(&seen(&later.export), &seen(&second), "read whole");
}

#[test]
fn what_changes_while_pages_are_read_is_told_in_the_end() {
    let (tenant, later) = two_days();
    let server = next(
        &tenant,
        &later,
        "[[fault]]\ndata_set = \"users\"\npage_size = 11\n[[fault]]\ndata_set = \"users\"\nnth = 6\nnext_export = true\n",
    );
    let out = tenant.beside("collected");
    collect(&connection(&server), &wanted(&out)).unwrap();
    let (expected, found) = (seen(&later.export), seen(&out));
    assert_eq!(expected["users"].len(), found["users"].len());
    let ids = |rows: &[String]| {
        rows.iter().map(|row| row.split("user_principal_name").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&expected["users"]), ids(&found["users"]));
}

#[test]
fn somebody_who_is_deleted_after_their_page_was_read_is_gone_in_the_end() {
    let (tenant, _) = two_days();
    let script = "[[fault]]\ndata_set = \"users\"\npage_size = 10\n[[fault]]\ndata_set = \"users\"\nnth = 8\ndelete = \"row:5\"\n";
    let faults = graph_server::Script::parse(script).unwrap();
    let server = Server::start(&tenant.export, graph_server::Options { faults, ..unlimited() }).unwrap();
    let out = tenant.beside("collected");
    let collection = collect(&connection(&server), &wanted(&out)).unwrap();
    let users = collection.data_sets.iter().find(|set| set.name == "users").unwrap();
    let (before, after) = (seen(&tenant.export), seen(&out));
    assert_eq!(
        (before["users"].len() - 1, usize::try_from(users.rows).unwrap()),
        (after["users"].len(), after["users"].len())
    );
}
