//! Apps that sign in with a certificate, or whom another issuer vouches for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idscore_graph_server::{Options, SignIn};
use rcgen::{CertificateParams, KeyPair, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::{Client, Reply, tenant, unlimited};

/// A certificate with its key (ES256), valid until a year.
struct Own {
    key: KeyPair,
    pem: String,
    thumbprint: String,
}

impl Own {
    fn until(year: i32) -> Self {
        let mut params = CertificateParams::new(vec!["app.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(certificate.der()));
        Self { pem: certificate.pem(), key, thumbprint }
    }

    /// A certificate of an RSA key. The key protects nothing: it is in the repository for this test.
    fn of_rsa() -> Self {
        let pem = include_str!("rsa.pem");
        let key = KeyPair::from_pem_and_sign_algo(pem, &rcgen::PKCS_RSA_SHA256).unwrap();
        let certificate = CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(certificate.der()));
        Self { pem: certificate.pem(), key, thumbprint }
    }

    /// An assertion with these claims on top of those that are right.
    fn assertion(&self, client: &Client, changed: &Value) -> String {
        self.signed("ES256", client, changed, |text| raw(&self.key.sign(text).unwrap()))
    }

    fn signed(&self, algorithm: &str, client: &Client, changed: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let mut claims = json!({
            "aud": format!("{}/contoso.example/oauth2/v2.0/token", client.server.url()),
            "iss": "app", "sub": "app", "jti": "one", "nbf": now, "exp": now + 300,
        });
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let head = json!({"alg": algorithm, "typ": "JWT", "x5t#S256": self.thumbprint});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(sign(signed.as_bytes())))
    }
}

/// An ECDSA signature as JWTs hold it: two numbers of 32 bytes, without ASN.1.
fn raw(der: &[u8]) -> Vec<u8> {
    let first = usize::from(der[3]);
    let numbers = [&der[4..4 + first], &der[6 + first..]];
    numbers
        .iter()
        .flat_map(|number| {
            let digits = &number[number.len().saturating_sub(32)..];
            let mut fixed = vec![0; 32 - digits.len()];
            fixed.extend_from_slice(digits);
            fixed
        })
        .collect()
}

async fn present(client: &Client, assertion: &str) -> Reply {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    client
        .ask_token(
            "contoso.example",
            &[("client_secret", ""), ("client_assertion_type", kind), ("client_assertion", assertion)],
        )
        .await
}

async fn over(own: &Own) -> Client {
    let sign_in = SignIn { certificate: Some(own.pem.clone()), ..SignIn::default() };
    Client::of(&tenant("risky"), Options { sign_in, ..unlimited() }).await
}

#[tokio::test]
async fn an_assertion_is_taken_from_the_key_of_the_certificate_only() {
    let own = Own::until(2090);
    let client = over(&own).await;
    assert_eq!(present(&client, &own.assertion(&client, &json!({}))).await.status, 200);
    let other = Own::until(2090);
    let unregistered = present(&client, &other.assertion(&client, &json!({}))).await;
    assert_eq!((unregistered.status, unregistered.json()["error_codes"][0].as_u64()), (401, Some(700_027)));
    let pretending = Own { thumbprint: own.thumbprint.clone(), ..other };
    let forged = present(&client, &pretending.assertion(&client, &json!({}))).await;
    assert_eq!(forged.json()["error_codes"][0], 700_027);
    assert!(forged.body.contains("invalid signature"), "{}", forged.body);
}

#[tokio::test]
async fn keys_of_rsa_sign_in_both_ways() {
    let own = Own::of_rsa();
    let client = over(&own).await;
    let pss = |text: &[u8]| {
        let key = ring::rsa::KeyPair::from_pkcs8(&own.key.serialize_der()).unwrap();
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&ring::signature::RSA_PSS_SHA256, &ring::rand::SystemRandom::new(), text, &mut signature).unwrap();
        signature
    };
    let pkcs1 = |text: &[u8]| own.key.sign(text).unwrap();
    let nothing = json!({});
    assert_eq!(present(&client, &own.signed("PS256", &client, &nothing, pss)).await.status, 200);
    assert_eq!(present(&client, &own.signed("RS256", &client, &nothing, pkcs1)).await.status, 200);
    for mixed in [own.signed("RS256", &client, &nothing, pss), own.signed("none", &client, &nothing, pkcs1)] {
        assert_eq!(present(&client, &mixed).await.json()["error_codes"][0], 700_027);
    }
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let own = Own::until(2021);
    let client = over(&own).await;
    let reply = present(&client, &own.assertion(&client, &json!({}))).await;
    assert_eq!((reply.status, reply.json()["error_codes"][0].as_u64()), (401, Some(700_027)));
    assert!(reply.body.contains("expired"), "{}", reply.body);
}

#[tokio::test]
async fn time_audience_and_id_of_an_assertion_are_checked_against_the_servers_clock() {
    let own = Own::until(2090);
    let client = over(&own).await;
    for (changed, code) in [
        (json!({"aud": "https://login.evil.example/contoso.example/oauth2/v2.0/token"}), 700_023),
        (json!({"aud": format!("{}/fabrikam.example/oauth2/v2.0/token", client.server.url())}), 700_023),
        (json!({"sub": "other"}), 700_021),
        (json!({"jti": ""}), 50_027),
        (json!({"exp": 1}), 700_024),
        (json!({"nbf": 99_999_999_999_u64}), 700_024),
        (json!({"exp": null}), 50_027),
    ] {
        let reply = present(&client, &own.assertion(&client, &changed)).await;
        assert_eq!((reply.status, reply.json()["error_codes"][0].as_u64()), (401, Some(code)), "{changed}");
    }
    for skew in [-660, 660] {
        client.server.set_clock_skew(skew);
        let reply = present(&client, &own.assertion(&client, &json!({}))).await;
        assert_eq!(reply.json()["error_codes"][0], 700_024, "the server's clock is {skew} s off");
    }
}

#[tokio::test]
async fn another_issuer_vouches_for_an_app_that_addresses_the_exchange() {
    let own = Own::until(2090);
    let client = over(&own).await;
    let federated =
        json!({"iss": "https://token.actions.example", "sub": "repo:x", "aud": "api://AzureADTokenExchange"});
    assert_eq!(present(&client, &own.assertion(&client, &federated)).await.status, 200);
    let mut elsewhere = federated.clone();
    elsewhere["aud"] = json!("https://token.actions.example");
    assert_eq!(present(&client, &own.assertion(&client, &elsewhere)).await.json()["error_codes"][0], 700_212);
    for malformed in ["x", "a.b.c", "..", ""] {
        let status = present(&client, malformed).await.status;
        assert!((400..=401).contains(&status), "{malformed}");
    }
}
