//! `$batch`: twenty calls in one, answered in any order, each with a fate of its own.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::Reader;
use crate::page::Page;
use crate::plan::Reading;
use crate::request::{Ask, Fault, Refusal, is_passing};
use crate::retry::{from_now, retry_after};

/// The most calls that Graph takes in one.
pub(crate) const AT_ONCE: usize = 20;

/// What came of one call.
#[derive(Debug)]
pub(crate) enum Fate {
    /// Its page.
    Page(Page),
    /// Graph says no.
    Refused(Refusal),
    /// It never came.
    GaveUp { code: String, message: String },
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    responses: Vec<Answer<'a>>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Option<HashMap<String, String>>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// What one round answered to a call: its status, how long to wait, its body.
type Answered = (u16, Option<Duration>, Vec<u8>);

impl Reader<'_> {
    /// Asks for the first page of each owner. What is throttled inside is asked again, and only that.
    pub(crate) async fn batch(
        &self,
        reading: &Reading,
        version: &'static str,
        owners: &[String],
        deadline: Instant,
        attempts: u32,
    ) -> Result<Vec<(String, Fate)>, Fault> {
        let mut waiting: Vec<usize> = (0..owners.len().min(AT_ONCE)).collect();
        let mut fates: BTreeMap<usize, Fate> = BTreeMap::new();
        let mut attempt = 0_u32;
        while !waiting.is_empty() {
            attempt = attempt.saturating_add(1);
            let answers = self.round(reading, version, owners, &waiting, deadline).await?;
            let mut again = Vec::new();
            let mut asked: Option<Duration> = None;
            let mut throttled = false;
            let mut last = ("noAnswer".to_owned(), "the batch's answer left it out".to_owned());
            for at in waiting {
                let Some((status, after, body)) = answers.get(&at) else {
                    again.push(at);
                    continue;
                };
                let fate = if (200..300).contains(status) {
                    match Page::read(reading.name, reading.shape, body.clone()) {
                        Ok(page) => Fate::Page(page),
                        Err(why) => {
                            last = ("unusableAnswer".to_owned(), why);
                            again.push(at);
                            continue;
                        }
                    }
                } else {
                    let mut refusal = Refusal::read(*status, body);
                    refusal.message = self.graph.tokens.scrubbed(&refusal.message).await;
                    // An object that was there a moment ago may be new to the replica that answered.
                    let replica = *status == 404 && attempt == 1;
                    if is_passing(*status) || *status == 401 || replica {
                        throttled |= *status == 429;
                        asked = asked.max(*after);
                        last = (refusal.code, refusal.message);
                        again.push(at);
                        continue;
                    }
                    Fate::Refused(refusal)
                };
                fates.insert(at, fate);
            }
            waiting = again;
            if waiting.is_empty() {
                break;
            }
            let (pause, cut) = self.graph.patience.wait(asked, attempt);
            if let Some(cut) = cut {
                self.watch.notes(&format!("`{}`: {}; {cut}", reading.name, last.1));
                last.1 = format!("{}; {cut}", last.1);
            }
            let until = from_now(pause);
            if attempt >= attempts || until >= deadline {
                for at in waiting.drain(..) {
                    let message = format!("{}, and so {attempt} times in a row", last.1);
                    fates.insert(at, Fate::GaveUp { code: last.0.clone(), message });
                }
                break;
            }
            if throttled {
                self.graph.pacer.hold(reading.class, until);
            }
            self.watch.waits(reading.name, pause, &last.1);
            tokio::time::sleep(pause).await;
        }
        let named = fates.into_iter().filter_map(|(at, fate)| Some((owners.get(at)?.clone(), fate)));
        Ok(named.collect())
    }

    async fn round(
        &self,
        reading: &Reading,
        version: &'static str,
        owners: &[String],
        waiting: &[usize],
        deadline: Instant,
    ) -> Result<HashMap<usize, Answered>, Fault> {
        let calls: Vec<_> = waiting
            .iter()
            .filter_map(|at| {
                let url = self.relative(reading, reading.query, Some(owners.get(*at)?));
                Some(json!({"id": at.to_string(), "method": "GET", "url": url,
                    "headers": {"Prefer": "include-unknown-enum-members"}}))
            })
            .collect();
        let units = reading.units.saturating_mul(u32::try_from(calls.len()).unwrap_or(1));
        let body = json!({"requests": calls}).to_string();
        let url = self.graph.hosts.graph(version, "/$batch");
        let ask = Ask {
            data_set: reading.name,
            url: &url,
            body: Some(&body),
            class: reading.class,
            units,
            eventual: false,
            deadline,
        };
        self.graph
            .ask(&ask, self.watch, |body| {
                let batch: Batch<'_> =
                    serde_json::from_slice(&body).map_err(|_| "the answer to a batch is none".to_owned())?;
                let mut answers = HashMap::new();
                for answer in batch.responses {
                    let Ok(at) = answer.id.parse::<usize>() else { continue };
                    let header = |name: &str| {
                        let mut headers = answer.headers.iter().flatten();
                        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
                    };
                    let after = header("retry-after").and_then(|after| retry_after(after, header("date")));
                    let body = answer.body.map(|body| body.get().as_bytes().to_vec()).unwrap_or_default();
                    answers.insert(at, (answer.status, after, body));
                }
                Ok(answers)
            })
            .await
    }
}
