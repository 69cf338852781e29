//! What only a socket shows: TLS and its certificates, and whose word about clients is taken.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use idscore_server::{Service, Tls, TlsError};
use reqwest::Certificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use crate::client::Client;

const SCORES: &str = "/v1.0/security/secureScores";
const ONE_BY_ONE: &str = "odata.maxpagesize=1";

pub struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// Writes a fresh pair and says its certificate.
    pub fn renew(&self) -> Certificate {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(self.certificate(), made.cert.pem()).unwrap();
        write_private(&self.key(), &made.signing_key.serialize_pem());
        Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
    }

    /// The certificate as a client trusts it.
    pub fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.certificate()).unwrap()
    }

    pub fn tls(&self) -> Result<Tls, TlsError> {
        Tls::read(&self.certificate(), &self.key())
    }
}

fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn builder() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

/// A client that trusts one certificate and nothing else.
fn trusting(certificate: &Certificate, address: SocketAddr) -> reqwest::Client {
    builder().tls_certs_only([certificate.clone()]).resolve("localhost", address).build().unwrap()
}

fn at(address: SocketAddr, path: &str) -> String {
    format!("https://localhost:{}{path}", address.port())
}

#[tokio::test]
async fn over_tls_links_are_https_and_browsers_are_told_to_stay_there() {
    let (client, files) = (Client::new().await, Files::new());
    let certificate = files.renew();
    let address = client.listening(Some(files.tls().unwrap())).await;
    let asked = trusting(&certificate, address)
        .get(at(address, SCORES))
        .header("prefer", ONE_BY_ONE)
        .bearer_auth(&client.token);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let next = body["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&at(address, "/v1.0/security/secureScores?")), "{next}");

    let plain = client.listening(None).await;
    let answer = builder().build().unwrap().get(format!("http://{plain}/healthz")).send();
    assert!(!answer.await.unwrap().headers().contains_key("strict-transport-security"), "in clear nothing is promised");
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_and_a_broken_one_is_not() {
    let (client, files) = (Client::new().await, Files::new());
    let first = files.renew();
    let tls = files.tls().unwrap();
    let address = client.listening(Some(tls.clone())).await;
    let health = at(address, "/healthz");
    let kept_open = trusting(&first, address);
    assert!(kept_open.get(&health).send().await.unwrap().status().is_success());
    assert!(!tls.refresh().unwrap(), "nothing changed");

    let second = files.renew();
    assert!(tls.refresh().unwrap());
    assert!(kept_open.get(&health).send().await.is_ok(), "a connection that is open stays open");
    assert!(trusting(&first, address).get(&health).send().await.is_err(), "a new one has the new certificate");
    assert!(trusting(&second, address).get(&health).send().await.is_ok());

    std::fs::write(files.certificate(), "-----BEGIN CERTIFICATE-----\nnonsense\n").unwrap();
    assert!(matches!(tls.refresh(), Err(TlsError::Read { .. })));
    assert!(matches!(tls.refresh(), Ok(false)), "it is told once");
    assert!(trusting(&second, address).get(&health).send().await.is_ok(), "the old one goes on");

    let other = Files::new();
    other.renew();
    std::fs::copy(other.certificate(), files.certificate()).unwrap();
    assert!(matches!(tls.refresh(), Err(TlsError::Unusable { .. })), "of another key");
    assert!(trusting(&second, address).get(&health).send().await.is_ok());
}

#[tokio::test]
async fn somebody_who_never_finishes_a_handshake_holds_up_nobody() {
    let (client, files) = (Client::new().await, Files::new());
    let certificate = files.renew();
    let address = client.listening(Some(files.tls().unwrap())).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    assert!(trusting(&certificate, address).get(at(address, "/healthz")).send().await.is_ok());
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::new();
    files.renew();
    std::fs::set_permissions(files.key(), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(files.tls(), Err(TlsError::Readable { mode: 0o644, .. })));
}

/// The start of the link to the next page, and whether HTTPS was promised.
async fn seen(client: &Client, address: SocketAddr, headers: &[(&str, &str)]) -> (u16, String, bool) {
    let asking = builder().build().unwrap();
    let mut request =
        asking.get(format!("http://{address}{SCORES}")).header("prefer", ONE_BY_ONE).bearer_auth(&client.token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, strict) = (answer.status().as_u16(), answer.headers().contains_key("strict-transport-security"));
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default();
    let next = body["@odata.nextLink"].as_str().unwrap_or_default();
    (status, next.split("/v1.0").next().unwrap_or_default().to_owned(), strict)
}

#[tokio::test]
async fn a_trusted_proxy_says_scheme_and_host_and_nobody_else_does() {
    let proxied: [&[(&str, &str)]; 2] = [
        &[("x-forwarded-proto", "https"), ("x-forwarded-host", "score.example.org"), ("x-forwarded-for", "192.0.2.7")],
        &[("forwarded", "for=192.0.2.7;proto=https;host=score.example.org")],
    ];
    let trusted = Client::new().await.again(|service| service.trusting(vec!["127.0.0.0/8".parse().unwrap()]));
    let address = trusted.listening(None).await;
    for headers in proxied {
        let expected = (200, "https://score.example.org".to_owned(), true);
        assert_eq!(seen(&trusted, address, headers).await, expected);
    }
    let odd = [("x-forwarded-proto", "https"), ("x-forwarded-host", "ada@evil.example/x")];
    assert_eq!(seen(&trusted, address, &odd).await, (200, format!("https://{address}"), true));

    let stranger = Client::new().await.again(|service| service.trusting(vec!["10.0.0.0/8".parse().unwrap()]));
    let address = stranger.listening(None).await;
    for headers in proxied {
        assert_eq!(seen(&stranger, address, headers).await, (200, format!("http://{address}"), false));
    }
}

#[tokio::test]
async fn beyond_loopback_only_what_a_trusted_proxy_got_over_https_is_answered() {
    let trusting = |service: Service| service.trusting(vec!["127.0.0.1/32".parse().unwrap()]).over_https_only();
    let client = Client::new().await.again(trusting);
    let address = client.listening(None).await;
    assert_eq!(seen(&client, address, &[]).await.0, 403);
    assert_eq!(seen(&client, address, &[("x-forwarded-proto", "http")]).await.0, 403);
    assert_eq!(seen(&client, address, &[("x-forwarded-proto", "https")]).await.0, 200);
    let asking = builder().build().unwrap();
    let health = asking.get(format!("http://{address}/healthz")).send().await.unwrap();
    assert_eq!(health.status(), 200, "whoever watches the service asks from beside it");
}

#[tokio::test]
async fn without_a_dashboard_there_is_no_page_at_all() {
    let client = Client::new().await.again(Service::api_only);
    for page in idscore_server::page_paths() {
        let request = client.request("GET", &page.replace(['{', '}'], "")).header("accept", "text/html");
        let answer = client.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert!(answer.body["error"]["code"].is_string(), "{page}: {}", answer.body);
    }
    assert_eq!(client.get("/v1.0/security/secureScores").await.status, 200);
}

#[tokio::test]
async fn a_use_of_a_token_is_in_the_database_when_the_service_has_ended() {
    let client = Client::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let ended = async move { stopped.await.unwrap_or_default() };
    let serving = tokio::spawn(idscore_server::serve(listener, None, client.service.clone(), ended));
    let asked = builder().build().unwrap().get(format!("http://{address}{SCORES}")).bearer_auth(&client.token);
    assert!(asked.send().await.unwrap().status().is_success());
    stop.send(()).unwrap();
    serving.await.unwrap();
    let tokens = client.archive.history.tokens(crate::client::TENANT).await.unwrap();
    assert!(tokens[0].last_used_at.is_some());
}
