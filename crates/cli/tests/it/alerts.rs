//! Alerts from the command line: the channels tried, and a regression told by a service that was restarted in between.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::history::Room;
use crate::program::{idscore, root};
use crate::transcripts;

const SECRET: &str = "a secret of more than 24 bytes";

fn webhook(address: &str) -> String {
    format!(
        "[[channel]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"http://{address}/in\"\nsecret_env = \"SECRET\"\n\n\
         [[rule]]\nwhen = \"controlRegressed\"\n"
    )
}

#[test]
fn transcript_of_alerts_holds() {
    let room = Room::of_two_days();
    let secret = room.data().join("secret");
    fs::write(&secret, SECRET).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    }
    // Nobody listens on port 1.
    let settings = webhook("127.0.0.1:1").replace("_env = \"SECRET\"", &format!("_file = \"{}\"", secret.display()));
    fs::write(room.data().join("alerts.toml"), settings).unwrap();
    transcripts::hold("history/alerts", &room.data());
}

/// Takes webhooks and hands on their bodies.
fn receiver() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut length, mut line) = (0, String::new());
            while stream.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            sender.send(serde_json::from_slice(&body).unwrap()).ok();
        }
    });
    (address, bodies)
}

/// A service that ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn serve(room: &Room) -> Serving {
    let mut command = idscore(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("IDSCORE_DATA", room.data()).env("SECRET", SECRET).stderr(Stdio::null());
    Serving(command.spawn().unwrap())
}

#[test]
fn a_service_tells_what_regressed_while_it_was_down_and_tells_it_once() {
    let (address, bodies) = receiver();
    let room = Room::empty();
    let score = |export: &str| assert!(room.run(&["score", export]).status.success());
    score(root().join("tenants/risky").to_str().unwrap());
    // The line is above the score, so that the first look has something to tell.
    let below = "[[rule]]\nwhen = \"scoreBelow\"\npercent = 99\n";
    fs::write(room.data().join("alerts.toml"), webhook(&address) + below).unwrap();
    let first = serve(&room);
    let told = bodies.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(told["type"], "idscore.scoreBelow");
    let noted = || room.json(&["alerts", "list", "--json"])[0]["state"] == "told";
    while !noted() {
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(first);

    score(room.next_day().to_str().unwrap());
    let second = serve(&room);
    let mut told = Vec::new();
    while let Ok(body) = bodies.recv_timeout(Duration::from_secs(if told.is_empty() { 30 } else { 3 })) {
        told.push(format!("{} {}", body["type"].as_str().unwrap(), body["data"]["subject"].as_str().unwrap()));
    }
    drop(second);
    assert_eq!(told, ["idscore.controlRegressed MFARegistrationV2"]);
    let listed = room.json(&["alerts", "list", "--json"]);
    assert!(listed.as_array().unwrap().iter().all(|one| one["state"] == "told"), "{listed}");
}
