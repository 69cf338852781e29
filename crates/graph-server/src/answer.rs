//! An answer before it goes over the wire, and how it goes.

use std::time::Duration;

use crate::faults::Struck;
use crate::rewrite::rewritten;

/// What is answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// Rows of a data set in it.
    pub rows: usize,
    pub manner: Manner,
    /// Headers of the fault script, in place of those that the server would say.
    pub overrides: Vec<(String, String)>,
}

/// How an answer travels, where the fault script has its say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// The connection ends without an answer.
    pub reset: bool,
    /// The connection ends after so many bytes of the body.
    pub cut_after: Option<u64>,
    /// How long nothing comes.
    pub delay: Duration,
    /// How long the body takes.
    pub slow: Duration,
}

impl Manner {
    fn of(struck: &Struck) -> Self {
        let milliseconds = |says: Option<u64>| Duration::from_millis(says.unwrap_or(0));
        Self {
            reset: struck.any(|fault| fault.reset),
            cut_after: struck.find(|fault| fault.cut_after),
            delay: milliseconds(struck.find(|fault| fault.delay_ms)),
            slow: milliseconds(struck.find(|fault| fault.slow_ms)),
        }
    }
}

/// What Graph calls its JSON.
pub(crate) const GRAPH_JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

impl Answer {
    pub fn of(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, content_type, body, ..Self::default() }
    }

    pub fn json(status: u16, body: Vec<u8>) -> Self {
        Self::of(status, "application/json; charset=utf-8", body)
    }

    pub fn graph(body: Vec<u8>, rows: usize) -> Self {
        Self { rows, ..Self::of(200, GRAPH_JSON, body).with("odata-version", "4.0") }
    }

    /// The answer as the fault script wants it: how it travels, its headers, and the numbers and instants of its body.
    pub fn scripted(mut self, struck: &Struck) -> Self {
        self.manner = Manner::of(struck);
        self.overrides = struck.iter().flat_map(|fault| fault.headers.clone()).collect();
        let (numbers, dates) = (struck.find(|fault| fault.numbers.clone()), struck.find(|fault| fault.dates.clone()));
        if numbers.is_some() || dates.is_some() {
            self.body = rewritten(&self.body, numbers.as_deref(), dates.as_deref());
        }
        self
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
