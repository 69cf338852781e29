//! Delta queries, and an export that changes.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, faults, invented, unlimited};

fn write(export: &Path, path: &str, rows: &Value) {
    let path = export.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, json!({"value": rows}).to_string()).unwrap();
}

fn id(kind: char, number: usize) -> String {
    format!("{kind}0000000-0000-4000-8000-{number:012}")
}

fn user(number: usize, name: &str) -> Value {
    json!({"id": id('a', number), "displayName": name, "mail": null})
}

/// Every row of a round, and its delta link.
async fn round(client: &Client, path: &str) -> (Vec<Value>, String) {
    let (mut rows, mut next) = (Vec::new(), path.to_owned());
    loop {
        let reply = client.get(&next).await;
        assert_eq!(reply.status, 200, "{next}: {}", reply.body);
        let page = reply.json();
        rows.extend(page["value"].as_array().unwrap().iter().cloned());
        match page["@odata.deltaLink"].as_str() {
            Some(link) => return (rows, link.to_owned()),
            None => next = page["@odata.nextLink"].as_str().unwrap().to_owned(),
        }
    }
}

#[tokio::test]
async fn a_delta_link_brings_what_changed_since_and_nothing_else() {
    let export = tempfile::tempdir().unwrap();
    let users: Vec<Value> = (0..450).map(|number| user(number, "x")).collect();
    write(export.path(), "users/1.json", &json!(users[..300]));
    write(export.path(), "users/2.json", &json!(users[300..]));
    let client = Client::of(export.path(), unlimited()).await;
    let (rows, link) = round(&client, "/v1.0/users/delta?$select=id,displayName").await;
    assert_eq!(rows.len(), 450);
    assert_eq!(client.server.statistics().data_sets["users"], 3, "200 a page");
    assert!(
        link.starts_with(&format!("{}/v1.0/users/delta?$select=id,displayName&$deltatoken=", client.server.url())),
        "{link}"
    );
    let (rows, link) = round(&client, &link).await;
    assert!(rows.is_empty(), "nothing changed");

    let mut changed = users.clone();
    changed[5]["displayName"] = json!("new");
    changed[6]["mail"] = json!("not@selected.example");
    changed.remove(7);
    changed.push(user(999, "fresh"));
    write(export.path(), "users/1.json", &json!(changed));
    std::fs::remove_file(export.path().join("users/2.json")).unwrap();
    assert_eq!(
        client.http.post(format!("{}/.graph-server/reload", client.server.url())).send().await.unwrap().status(),
        200
    );
    let (rows, link) = round(&client, &link).await;
    assert_eq!(
        rows,
        [
            json!({"id": id('a', 5), "displayName": "new"}),
            json!({"id": id('a', 999), "displayName": "fresh"}),
            json!({"id": id('a', 7), "@removed": {"reason": "changed"}}),
        ]
    );
    assert!(round(&client, &link).await.0.is_empty());
}

#[tokio::test]
async fn a_round_may_bring_the_same_row_twice_and_objects_that_are_gone() {
    let export = invented(450);
    let script = r#"
        [[fault]]
        path = "/users/delta"
        nth = 1
        tombstone = "a0000000-0000-4000-8000-00000000dead"
        removed = "deleted"
        [[fault]]
        path = "/users/delta"
        nth = 2
        overlap = 10
        [[fault]]
        path = "/users/delta"
        nth = 3
        empty_page = true
        "#;
    let client = Client::of(export.path(), faults(script)).await;
    let (rows, _) = round(&client, "/v1.0/users/delta?$select=id").await;
    assert_eq!(rows[200], json!({"id": "a0000000-0000-4000-8000-00000000dead", "@removed": {"reason": "deleted"}}));
    assert_eq!(rows.len(), 450 + 1 + 10);
    assert_eq!(rows[201..211], rows[190..200]);
}

#[tokio::test]
async fn members_come_and_go_with_their_group() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let groups = json!([{"id": id('b', 1), "displayName": "large"}, {"id": id('b', 2), "displayName": "none"}]);
    let member = |number: usize| json!({"@odata.type": "#microsoft.graph.user", "id": id('a', number)});
    for (folder, range) in [(&first, 0..2_500), (&second, 1..2_501)] {
        write(folder.path(), "groups/1.json", &groups);
        write(folder.path(), &format!("members/{}/1.json", id('b', 1)), &json!(range.map(member).collect::<Vec<_>>()));
    }
    let client = Client::of(first.path(), unlimited()).await;
    let (rows, link) = round(&client, "/v1.0/groups/delta?$select=id,displayName,members").await;
    let large: Vec<&Value> = rows.iter().filter(|row| row["id"] == id('b', 1).as_str()).collect();
    assert_eq!(large.len(), 3, "the same group comes again with more of its members");
    let members: usize = large.iter().map(|row| row["members@delta"].as_array().unwrap().len()).sum();
    assert_eq!(members, 2_500);
    let none = rows.iter().find(|row| row["id"] == id('b', 2).as_str()).unwrap();
    assert!(none.get("members@delta").is_none() && none["displayName"] == "none");
    client.server.change_to(second.path()).unwrap();
    let (rows, _) = round(&client, &link).await;
    assert_eq!(rows.len(), 1);
    let changes = rows[0]["members@delta"].as_array().unwrap();
    assert_eq!(changes[0], member(2_500));
    assert_eq!((&changes[1]["id"], &changes[1]["@removed"]["reason"]), (&id('a', 0).into(), &"deleted".into()));
    assert_eq!(changes.len(), 2);
}

