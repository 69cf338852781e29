//! A service over a data folder with the tenant `risky`, kept on three days after one of Microsoft's own, and a client with a token.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use idscore_alerts::Alerting;
use idscore_assess::Configuration;
use idscore_catalogue::Catalogue;
use idscore_history::{KeptAssessment, Tenant};
use idscore_score::Zones;
use idscore_server::{Limits, MetricsAccess, Service, Tls, UploadRules, router, serve};
use idscore_snapshot::{ReadOptions, write_snapshot};
use idscore_store::{Actor, Archive, Token, now};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::ServiceExt;

pub const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";
pub const OTHER: &str = "44444444-0000-4000-8000-0000000000f2";
pub const WEBHOOK_SECRET: &str = "a-secret-that-signs-webhooks-and-is-never-shown";
const DAY: i64 = 86_400_000_000;

pub struct Client {
    pub archive: Archive,
    pub service: Service,
    router: Router,
    pub token: String,
    folder: TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Client {
    pub async fn new() -> Self {
        Self::with(&["SecurityEvents.ReadWrite.All", "DirectoryRecommendations.ReadWrite.All"], Limits::default()).await
    }

    /// The same in another database.
    #[cfg(feature = "postgres")]
    pub async fn on(database: Option<&str>) -> Self {
        let scopes = ["SecurityEvents.ReadWrite.All", "DirectoryRecommendations.ReadWrite.All"];
        Self::over(database, &scopes, Limits::default()).await
    }

    pub async fn with(scopes: &[&str], limits: Limits) -> Self {
        Self::over(None, scopes, limits).await
    }

    async fn over(database: Option<&str>, scopes: &[&str], limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path(), database).await.unwrap();
        let actor = Actor::operator("ada@example.org");
        let incoming = tempfile::tempdir_in(archive.incoming().unwrap()).unwrap();
        let snapshot = incoming.path().join("snapshot");
        let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/risky");
        write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
        let catalogue = Catalogue::embedded().unwrap();
        let kept = archive.keep(&actor, &snapshot, &catalogue, &Configuration::default()).await.unwrap();
        assert_eq!(kept.assessment.tenant_id, TENANT);
        for days in [1, 2] {
            let at = kept.assessment.assessed_at - days * DAY;
            let older = KeptAssessment { assessed_at: at, taken_at: at, ..kept.assessment.clone() };
            archive.history.keep(&actor, &older).await.unwrap();
        }
        let other = Tenant {
            id: OTHER.to_owned(),
            display_name: "Other".to_owned(),
            industry: String::new(),
            seats: None,
            zones: Zones::default(),
            invented: true,
        };
        archive.history.register(&actor, &other).await.unwrap();
        let token = token(&archive, TENANT, scopes, 1).await;
        let service = Service::new(archive.clone(), catalogue, limits);
        Self { archive, router: router(service.clone()), service, token, folder }
    }

    /// The same, seen over HTTPS.
    pub async fn behind_https() -> Self {
        Self::new().await.again(Service::behind_https)
    }

    /// The same with a terminal, and what it shows.
    pub async fn announcing() -> (Self, Arc<Mutex<Vec<String>>>) {
        let printed: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = printed.clone();
        let announce = Arc::new(move |path: &str| kept.lock().unwrap().push(path.to_owned()));
        (Self::new().await.again(|service| service.announcing("ada", announce)), printed)
    }

    /// The same service with other rules for uploads.
    pub fn with_uploads(self, rules: UploadRules) -> Self {
        self.again(|service| service.with_uploads(rules))
    }

    /// The same service with metrics for others.
    pub fn with_metrics(self, access: MetricsAccess) -> Self {
        self.again(|service| service.with_metrics(access))
    }

    /// Answers on a socket as long as the test runs.
    pub async fn listening(&self, tls: Option<Tls>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, tls, self.service.clone(), std::future::pending()));
        address
    }

    pub fn again(self, change: impl FnOnce(Service) -> Service) -> Self {
        let service = change(self.service);
        Self { router: router(service.clone()), service, ..self }
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status, headers, body }
    }

    /// The body as it travels.
    pub async fn bytes(&self, request: Builder) -> Vec<u8> {
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(self.request(method, path).body(Body::from(body.to_string())).unwrap()).await
    }

    pub fn request(&self, method: &str, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "score.example.org:8443")
            .header("authorization", format!("Bearer {}", self.token))
    }
}

/// Alerts with one rule, and a webhook to an address.
pub fn alerting(url: &str) -> Alerting {
    let text = format!(
        "[[channel]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"{url}\"\nsecret_env = \"SECRET\"\n\
         [[rule]]\nwhen = \"scoreDrop\"\npercent = 2.5\ntenants = [\"{TENANT}\"]\n"
    );
    let settings = idscore_alerts::Settings::parse(&text, Path::new("alerts.toml")).unwrap();
    let variable = |_: &str| Some(WEBHOOK_SECRET.to_owned());
    Alerting::open(&settings, &variable, idscore_alerts::Backoff::default(), Duration::from_secs(5)).unwrap()
}

pub async fn token(archive: &Archive, tenant_id: &str, scopes: &[&str], number: u8) -> String {
    let at = now();
    let token = Token {
        id: String::new(),
        tenant_id: tenant_id.to_owned(),
        name: "portal".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        created_at: at,
        expires_at: at + DAY,
        last_used_at: None,
        revoked_at: None,
    };
    archive.history.create_token(&Actor::operator("ada@example.org"), &token, &[number; 32]).await.unwrap().secret
}

pub fn limits(requests_per_second: u32, burst: u32) -> Limits {
    Limits {
        requests_per_second: NonZeroU32::new(requests_per_second).unwrap(),
        burst: NonZeroU32::new(burst).unwrap(),
        ..Limits::default()
    }
}
