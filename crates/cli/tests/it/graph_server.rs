//! `idscore graph-server`, as a person at a terminal meets it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};

use serde_json::Value;

use crate::program::{idscore, run};

/// A running server; it ends with the test.
struct Running {
    process: Child,
    said: BufReader<ChildStderr>,
    /// `http://127.0.0.1:1234`
    url: String,
}

impl Running {
    fn of(options: &[&str]) -> Self {
        let mut command = idscore(&["graph-server", "--listen", "127.0.0.1:0"]);
        let mut process = command.args(options).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let url = loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it listened");
            if let Some((_, rest)) = line.split_once("sign in on ") {
                break rest.split(',').next().unwrap().to_owned();
            }
        };
        Self { process, said, url }
    }

    fn ask(&self, method: &str, path: &str, header: &str, body: &str) -> String {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{header}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn token(&self, secret: &str) -> Result<String, String> {
        let form =
            format!("grant_type=client_credentials&client_id=app&client_secret={secret}&scope=https://graph/.default");
        let answer = self.ask("POST", "/contoso.example/oauth2/v2.0/token", "", &form);
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        match body["access_token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(body["error_description"].as_str().unwrap().to_owned()),
        }
    }

    /// Ends it as Ctrl-C does, and says what it said last.
    #[cfg(unix)]
    fn interrupted(mut self) -> (Option<i32>, String) {
        let id = self.process.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let mut last = String::new();
        self.said.read_to_string(&mut last).unwrap();
        (self.process.wait().unwrap().code(), last)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(unix)]
#[test]
fn it_serves_until_it_is_interrupted_and_then_says_what_was_asked() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (secret, faults, statistics) =
        (folder.path().join("secret"), folder.path().join("faults.toml"), folder.path().join("statistics.json"));
    std::fs::write(&secret, "right\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&faults, "[[fault]]\ndata_set = \"groups\"\nstatus = 429\nretry_after = 9\ntimes = 1\n").unwrap();
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let running = Running::of(&[
        "tenants/risky",
        "--client-secret-file",
        &path(&secret),
        "--faults",
        &path(&faults),
        "--statistics",
        &path(&statistics),
        "--without",
        "Domain.Read.All",
        "--without",
        "Directory.Read.All",
    ]);
    assert!(running.token("wrong").unwrap_err().starts_with("AADSTS7000215: "));
    let bearer = format!("Authorization: Bearer {}\r\n", running.token("right").unwrap());
    let status = |path: &str| running.ask("GET", path, &bearer, "").split(' ').nth(1).unwrap().to_owned();
    assert_eq!(status("/v1.0/users"), "200");
    assert_eq!(status("/v1.0/domains"), "403");
    assert_eq!(status("/v1.0/groups"), "429");
    assert_eq!(status("/v1.0/identity/conditionalAccess/policies"), "200");
    assert_eq!(status("/v1.0/identity/conditionalAccess/policies"), "429", "limits are kept");
    let (code, last) = running.interrupted();
    assert_eq!(code, Some(0));
    assert!(last.contains("answered 7 requests") && last.contains("1 token issued"), "{last}");
    assert!(
        last.contains("DIR: 3 requests, 0 answered 429 for the limit and 1 by the script; 0 came too early"),
        "{last}"
    );
    assert!(last.contains("IPC: 2 requests, 1 answered 429 for the limit"), "{last}");
    let written: Value = serde_json::from_slice(&std::fs::read(&statistics).unwrap()).unwrap();
    assert_eq!(written["classes"]["IPC"]["throttled"], 1);
}

#[test]
fn over_tls_it_writes_what_clients_have_to_trust() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    let running = Running::of(&["tenants/risky", "--https", "--certificate-out", authority.to_str().unwrap()]);
    assert!(running.url.starts_with("https://127.0.0.1:"), "{}", running.url);
    assert!(std::fs::read_to_string(authority).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn a_call_that_cant_be_is_2_and_says_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let faults = folder.path().join("faults.toml");
    std::fs::write(&faults, "[[fault]]\ndata_set = \"people\"\nreset = true\n").unwrap();
    let faults = faults.to_str().unwrap().to_owned();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap().to_owned();
    for (arguments, said) in [
        (vec!["tenants/risky", "--listen", "0.0.0.0:0"], "say --beyond-loopback"),
        (vec!["tenants/risky", "--faults", &faults], "fault 1 of the script: `people` is no data set"),
        (vec!["tenants/risky", "--faults", "nowhere.toml"], "cannot read `nowhere.toml`"),
        (vec!["tenants/risky", "--without", "Everything.Read"], "no data set needs the permission `Everything.Read`"),
        (vec!["tenants/risky", "--next", &empty], "is no export"),
        (vec!["nowhere"], "cannot read `nowhere`"),
        (vec![&empty], "`idscore generate DIR` writes an export"),
        (vec!["tenants/risky", "--throttle-scale", "0"], "a number above 0"),
        (vec!["tenants/risky", "--certificate-out", "x.pem"], "--https"),
    ] {
        let output = run(&[&["graph-server"], arguments.as_slice()].concat());
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(said), "{arguments:?}: {message}");
    }
}
