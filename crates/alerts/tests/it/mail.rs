//! Mail over a real SMTP conversation with a small server in the test.

use std::sync::{Arc, Mutex};

use idscore_alerts::SendError;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::receiver::alerting;

/// Speaks SMTP once per connection, writes down every line, and answers `DATA` with `last`.
async fn server(last: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            writer.write_all(b"220 test ESMTP\r\n").await.ok();
            let mut in_letter = false;
            while let Ok(Some(line)) = lines.next_line().await {
                log.lock().unwrap().push(line.clone());
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "." if in_letter => {
                        in_letter = false;
                        last
                    }
                    _ if in_letter => continue,
                    "EHLO" => "250-test\r\n250 AUTH PLAIN LOGIN",
                    "AUTH" => "235 welcome",
                    "DATA" => {
                        in_letter = true;
                        "354 go on"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    (port, heard)
}

fn channel(port: u16, tls: &str) -> String {
    format!(
        "[[channel]]\nname = \"mail\"\nkind = \"email\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\n\
         from = \"idscore <idscore@example.org>\"\nto = [\"ada@example.org\", \"Grace <grace@example.org>\"]\n\
         user = \"idscore\"\npassword_env = \"PASSWORD\"\n"
    )
}

#[tokio::test]
async fn a_mail_reaches_everybody_and_says_that_a_program_wrote_it() {
    let (port, heard) = server("250 kept").await;
    alerting(&channel(port, "none")).test(None, 5).await.pop().unwrap().1.unwrap();
    let heard = heard.lock().unwrap().join("\n");
    for said in [
        "MAIL FROM:<idscore@example.org>",
        "RCPT TO:<ada@example.org>",
        "RCPT TO:<grace@example.org>",
        "Subject: [idscore] TEST of the channel mail",
        "Auto-Submitted: auto-generated",
        "Message-ID: <test-mail-5@example.org>",
        "This is a test message of idscore.",
    ] {
        assert!(heard.contains(said), "{said}\n{heard}");
    }
}

#[tokio::test]
async fn what_a_server_refuses_is_told_by_its_code_without_its_words() {
    let (port, _) = server("554 spam from correct horse").await;
    let error = alerting(&channel(port, "none")).test(None, 5).await.pop().unwrap().1.unwrap_err();
    assert_eq!(error, SendError::Refused { host: "127.0.0.1".to_owned(), status: 554 });
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_mail_nor_password() {
    let (port, heard) = server("250 kept").await;
    let error = alerting(&channel(port, "startTls")).test(None, 5).await.pop().unwrap().1.unwrap_err();
    assert!(matches!(error, SendError::Unreached { .. }), "{error}");
    let heard = heard.lock().unwrap().join("\n");
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
    assert!(!format!("{error:?}").contains("horse"));
}
