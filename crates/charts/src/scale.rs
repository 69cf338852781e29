//! Where values and days lie, and which of them are written at the axes.

use jiff::civil::Date;
use jiff::{Span, Unit};

/// Percentages from one to another, with the lines between them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Percents {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) step: f64,
}

impl Percents {
    /// The narrowest range of round numbers around values, with four to eight lines.
    pub(crate) fn around(values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            (least, most) = (least.min(value), most.max(value));
        }
        if least > most {
            (least, most) = (0.0, 100.0);
        }
        // A flat line keeps some air, so that a hundredth doesn't look like a fall.
        let air = ((10.0 - (most - least)) / 2.0).max(1.0);
        let (least, most) = ((least - air).max(0.0), (most + air).min(100.0));
        let step = [2.0, 5.0, 10.0].into_iter().find(|step| (most - least) / step <= 6.0).unwrap_or(20.0);
        Self { low: (least / step).floor() * step, high: ((most / step).ceil() * step).min(100.0), step }
    }

    /// The share of the way from the top, from 0 to 1.
    pub(crate) fn down(&self, value: f64) -> f64 {
        ((self.high - value) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    pub(crate) fn lines(&self) -> Vec<f64> {
        let mut lines = Vec::new();
        let mut line = self.low;
        while line <= self.high + 1e-9 {
            lines.push(line);
            line += self.step;
        }
        lines
    }
}

/// Days from one to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Days {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

impl Days {
    /// The share of the way from the first day, from 0 to 1.
    pub(crate) fn along(&self, day: Date) -> f64 {
        let whole = days(self.first, self.last);
        if whole <= 0.0 { 1.0 } else { (days(self.first, day) / whole).clamp(0.0, 1.0) }
    }

    /// The days that are written at the axis: weeks begin on Monday, months on their first.
    pub(crate) fn ticks(&self) -> Vec<Date> {
        let span = days(self.first, self.last);
        let next: &dyn Fn(Date) -> Option<Date> = match span {
            ..=8.0 => &|day| day.tomorrow().ok(),
            ..=16.0 => &|day| day.checked_add(Span::new().days(2)).ok(),
            ..=45.0 => &|day| day.checked_add(Span::new().weeks(1)).ok(),
            ..=100.0 => &|day| day.checked_add(Span::new().weeks(2)).ok(),
            ..=200.0 => &|day| day.checked_add(Span::new().months(1)).ok(),
            ..=400.0 => &|day| day.checked_add(Span::new().months(2)).ok(),
            ..=1_200.0 => &|day| day.checked_add(Span::new().months(6)).ok(),
            _ => &|day| day.checked_add(Span::new().years(1)).ok(),
        };
        let weekly = (16.0..=100.0).contains(&span);
        let mut day = if span <= 16.0 {
            Some(self.first)
        } else if weekly {
            let monday = i64::from(self.first.weekday().to_monday_zero_offset());
            self.first.checked_add(Span::new().days((7 - monday) % 7)).ok()
        } else {
            let month = self.first.first_of_month();
            if month == self.first { Some(month) } else { month.checked_add(Span::new().months(1)).ok() }
        };
        let mut ticks = Vec::new();
        while let Some(tick) = day.filter(|tick| *tick <= self.last) {
            ticks.push(tick);
            day = next(tick);
        }
        ticks
    }
}

fn days(from: Date, to: Date) -> f64 {
    from.until((Unit::Day, to)).map_or(0.0, |span| f64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_round_ends_and_few_lines() {
        for (values, low, high, step) in [
            (vec![41.2, 59.5], 40.0, 65.0, 5.0),
            (vec![65.09], 60.0, 72.0, 2.0),
            (vec![0.0, 100.0], 0.0, 100.0, 20.0),
            (vec![99.0], 94.0, 100.0, 2.0),
            (vec![], 0.0, 100.0, 20.0),
            (vec![f64::NAN, 50.0], 44.0, 56.0, 2.0),
        ] {
            let range = Percents::around(values.iter().copied());
            assert_eq!((range.low, range.high, range.step), (low, high, step), "{values:?}");
            assert!((3..=8).contains(&range.lines().len()), "{values:?}");
        }
    }

    #[test]
    fn days_are_written_at_mondays_and_first_days_of_months() {
        let of = |first: &str, last: &str| {
            let days = Days { first: first.parse().unwrap(), last: last.parse().unwrap() };
            days.ticks().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of("2026-11-01", "2026-11-04"), ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]);
        assert_eq!(of("2026-10-31", "2026-11-20"), ["2026-11-02", "2026-11-09", "2026-11-16"]);
        assert_eq!(
            of("2025-11-20", "2026-11-20"),
            ["2025-12-01", "2026-02-01", "2026-04-01", "2026-06-01", "2026-08-01", "2026-10-01"]
        );
        assert_eq!(of("2026-11-20", "2026-11-20"), ["2026-11-20"]);
        assert_eq!(of("2026-11-21", "2026-11-20"), [""; 0]);
    }
}
