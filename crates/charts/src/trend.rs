//! Percentages over days: steps, lines, a band, and marks of what happened.

use std::fmt::Write;

use jiff::civil::Date;

use crate::scale::{Days, Percents};
use crate::{escaped, number};

/// Height of the plot and of what is below it, in pixels.
const HEIGHT: f64 = 300.0;
const TOP: f64 = 14.0;
const BELOW: f64 = 24.0;
/// Width of the stretched shapes' own coordinates.
const WIDTH: f64 = 1000.0;

/// One line.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The class of the style sheet.
    pub class: &'a str,
    /// Day and percentage, oldest first.
    pub points: &'a [(Date, f64)],
    /// A value holds until the next one, rather than leading to it.
    pub steps: bool,
}

/// What lies between two lines.
#[derive(Debug, Clone, Copy)]
pub struct Band<'a> {
    /// The class of the style sheet.
    pub class: &'a str,
    /// Day, lower and upper percentage, oldest first.
    pub points: &'a [(Date, f64, f64)],
    /// Values hold until the next ones, rather than leading to them.
    pub steps: bool,
}

/// A percentage that a line right across shows, where the values come near it.
#[derive(Debug, Clone)]
pub struct Level {
    /// The percentage.
    pub percent: f64,
    /// What begins there, in words.
    pub label: String,
}

/// Something that happened on a day.
#[derive(Debug, Clone)]
pub struct Marker {
    /// The day.
    pub day: Date,
    /// What, in words.
    pub label: String,
}

/// Percentages over days.
#[derive(Clone, Copy)]
pub struct Trend<'a> {
    /// The first day that is shown.
    pub first: Date,
    /// The last.
    pub last: Date,
    /// What a screen reader says first.
    pub title: &'a str,
    /// What it says then: the chart in a sentence.
    pub description: &'a str,
    /// Bands behind everything, the hindmost first.
    pub bands: &'a [Band<'a>],
    /// Lines, the hindmost first.
    pub lines: &'a [Line<'a>],
    /// Percentages that are marked; they don't stretch the chart.
    pub levels: &'a [Level],
    /// What happened.
    pub markers: &'a [Marker],
    /// How a day is written at the axis.
    pub day: &'a dyn Fn(Date) -> String,
}

impl std::fmt::Debug for Trend<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Trend").field("first", &self.first).field("last", &self.last).finish_non_exhaustive()
    }
}

