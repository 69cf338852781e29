//! How far a run is, for whoever looks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use idscore_graph::{DataSetReport, Status, Watch};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It signs in.
    SigningIn,
    /// It reads data sets.
    Reading,
    /// It judges what it read.
    Judging,
}

/// How far one data set is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetProgress {
    /// Objects that it will have, where that is known.
    pub expected: Option<u64>,
    /// Objects that were read.
    pub rows: u64,
    /// How it ended; none while it is read.
    pub status: Option<Status>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// When it began, in microseconds.
    pub started_at: i64,
    /// What it is doing.
    pub step: Step,
    /// Data sets that were begun, by name.
    pub data_sets: BTreeMap<String, SetProgress>,
    /// Why it waits for the service, if it does.
    pub waits: Option<String>,
}

/// Writes down what a collection tells.
#[derive(Debug, Clone)]
pub(crate) struct Told(Arc<Mutex<Progress>>);

impl Told {
    pub(crate) fn new(started_at: i64) -> Self {
        let data_sets = BTreeMap::new();
        Self(Arc::new(Mutex::new(Progress { started_at, step: Step::SigningIn, data_sets, waits: None })))
    }

    pub(crate) fn now(&self) -> Progress {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn step(&self, step: Step) {
        self.change(|progress| progress.step = step);
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.waits = None;
        change(&mut progress);
    }
}

impl Watch for Told {
    fn begins(&self, data_set: &'static str, expected: Option<u64>) {
        self.change(|progress| {
            progress.step = Step::Reading;
            progress.data_sets.insert(data_set.to_owned(), SetProgress { expected, ..SetProgress::default() });
        });
    }

    fn advances(&self, data_set: &'static str, rows: u64) {
        self.change(|progress| progress.data_sets.entry(data_set.to_owned()).or_default().rows = rows);
    }

    fn waits(&self, data_set: &'static str, how_long: Duration, why: &str) {
        self.change(|progress| progress.waits = Some(format!("{data_set}: {why}, {} s", how_long.as_secs())));
    }

    fn ends(&self, report: &DataSetReport) {
        self.change(|progress| {
            let set = progress.data_sets.entry(report.name.clone()).or_default();
            set.rows = report.rows;
            set.status = Some(report.status);
        });
    }

    fn notes(&self, text: &str) {
        tracing::info!(text, "a collection has something to say");
    }
}
