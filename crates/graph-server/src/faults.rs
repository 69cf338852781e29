//! The fault script: which request meets what, in TOML.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;

use crate::chance::mix;
use crate::endpoints::{Class, endpoint};
use crate::rows::hash;

/// Faults in the order of a script.
#[derive(Debug, Clone, Default)]
pub struct Script {
    faults: Vec<Arc<Fault>>,
}

/// Why a script can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// It is no TOML, or has a key that nobody knows.
    #[error("the fault script can't be read: {0}")]
    Parse(#[from] Box<toml::de::Error>),
    /// A fault says something that can't be.
    #[error("fault {number} of the script: {reason}")]
    Fault {
        /// Which, counted from one.
        number: usize,
        /// What is wrong.
        reason: String,
    },
}

/// One number or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Numbers {
    One(u64),
    Several(Vec<u64>),
}

impl Numbers {
    fn holds(&self, number: u64) -> bool {
        match self {
            Self::One(one) => *one == number,
            Self::Several(several) => several.contains(&number),
        }
    }
}

/// One `[[fault]]`: what it looks at, when it strikes, and what happens then.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fault {
    data_set: Option<String>,
    class: Option<Class>,
    path: Option<String>,
    query: Option<String>,
    in_batch: Option<bool>,

    nth: Option<Numbers>,
    every: Option<u64>,
    from: Option<u64>,
    until: Option<u64>,
    probability: Option<f64>,
    times: Option<u64>,

    pub status: Option<u16>,
    pub code: Option<String>,
    pub message: Option<String>,
    pub html: bool,
    pub retry_after: Option<u64>,
    pub retry_after_date: Option<u64>,
    pub headers: BTreeMap<String, String>,
    pub resync: bool,
    pub expired_page_token: bool,

    pub reset: bool,
    pub cut_after: Option<u64>,
    pub delay_ms: Option<u64>,
    pub slow_ms: Option<u64>,

    pub page_size: Option<usize>,
    pub empty_page: bool,
    pub overlap: Option<usize>,
    pub skip: Option<usize>,
    pub reorder: bool,
    pub lag: bool,
    pub next_link_host: Option<String>,
    pub count_off: Option<i64>,
    pub removed: Option<String>,
    pub tombstone: Option<String>,

    pub delete: Option<String>,
    pub extra_properties: bool,
    pub drop_nulls: bool,
    pub numbers: Option<String>,
    pub dates: Option<String>,
    pub set: Option<String>,
    pub value: Option<serde_json::Value>,

    pub expire_tokens: bool,
    pub clock_skew_seconds: Option<i64>,
    pub next_export: bool,

    #[serde(skip)]
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    seen: u64,
    struck: u64,
}

/// What a fault looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub data_set: &'a str,
    pub class: Class,
    /// Behind the version.
    pub path: &'a str,
    pub query: &'a str,
    pub in_batch: bool,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// When it is no TOML, has an unknown key, or a fault that can't be.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            fault: Vec<Fault>,
        }
        let file: File = toml::from_str(text).map_err(Box::new)?;
        for (number, fault) in (1..).zip(&file.fault) {
            fault.check().map_err(|reason| ScriptError::Fault { number, reason })?;
        }
        Ok(Self { faults: file.fault.into_iter().map(Arc::new).collect() })
    }

    /// The faults that this request meets, in the order of the script.
    pub(crate) fn strike(&self, asked: Asked<'_>, seed: u64) -> Struck {
        let met = |(number, fault): &(u64, &Arc<Fault>)| fault.looks_at(asked) && fault.strikes(seed ^ mix(*number));
        Struck((0..).zip(&self.faults).filter(met).map(|(_, fault)| Arc::clone(fault)).collect())
    }
}

/// What a request meets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Struck(Vec<Arc<Fault>>);

impl Struck {
    /// The first that any of the faults says.
    pub fn find<T>(&self, says: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(|fault| says(fault))
    }

    pub fn any(&self, says: impl Fn(&Fault) -> bool) -> bool {
        self.0.iter().any(|fault| says(fault))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().map(AsRef::as_ref)
    }
}

/// What a fault may look at besides data sets.
const OTHERS: [&str; 4] = ["token", "devicecode", "batch", "metadata"];

impl Fault {
    fn check(&self) -> Result<(), String> {
        if let Some(name) = &self.data_set
            && endpoint(name).is_none()
            && !OTHERS.contains(&name.as_str())
        {
            return Err(format!("`{name}` is no data set, and none of {}", OTHERS.join(", ")));
        }
        if self.status.is_some_and(|status| !(400..=599).contains(&status)) {
            return Err("`status` is from 400 to 599".to_owned());
        }
        if self.probability.is_some_and(|probability| !(0.0..=1.0).contains(&probability)) {
            return Err("`probability` is from 0 to 1".to_owned());
        }
        if self.every == Some(0) || self.nth.as_ref().is_some_and(|nth| nth.holds(0)) {
            return Err("requests are counted from 1".to_owned());
        }
        if self.page_size == Some(0) {
            return Err("`page_size` is at least 1; `empty_page` makes a page without rows".to_owned());
        }
        if self.status.is_none() {
            let needs = [
                ("code", self.code.is_some()),
                ("message", self.message.is_some()),
                ("html", self.html),
                ("retry_after", self.retry_after.is_some()),
                ("retry_after_date", self.retry_after_date.is_some()),
            ];
            if let Some((name, _)) = needs.iter().find(|(_, there)| *there) {
                return Err(format!("`{name}` belongs to a `status`"));
            }
        }
        let is_header = |(name, value): (&String, &String)| {
            name.parse::<HeaderName>().is_ok() && HeaderValue::from_str(value).is_ok()
        };
        if !self.headers.iter().all(is_header) {
            return Err("`headers` has a name or a value that no header may have".to_owned());
        }
        if self.set.is_some() != self.value.is_some() {
            return Err("`set` names a property, and `value` what it becomes: one needs the other".to_owned());
        }
        if self.has_effect() { Ok(()) } else { Err("it says nothing that happens".to_owned()) }
    }

