//! What is sent: one event in the forms that each channel needs.

use idscore_history::events::{Event, EventKind};
use idscore_history::instants::rfc3339;
use idscore_history::word;
use idscore_output_encoding::{one_line, visible_lines};
use idscore_store::Delivery;
use serde_json::{Value, json};

/// The longest text that is sent; a channel would cut or refuse more.
const LONGEST: usize = 8_000;
/// The longest name or title.
const LONGEST_LINE: usize = 300;

/// An event for a person or a program.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The same at every attempt.
    pub id: String,
    /// The tenant's name, or its id where it has none.
    pub tenant: String,
    /// What happened.
    pub event: Event,
}

impl Message {
    /// A taken delivery with the name of its tenant.
    #[must_use]
    pub fn of(delivery: &Delivery, tenant: &str) -> Self {
        Self { id: delivery.id.clone(), tenant: tenant.to_owned(), event: delivery.event.clone() }
    }

    /// A message that says of itself that it is a test.
    #[must_use]
    pub fn test(id: &str, channel: &str, at: i64) -> Self {
        let event = Event {
            tenant_id: String::new(),
            kind: EventKind::Test,
            subject: channel.to_owned(),
            about: String::new(),
            at,
            title: format!("TEST of the channel {channel}"),
            text: "This is a test message of idscore. Nothing happened.".to_owned(),
            facts: json!({}),
        };
        Self { id: id.to_owned(), tenant: String::new(), event }
    }

    /// One line; a name from an export can't add another.
    #[must_use]
    pub fn headline(&self) -> String {
        let title = one_line(&self.event.title, LONGEST_LINE);
        if self.tenant.is_empty() { title } else { format!("{}: {title}", one_line(&self.tenant, LONGEST_LINE)) }
    }

    /// The whole for a person.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.headline());
        if !self.event.text.is_empty() {
            text.push_str(&format!("\n{}\n", printable(&self.event.text)));
        }
        if !self.event.tenant_id.is_empty() {
            text.push_str(&format!("\nTenant: {}", one_line(&self.event.tenant_id, LONGEST_LINE)));
        }
        text.push_str(&format!("\nAt: {}\n", rfc3339(self.event.at)));
        text
    }

    /// The body of a webhook.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "type": format!("idscore.{}", word(&self.event.kind)),
            "id": self.id,
            "timestamp": rfc3339(self.event.at),
            "data": {
                "tenantId": self.event.tenant_id,
                "tenantName": self.tenant,
                "subject": self.event.subject,
                "title": self.event.title,
                "text": self.event.text,
                "facts": self.event.facts,
            },
        })
    }

    /// An Adaptive Card as a Teams workflow takes it. Only text runs: they know no Markdown, so that a name from an export
    /// stays a name.
    #[must_use]
    pub fn card(&self) -> Value {
        let run = |text: &str, weight: &str| json!({"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, "weight": weight}]});
        let mut body = vec![run(&self.headline(), "bolder")];
        body.extend(
            printable(&self.event.text).lines().filter(|line| !line.is_empty()).map(|line| run(line, "default")),
        );
        body.push(run(&format!("{} · {}", rfc3339(self.event.at), self.id), "lighter"));
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body,
                },
            }],
        })
    }
}

fn printable(text: &str) -> String {
    visible_lines(text).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let mut message = Message::test("id-1", "siem", 0);
        message.tenant = "Contoso\r\nBcc: x@example.org\u{202e} [click](https://evil.example)".to_owned();
        message
    }

    #[test]
    fn a_name_adds_neither_a_line_nor_a_link() {
        assert!(!message().headline().contains(['\r', '\n', '\u{202e}']));
        let card = message().card().to_string();
        assert!(card.contains("TextRun") && !card.contains("TextBlock\",\"text\""), "{card}");
    }

    #[test]
    fn the_body_of_a_webhook_has_a_type_an_id_and_an_instant() {
        let body = message().json();
        assert_eq!(
            (&body["type"], &body["id"], &body["timestamp"]),
            (&json!("idscore.test"), &json!("id-1"), &json!("1970-01-01T00:00:00Z"))
        );
    }
}
