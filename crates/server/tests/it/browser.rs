//! A browser of the dashboard, without a socket: it keeps cookies and sends forms as browsers do.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use idscore_store::{Actor, Person, Role, Roles, now};
use serde_json::Value;

use crate::client::Client;

pub const HOST: &str = "127.0.0.1:8080";

pub struct Browser<'a> {
    client: &'a Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    /// Where it leads on.
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.headers["location"].to_str().unwrap()
    }

    /// The token of its forms.
    pub fn token(&self) -> &str {
        let after = self.text.split_once("name=\"token\" value=\"").unwrap().1;
        after.split_once('"').unwrap().0
    }
}

impl<'a> Browser<'a> {
    pub fn new(client: &'a Client) -> Self {
        Self { client, cookies: Mutex::default() }
    }

    /// One that is signed in by a link.
    pub async fn signed_in(client: &'a Client, roles: Roles) -> Self {
        let browser = Self::new(client);
        let secret = link(client, roles, now()).await;
        assert_eq!(browser.get(&format!("/sign-in/{secret}")).await.leads_to(), "/");
        browser
    }

    pub async fn owner(client: &'a Client) -> Self {
        Self::signed_in(client, Roles::everywhere(Role::Administrator)).await
    }

    /// The cookies that it sends.
    pub fn cookie(&self) -> String {
        let kept = self.cookies.lock().unwrap();
        kept.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send("GET", path, &[("accept", "text/html")], String::new()).await
    }

    /// Sends a form as a page of this site does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send("POST", path, &[("sec-fetch-site", "same-origin")], form(fields)).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Page {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookie = self.cookie();
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        if method == "POST" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let answer = self.client.send(request.body(Body::from(body)).unwrap()).await;
        for set in answer.headers.get_all("set-cookie") {
            let (pair, rest) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let mut kept = self.cookies.lock().unwrap();
            if rest.contains("Max-Age=0") {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = match answer.body {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Page { status: answer.status, headers: answer.headers, text }
    }
}

/// A form as browsers write it.
fn form(fields: &[(&str, &str)]) -> String {
    let plain = |text: &str| {
        text.bytes()
            .map(
                |byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") },
            )
            .collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{}={}", plain(name), plain(value))).collect::<Vec<_>>().join("&")
}

/// The secret of a link that signs in, made at an instant.
pub async fn link(client: &Client, roles: Roles, at: i64) -> String {
    static NUMBER: Mutex<u8> = Mutex::new(0);
    let number = {
        let mut number = NUMBER.lock().unwrap();
        *number = number.wrapping_add(1);
        *number
    };
    let person = Person { subject: "link".to_owned(), name: "Ada".to_owned(), roles };
    let actor = Actor::operator("ada@example.org");
    client.archive.history.create_link(&actor, &person, at, &[number; 32]).await.unwrap()
}