impl Trend<'_> {
    fn days(&self) -> Days {
        Days { first: self.first, last: self.last }
    }

    /// How far from the left a day is, in percent: for the rows of the table beside the chart (`data-x`).
    #[must_use]
    pub fn along(&self, day: Date) -> String {
        number(self.days().along(day) * 100.0)
    }

    /// The SVG. Ids of its title and description begin with `id`.
    #[must_use]
    pub fn svg(&self, id: &str) -> String {
        let percents = Percents::around(self.values());
        let mut svg = format!(
            "<svg class=\"trend\" width=\"100%\" height=\"{}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\
             <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
            number(TOP + HEIGHT + BELOW),
            escaped(self.title),
            escaped(self.description)
        );
        self.axes(&percents, &mut svg);
        self.shapes(&percents, &mut svg);
        self.marks(&mut svg);
        let (top, bottom) = (number(TOP), number(TOP + HEIGHT));
        put(&mut svg, format_args!("<line class=\"hair\" x1=\"0\" x2=\"0\" y1=\"{top}\" y2=\"{bottom}\"/></svg>"));
        svg
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        let seen = |day: Date| day >= self.first && day <= self.last;
        let lines = self.lines.iter().flat_map(|line| line.points.iter());
        let band = self.bands.iter().flat_map(|band| band.points.iter());
        let band = band.filter(move |(day, ..)| seen(*day)).flat_map(|(_, low, high)| [*low, *high]);
        lines.filter(move |(day, _)| seen(*day)).map(|(_, value)| *value).chain(band)
    }

    fn axes(&self, percents: &Percents, svg: &mut String) {
        for line in percents.lines() {
            let y = TOP + percents.down(line) * HEIGHT;
            put(
                svg,
                format_args!(
                    "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>\
                     <text class=\"axis\" x=\"0\" y=\"{above}\">{line} %</text>",
                    y = number(y),
                    above = number(y - 4.0),
                    line = number(line)
                ),
            );
        }
        let within = |level: &&Level| level.percent >= percents.low && level.percent <= percents.high;
        for level in self.levels.iter().filter(within) {
            let y = TOP + percents.down(level.percent) * HEIGHT;
            put(
                svg,
                format_args!(
                    "<line class=\"level\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>\
                     <text class=\"axis level\" x=\"100%\" y=\"{above}\" text-anchor=\"end\">{label}</text>",
                    y = number(y),
                    above = number(y - 4.0),
                    label = escaped(&level.label)
                ),
            );
        }
        let ticks = self.days().ticks();
        for (index, tick) in ticks.iter().enumerate() {
            let along = self.days().along(*tick) * 100.0;
            // What would hang over an end leans inwards.
            let anchor = match along {
                ..4.0 => "start",
                96.0.. => "end",
                _ => "middle",
            };
            // On a narrow screen every second one is enough.
            let class = if index % 2 == 1 { "axis second" } else { "axis" };
            put(
                svg,
                format_args!(
                    "<text class=\"{class}\" x=\"{}%\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                    number(along),
                    number(TOP + HEIGHT + BELOW - 6.0),
                    escaped(&(self.day)(*tick))
                ),
            );
        }
    }

    fn shapes(&self, percents: &Percents, svg: &mut String) {
        put(
            svg,
            format_args!(
                "<svg y=\"{}\" width=\"100%\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
                 preserveAspectRatio=\"none\">",
                number(TOP)
            ),
        );
        let x = |day: Date| self.days().along(day) * WIDTH;
        let y = |value: f64| percents.down(value) * HEIGHT;
        for band in self.bands {
            let seen = within(band.points, self.first, self.last, |point| point.0);
            if seen.is_empty() {
                continue;
            }
            let end = |of: fn(&(Date, f64, f64)) -> f64| {
                let places: Vec<_> = seen.iter().map(|point| (x(point.0), y(of(point)))).collect();
                if band.steps { stairs(&places) } else { places }
            };
            let (upper, mut lower) = (end(|point| point.2), end(|point| point.1));
            lower.reverse();
            let around = upper.into_iter().chain(lower);
            put(svg, format_args!("<path class=\"{}\" d=\"{}Z\"/>", band.class, path(around, false)));
        }
        for line in self.lines {
            let seen = within(line.points, self.first, self.last, |point| point.0);
            let mut places: Vec<_> = seen.iter().map(|(day, value)| (x(*day), y(*value))).collect();
            // The last value still holds on the last day.
            if line.steps
                && let Some((_, y)) = places.last().copied()
            {
                places.push((WIDTH, y));
            }
            put(
                svg,
                format_args!(
                    "<path class=\"{}\" d=\"{}\" vector-effect=\"non-scaling-stroke\"/>",
                    line.class,
                    path(places.into_iter(), line.steps)
                ),
            );
        }
        svg.push_str("</svg>");
    }

    fn marks(&self, svg: &mut String) {
        for marker in self.markers.iter().filter(|marker| marker.day >= self.first && marker.day <= self.last) {
            put(
                svg,
                format_args!(
                    "<g class=\"mark\"><title>{label}</title>\
                     <line x1=\"{x}%\" x2=\"{x}%\" y1=\"{top}\" y2=\"{bottom}\"/>\
                     <circle cx=\"{x}%\" cy=\"{bottom}\" r=\"4.5\"/></g>",
                    label = escaped(&marker.label),
                    x = self.along(marker.day),
                    top = number(TOP),
                    bottom = number(TOP + HEIGHT)
                ),
            );
        }
    }
}

/// The points that are seen, and the one before the first day, which still holds there.
fn within<T>(points: &[T], first: Date, last: Date, day: impl Fn(&T) -> Date) -> &[T] {
    let begin = points.partition_point(|point| day(point) < first).saturating_sub(1);
    let end = points.partition_point(|point| day(point) <= last);
    points.get(begin..end).unwrap_or_default()
}

/// The corners of values that hold until the next one, the last of them to the end.
fn stairs(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut corners = Vec::with_capacity(places.len() * 2);
    let mut before: Option<f64> = None;
    for (x, y) in places {
        if let Some(was) = before.filter(|was| (was - y).abs() > 1e-9) {
            corners.push((*x, was));
        }
        corners.push((*x, *y));
        before = Some(*y);
    }
    corners.extend(before.map(|y| (WIDTH, y)));
    corners
}

