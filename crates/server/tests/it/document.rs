//! The OpenAPI document against the file in `docs`, the router, and what is really answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use idscore_server::{document, paths};
use serde_json::Value;

use crate::client::{Client, TENANT};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A path with something in its variable segments.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{file}" => "start.js",
        other => {
            if other.starts_with('{') {
                "x"
            } else {
                other
            }
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn the_file_in_docs_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(
        kept == document(),
        "docs/openapi.json is stale; run `cargo run -p idscore-server --example openapi > docs/openapi.json`"
    );
}

#[test]
fn the_document_has_the_paths_of_the_router_and_no_others() {
    let document = document();
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, paths().into_iter().collect());
}

#[tokio::test]
async fn each_path_has_the_methods_of_the_document_and_no_others() {
    let client = Client::new().await;
    let document = document();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(filled(path));
            let answer = client.send(request.header("host", "score.example.org").body(Body::empty()).unwrap()).await;
            let expected = match item.get(method) {
                None => 405,
                Some(operation) if operation["responses"].get("308").is_some() => 308,
                Some(operation) if operation["security"] == serde_json::json!([]) => 200,
                Some(_) => 401,
            };
            assert_eq!(answer.status, expected, "{method} {path}: {}", answer.body);
            if expected == 405 {
                let allowed = answer.headers["allow"].to_str().unwrap().to_lowercase();
                let allowed: BTreeSet<&str> = allowed.split(',').filter(|method| *method != "head").collect();
                let described: BTreeSet<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(allowed, described, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn without_select_every_member_of_a_type_is_there() {
    let client = Client::new().await;
    let document = document();
    // `on` comes for controls that are met or not only; resources when they are asked for.
    let sometimes = ["on", "impactedResources", "identityScore"];
    let recommendations = "/beta/directory/recommendations";
    for (path, of) in [
        ("/v1.0/security/secureScores".to_owned(), "secureScore"),
        ("/v1.0/security/secureScoreControlProfiles".to_owned(), "secureScoreControlProfile"),
        (recommendations.to_owned(), "recommendation"),
        (format!("{recommendations}/tenantSecureScores"), "tenantSecureScore"),
        (format!("{recommendations}/{TENANT}_AdminMFAV2/impactedResources"), "impactedResource"),
    ] {
        let answer = client.get(&path).await.body;
        let mut seen = BTreeMap::new();
        members(&answer["value"][0], of, &document, &mut seen);
        for (of, found) in seen {
            let described = document["components"]["schemas"][&of]["properties"].as_object().unwrap();
            let missing: Vec<_> =
                described.keys().filter(|name| !found.contains(*name) && !sometimes.contains(&name.as_str())).collect();
            assert!(missing.is_empty(), "{of} lacks {missing:?}");
            assert!(found.iter().all(|name| described.contains_key(name)), "{of}: {found:?}");
        }
    }
}

/// The members that an object and what it holds really have, by the name of the type.
fn members(object: &Value, of: &str, document: &Value, seen: &mut BTreeMap<String, BTreeSet<String>>) {
    let object = object.as_object().unwrap();
    seen.entry(of.to_owned()).or_default().extend(object.keys().cloned());
    for (name, schema) in document["components"]["schemas"][of]["properties"].as_object().unwrap() {
        let reference = schema["$ref"].as_str().or(schema["items"]["$ref"].as_str());
        let Some(of) = reference.and_then(|reference| reference.strip_prefix("#/components/schemas/")) else {
            continue;
        };
        match object.get(name) {
            Some(Value::Array(items)) => items.iter().for_each(|item| members(item, of, document, seen)),
            Some(item @ Value::Object(_)) => members(item, of, document, seen),
            _ => {}
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_everything_is_referred_to() {
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    for reference in &used {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
    for kind in ["schemas", "parameters", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            // No operation of the document is answered with 405: the document says so in words.
            assert!(used.contains(&reference) || name == "MethodNotAllowed", "{reference} is used by nothing");
        }
    }
}

fn references(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            used.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, used));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, used)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_served_without_a_token() {
    let client = Client::new().await;
    let request = Request::get("/api/v1/openapi.json").header("host", "score.example.org");
    let answer = client.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, document()));
}
