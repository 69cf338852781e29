//! `idscore serve` over a data folder that the other commands filled: it says what they say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use idscore_history::{SetNumbers, TrendPoint};
use idscore_store::Archive;
use serde_json::Value;

use crate::history::Room;
use crate::program::{idscore, root};

/// A running service with a token for one tenant; it ends with the test.
pub struct Served {
    process: Child,
    pub address: String,
    /// What signs in to the dashboard once.
    pub link: String,
    pub token: String,
    log: Arc<Mutex<String>>,
}

impl Served {
    pub fn over(room: &Room, tenant: &str) -> Self {
        Self::with(room, tenant, &[])
    }

    pub fn with(room: &Room, tenant: &str, options: &[&str]) -> Self {
        let scope = ["--scope", "SecurityEvents.ReadWrite.All"];
        let token = room.run(&[&["token", "create", "test", "--tenant", tenant][..], &scope].concat());
        assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
        let mut serve = idscore(&["serve", "--listen", "127.0.0.1:0"]);
        serve.args(options).env("IDSCORE_DATA", room.data()).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut process = serve.spawn().unwrap();
        let mut line = String::new();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let address = loop {
            line.clear();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "the service ended before it listened");
            assert!(!line.contains("/sign-in/"), "what signs in stands in a log: {line}");
            if let Some((_, rest)) = line.split_once("answering on http://") {
                break rest.split(',').next().unwrap().to_owned();
            }
        };
        let origin = format!("http://{address}");
        let link = room.run(&["sign-in-link", "--address", &origin]).stdout;
        let link = String::from_utf8(link).unwrap().trim().strip_prefix(&origin).unwrap().to_owned();
        // Somebody has to read what it says, or it would wait.
        let log = Arc::new(Mutex::new(String::new()));
        let written = log.clone();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                *written.lock().unwrap() += &format!("{}\n", line.unwrap());
            }
        });
        Self { process, address, link, token: String::from_utf8(token.stdout).unwrap().trim().to_owned(), log }
    }

    /// The log, once it has so many lines that hold a text.
    pub fn log(&self, holds: &str, lines: usize) -> String {
        for _ in 0..1_500 {
            let log = self.log.lock().unwrap().clone();
            if log.lines().filter(|line| line.contains(holds)).count() >= lines {
                return log;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("{lines} lines that hold {holds} were never written: {}", self.log.lock().unwrap());
    }

    pub fn get(&self, path: &str) -> Value {
        let (head, body) = self.ask(path, &format!("Authorization: Bearer {}", self.token));
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        serde_json::from_str(&body).unwrap()
    }

    /// Sends a signal, such as `-TERM`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill").args([name, &self.process.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// How it ended by itself.
    #[cfg(unix)]
    pub fn ended(&mut self) -> std::process::ExitStatus {
        self.process.wait().unwrap()
    }

    /// The answer to an export that is uploaded.
    pub fn upload(&self, tenant: &str, zip: &[u8]) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "POST /api/v1/tenants/{tenant}/snapshots HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/zip\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.token,
            zip.len()
        );
        stream.write_all(&[head.as_bytes(), zip].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 201 "), "{head}\n{body}");
        serde_json::from_str(body).unwrap()
    }

    /// Head and body of an answer to a request with one more line in its head.
    pub fn ask(&self, path: &str, line: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n{line}\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.replacen("HTTP/1.0", "HTTP/1.1", 1), body.to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn tenant(room: &Room) -> String {
    room.json(&["compare", "--format", "json"])["tenant"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_difference_and_a_comparison_are_the_same_over_http_and_on_the_command_line() {
    let room = Room::of_two_days();
    let own = format!("/api/v1/tenants/{}", tenant(&room));
    let said = room.json(&["diff", "2026-11-20", "2026-11-21", "--format", "json"]);
    assert!(!said["controls"].as_array().unwrap().is_empty() && !said["policies"].as_array().unwrap().is_empty());
    let served = Served::over(&room, &tenant(&room));
    assert_eq!(served.get(&format!("{own}/diff?from=2026-11-20&to=2026-11-21")), said);
    let (before, after) = (said["before"]["id"].as_str().unwrap(), said["after"]["id"].as_str().unwrap());
    assert_eq!(served.get(&format!("{own}/diff?from={after}&to={before}")), said, "in the order of time");
    let said = room.json(&["compare", "--format", "json"]);
    assert_eq!(served.get(&format!("{own}/compare")), said);
    let said = room.json(&["compare", "--from", "2026-11-21", "--to", "2026-11-21", "--format", "json"]);
    assert_eq!(served.get(&format!("{own}/compare?from=2026-11-21&to=2026-11-21")), said);
}

/// The sum of a member over the controls of a set, where each control says its set.
fn sum(controls: &Value, set: &str, member: &str) -> f64 {
    let of_set = controls.as_array().unwrap().iter().filter(|control| control["set"] == set);
    of_set.filter_map(|control| control[member].as_f64()).sum()
}

#[track_caller]
fn same(what: &str, one: f64, other: f64) {
    assert!((one - other).abs() < 1e-9, "{what}: {one} and {other}");
}

/// The columns of the newest day in the database.
fn columns(room: &Room, tenant: &str) -> TrendPoint {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let archive = Archive::open(&room.data(), None).await.unwrap();
        let newest = archive.history.trend(tenant, 0, i64::MAX).await.unwrap().pop().unwrap();
        archive.history.close().await;
        newest
    })
}

#[test]
fn the_sum_over_controls_is_the_headline_wherever_it_is_shown() {
    let tenants = std::fs::read_dir(root().join("tenants")).unwrap().map(|entry| entry.unwrap().path());
    let tenants: Vec<_> = tenants.filter(|path| path.is_dir()).collect();
    assert!(tenants.len() >= 4, "{tenants:?}");
    for export in tenants {
        let room = Room::empty();
        let name = export.file_name().unwrap().to_str().unwrap();
        let cli = room.json(&["score", export.to_str().unwrap(), "--format", "json"]);
        let id = cli["tenantId"].as_str().unwrap();
        let served = Served::over(&room, &tenant(&room));
        let row = columns(&room, id);
        let api = served.get(&format!("/api/v1/tenants/{id}/assessments/{}", row.id));
        for (set, column) in [("core", row.core), ("extended", row.extended)] {
            let SetNumbers { current_score, max_score, .. } = column;
            assert!(max_score > 0.0, "{name} {set}");
            for (who, answer) in [("cli", &cli), ("api", &api)] {
                let headline = |member: &str| answer[set][member].as_f64().unwrap();
                for (sums, total, kept) in
                    [("score", "currentScore", current_score), ("maxScore", "maxScore", max_score)]
                {
                    same(&format!("{name} {who} {set} {sums}"), sum(&answer["controls"], set, sums), headline(total));
                    same(&format!("{name} {who} {set} {total} and its column"), headline(total), kept);
                }
                same(&format!("{name} {who} {set} percent"), headline("percent"), column.percent);
                for (member, kept) in
                    [("percentAtLeast", column.percent_at_least), ("percentAtMost", column.percent_at_most)]
                {
                    same(&format!("{name} {who} {set} {member}"), headline(member), kept.unwrap());
                }
                // Kept is what is shown: no control says more in one place than in another.
                for control in answer["controls"].as_array().unwrap() {
                    let of = |all: &Value, member: &str| {
                        all.as_array().unwrap().iter().find(|one| one["id"] == control["id"]).unwrap()[member].as_f64()
                    };
                    for member in ["scoreAtLeast", "scoreAtMost"] {
                        assert_eq!(of(&api["controls"], member), of(&cli["controls"], member), "{name} {control}");
                    }
                }
            }
            // A headline is rounded to two decimals.
            let exact = 100.0 * current_score / max_score;
            assert!((exact - column.percent).abs() <= 0.005 + 1e-9, "{name} {set}: {exact} and {}", column.percent);
        }
        // Graph shows the headline only.
        let graph = served.get("/v1.0/security/secureScores?$top=1")["value"][0].clone();
        let scores = graph["controlScores"].as_array().unwrap();
        let earned: f64 = scores.iter().map(|control| control["score"].as_f64().unwrap()).sum();
        same(&format!("{name} graph"), earned, graph["currentScore"].as_f64().unwrap());
        same(&format!("{name} graph and its column"), earned, row.core.current_score);
        same(&format!("{name} graph maximum"), graph["maxScore"].as_f64().unwrap(), row.core.max_score);
        let worth = |control: &&Value| control["set"] == "core" && control["maxScore"].is_f64();
        assert_eq!(scores.len(), api["controls"].as_array().unwrap().iter().filter(worth).count(), "{name}");
    }
}
