//! A browser with its driver, and what is asked of it.

use std::collections::{BTreeMap, VecDeque};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;

use crate::world::Ended;

/// Pages that the dashboard could have at most; more is a crawl that went astray.
const MOST_PAGES: usize = 80;

/// Longer than any page takes on a machine that does other work besides.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

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
    /// The service that it looks at, `http://127.0.0.1:PORT`.
    pub origin: String,
    _process: Ended,
    _profile: TempDir,
}

impl Browser {
    /// Nobody is signed in yet; with script or without.
    pub async fn new(origin: &str, script: bool) -> Result<Self> {
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
        if std::env::var_os("IDSCORE_SCREENSHOTS").is_some() {
            // Pictures are as wide as the window.
            wanted.add_arg("--hide-scrollbars")?;
        }
        if let Ok(binary) = std::env::var("CHROMIUM") {
            wanted.set_binary(&binary)?;
        }
        if !script {
            // What a person sets in the browser's settings.
            let off = json!({"profile.managed_default_content_settings.javascript": 2});
            wanted.add_experimental_option("prefs", off)?;
        }
        wanted.set("goog:loggingPrefs", json!({"browser": "ALL", "performance": "ALL"}))?;
        let address = format!("http://127.0.0.1:{port}");
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                let driver = WebDriver::new(&address, wanted).await?;
                return Ok(Self { driver, origin: origin.to_owned(), _process: process, _profile: profile });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("chromedriver does not answer on {address}");
    }

    /// The same with the cookie of a session.
    pub async fn with_session(self, (name, value): &(String, String)) -> Result<Self> {
        let cookie = json!({"name": name, "value": value, "url": self.origin, "httpOnly": true});
        self.driver.cdp().send_raw("Network.setCookie", cookie).await?;
        Ok(self)
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
        Ok(self.driver.goto(format!("{}{path}", self.origin)).await?)
    }

    /// The path and query of the page.
    pub async fn path(&self) -> Result<String> {
        let url = self.driver.current_url().await?;
        Ok(url.as_str().trim_start_matches(&self.origin).to_owned())
    }

    /// The text of the first element that a selector finds.
    pub async fn text(&self, selector: &str) -> Result<String> {
        Ok(self.driver.find(By::Css(selector)).await?.text().await?)
    }

    /// What a script says.
    pub async fn ask(&self, script: &str) -> Result<Value> {
        Ok(self.driver.execute(script, vec![]).await?.json().clone())
    }

    /// Does what leads to another page, and waits until that page is there: the driver knows of it only once the browser does.
    pub async fn leave(&self, done: impl Future<Output = Result<()>>) -> Result<()> {
        self.ask("window.left = true").await?;
        done.await?;
        self.until("document.readyState === 'complete' && !window.left").await
    }

    /// Waits until a script's expression is true of the page.
    pub async fn until(&self, expression: &str) -> Result<()> {
        let script = format!("return {expression}");
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            // Between two pages there is none that could be asked.
            let asked = self.ask(&script).await;
            if matches!(asked, Ok(Value::Bool(true))) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "never comes true: {expression}: {asked:?}, on {}", self.path().await?);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the console complained about since the last call: a broken policy, an error of a script, a file that is not there.
    /// What it says of the pages of others, such as a provider's, is not ours.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        let elsewhere = |said: &str| said.starts_with("http") && !said.starts_with(&self.origin);
        Ok(entries.iter().filter(|entry| !elsewhere(&entry.message)).map(|entry| format!("{entry:?}")).collect())
    }

    /// The addresses that the browser asked for since the last call, redirections among them.
    pub async fn asked_for(&self) -> Result<Vec<String>> {
        let entries = self.driver.get_log("performance").await?;
        let said = entries.iter().filter_map(|entry| serde_json::from_str::<Value>(&entry.message).ok());
        let requests = said.filter(|said| said["message"]["method"] == "Network.requestWillBeSent");
        let addresses =
            requests.filter_map(|said| Some(said["message"]["params"]["request"]["url"].as_str()?.to_owned()));
        Ok(addresses.collect())
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
                let Some(path) = link.strip_prefix(&self.origin).filter(|path| is_page(path)) else { continue };
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
