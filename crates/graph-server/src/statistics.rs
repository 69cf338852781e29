//! What was asked and answered, for tests and for the closing line.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::endpoints::Class;

/// How long a request is on its way at most, before its client can have heard of anything.
const UNDER_WAY: Duration = Duration::from_millis(250);

/// What the server saw so far.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Statistics {
    /// Requests over the wire; a batch is one.
    pub requests: u64,
    /// Tokens that were issued.
    pub tokens: u64,
    /// Requests that were under way at once, at most.
    pub most_at_once: u64,
    /// Bytes of bodies, before compression.
    pub bytes: u64,
    /// Rows in answers.
    pub rows: u64,
    /// Each class of limits; items of a batch count one by one.
    pub classes: BTreeMap<Class, OfClass>,
    /// Requests for each data set.
    pub data_sets: BTreeMap<String, u64>,
    /// Answers by status, of items in a batch too.
    pub statuses: BTreeMap<u16, u64>,
}

/// One class of requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfClass {
    /// All of them.
    pub requests: u64,
    /// What they cost, in resource units; 1 outside the directory.
    pub units: u64,
    /// Answered 429 because the limit was reached: a client that paces itself has none.
    pub throttled: u64,
    /// Answered 429 because the fault script said so.
    pub scripted: u64,
    /// Came before the last `Retry-After` of their class was over, other than those that were under way when it was said.
    pub early: u64,
}

impl Statistics {
    /// Every 429 that a well-paced client would not have met.
    #[must_use]
    pub fn avoidable(&self) -> u64 {
        self.classes.values().map(|class| class.throttled).sum()
    }

    /// Every request that came although its class had been told to wait.
    #[must_use]
    pub fn impatient(&self) -> u64 {
        self.classes.values().map(|class| class.early).sum()
    }
}

/// The counters of a running server.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub so_far: Statistics,
    at_once: u64,
    /// From when on and until when each class was told to wait.
    waits: BTreeMap<Class, (Instant, Instant)>,
}

impl Counters {
    pub fn begin(&mut self) {
        self.so_far.requests += 1;
        self.at_once += 1;
        self.so_far.most_at_once = self.so_far.most_at_once.max(self.at_once);
    }

    pub fn end(&mut self) {
        self.at_once = self.at_once.saturating_sub(1);
    }

    pub fn asked(&mut self, class: Class, data_set: &str, units: u32, now: Instant) {
        let early = self.waits.get(&class).is_some_and(|(from, until)| *from <= now && now < *until);
        let counted = self.so_far.classes.entry(class).or_default();
        counted.requests += 1;
        counted.units += u64::from(units);
        counted.early += u64::from(early);
        match self.so_far.data_sets.get_mut(data_set) {
            Some(count) => *count += 1,
            None => {
                self.so_far.data_sets.insert(data_set.to_owned(), 1);
            }
        }
    }

    pub fn answered(&mut self, status: u16, bytes: usize, rows: usize) {
        *self.so_far.statuses.entry(status).or_default() += 1;
        self.so_far.bytes += bytes as u64;
        self.so_far.rows += rows as u64;
    }

    pub fn throttled(&mut self, class: Class, scripted: bool, told_to_wait: Option<Duration>, now: Instant) {
        let counted = self.so_far.classes.entry(class).or_default();
        if scripted {
            counted.scripted += 1;
        } else {
            counted.throttled += 1;
        }
        if let Some(wait) = told_to_wait {
            // Time for the answer to arrive, and for clocks that round.
            let (from, until) = (now + UNDER_WAY, now + wait.saturating_sub(Duration::from_millis(20)));
            let known = self.waits.entry(class).or_insert((from, until));
            if known.1 < until {
                *known = (if now < known.1 { known.0 } else { from }, until);
            }
        }
    }
}
