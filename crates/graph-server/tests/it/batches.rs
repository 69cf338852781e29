//! `$batch`.

use serde_json::{Value, json};

use crate::client::{Client, exported, faults, invented, unlimited};

/// A request for the per-user MFA state of each user, as a batch.
fn requirements(users: &[Value]) -> Value {
    let steps: Vec<Value> = users
        .iter()
        .enumerate()
        .map(|(number, user)| {
            let id = user["id"].as_str().unwrap();
            json!({"id": number.to_string(), "method": "GET", "url": format!("/users/{id}/authentication/requirements")})
        })
        .collect();
    json!({"requests": steps})
}

#[tokio::test]
async fn twenty_requests_are_answered_in_one_in_any_order_each_with_its_own_status() {
    let export = invented(40);
    let users = exported(export.path(), "users");
    let client = Client::of(export.path(), unlimited()).await;
    let mut batch = requirements(&users[..20]);
    batch["requests"][7]["url"] = json!("/users/a0000000-0000-4000-8000-00000000dead/authentication/requirements");
    let mut orders = Vec::new();
    for _ in 0..3 {
        let reply = client.post("/beta/$batch", &batch).await;
        assert_eq!(reply.status, 200);
        let responses = reply.json()["responses"].as_array().unwrap().clone();
        let ids: Vec<usize> = responses.iter().map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
        for (id, response) in ids.iter().zip(&responses) {
            if *id == 7 {
                assert_eq!(
                    (&response["status"], &response["body"]["error"]["code"]),
                    (&404.into(), &"Request_ResourceNotFound".into())
                );
            } else {
                assert_eq!(response["status"], 200);
                assert!(
                    response["body"]["perUserMfaState"].is_string() && response["headers"]["Content-Type"].is_string()
                );
            }
        }
        orders.push(ids);
    }
    assert!(orders.iter().any(|order| *order != orders[0]) || orders[0] != (0..20).collect::<Vec<_>>(), "{orders:?}");
    assert_eq!(client.server.statistics().data_sets["requirements"], 60, "each item counts");
}

#[tokio::test]
async fn a_batch_that_cant_be_is_refused_whole() {
    let export = invented(40);
    let users = exported(export.path(), "users");
    let client = Client::of(export.path(), unlimited()).await;
    let step = |id: &str, url: &str| json!({"id": id, "method": "GET", "url": url});
    for (batch, said) in [
        (requirements(&users[..21]), "exceeds the maximum value of '20'"),
        (json!({"requests": []}), "no requests"),
        (json!({"requests": [step("1", "/users"), step("1", "/groups")]}), "unique"),
        (json!({"requests": [step("1", "https://graph.microsoft.com/v1.0/users")]}), "relative"),
        (json!({"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}]}), "'2'"),
        (json!({"steps": 1}), "Invalid batch payload"),
    ] {
        let reply = client.post("/v1.0/$batch", &batch).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "BadRequest"), "{said}");
        assert!(reply.body.contains(said), "{}", reply.body);
    }
}

#[tokio::test]
async fn what_depends_on_a_failure_fails_with_it() {
    let export = invented(40);
    let client = Client::of(export.path(), unlimited()).await;
    let batch = json!({"requests": [
        {"id": "bad", "method": "GET", "url": "/users/nobody"},
        {"id": "good", "method": "GET", "url": "/users?$top=1&$select=id", "headers": {"Prefer": "include-unknown-enum-members"}},
        {"id": "after-bad", "method": "GET", "url": "/groups?$top=1", "dependsOn": ["bad"]},
        {"id": "after-good", "method": "GET", "url": "/groups?$top=1", "dependsOn": ["good"]},
    ]});
    let responses = client.post("/v1.0/$batch", &batch).await.json()["responses"].as_array().unwrap().clone();
    let status = |id: &str| responses.iter().find(|one| one["id"] == id).unwrap()["status"].as_u64().unwrap();
    assert_eq!([status("bad"), status("good"), status("after-bad"), status("after-good")], [404, 200, 424, 200]);
    let good = responses.iter().find(|one| one["id"] == "good").unwrap();
    assert_eq!(good["headers"]["Preference-Applied"], "include-unknown-enum-members");
    assert!(
        good["body"]["@odata.nextLink"].as_str().unwrap().starts_with(&format!("{}/v1.0/users?", client.server.url()))
    );
}

#[tokio::test]
async fn a_batch_of_twenty_is_answered_200_with_twenty_429_inside() {
    let export = invented(40);
    let users = exported(export.path(), "users");
    let script = "[[fault]]\ndata_set = \"requirements\"\nin_batch = true\nstatus = 429\nretry_after = 1\ntimes = 20";
    let client = Client::of(export.path(), faults(script)).await;
    let batch = requirements(&users[..20]);
    let reply = client.post("/beta/$batch", &batch).await;
    assert_eq!(reply.status, 200);
    for response in reply.json()["responses"].as_array().unwrap() {
        assert_eq!((&response["status"], &response["headers"]["Retry-After"]), (&429.into(), &"1".into()));
    }
    let again = client.post("/beta/$batch", &batch).await.json();
    assert!(again["responses"].as_array().unwrap().iter().all(|one| one["status"] == 200));
}