fn path(places: impl Iterator<Item = (f64, f64)>, steps: bool) -> String {
    let mut text = String::new();
    let mut before: Option<(f64, f64)> = None;
    for (x, y) in places {
        match before {
            None => put(&mut text, format_args!("M{} {}", number(x), number(y))),
            // Where nothing moves, the line goes on without a further point.
            Some(_) if steps => {
                put(&mut text, format_args!("H{}", number(x)));
                if before.is_some_and(|(_, was)| (was - y).abs() > 1e-9) {
                    put(&mut text, format_args!("V{}", number(y)));
                }
            }
            Some(_) => put(&mut text, format_args!("L{} {}", number(x), number(y))),
        }
        before = Some((x, y));
    }
    text
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = text.write_fmt(what);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn svg(label: &str) -> String {
        let own = [(day("2026-11-01"), 40.0), (day("2026-11-06"), 40.0), (day("2026-11-11"), 60.0)];
        let median = [(day("2026-11-01"), 50.0), (day("2026-11-11"), 52.0)];
        let band = [(day("2026-11-01"), 45.0, 55.0), (day("2026-11-11"), 46.0, 58.0)];
        let lines =
            [Line { class: "median", points: &median, steps: false }, Line { class: "own", points: &own, steps: true }];
        let trend = Trend {
            first: day("2026-11-01"),
            last: day("2026-11-11"),
            title: label,
            description: "From 40 to 60 %",
            bands: &[
                Band { class: "band", points: &band, steps: false },
                Band { class: "proven", points: &band, steps: true },
            ],
            lines: &lines,
            levels: &[
                Level { percent: 50.0, label: format!("okay {label}") },
                Level { percent: 80.0, label: "far".to_owned() },
            ],
            markers: &[Marker { day: day("2026-11-06"), label: label.to_owned() }],
            day: &|day| day.strftime("%-d %b").to_string(),
        };
        assert_eq!(trend.along(day("2026-11-06")), "50");
        trend.svg("score")
    }

    #[test]
    fn a_value_holds_until_the_next_one_and_a_line_leads_to_it() {
        let svg = svg("Score");
        // The plot is 300 high and goes from 35 to 65 %: 40 % lies at 25/30 of the way down.
        assert!(svg.contains("class=\"own\" d=\"M0 250H500H1000V50H1000\""), "{svg}");
        assert!(svg.contains("class=\"median\" d=\"M0 150L1000 130\""), "{svg}");
        assert!(svg.contains("class=\"band\" d=\"M0 100L1000 70L1000 190L0 200Z\""), "{svg}");
        // Between floor and ceiling as long as they hold: up to the last day.
        assert!(
            svg.contains("class=\"proven\" d=\"M0 100L1000 100L1000 70L1000 70L1000 190L1000 190L1000 200L0 200Z\""),
            "{svg}"
        );
        assert!(svg.contains("<line x1=\"50%\" x2=\"50%\""), "{svg}");
    }

    #[test]
    fn a_level_is_drawn_where_the_values_come_near_it_and_stretches_nothing() {
        let svg = svg("Score");
        // 50 % lies in the middle of 35 to 65 %, below 14 pixels of air.
        assert!(svg.contains("<line class=\"level\" x1=\"0\" x2=\"100%\" y1=\"164\" y2=\"164\"/>"), "{svg}");
        assert!(svg.contains(">okay Score</text>") && !svg.contains("far"), "{svg}");
    }

    #[test]
    fn text_is_only_text_and_nothing_has_a_style() {
        let svg = svg("<script>alert(\"1\")</script>");
        assert!(svg.contains("<title id=\"score-title\">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</title>"));
        assert!(!svg.contains("<script") && !svg.contains("style=") && !svg.contains("fill=") && !svg.contains("#"));
    }

    #[test]
    fn what_was_before_the_first_day_still_holds_on_it() {
        let points = [(day("2026-10-01"), 1), (day("2026-10-20"), 2), (day("2026-11-05"), 3), (day("2026-12-01"), 4)];
        let seen = within(&points, day("2026-11-01"), day("2026-11-30"), |point| point.0);
        assert_eq!(seen.iter().map(|point| point.1).collect::<Vec<_>>(), [2, 3]);
        assert!(within(&points[..0], day("2026-11-01"), day("2026-11-30"), |point| point.0).is_empty());
    }
}
