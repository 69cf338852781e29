//! A client that does nothing by itself: no waiting, no following.

use std::path::{Path, PathBuf};

use idscore_graph_server::{Options, Script, Server};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The invented tenants of the project.
pub fn tenant(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(name)
}

/// A tenant of `users` users, written for this test.
pub fn invented(users: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let options = idscore_tenantsim::Options {
        users,
        edition: Some(idscore_tenantsim::Edition::P2),
        per_user_mfa: true,
        on_premises_sync: true,
        sign_ins: true,
        ..idscore_tenantsim::Options::default()
    };
    idscore_tenantsim::generate(&options, folder.path()).unwrap();
    folder
}

/// No limits, and these faults.
pub fn faults(script: &str) -> Options {
    Options { throttle: None, faults: Script::parse(script).unwrap(), ..Options::default() }
}

/// No limits.
pub fn unlimited() -> Options {
    faults("")
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The code of an error.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_else(|| panic!("{}", self.body)).to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A server over an export, and an app that has signed in.
pub struct Client {
    pub server: Server,
    pub http: reqwest::Client,
    pub token: String,
}

impl Client {
    pub async fn of(export: &Path, options: Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Server::start(export, options).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut client = Self { server, http, token: String::new() };
        client.sign_in().await;
        client
    }

    pub async fn sign_in(&mut self) {
        let reply = self.ask_token("contoso.example", &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        self.token = reply.json()["access_token"].as_str().unwrap().to_owned();
    }

    /// Asks for a token as an app with a secret, with other fields on top.
    pub async fn ask_token(&self, tenant: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", "app"),
            ("client_secret", "secret"),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        form.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
        form.extend(fields.iter().filter(|(_, value)| !value.is_empty()));
        self.post_form(&format!("/{tenant}/oauth2/v2.0/token"), &form).await
    }

    pub async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = self
            .http
            .post(format!("{}{path}", self.server.url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        read(request).await.unwrap()
    }

    /// `GET`, of a path on this server or of a whole address.
    pub async fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.try_get(path, headers).await.unwrap()
    }

    pub async fn try_get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Reply, reqwest::Error> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.server.url()) };
        let mut request = self.http.get(url).header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        let request = self
            .http
            .post(format!("{}{path}", self.server.url()))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(body.to_string());
        read(request).await.unwrap()
    }

    /// Every row from a path on, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        self.pages(path).await.into_iter().flatten().collect()
    }

    pub async fn pages(&self, path: &str) -> Vec<Vec<Value>> {
        let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next {
            let reply = self.get(&path).await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.body);
            let mut page = reply.json();
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
            pages.push(page["value"].take().as_array().unwrap_or_else(|| panic!("{path}: {}", reply.body)).clone());
        }
        pages
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Reply { status, headers, body: response.text().await? })
}

/// The rows of a data set as they lie in the export.
pub fn exported(export: &Path, data_set: &str) -> Vec<Value> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(export.join(data_set)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let page: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        rows.extend(page["value"].as_array().unwrap().iter().cloned());
    }
    rows
}
