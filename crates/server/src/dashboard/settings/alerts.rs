//! Rules and channels of alerts as `alerts.toml` has them, what was told, and a test message to try a channel.

use axum::extract::State;
use axum::response::Response;
use idscore_alerts::config::Rule;
use idscore_alerts::{By, Reached};
use idscore_history::events::{Drop, Watch};
use idscore_score::Set;
use idscore_store::{Delivery, DeliveryState, now};
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::{Done, of_service, settings};
use crate::dashboard::failure::{PageFailure, render};
use crate::dashboard::form::Form;
use crate::dashboard::visitor::AtHome;
use crate::state::Service;

/// Deliveries on the page.
const DELIVERIES: i64 = 20;

pub(super) struct Part {
    /// Whether there is a file of rules and channels.
    pub(super) set: bool,
    pub(super) channels: Vec<Channel>,
    /// What is told, on which channels, for which tenants.
    pub(super) rules: Vec<(String, String, String)>,
    /// When, what, on which channel, and whether it arrived.
    pub(super) deliveries: Vec<(String, String, String, String)>,
}

pub(super) struct Channel {
    pub(super) name: String,
    pub(super) by: String,
    pub(super) host: String,
    pub(super) to: String,
}

pub(super) async fn part(t: Texts, service: &Service) -> Result<Part, PageFailure> {
    let deliveries = service.archive.history.deliveries(DELIVERIES).await?;
    let alerting = service.web.alerting.as_ref();
    Ok(Part {
        set: alerting.is_some(),
        channels: alerting
            .map_or_else(Vec::new, |known| known.channels())
            .into_iter()
            .map(|one| channel(t, one))
            .collect(),
        rules: alerting.map_or(&[][..], |known| known.rules()).iter().map(|one| rule(t, one)).collect(),
        deliveries: deliveries.iter().map(|delivery| told(t, delivery)).collect(),
    })
}

fn channel(t: Texts, reached: Reached) -> Channel {
    let by = t.say(match reached.by {
        By::Webhook => "settings-channel-webhook",
        By::Teams => "settings-channel-teams",
        By::Mail => "settings-channel-mail",
    });
    Channel { name: reached.name, by, host: reached.host, to: reached.to.join(", ") }
}

fn rule(t: Texts, rule: &Rule) -> (String, String, String) {
    let of_set = |set| t.say(if set == Set::Core { "settings-rule-core" } else { "settings-rule-extended" });
    let number = |number: f64| format!("{number}");
    let what = match rule.watch {
        Watch::ScoreBelow { set, percent } => t.with(
            "settings-rule-score-below",
            &[("set", (&of_set(set)).into()), ("percent", (&number(percent)).into())],
        ),
        Watch::ScoreDrop { set, by } => {
            let (key, by) = match by {
                Drop::Points(points) => ("settings-rule-drop-points", points),
                Drop::Percent(percent) => ("settings-rule-drop-percent", percent),
            };
            t.with(key, &[("set", (&of_set(set)).into()), ("by", (&number(by)).into())])
        }
        Watch::ControlRegressed => t.say("settings-rule-regressed"),
        Watch::DecisionEnding { days } => {
            t.with("settings-rule-ending", &[("days", u64::try_from(days).unwrap_or(0).into())])
        }
        Watch::AcceptedSlipped => t.say("settings-rule-slipped"),
        Watch::ImportFailed => t.say("settings-rule-import"),
    };
    let tenants = if rule.tenants.is_empty() { t.say("settings-every-tenant") } else { rule.tenants.join(", ") };
    (what, rule.channels.join(", "), tenants)
}

fn told(t: Texts, delivery: &Delivery) -> (String, String, String, String) {
    let state = match delivery.state {
        DeliveryState::Told => t.say("settings-alert-told"),
        DeliveryState::Waiting => t.with("settings-alert-waiting", &[("count", u64::from(delivery.attempts).into())]),
        DeliveryState::GivenUp => t.with("settings-alert-given-up", &[("why", (&delivery.last_error).into())]),
    };
    (moves::instant(delivery.event.at), delivery.event.title.clone(), delivery.channel.clone(), state)
}

#[derive(Deserialize)]
pub(in crate::dashboard) struct Fields {
    channel: String,
}

/// `POST /settings/alerts/test`: sends a message that says that it is a test, and says whether it arrived.
pub(in crate::dashboard) async fn test(
    at: AtHome,
    State(service): State<Service>,
    form: Form<Fields>,
) -> Result<Response, PageFailure> {
    of_service(&form.visitor)?;
    let alerting = service.web.alerting.as_ref().ok_or(PageFailure::NotFound)?;
    let sent = alerting.test(Some(&form.fields.channel), now()).await;
    let (channel, result) = sent.into_iter().next().ok_or(PageFailure::NotFound)?;
    let failed = result.err().map(|error| error.to_string());
    service.archive.history.note_alert_test(&form.visitor.actor(), &channel, failed.as_deref()).await?;
    let t = Texts::english();
    let said = match &failed {
        None => t.with("settings-tested", &[("channel", (&channel).into())]),
        Some(why) => t.with("settings-tested-failed", &[("channel", (&channel).into()), ("why", why.into())]),
    };
    let done = Done { made: None, tested: Some((failed.is_none(), said)) };
    render(&settings(&at, &service, String::new(), done).await?)
}
