//! Mail over SMTP.

use std::time::Duration;

use idscore_store::now;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Letter};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as Encryption, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::config::{Mail, Tls};
use crate::error::SendError;
use crate::http::deepest;
use crate::message::Message;
use idscore_secrets::{Secret, SettingsError};

/// A mail server with whom it writes to.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    host: String,
    from: String,
    to: Vec<String>,
    patience: Duration,
}

impl Mailer {
    /// The host of the server.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Who is written to.
    pub fn to(&self) -> &[String] {
        &self.to
    }

    /// A mailer that waits so long at most.
    pub fn new(mail: &Mail, password: Option<Secret>, patience: Duration) -> Result<Self, SettingsError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let parameters =
            || TlsParameters::new(mail.host.clone()).map_err(|source| SettingsError::Tls { source: Box::new(source) });
        let encryption = match mail.tls {
            Tls::StartTls => Encryption::Required(parameters()?),
            Tls::Tls => Encryption::Wrapper(parameters()?),
            Tls::None => Encryption::None,
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
            .port(mail.port)
            .tls(encryption)
            .timeout(Some(patience));
        if let Some(((user, _), password)) = mail.login.as_ref().zip(password) {
            transport = transport.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
        }
        Ok(Self {
            transport: transport.build(),
            host: mail.host.clone(),
            from: mail.from.clone(),
            to: mail.to.clone(),
            patience,
        })
    }

    /// Sends one mail to all; it has the same Message-ID at every attempt.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        let letter = self.letter(message)?;
        let host = || self.host.clone();
        let timed_out = || SendError::TimedOut { host: host(), seconds: self.patience.as_secs() };
        match tokio::time::timeout(self.patience, self.transport.send(letter)).await {
            Err(_) => Err(timed_out()),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(match error.status() {
                // The server's own words stay out: they may repeat what was sent.
                Some(code) => SendError::Refused { host: host(), status: code.into() },
                None if error.is_timeout() => timed_out(),
                None => SendError::Unreached { host: host(), reason: deepest(&error) },
            }),
        }
    }

    fn letter(&self, message: &Message) -> Result<Letter, SendError> {
        let failed = |reason: String| SendError::Message { reason };
        let mailbox =
            |text: &String| text.parse::<Mailbox>().map_err(|_| failed(format!("`{text}` is no address of a mailbox")));
        let from = mailbox(&self.from)?;
        let domain = from.email.domain().to_owned();
        let mut letter = Letter::builder()
            .from(from)
            .subject(format!("[idscore] {}", message.headline()))
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .date(std::time::UNIX_EPOCH + Duration::from_micros(u64::try_from(now()).unwrap_or(0)))
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            letter = letter.to(mailbox(to)?);
        }
        letter.body(message.text()).map_err(|error| failed(error.to_string()))
    }
}
