//! Secrets and tokens reach nobody but Microsoft.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use idscore_graph::{Credential, DataSetReport, Stop, Watch};
use idscore_graph_server::Server;
use idscore_secrets::Secret;

use crate::support::{Invented, SECRET, connection, faulty, files, wanted};

/// Everything that a watcher is told.
#[derive(Default)]
struct Heard(Mutex<String>);

impl Watch for Heard {
    fn waits(&self, data_set: &'static str, _: Duration, why: &str) {
        self.0.lock().unwrap().push_str(&format!("{data_set} {why}\n"));
    }
    fn ends(&self, report: &DataSetReport) {
        self.0.lock().unwrap().push_str(&format!("{report:?}\n"));
    }
    fn notes(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Tokens are JWTs: three parts, of which the first two begin like this.
fn holds_token(text: &str) -> bool {
    text.match_indices("eyJ").any(|(at, _)| {
        let rest = text[at..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        rest.starts_with(".eyJ")
    })
}

#[test]
fn neither_export_nor_state_nor_log_nor_watcher_holds_a_secret_or_a_token() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).init();
    let tenant = Invented::usual();
    let script = "[[fault]]\nevery = 5\nstatus = 503\n[[fault]]\nevery = 9\nexpire_tokens = true\n\
        [[fault]]\ndata_set = \"domains\"\nstatus = 403\n";
    let server = Server::start(&tenant.export, faulty(script)).unwrap();
    let (heard, out) = (Heard::default(), tenant.beside("collected"));
    let connection = connection(&server);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let collection =
        runtime.block_on(idscore_graph::collect(&connection, &wanted(&out), &heard, &Stop::default())).unwrap();
    let mut everything = vec![
        ("what was heard".to_owned(), heard.0.into_inner().unwrap().into_bytes()),
        ("the log".to_owned(), log.0.lock().unwrap().clone()),
        ("the result".to_owned(), format!("{collection:?} {connection:?}").into_bytes()),
    ];
    everything.extend(files(&out));
    assert!(holds_token("x eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ4In0.c2ln y") && !holds_token("eyJhbGciOiJub25lIn0 .eyJ"));
    assert!(everything.iter().all(|(what, text)| !text.is_empty() || what == "the log"));
    for (what, text) in everything {
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(!text.contains(SECRET), "{what}");
        assert!(!holds_token(&text), "{what}");
    }
}

#[test]
fn a_server_that_sends_the_token_back_in_an_error_is_not_quoted() {
    let tenant = Invented::usual();
    let message = format!("denied to {SECRET}");
    let script = format!("[[fault]]\ndata_set = \"domains\"\nstatus = 403\nmessage = \"{message}\"\n");
    let server = Server::start(&tenant.export, faulty(&script)).unwrap();
    let collection = crate::support::collect(&connection(&server), &wanted(&tenant.beside("collected"))).unwrap();
    let domains = collection.data_sets.iter().find(|set| set.name == "domains").unwrap();
    assert_eq!(domains.message.as_deref(), Some("denied to ***"));
}

#[test]
fn credentials_are_not_shown() {
    let shown = format!("{:?}", Credential::ClientSecret(Secret::new(SECRET)));
    assert!(!shown.contains(SECRET), "{shown}");
}
