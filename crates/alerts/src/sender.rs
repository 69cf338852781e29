//! A channel that is ready to send.

use std::time::Duration;

use idscore_store::now;
use reqwest::header::{HeaderMap, HeaderValue};

use crate::config::{Address, Channel, ChannelKind};
use crate::error::SendError;
use crate::http::Target;
use crate::mail::Mailer;
use crate::message::Message;
use crate::sign::{ID, Key, SIGNATURE, TIMESTAMP};
use idscore_secrets::{Secret, SettingsError};

/// A channel with its secrets read.
pub struct Sender {
    name: String,
    way: Way,
}

enum Way {
    Webhook(Target, Key),
    Teams(Target),
    Mail(Box<Mailer>),
}

/// How a channel is reached, as people may know it: nothing secret, and of an address the host only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The channel's name.
    pub name: String,
    /// How.
    pub by: By,
    /// The host that it goes to.
    pub host: String,
    /// Who is written to; nobody but by mail.
    pub to: Vec<String>,
}

/// The kind of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A signed webhook.
    Webhook,
    /// A card in Teams.
    Teams,
    /// A mail.
    Mail,
}

impl Sender {
    /// Reads the secrets of a channel and checks them.
    ///
    /// # Errors
    /// When a secret is missing, too short or readable for others, or an address is not encrypted.
    pub fn open(
        channel: &Channel,
        variable: &dyn Fn(&str) -> Option<String>,
        patience: Duration,
    ) -> Result<Self, SettingsError> {
        let name = channel.name.clone();
        let target = |url: &Secret| Target::new("alerts.toml".as_ref(), &format!("channel `{name}`"), url, patience);
        let way = match &channel.kind {
            ChannelKind::Webhook { url, secret } => {
                let url = match url {
                    Address::Plain(url) => Secret::new(url),
                    Address::Secret(source) => source.read(variable)?,
                };
                let key = Key::of(&secret.read(variable)?).ok_or_else(|| SettingsError::Invalid {
                    path: "alerts.toml".into(),
                    reason: format!(
                        "channel `{name}`: its secret is no key: at least 24 bytes, or `whsec_` and those in base64"
                    ),
                })?;
                Way::Webhook(target(&url)?, key)
            }
            ChannelKind::Teams { url } => Way::Teams(target(&url.read(variable)?)?),
            ChannelKind::Email(mail) => {
                let password = mail.login.as_ref().map(|(_, source)| source.read(variable)).transpose()?;
                Way::Mail(Box::new(Mailer::new(mail, password, patience)?))
            }
        };
        Ok(Self { name, way })
    }

    /// The channel's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the channel is reached, for people.
    #[must_use]
    pub fn reached(&self) -> Reached {
        let (by, host, to) = match &self.way {
            Way::Webhook(target, _) => (By::Webhook, target.host(), &[][..]),
            Way::Teams(target) => (By::Teams, target.host(), &[][..]),
            Way::Mail(mailer) => (By::Mail, mailer.host(), mailer.to()),
        };
        Reached { name: self.name.clone(), by, host: host.to_owned(), to: to.to_vec() }
    }

    /// Sends a message once.
    ///
    /// # Errors
    /// When it did not arrive, or nobody can know.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        match &self.way {
            Way::Mail(mailer) => mailer.send(message).await,
            Way::Teams(target) => target.post(message.card().to_string().into_bytes(), HeaderMap::new()).await,
            Way::Webhook(target, key) => {
                let body = message.json().to_string().into_bytes();
                let headers = signed(key, &message.id, now() / 1_000_000, &body)
                    .ok_or_else(|| SendError::Message { reason: "it can't be signed".to_owned() })?;
                target.post(body, headers).await
            }
        }
    }
}

pub(crate) fn signed(key: &Key, id: &str, timestamp: i64, body: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(ID, HeaderValue::from_str(id).ok()?);
    headers.insert(TIMESTAMP, HeaderValue::from(timestamp));
    headers.insert(SIGNATURE, HeaderValue::from_str(&key.sign(id, timestamp, body)?).ok()?);
    Some(headers)
}
