//! The demonstration, served for all tests of this process, and browsers that look at it.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;

/// Pages that the dashboard could have at most; more is a crawl that went astray.
const MOST_PAGES: usize = 80;

/// What ./test says, which also installs it.
fn told(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run ./test, which brings what this needs"))
}

/// A process that ends with the tests.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `idscore demo`, and what signs in to it.
pub struct Demo {
    /// `http://127.0.0.1:PORT`
    pub origin: String,
    cookie: (String, String),
    _process: Ended,
    _folder: TempDir,
}

/// The demonstration; it takes a while to begin, so that all tests share it.
pub fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| start().expect("idscore demo serves the dashboard"))
}

fn start() -> Result<Demo> {
    let folder = tempfile::tempdir()?;
    let mut process = Command::new(told("IDSCORE_PROGRAM"))
        .args(["demo", "--no-open", "--out"])
        .arg(folder.path().join("demo"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(process.stderr.take().context("no stderr")?).lines();
    let process = Ended(process);
    let link = loop {
        let line = lines.next().context("the demonstration ended")??;
        if let Some(at) = line.find("http://").filter(|_| line.contains("/sign-in/")) {
            break line[at..].trim().to_owned();
        }
    };
    // Nobody reads on; a full pipe would stop the service.
    std::thread::spawn(move || lines.for_each(drop));
    let origin = link.split("/sign-in/").next().context("no origin")?.to_owned();
    let cookie = cookie_of(&origin, &link[origin.len()..])?;
    Ok(Demo { origin, cookie, _process: process, _folder: folder })
}

/// Uses the one-time link as a browser would, and keeps the cookie for all browsers.
fn cookie_of(origin: &str, path: &str) -> Result<(String, String)> {
    let host = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let cookie = answer.lines().find_map(|line| line.to_lowercase().starts_with("set-cookie:").then(|| &line[11..]));
    let cookie = cookie.with_context(|| format!("no cookie in: {answer}"))?;
    let (name, value) = cookie.split(';').next().and_then(|pair| pair.trim().split_once('=')).context("no cookie")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Width of the window, and light or dark.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub theme: &'static str,
}

/// A desk and a phone, by day and by night.
pub const LOOKS: [Look; 4] = [
    Look { width: 1400, theme: "light" },
    Look { width: 1400, theme: "dark" },
    Look { width: 390, theme: "light" },
    Look { width: 390, theme: "dark" },
];

/// A browser with its driver.
pub struct Browser {
    pub driver: WebDriver,
    _process: Ended,
    _profile: TempDir,
}

impl Browser {
    /// Signed in, with script or without.
    pub async fn signed_in(script: bool) -> Result<Self> {
        let browser = Self::new(script).await?;
        let (name, value) = &demo().cookie;
        let cookie = json!({"name": name, "value": value, "url": demo().origin, "httpOnly": true});
        browser.driver.cdp().send_raw("Network.setCookie", cookie).await?;
        Ok(browser)
    }

    async fn new(script: bool) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let driver = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let process = Command::new(driver).arg(format!("--port={port}")).stdout(Stdio::null()).spawn();
        let process = Ended(process.context("chromedriver does not start")?);
        let profile = tempfile::tempdir()?;
        let mut wanted = DesiredCapabilities::chrome();
        let folder = format!("--user-data-dir={}", profile.path().display());
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &folder,
        ] {
            wanted.add_arg(argument)?;
        }
        if let Ok(binary) = std::env::var("CHROMIUM") {
            wanted.set_binary(&binary)?;
        }
        if !script {
            // What a person sets in the browser's settings.
            let off = json!({"profile.managed_default_content_settings.javascript": 2});
            wanted.add_experimental_option("prefs", off)?;
        }
        wanted.set("goog:loggingPrefs", json!({"browser": "ALL"}))?;
        let address = format!("http://127.0.0.1:{port}");
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                let driver = WebDriver::new(&address, wanted).await?;
                return Ok(Self { driver, _process: process, _profile: profile });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("chromedriver does not answer on {address}");
    }

    /// Sets the width of the window and the theme that the system prefers.
    pub async fn look(&self, look: Look) -> Result<()> {
        let cdp = self.driver.cdp();
        let size = json!({"width": look.width, "height": 1000, "deviceScaleFactor": 1, "mobile": look.width < 500});
        cdp.send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        let theme = json!({"features": [{"name": "prefers-color-scheme", "value": look.theme}]});
        cdp.send_raw("Emulation.setEmulatedMedia", theme).await?;
        Ok(())
    }

    /// Opens a path of the dashboard.
    pub async fn open(&self, path: &str) -> Result<()> {
        Ok(self.driver.goto(format!("{}{path}", demo().origin)).await?)
    }

    /// The path and query of the page.
    pub async fn path(&self) -> Result<String> {
        let url = self.driver.current_url().await?;
        Ok(url.as_str().trim_start_matches(&demo().origin).to_owned())
    }

    /// The text of the first element that a selector finds.
    pub async fn text(&self, selector: &str) -> Result<String> {
        Ok(self.driver.find(By::Css(selector)).await?.text().await?)
    }

    /// What a script says.
    pub async fn ask(&self, script: &str) -> Result<Value> {
        Ok(self.driver.execute(script, vec![]).await?.json().clone())
    }

    /// What the console complained about since the last call: a broken policy, an error of a script, a file that is not there.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        Ok(entries.iter().map(|entry| format!("{entry:?}")).collect())
    }

    /// One address of every kind of page that links lead to, from the start on.
    pub async fn every_page(&self) -> Result<Vec<String>> {
        let mut known = BTreeMap::new();
        let mut waiting = VecDeque::from(["/".to_owned()]);
        while let Some(path) = waiting.pop_front() {
            self.open(&path).await?;
            let script = "return [...document.querySelectorAll('a[href]:not([download])')].map(link => link.href)";
            let links = self.ask(script).await?;
            for link in links.as_array().context("no list of links")? {
                let link = link.as_str().unwrap_or_default().split('#').next().unwrap_or_default();
                let Some(path) = link.strip_prefix(&demo().origin).filter(|path| is_page(path)) else { continue };
                if let std::collections::btree_map::Entry::Vacant(place) = known.entry(kind(path)) {
                    place.insert(path.to_owned());
                    waiting.push_back(path.to_owned());
                }
            }
            ensure!(known.len() <= MOST_PAGES, "the links lead on without an end: {known:?}");
        }
        Ok(known.into_values().collect())
    }
}

fn is_page(path: &str) -> bool {
    let elsewhere = ["/api/", "/assets/", "/v1.0/", "/sign-"];
    let file = [".csv", ".json"].iter().any(|kind| path.split('?').next().unwrap_or_default().ends_with(kind));
    !elsewhere.iter().any(|root| path.starts_with(root)) && !file
}

/// Pages of one kind differ in what they are about and in the query.
fn kind(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let mut kind = Vec::new();
    for part in path.split('/') {
        let about = matches!(kind.last(), Some(&("tenants" | "actions" | "hygiene" | "snapshots")));
        kind.push(if about { "…" } else { part });
    }
    kind.join("/")
}

/// Runs a test with a browser and ends it.
pub async fn with_browser<F>(script: bool, test: impl FnOnce(std::sync::Arc<Browser>) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let browser = std::sync::Arc::new(Browser::signed_in(script).await?);
    let tested = test(browser.clone()).await;
    browser.driver.clone().quit().await?;
    tested
}
