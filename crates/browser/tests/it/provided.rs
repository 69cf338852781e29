//! `idscore serve` with somebody who vouches for people: the npm package `oidc-provider`, or an issuer that lies. Both are
//! the scripts of `crates/server/tests/sign_in.py`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::world::{Ended, told};

/// The tenant of the export `tenants/risky`.
pub const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";
const SECRET: &str = "a-secret-of-the-client-that-nothing-may-show";

/// A service over the tenant `risky`, and the provider that it trusts.
pub struct Provided {
    /// Where the service answers.
    pub origin: String,
    /// Where the provider answers.
    pub provider: String,
    _service: Ended,
    _provider: Ended,
    _folder: TempDir,
}

impl Provided {
    /// A provider that does all as it should.
    pub fn real() -> Result<Self> {
        let (provider, service) = (free_port()?, free_port()?);
        let origin = format!("http://127.0.0.1:{service}");
        Self::start(script("provider.mjs", &[&provider.to_string(), &origin, SECRET])?, provider, service)
    }

    /// An issuer that says what it is told to say.
    pub fn lying() -> Result<Self> {
        let (provider, service) = (free_port()?, free_port()?);
        Self::start(script("issuer.mjs", &[&provider.to_string(), SECRET])?, provider, service)
    }

    fn start(running: Ended, provider: u16, service: u16) -> Result<Self> {
        let (folder, origin) = (tempfile::tempdir()?, format!("http://127.0.0.1:{service}"));
        let data = folder.path().join("data");
        let kept = Command::new(told("IDSCORE_PROGRAM"))
            .arg("score")
            .arg(beside("../../tenants/risky"))
            .args(["--format", "json", "--data"])
            .arg(&data)
            .output()?;
        ensure!(kept.status.success(), "{}", String::from_utf8_lossy(&kept.stderr));
        let provider = format!("http://127.0.0.1:{provider}");
        let settings = format!(
            "issuer = \"{provider}\"\nclient_id = \"idscore\"\nclient_secret_env = \"CLIENT_SECRET\"\npublic_address = \"{origin}\"\n"
        );
        std::fs::write(data.join("sign-in.toml"), settings)?;
        // Nobody listens there.
        let alerts = "[[channel]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/hook\"\n\
                      secret_env = \"CLIENT_SECRET\"\n[[rule]]\nwhen = \"controlRegressed\"\n";
        std::fs::write(data.join("alerts.toml"), alerts)?;
        let mut process = Command::new(told("IDSCORE_PROGRAM"))
            .args(["serve", "--listen", &format!("127.0.0.1:{service}"), "--data"])
            .arg(&data)
            .env("CLIENT_SECRET", SECRET)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(process.stderr.take().context("no stderr")?).lines();
        let serving = Ended(process);
        wait_for("answering on", lines)?;
        Ok(Self { origin, provider, _service: serving, _provider: running, _folder: folder })
    }

    /// Tells the lying issuer what its next tokens say: the scenarios of `issuer.mjs`.
    pub fn says(&self, scenario: &Value) -> Result<()> {
        let (host, body) = (self.provider.trim_start_matches("http://"), scenario.to_string());
        let mut stream = TcpStream::connect(host)?;
        write!(stream, "PUT /scenario HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n")?;
        write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        Ok(())
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A script of the server's tests, which resolves its packages from where ./test put them.
fn script(name: &str, arguments: &[&str]) -> Result<Ended> {
    let mut process = Command::new("node")
        .args(["--no-warnings", "--input-type=module", "-"])
        .args(arguments)
        .current_dir(told("IDSCORE_NODE"))
        .stdin(File::open(beside("../server/tests").join(name))?)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("node does not start")?;
    let lines = BufReader::new(process.stdout.take().context("no stdout")?).lines();
    let running = Ended(process);
    wait_for("ready", lines).with_context(|| format!("{name} did not start"))?;
    Ok(running)
}

/// Waits for a line, then reads on: a full pipe would stop the process.
fn wait_for(said: &str, mut lines: impl Iterator<Item = std::io::Result<String>> + Send + 'static) -> Result<()> {
    loop {
        if lines.next().context("it ended")??.contains(said) {
            break;
        }
    }
    std::thread::spawn(move || lines.for_each(drop));
    Ok(())
}
