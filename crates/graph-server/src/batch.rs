//! `$batch`: up to twenty requests in one, answered in any order.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::chance::mix;
use crate::clock::error_date;
use crate::endpoints::Class;
use crate::failure::Failure;
use crate::faults::Asked;
use crate::graph::{self, Ask};
use crate::query::decoded;
use crate::rows::hash;
use crate::state::State;

const AT_MOST: usize = 20;

#[derive(Deserialize)]
struct Envelope {
    requests: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Answers a batch.
pub(crate) fn answer(state: &State, ask: &Ask, body: &[u8]) -> Answer {
    let asked = Asked { data_set: "batch", class: Class::Other, path: "/$batch", query: "", in_batch: false };
    let struck = state.options.faults.strike(asked, state.seed);
    let mut delay = Duration::ZERO;
    let done = match graph::scripted(state, ask, &struck, Class::Other, std::time::Instant::now()) {
        Some(failure) => Err(failure),
        None => graph::signed_in(state, ask).and_then(|_| read(body)).map(|steps| run(state, ask, &steps)),
    };
    let answer = match done {
        Ok((responses, slowest)) => {
            delay = slowest;
            Answer::json(200, format!("{{\"responses\":[{}]}}", responses.join(",")).into_bytes())
        }
        Err(failure) => {
            let request = state.new_id();
            let body = failure.body(&error_date(state.clock.now()), &request, &request);
            let mut answer = Answer::json(failure.status, body);
            answer.headers = failure.headers;
            if failure.html {
                answer.content_type = "text/html";
            }
            answer
        }
    };
    let mut answer = answer.scripted(&struck);
    answer.manner.delay += delay;
    state.counters().answered(answer.status, answer.body.len(), 0);
    answer
}

fn read(body: &[u8]) -> Result<Vec<Step>, Failure> {
    let bad = |message: &str| Failure::bad_request(message);
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| bad("Invalid batch payload format."))?;
    let steps = envelope.requests;
    if steps.is_empty() {
        return Err(bad("Batch request body has no requests."));
    }
    if steps.len() > AT_MOST {
        return Err(bad("Number of batch request steps exceeds the maximum value of '20'."));
    }
    for (number, step) in steps.iter().enumerate() {
        let before = steps.get(..number).unwrap_or_default();
        if step.id.is_empty() || before.iter().any(|other| other.id == step.id) {
            return Err(bad("Batch request steps need ids that are unique."));
        }
        if step.url.contains("://") || step.url.starts_with("//") {
            return Err(bad("Batch request steps need relative URLs."));
        }
        if let Some(unknown) = step.depends_on.iter().find(|wanted| !before.iter().any(|other| other.id == **wanted)) {
            return Err(bad(&format!("Step '{}' depends on '{unknown}', which does not stand before it.", step.id)));
        }
    }
    Ok(steps)
}

fn run(state: &State, ask: &Ask, steps: &[Step]) -> (Vec<String>, Duration) {
    let mut statuses: HashMap<&str, u16> = HashMap::new();
    let mut slowest = Duration::ZERO;
    let mut responses = Vec::with_capacity(steps.len());
    for step in steps {
        let failed =
            step.depends_on.iter().any(|wanted| statuses.get(wanted.as_str()).is_none_or(|status| *status >= 400));
        let answer = if failed {
            let body =
                json!({"error": {"code": "FailedDependency", "message": "A step that this one depends on failed."}});
            Answer::json(424, body.to_string().into_bytes())
        } else {
            graph::answer(state, &asked(ask, step))
        };
        slowest = slowest.max(answer.manner.delay);
        statuses.insert(&step.id, answer.status);
        responses.push((step.id.as_str(), response(&step.id, &answer)));
    }
    // Whichever is done first comes first.
    let order = state.seed ^ state.serial();
    responses.sort_by_key(|(id, _)| mix(order ^ hash(id.as_bytes())));
    (responses.into_iter().map(|(_, response)| response).collect(), slowest)
}

fn asked(ask: &Ask, step: &Step) -> Ask {
    let header = |wanted: &str| {
        step.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
    };
    let (path, query) = step.url.split_once('?').unwrap_or((&step.url, ""));
    Ask {
        method: step.method.to_ascii_uppercase(),
        version: ask.version,
        path: format!("/{}", decoded(path.trim_start_matches('/'))),
        query: query.to_owned(),
        base: ask.base.clone(),
        authorization: ask.authorization.clone(),
        prefer: header("prefer").unwrap_or_default().to_owned(),
        eventual: header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual")),
        client_request_id: None,
        in_batch: true,
    }
}

fn response(id: &str, answer: &Answer) -> String {
    let mut headers: serde_json::Map<String, Value> = serde_json::Map::new();
    let own = answer.headers.iter().map(|(name, value)| (*name, value));
    for (name, value) in own.chain(answer.overrides.iter().map(|(name, value)| (name.as_str(), value))) {
        headers.insert(titled(name), Value::String(value.clone()));
    }
    headers.insert("Content-Type".to_owned(), Value::String("application/json".to_owned()));
    let text = String::from_utf8_lossy(&answer.body);
    // As it is, with numbers that no number type holds.
    let body = match serde_json::from_slice::<&RawValue>(&answer.body) {
        Ok(body) => body.get().to_owned(),
        Err(_) => Value::from(text).to_string(),
    };
    let head = json!({"id": id, "status": answer.status, "headers": headers}).to_string();
    format!("{},\"body\":{body}}}", head.strip_suffix('}').unwrap_or(&head))
}

/// `Retry-After`, as batches spell it.
fn titled(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    if name.starts_with("x-") { name.to_owned() } else { parts.collect::<Vec<_>>().join("-") }
}
