//! The login host.

use idscore_graph_server::{Options, SignIn};
use serde_json::Value;

use crate::client::{Client, Reply, faults, invented, tenant, unlimited};

fn code(reply: &Reply) -> u64 {
    let body = reply.json();
    let code = body["error_codes"][0].as_u64().unwrap_or_else(|| panic!("{body}"));
    assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")), "{body}");
    assert!(body["trace_id"].is_string() && body["correlation_id"].is_string() && body["timestamp"].is_string());
    code
}

fn claims(token: &str) -> Value {
    use base64::Engine;
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_says_which_permissions_in_which_tenant_until_when() {
    let mut options = unlimited();
    options.without = vec!["User.Read.All".to_owned()];
    options.sign_in.token_life = 120;
    let client = Client::of(&tenant("risky"), options).await;
    let reply = client.ask_token("anything", &[]).await.json();
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&Value::from("Bearer"), &Value::from(120)));
    let claims = claims(reply["access_token"].as_str().unwrap());
    let roles: Vec<&str> = claims["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap()).collect();
    assert!(roles.contains(&"Policy.Read.All") && !roles.contains(&"User.Read.All"));
    assert_eq!(claims["tid"], client.server.tenant_id());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
}

#[tokio::test]
async fn who_is_turned_away_learns_why_by_number() {
    let sign_in = SignIn {
        tenants: vec!["contoso.example".to_owned()],
        client_id: Some("app".to_owned()),
        client_secret: Some("secret".to_owned()),
        expired_secret: Some("old".to_owned()),
        ..SignIn::default()
    };
    let client = Client::of(&tenant("risky"), Options { sign_in, ..unlimited() }).await;
    for (tenant, field, status, number) in [
        ("contoso.example", ("client_secret", "wrong"), 401, 7_000_215),
        ("contoso.example", ("client_secret", "old"), 401, 7_000_222),
        ("contoso.example", ("client_secret", ""), 401, 7_000_216),
        ("contoso.example", ("client_id", "other"), 400, 700_016),
        ("fabrikam.example", ("client_id", "app"), 400, 90_002),
        ("contoso.example", ("scope", "User.Read.All"), 400, 1_002_012),
        ("contoso.example", ("grant_type", "password"), 400, 70_003),
        ("contoso.example", ("grant_type", ""), 400, 900_144),
    ] {
        let reply = client.ask_token(tenant, &[field]).await;
        assert_eq!((reply.status, code(&reply)), (status, number), "{field:?}");
        assert!(!reply.body.contains("secret\"") && !reply.body.contains("wrong"), "a secret is never repeated");
    }
    let blocked = faults("[[fault]]\ndata_set = \"token\"\nstatus = 400\ncode = \"AADSTS53003\"\nnth = 2");
    let client = Client::of(&tenant("risky"), blocked).await;
    let reply = client.ask_token("contoso.example", &[]).await;
    assert_eq!((reply.json()["error"].as_str(), code(&reply)), (Some("access_denied"), 53_003));
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_read() {
    let export = invented(20);
    let mut client =
        Client::of(export.path(), faults("[[fault]]\ndata_set = \"groups\"\nexpire_tokens = true\ntimes = 1")).await;
    let good = client.token.clone();
    for bad in ["", "x", &good[..good.len() - 2]] {
        client.token = bad.to_owned();
        let reply = client.get("/v1.0/users").await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "InvalidAuthenticationToken"));
    }
    client.token = good;
    assert_eq!(client.get("/v1.0/users").await.status, 200);
    // In the middle of a run.
    let ended = client.get("/v1.0/groups").await;
    assert_eq!(ended.status, 401);
    assert!(ended.body.contains("Lifetime validation failed, the token is expired."), "{}", ended.body);
    client.sign_in().await;
    assert_eq!(client.get("/v1.0/groups").await.status, 200);
    client.server.set_clock_skew(3_600);
    assert_eq!(client.get("/v1.0/groups").await.code(), "InvalidAuthenticationToken", "it lives an hour");
}

#[tokio::test]
async fn a_person_with_a_device_code_is_waited_for_and_may_read_what_no_app_may() {
    let export = invented(30);
    let mut options = unlimited();
    options.sign_in.device_polls = 2;
    options.sign_in.device_interval = 1;
    let mut client = Client::of(export.path(), options).await;
    let form = [("client_id", "app"), ("scope", "https://graph.microsoft.com/.default offline_access")];
    let begun = client.post_form("/contoso.example/oauth2/v2.0/devicecode", &form).await.json();
    assert!(begun["user_code"].is_string() && begun["verification_uri"].is_string() && begun["interval"] == 1);
    let device_code = begun["device_code"].as_str().unwrap();
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let poll = [("grant_type", grant), ("client_id", "app"), ("device_code", device_code)];
    let mut heard = Vec::new();
    let mut wait = 0;
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
        wait = 1_000;
        let reply = client.post_form("/contoso.example/oauth2/v2.0/token", &poll).await.json();
        match reply["error"].as_str() {
            Some(error) => heard.push(error.to_owned()),
            None => {
                client.token = reply["access_token"].as_str().unwrap().to_owned();
                break;
            }
        }
    }
    assert_eq!(heard, ["slow_down", "authorization_pending", "authorization_pending"]);
    assert!(claims(&client.token)["roles"].is_null() && claims(&client.token)["scp"].is_string());
    let sync = client.all("/v1.0/directory/onPremisesSynchronization").await;
    assert!(sync[0]["features"]["passwordSyncEnabled"].is_boolean());
}

#[tokio::test]
async fn the_configuration_names_the_endpoints_on_this_host() {
    let client = Client::of(&tenant("risky"), unlimited()).await;
    let reply = client.get("/contoso.example/v2.0/.well-known/openid-configuration").await.json();
    let token = reply["token_endpoint"].as_str().unwrap();
    assert_eq!(token, format!("{}/contoso.example/oauth2/v2.0/token", client.server.url()));
}
