//! Services for the tests: the demonstration that all tests of this process share, and others with a folder of their own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::browser::Browser;

/// What ./test says, which also installs it.
pub fn told(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run ./test, which brings what this needs"))
}

/// A process that ends with the tests.
pub struct Ended(pub Child);

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
    pub cookie: (String, String),
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
    let origin = loop {
        let line = lines.next().context("the demonstration ended")??;
        if let Some((_, rest)) = line.split_once("answering on http://") {
            break format!("http://{}", rest.split(',').next().unwrap_or(rest));
        }
    };
    // Nobody reads on; a full pipe would stop the service.
    std::thread::spawn(move || lines.for_each(drop));
    let data = folder.path().join("demo/data");
    let asked = Command::new(told("IDSCORE_PROGRAM"))
        .args(["sign-in-link", "--address", &origin, "--data"])
        .arg(data)
        .output()?;
    let link = String::from_utf8(asked.stdout)?.trim().to_owned();
    ensure!(link.starts_with(&origin), "no link: {}", String::from_utf8_lossy(&asked.stderr));
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

/// Runs a test with a browser that is signed in to the demonstration, and ends it.
pub async fn with_browser<F>(script: bool, test: impl FnOnce(Arc<Browser>) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let browser = Browser::new(&demo().origin, script).await?.with_session(&demo().cookie).await?;
    ended(browser, test).await
}

/// Runs a test with a browser, and ends it.
pub async fn ended<F>(browser: Browser, test: impl FnOnce(Arc<Browser>) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let browser = Arc::new(browser);
    let tested = test(browser.clone()).await;
    browser.driver.clone().quit().await?;
    tested
}
