//! HTTP/2: over TLS only, and within limits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode, Version};
use h2::client::SendRequest;
use idscore_server::Limits;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::client::Client;
use crate::network::patient;
use crate::sockets::Files;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

/// A client that speaks these protocols and trusts anything; which one was chosen.
async fn connected(
    address: SocketAddr,
    files: &Files,
    protocols: &[&str],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(files.der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

async fn service(limits: Limits) -> (Client, Files, SocketAddr) {
    let client = Client::with(&["SecurityEvents.ReadWrite.All"], limits).await;
    let files = Files::new();
    files.renew();
    let address = client.listening(Some(files.tls().unwrap())).await;
    (client, files, address)
}

type Ended = JoinHandle<Result<(), h2::Error>>;

async fn http2(address: SocketAddr, files: &Files) -> (SendRequest<Bytes>, Ended) {
    let stream = connected(address, files, &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) = h2::client::handshake(stream).await.unwrap();
    (sender.ready().await.unwrap(), tokio::spawn(connection))
}

fn request(path: &str) -> Builder {
    Request::get(format!("https://localhost{path}"))
}

async fn status(sender: &mut SendRequest<Bytes>, request: Request<()>) -> Result<StatusCode, h2::Error> {
    let (answer, _) = sender.send_request(request, true)?;
    let answer = answer.await?;
    assert_eq!(answer.version(), Version::HTTP_2);
    Ok(answer.status())
}

#[tokio::test]
async fn over_tls_it_is_chosen_and_http_1_stays() {
    let (client, files, address) = service(patient()).await;
    let (mut sender, _ended) = http2(address, &files).await;
    let scores = request("/v1.0/security/secureScores").header("authorization", format!("Bearer {}", client.token));
    assert_eq!(status(&mut sender, scores.body(()).unwrap()).await.unwrap(), 200);
    let two_names = request("/healthz").header("host", "evil.example").body(()).unwrap();
    assert_eq!(status(&mut sender, two_names).await.unwrap(), 400);
    for protocols in [&["http/1.1"][..], &[]] {
        let mut stream = connected(address, &files, protocols).await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
}

#[tokio::test]
async fn in_clear_it_is_not_spoken() {
    let client = Client::new().await;
    let address = client.listening(None).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(!answer.windows(4).any(|four| four == b"\0\0\0\x04") && !answer.contains(&4), "no frame of settings");
}

#[tokio::test]
async fn streams_and_heads_have_limits() {
    let (_client, files, address) = service(Limits { streams: 7, head_bytes: 4_096, ..patient() }).await;
    let (mut sender, _ended) = http2(address, &files).await;
    assert_eq!(status(&mut sender, request("/healthz").body(()).unwrap()).await.unwrap(), 200);
    assert_eq!(sender.current_max_send_streams(), 7);
    let large = request("/healthz").header("x", "x".repeat(5_000)).body(()).unwrap();
    assert_eq!(status(&mut sender, large).await.unwrap(), 431);
}

#[tokio::test]
async fn a_client_that_resets_without_end_is_ended() {
    let (_client, files, address) = service(Limits { resets: 10, ..patient() }).await;
    let (mut sender, ended) = http2(address, &files).await;
    let resetting = async {
        while let Ok((_, mut stream)) = sender.send_request(request("/healthz").body(()).unwrap(), true) {
            stream.send_reset(h2::Reason::CANCEL);
            // The connection sends what it has.
            tokio::task::yield_now().await;
        }
        ended.await.unwrap()
    };
    let error = timeout(LONG, resetting).await.unwrap().unwrap_err();
    // Who is still sending may find the connection closed before the reason is read.
    assert!(error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM) || error.is_io(), "{error}");
}

#[tokio::test]
async fn an_idle_connection_is_ended_and_so_is_a_handshake_that_stalls() {
    let (_client, files, address) = service(Limits { idle: SHORT, handshake: SHORT, ..patient() }).await;
    let (mut sender, ended) = http2(address, &files).await;
    assert_eq!(status(&mut sender, request("/healthz").body(()).unwrap()).await.unwrap(), 200);
    timeout(LONG, ended).await.unwrap().unwrap().unwrap();
    let mut stalled = TcpStream::connect(address).await.unwrap();
    stalled.write_all(b"\x16\x03\x01").await.unwrap();
    let mut rest = Vec::new();
    assert_eq!(timeout(LONG, stalled.read_to_end(&mut rest)).await.unwrap().unwrap_or(0), 0);
}
