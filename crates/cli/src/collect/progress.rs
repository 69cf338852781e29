//! Progress of a collection: a line for each data set under way, on a terminal only.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::Duration;

use idscore_graph::{DataSetReport, Watch};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::terminal::Terminal;

/// A line for each data set under way, and one for all.
pub struct Bars {
    lines: Option<MultiProgress>,
    all: ProgressBar,
    under_way: Mutex<Under>,
    terminal: Terminal,
}

#[derive(Default)]
struct Under {
    bars: HashMap<&'static str, ProgressBar>,
    ended: u64,
}

impl Bars {
    /// Nothing is shown where stderr is no terminal.
    pub fn new(tenant: &str, terminal: Terminal) -> Self {
        let lines = io::stderr().is_terminal().then(MultiProgress::new);
        let all = match &lines {
            Some(lines) => lines.add(ProgressBar::new_spinner()),
            None => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            all.set_style(style);
        }
        all.set_message(format!("collecting {tenant}: signing in"));
        all.set_prefix(tenant.to_owned());
        all.enable_steady_tick(Duration::from_millis(120));
        Self { lines, all, under_way: Mutex::default(), terminal }
    }

    fn under(&self) -> std::sync::MutexGuard<'_, Under> {
        self.under_way.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Says something between the lines.
    fn say(&self, say: impl FnOnce()) {
        match &self.lines {
            Some(lines) => lines.suspend(say),
            None => say(),
        }
    }
}

const COUNTED: &str = "  {msg:38} {bar:24} {human_pos:>9} of {human_len}, {eta} left";
/// Before the first objects came, nobody knows how long the rest takes.
const BEFORE: &str = "  {msg:38} {bar:24} {human_pos:>9} of {human_len}";
const UNCOUNTED: &str = "  {msg:38} {human_pos:>9}";

impl Watch for Bars {
    fn device_code(&self, address: &str, code: &str) {
        self.say(|| self.terminal.note(&format!("to sign in, open {address} and enter the code {code}")));
    }

    fn begins(&self, data_set: &'static str, expected: Option<u64>) {
        let Some(lines) = &self.lines else { return };
        let bar = lines.add(expected.map_or_else(ProgressBar::no_length, ProgressBar::new));
        let template = if expected.is_some_and(|expected| expected > 0) { BEFORE } else { UNCOUNTED };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(data_set);
        self.under().bars.insert(data_set, bar);
    }

    fn advances(&self, data_set: &'static str, rows: u64) {
        if let Some(bar) = self.under().bars.get(data_set) {
            // A count is an estimate: what comes is what there is.
            if bar.length().is_some_and(|length| rows > length) {
                bar.set_length(rows);
            }
            let first = bar.position() == 0 && rows > 0 && bar.length().is_some_and(|length| length > 0);
            if let (true, Ok(style)) = (first, ProgressStyle::with_template(COUNTED)) {
                bar.set_style(style);
            }
            bar.set_position(rows);
            bar.set_message(data_set);
        }
    }

    fn waits(&self, data_set: &'static str, how_long: Duration, why: &str) {
        let why: String = crate::report::words::visible(why).chars().take(60).collect();
        match self.under().bars.get(data_set) {
            Some(bar) => bar.set_message(format!("{data_set} waits {} s", how_long.as_secs().max(1))),
            None => self.all.set_message(format!("waiting {} s: {why}", how_long.as_secs().max(1))),
        }
    }

    fn ends(&self, report: &DataSetReport) {
        let mut under = self.under();
        under.ended += 1;
        if let Some(bar) = under.bars.remove(report.name.as_str()) {
            bar.finish_and_clear();
        }
        let tenant = self.all.prefix();
        let pages = if under.ended == 1 { "data set" } else { "data sets" };
        self.all.set_message(format!("collecting {tenant}: {} {pages} done", under.ended));
    }

    fn notes(&self, text: &str) {
        self.say(|| self.terminal.note(text));
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        for bar in self.under().bars.values() {
            bar.finish_and_clear();
        }
        self.all.finish_and_clear();
    }
}