#[tokio::test]
async fn latest_brings_a_link_and_no_rows() {
    let export = invented(60);
    let client = Client::of(export.path(), unlimited()).await;
    for set in ["users", "groups", "applications", "servicePrincipals"] {
        let (rows, link) = round(&client, &format!("/v1.0/{set}/delta?$deltatoken=latest&$select=id")).await;
        assert!(rows.is_empty() && round(&client, &link).await.0.is_empty(), "{set}");
        let (rows, _) = round(&client, &format!("/v1.0/{set}/delta?$select=id")).await;
        assert_eq!(rows, client.all(&format!("/v1.0/{set}?$select=id")).await, "{set}");
    }
}

#[tokio::test]
async fn a_token_that_is_too_old_is_410_with_the_place_to_begin_again() {
    let export = invented(60);
    let script = "[[fault]]\npath = \"/groups/delta\"\nquery = \"deltatoken\"\nresync = true\ntimes = 1";
    let client = Client::of(export.path(), faults(script)).await;
    let (all, link) = round(&client, "/v1.0/groups/delta?$select=id").await;
    let gone = client.get(&link).await;
    assert_eq!((gone.status, gone.code().as_str()), (410, "resyncRequired"));
    let location = gone.header("location").unwrap().to_owned();
    assert!(location.ends_with("/v1.0/groups/delta?$select=id&$deltatoken="), "{location}");
    assert_eq!(round(&client, &location).await.0, all);
    // A link of a server that ended.
    let other = Client::of(export.path(), unlimited()).await;
    assert_eq!(other.get(&link.replace(client.server.url(), other.server.url())).await.status, 410);
}

#[tokio::test]
async fn a_delta_query_takes_no_expand_top_or_order() {
    let export = invented(30);
    let client = Client::of(export.path(), unlimited()).await;
    for option in ["$expand=members", "$top=5", "$orderby=id"] {
        assert_eq!(
            client.get(&format!("/v1.0/groups/delta?{option}")).await.code(),
            "Request_UnsupportedQuery",
            "{option}"
        );
    }
    let eventual = client.get_with("/v1.0/users/delta", &[("ConsistencyLevel", "eventual")]).await;
    assert_eq!(eventual.status, 400);
    let preferred = client.get_with("/v1.0/users/delta", &[("Prefer", "odata.maxpagesize=7")]).await.json();
    assert_eq!(preferred["value"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn the_next_export_is_served_when_it_is_asked_for_or_the_script_says_so() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(
        first.path(),
        "users/1.json",
        &json!([user(1, "before"), user(2, "before"), user(3, "before"), user(4, "before")]),
    );
    write(
        second.path(),
        "users/1.json",
        &json!([user(2, "after"), user(3, "after"), user(4, "after"), user(5, "after")]),
    );
    let mut options = faults("[[fault]]\ndata_set = \"users\"\nnth = 2\nnext_export = true");
    options.next = vec![second.path().to_owned()];
    let client = Client::of(first.path(), options).await;
    let pages = client.pages("/v1.0/users?$top=2").await;
    // The list goes on behind the last row that the client has, although rows before it have gone.
    let seen: Vec<&str> = pages.iter().flatten().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(seen, [id('a', 1), id('a', 2), id('a', 3), id('a', 4), id('a', 5)]);
    assert_eq!(pages[1][0]["displayName"], "after");
    // A replica that has not heard of it yet.
    let lagging = faults("[[fault]]\ndata_set = \"users\"\nlag = true\nnth = 2");
    let client = Client::of(first.path(), lagging).await;
    client.server.change_to(second.path()).unwrap();
    assert_eq!(client.all("/v1.0/users").await[0]["displayName"], "after");
    assert_eq!(client.all("/v1.0/users").await[0]["displayName"], "before");
    assert!(client.server.change_to(Path::new("/nowhere")).is_err());
    assert_eq!(client.all("/v1.0/users").await[0]["displayName"], "after", "the old one is served on");
}

#[tokio::test]
async fn a_page_that_changes_under_the_server_is_no_garbage() {
    let export = tempfile::tempdir().unwrap();
    write(export.path(), "users/1.json", &json!([user(1, "x"), user(2, "x"), user(3, "x")]));
    let client = Client::of(export.path(), unlimited()).await;
    let first = client.get("/v1.0/users/delta?$select=id").await.json();
    assert!(first["@odata.deltaLink"].is_string());
    let preferred = [("Prefer", "odata.maxpagesize=2")];
    let round = client.get_with("/v1.0/users/delta?$select=id", &preferred).await.json();
    write(export.path(), "users/1.json", &json!([user(4, "y")]));
    let changed = client.get("/v1.0/users").await;
    assert!(changed.status == 500 && changed.body.contains("has changed"), "{}", changed.body);
    client.server.change_to(export.path()).unwrap();
    assert_eq!(client.all("/v1.0/users").await, [user(4, "y")]);
    let expired = client.get(round["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!(expired.code(), "Directory_ExpiredPageToken", "the round was of the folder as it was");
}
