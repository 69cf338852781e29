//! The texts of the dashboard: one Fluent file per language, so that a language is added by adding a file.
//!
//! A template says `{{ t.say("overview-title") }}`; a handler that has numbers or names says
//! `t.with("overview-users", &[("count", 12.into())])`. A key that is not there shows as `⟦key⟧`, which tests look for.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::domain::thousands;
use crate::moves;

/// English.
const ENGLISH: &str = include_str!("../texts/en.ftl");

/// What a text has a place for: a number, by which it can choose its form, or a word.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'a> {
    /// A count; it is written with thousands separated.
    Count(u64),
    /// Points or percentage points; they are written with two decimals at most.
    Points(f64),
    /// Anything that is text already.
    Text(&'a str),
}

impl From<u64> for Argument<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<f64> for Argument<'_> {
    fn from(points: f64) -> Self {
        Self::Points(points)
    }
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Argument<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

/// The texts of a language.
#[derive(Clone, Copy)]
pub struct Texts {
    bundle: &'static FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Texts({:?})", self.bundle.locales)
    }
}

impl Texts {
    /// Those in English.
    #[must_use]
    pub fn english() -> Self {
        static BUNDLE: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
        Self { bundle: BUNDLE.get_or_init(|| bundle(ENGLISH)) }
    }

    /// The tag of the language for `lang=""`.
    #[must_use]
    pub fn language(self) -> String {
        self.bundle.locales.first().map(ToString::to_string).unwrap_or_default()
    }

    /// A text.
    #[must_use]
    pub fn say(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text with its arguments.
    #[must_use]
    pub fn with(self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("⟦{key}⟧");
        };
        let mut values = FluentArgs::with_capacity(arguments.len());
        for (name, argument) in arguments {
            match argument {
                Argument::Count(count) => values.set(*name, *count),
                // Rounded as it is shown, so that its form fits what stands there.
                Argument::Points(points) => values.set(*name, (points * 100.0).round() / 100.0),
                Argument::Text(text) => values.set(*name, *text),
            }
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&values), &mut errors);
        if errors.is_empty() { text.into_owned() } else { format!("⟦{key}⟧") }
    }
}

fn bundle(source: &str) -> FluentBundle<FluentResource> {
    // A mistake in a file leaves the texts that could be read; a test refuses it.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = FluentBundle::new_concurrent(vec!["en".parse::<LanguageIdentifier>().unwrap_or_default()]);
    // Names stand in elements of their own that isolate their direction.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) if number.value >= 0.0 && number.value.fract() == 0.0 => {
            format!("{:.0}", number.value).parse().ok().map(thousands)
        }
        FluentValue::Number(number) => Some(moves::points(number.value)),
        _ => None,
    }));
    bundle.add_resource_overriding(resource);
    bundle
}

/// The keys of the file, in its order.
#[must_use]
pub fn keys() -> Vec<&'static str> {
    let key = |line: &'static str| {
        let (key, _) = line.split_once('=')?;
        line.starts_with(|first: char| first.is_ascii_lowercase()).then(|| key.trim())
    };
    ENGLISH.lines().filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_no_mistake_and_no_key_twice() {
        assert!(FluentResource::try_new(ENGLISH.to_owned()).is_ok());
        let mut keys = keys();
        keys.sort_unstable();
        let twice: Vec<_> = keys.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn a_number_chooses_the_form_and_has_its_thousands_apart() {
        let texts = Texts {
            bundle: Box::leak(Box::new(bundle(
                "people = { $count ->\n    [one] one person\n   *[other] { $count } people of { $name }\n }\n",
            ))),
        };
        let say = |count: u64| texts.with("people", &[("count", count.into()), ("name", "Contoso".into())]);
        assert_eq!([say(1), say(0), say(12_345)], ["one person", "0 people of Contoso", "12,345 people of Contoso"]);
        let points = |points: f64| texts.with("people", &[("count", points.into()), ("name", "Contoso".into())]);
        assert_eq!([points(1.0), points(4.2051)], ["one person", "4.21 people of Contoso"]);
        assert_eq!([texts.say("nobody"), texts.say("people")], ["⟦nobody⟧", "⟦people⟧"]);
    }
}