    fn has_effect(&self) -> bool {
        self.status.is_some()
            || self.resync
            || self.expired_page_token
            || self.reset
            || self.cut_after.is_some()
            || self.delay_ms.is_some()
            || self.slow_ms.is_some()
            || self.page_size.is_some()
            || self.empty_page
            || self.overlap.is_some()
            || self.skip.is_some()
            || self.reorder
            || self.lag
            || self.next_link_host.is_some()
            || self.count_off.is_some()
            || self.removed.is_some()
            || self.tombstone.is_some()
            || self.delete.is_some()
            || self.extra_properties
            || self.drop_nulls
            || !self.headers.is_empty()
            || self.numbers.is_some()
            || self.dates.is_some()
            || self.set.is_some()
            || self.expire_tokens
            || self.clock_skew_seconds.is_some()
            || self.next_export
    }

    fn looks_at(&self, asked: Asked<'_>) -> bool {
        self.data_set.as_ref().is_none_or(|name| name == asked.data_set)
            && self.class.is_none_or(|class| class == asked.class)
            && self.path.as_ref().is_none_or(|path| asked.path.starts_with(path.as_str()))
            && self.query.as_ref().is_none_or(|query| asked.query.contains(query.as_str()))
            && self.in_batch.is_none_or(|in_batch| in_batch == asked.in_batch)
    }

    fn strikes(&self, seed: u64) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.seen += 1;
        let seen = counted.seen;
        let chance = |probability: f64| {
            #[expect(clippy::cast_precision_loss, reason = "a probability needs no more than 53 bits")]
            let drawn = (mix(seed ^ hash(&seen.to_le_bytes())) >> 11) as f64 / (1u64 << 53) as f64;
            drawn < probability
        };
        let strikes = self.nth.as_ref().is_none_or(|nth| nth.holds(seen))
            && self.every.is_none_or(|every| seen.is_multiple_of(every))
            && self.from.is_none_or(|from| seen >= from)
            && self.until.is_none_or(|until| seen <= until)
            && self.times.is_none_or(|times| counted.struck < times)
            && self.probability.is_none_or(chance);
        counted.struck += u64::from(strikes);
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(data_set: &str) -> Asked<'_> {
        Asked { data_set, class: Class::Directory, path: "/users", query: "$select=id", in_batch: false }
    }

    /// Which of twenty requests for users meet something.
    fn struck(fault: &str) -> Vec<usize> {
        let script = Script::parse(&format!("[[fault]]\nstatus = 503\n{fault}")).unwrap();
        (1..=20).filter(|_| script.strike(asked("users"), 7).any(|fault| fault.status == Some(503))).collect()
    }

    #[test]
    fn a_script_says_which_request_by_number_rhythm_range_and_times() {
        assert_eq!(struck("nth = 3"), [3]);
        assert_eq!(struck("nth = [3, 5]"), [3, 5]);
        assert_eq!(struck("every = 8"), [8, 16]);
        assert_eq!(struck("from = 18"), [18, 19, 20]);
        assert_eq!(struck("until = 2"), [1, 2]);
        assert_eq!(struck("times = 3"), [1, 2, 3]);
        assert_eq!(struck("every = 5\ntimes = 2"), [5, 10]);
        assert_eq!(struck("data_set = \"groups\""), [0; 0]);
        assert_eq!(struck("class = \"DIR\"\npath = \"/us\"\nquery = \"=id\"\nin_batch = false\nnth = 1"), [1]);
        assert_eq!(struck("in_batch = true"), [0; 0]);
    }

    #[test]
    fn chance_follows_from_the_seed() {
        let script = || Script::parse("[[fault]]\nreset = true\nprobability = 0.3").unwrap();
        let drawn = |script: &Script, seed| -> Vec<bool> {
            (0..200).map(|_| script.strike(asked("users"), seed).any(|fault| fault.reset)).collect()
        };
        assert_eq!(drawn(&script(), 7), drawn(&script(), 7));
        assert_ne!(drawn(&script(), 7), drawn(&script(), 8));
        let count = drawn(&script(), 7).into_iter().filter(|struck| *struck).count();
        assert!((40..80).contains(&count), "{count} of 200");
    }

    #[test]
    fn a_fault_that_cant_be_is_named_with_its_number_and_reason() {
        let good = "[[fault]]\nreset = true\n";
        for (bad, said) in [
            ("data_set = \"people\"\nreset = true", "`people` is no data set"),
            ("status = 200", "from 400 to 599"),
            ("status = 429\nprobability = 2.0", "from 0 to 1"),
            ("nth = 0\nreset = true", "counted from 1"),
            ("retry_after = 3", "belongs to a `status`"),
            ("set = \"state\"", "one needs the other"),
            ("page_size = 0", "at least 1"),
            ("headers = { \"a b\" = \"c\" }", "no header may have"),
            ("nth = 2", "nothing that happens"),
        ] {
            let error = Script::parse(&format!("{good}[[fault]]\n{bad}")).unwrap_err().to_string();
            assert!(error.starts_with("fault 2 of the script") && error.contains(said), "{bad}: {error}");
        }
        assert!(Script::parse("[[fault]]\nresett = true").unwrap_err().to_string().contains("resett"));
    }
}
