//! Instants as exports write them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de};

use crate::json::Presence;

/// An instant in microseconds since 1970, or none: Graph writes year 0001 where there is no date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) Option<i64>);

/// Whatever is before this is Graph's way to say "no date" (year 0001).
const FIRST_SECOND: i64 = -2_208_988_800; // 1900-01-01

impl Instant {
    /// Reads `2026-11-20T06:11:02.1234567Z`, any offset, a plain date, or `/Date(1769788627239)/`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(micros) = graph_form(text.as_bytes()) {
            return Some(Self::at(micros));
        }
        if let Some(millis) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
            // An offset behind the milliseconds only says how to show them.
            let end =
                millis.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map_or(millis.len(), |(at, _)| at);
            let millis: i64 = millis.get(..end)?.parse().ok()?;
            return Some(Self::at(millis.checked_mul(1000)?));
        }
        if text.is_empty() || text.starts_with("0001-01-01") {
            return Some(Self(None));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(Self::at(instant.as_microsecond()));
        }
        // Without an offset Graph means UTC.
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let instant = jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?;
        Some(Self::at(instant.as_microsecond()))
    }

    fn at(micros: i64) -> Self {
        Self((micros >= FIRST_SECOND.saturating_mul(1_000_000)).then_some(micros))
    }
}

/// The form that Graph nearly always uses, `YYYY-MM-DDTHH:MM:SS[.f…]Z`; anything else is left to the slow way.
fn graph_form(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(19)?;
    let number = |from: usize, to: usize| -> Option<i64> {
        date.get(from..to)?
            .iter()
            .try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    };
    let separator = |at: usize, byte: u8| date.get(at) == Some(&byte);
    if !(separator(4, b'-') && separator(7, b'-') && separator(10, b'T') && separator(13, b':') && separator(16, b':'))
    {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = rest.strip_suffix(b"Z")?;
    let mut micros = 0;
    if let Some(digits) = fraction.strip_prefix(b".") {
        if digits.is_empty() {
            return None;
        }
        let mut weight = 100_000;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            micros += i64::from(digit - b'0') * weight;
            weight /= 10;
        }
    } else if !fraction.is_empty() {
        return None;
    }
    // Days since 1970 of a date in the Gregorian calendar, counting years from March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some((days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000 + micros)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Instant;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a date and time")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Instant, E> {
                Instant::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A property that says by null, or by Graph's "no date", that there is none. A blank text says nothing.
pub(crate) fn unless_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Presence<Instant>, D::Error> {
    struct Readable(Option<Instant>);
    impl<'de> Deserialize<'de> for Readable {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl de::Visitor<'_> for Visitor {
                type Value = Readable;
                fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                    formatter.write_str("a date and time")
                }
                fn visit_str<E: de::Error>(self, text: &str) -> Result<Readable, E> {
                    if text.trim().is_empty() {
                        return Ok(Readable(None));
                    }
                    let instant = Instant::parse(text);
                    instant
                        .map(|instant| Readable(Some(instant)))
                        .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
                }
            }
            deserializer.deserialize_str(Visitor)
        }
    }
    Ok(match Option::<Readable>::deserialize(deserializer)? {
        None => Presence::Null,
        Some(Readable(None)) => Presence::Absent,
        Some(Readable(Some(instant))) => Presence::Is(instant),
    })
}

/// The microseconds of a property that may be absent, null, or "no date".
pub(crate) fn micros(instant: Option<Instant>) -> Option<i64> {
    instant.and_then(|instant| instant.0)
}

/// RFC 3339 of an instant in microseconds.
pub(crate) fn rfc3339(micros: i64) -> Option<String> {
    // The library ends a day before the year 9999 does, Graph's "for ever" does not.
    const FOR_EVER: i64 = 253_402_214_400_000_000;
    if micros >= FOR_EVER {
        return Some("9999-12-31T23:59:59Z".to_owned());
    }
    Timestamp::from_microsecond(micros).ok().map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Instant::parse(text).and_then(|instant| instant.0).and_then(rfc3339)
    }

    #[test]
    fn seven_fraction_digits_are_cut_to_six() {
        assert_eq!(read("2026-11-19T22:00:00.6195833Z").as_deref(), Some("2026-11-19T22:00:00.619583Z"));
    }

    #[test]
    fn year_0001_means_no_date_and_9999_is_a_date() {
        assert_eq!(Instant::parse("0001-01-01T00:00:00Z"), Some(Instant(None)));
        assert_eq!(read("9999-12-31T23:59:59Z").as_deref(), Some("9999-12-31T23:59:59Z"));
    }

    #[test]
    fn a_blank_text_does_not_say_that_there_is_no_date() {
        let read = |json: &str| unless_blank(&mut serde_json::Deserializer::from_str(json)).unwrap();
        assert_eq!(read("null"), Presence::Null);
        assert_eq!(read(r#""0001-01-01T00:00:00Z""#), Presence::Is(Instant(None)));
        for blank in [r#""""#, r#"" ""#] {
            assert_eq!(read(blank), Presence::Absent);
        }
        assert!(unless_blank(&mut serde_json::Deserializer::from_str(r#""tomorrow""#)).is_err());
    }

    #[test]
    fn milliseconds_of_powershell_are_read() {
        assert_eq!(read("/Date(1769788627239)/").as_deref(), Some("2026-01-30T15:57:07.239Z"));
        assert_eq!(read("/Date(1769788627239+0100)/").as_deref(), Some("2026-01-30T15:57:07.239Z"));
        assert_eq!(Instant::parse("/Date(-62135596800000)/"), Some(Instant(None)));
    }

    #[test]
    fn offsets_and_missing_offsets_are_read() {
        assert_eq!(read("2026-11-20T08:11:02+02:00").as_deref(), Some("2026-11-20T06:11:02Z"));
        assert_eq!(read("2026-11-20T06:11:02").as_deref(), Some("2026-11-20T06:11:02Z"));
        assert_eq!(read("2026-11-20").as_deref(), Some("2026-11-20T00:00:00Z"));
    }

    #[test]
    fn the_fast_way_agrees_with_the_library_on_every_day_of_400_years() {
        let mut day = jiff::civil::date(1900, 1, 1);
        while day.year() < 2300 {
            let text = format!("{day}T12:34:56Z");
            let expected: Timestamp = text.parse().unwrap();
            assert_eq!(graph_form(text.as_bytes()), Some(expected.as_microsecond()), "{text}");
            day = day.tomorrow().unwrap();
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["tomorrow", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "/Date(x)/", "2026-11-20T25:00:00Z"] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
