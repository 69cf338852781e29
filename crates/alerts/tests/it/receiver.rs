//! A receiver of webhooks that answers as it is told, and the settings that point to it.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use idscore_alerts::{Alerting, Backoff, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub const PATIENCE: Duration = Duration::from_millis(1_500);

/// How a receiver answers.
#[derive(Clone, Copy)]
pub enum Answer {
    /// With a status.
    Status(u16),
    /// Not at all.
    Never,
    /// With another address.
    Redirect,
    /// With a body of 64 MB.
    Flood,
}

/// A request as it came.
#[derive(Clone)]
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> String {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }
}

/// A receiver on loopback.
pub struct Receiver {
    pub url: String,
    pub got: Arc<Mutex<Vec<Request>>>,
    pub sent_bytes: Arc<Mutex<usize>>,
}

impl Receiver {
    /// Answers each request with the next of the answers, and then with the last.
    pub async fn answering(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/secret-path", listener.local_addr().unwrap());
        let (got, sent_bytes) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (log, sent, answers) = (Arc::clone(&got), Arc::clone(&sent_bytes), answers.to_vec());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                let number = {
                    let mut log = log.lock().unwrap();
                    log.push(request);
                    log.len()
                };
                let answer = *answers.get(number - 1).or(answers.last()).unwrap();
                let sent = Arc::clone(&sent);
                tokio::spawn(async move { write(stream, answer, &sent).await });
            }
        });
        Self { url, got, sent_bytes }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.got.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let request = Request { head, body: bytes[end + 4..].to_vec() };
            if request.body.len() >= request.header("content-length").parse().unwrap_or(0) {
                return request;
            }
        }
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the request ended early");
        bytes.extend_from_slice(&buffer[..count]);
    }
}

async fn write(mut stream: TcpStream, answer: Answer, sent: &Mutex<usize>) {
    let head = match answer {
        Answer::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
        Answer::Redirect => {
            "HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/stolen\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        Answer::Flood => "HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n".to_owned(),
        Answer::Never => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return;
        }
    };
    stream.write_all(head.as_bytes()).await.ok();
    if matches!(answer, Answer::Flood) {
        let block = vec![b'x'; 1 << 16];
        for _ in 0..1024 {
            if stream.write_all(&block).await.is_err() {
                return;
            }
            *sent.lock().unwrap() += block.len();
        }
    }
}

/// Three attempts, and waits short enough to step over by hand.
pub fn backoff() -> Backoff {
    Backoff { first: Duration::from_secs(10), longest: Duration::from_secs(40), attempts: 3 }
}

/// Rules for everything, and the given channels.
pub fn alerting(channels: &str) -> Alerting {
    let rules = "
        [[rule]]\nwhen = \"scoreBelow\"\npercent = 40\n
        [[rule]]\nwhen = \"scoreDrop\"\npercent = 5\n
        [[rule]]\nwhen = \"controlRegressed\"\n
        [[rule]]\nwhen = \"decisionEnding\"\ndays = 14\n
        [[rule]]\nwhen = \"acceptedSlipped\"\n
        [[rule]]\nwhen = \"importFailed\"\n";
    let settings = Settings::parse(&format!("{channels}{rules}"), Path::new("alerts.toml")).unwrap();
    let variable = |name: &str| match name {
        "SECRET" => Some(SECRET.to_owned()),
        "PASSWORD" => Some("correct horse".to_owned()),
        url => Some(url.to_owned()),
    };
    Alerting::open(&settings, &variable, backoff(), PATIENCE).unwrap()
}

pub fn webhook(name: &str, url: &str) -> String {
    format!("[[channel]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{url}\"\nsecret_env = \"SECRET\"\n")
}
