//! HTTP itself: TLS, HTTP/2, compression, headers.

use idscore_graph_server::{Options, Server, StartError};

use crate::client::{Client, invented, tenant, unlimited};

#[tokio::test]
async fn over_tls_clients_that_trust_the_authority_speak_http_2_and_others_dont_connect() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::start(&tenant("risky"), Options { https: true, ..unlimited() }).unwrap();
    let authority = reqwest::Certificate::from_pem(server.certificate().unwrap().as_bytes()).unwrap();
    let trusting = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    let address = format!("{}/x/v2.0/.well-known/openid-configuration", server.url());
    assert!(address.starts_with("https://127.0.0.1:"));
    for address in [address.clone(), address.replace("127.0.0.1", "localhost")] {
        let reply = trusting.get(&address).send().await.unwrap();
        assert_eq!((reply.status().as_u16(), reply.version()), (200, reqwest::Version::HTTP_2));
        let token =
            serde_json::from_str::<serde_json::Value>(&reply.text().await.unwrap()).unwrap()["token_endpoint"].clone();
        assert!(token.as_str().unwrap().starts_with(address.split("/x/").next().unwrap()), "{token}");
    }
    let others = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    assert!(others.get(&address).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_body_is_compressed_for_who_asks_for_it() {
    let export = invented(200);
    let client = Client::of(export.path(), unlimited()).await;
    // It decompresses nothing by itself.
    let raw = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let ask = |coding: &'static str| {
        let url = format!("{}/v1.0/users?$top=999", client.server.url());
        raw.get(url).header("authorization", format!("Bearer {}", client.token)).header("accept-encoding", coding)
    };
    let plain = ask("identity").send().await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    let length = plain.content_length().unwrap();
    let small = ask("br, gzip;q=0.8").send().await.unwrap();
    assert_eq!(small.headers()["content-encoding"], "gzip");
    let bytes = small.bytes().await.unwrap();
    assert!(bytes.starts_with(&[0x1f, 0x8b]) && (bytes.len() as u64) < length / 2, "{} of {length}", bytes.len());
    assert!(ask("gzip;q=0").send().await.unwrap().headers().get("content-encoding").is_none());
    assert_eq!(client.all("/v1.0/users?$top=999").await.len(), 200, "and it reads the same");
}

#[tokio::test]
async fn every_answer_has_the_headers_of_graph() {
    let client = Client::of(&tenant("risky"), unlimited()).await;
    let reply = client.get_with("/v1.0/users?$top=1", &[("client-request-id", "mine")]).await;
    assert_eq!(reply.header("client-request-id"), Some("mine"));
    assert!(reply.header("request-id").unwrap().len() == 36 && reply.header("date").is_some());
    assert!(reply.header("x-ms-ags-diagnostic").unwrap().contains("ServerInfo"));
    assert_eq!(reply.header("odata-version"), Some("4.0"));
    assert!(reply.header("content-type").unwrap().starts_with("application/json;odata.metadata=minimal"));
    let error = client.get_with("/v1.0/users/nobody", &[("client-request-id", "mine")]).await;
    let inner = &error.json()["error"]["innerError"];
    assert_eq!(
        (&inner["client-request-id"], inner["request-id"].as_str()),
        (&"mine".into(), error.header("request-id"))
    );
    assert!(!inner["date"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn what_cant_be_served_is_told_at_the_start() {
    let empty = tempfile::tempdir().unwrap();
    let error = Server::start(empty.path(), unlimited()).err().unwrap();
    assert!(matches!(error, StartError::Export(_)) && error.to_string().contains("is no export"), "{error}");
    let options = Options { next: vec![empty.path().to_owned()], ..unlimited() };
    assert!(matches!(Server::start(&tenant("risky"), options).err(), Some(StartError::Export(_))));
    let first = Server::start(&tenant("risky"), unlimited()).unwrap();
    let taken = Options { listen: first.address(), ..unlimited() };
    assert!(matches!(Server::start(&tenant("risky"), taken).err(), Some(StartError::Listen { .. })));
    let address = first.address();
    drop(first);
    assert!(std::net::TcpStream::connect(address).is_err(), "a server that was dropped doesn't listen");
}
