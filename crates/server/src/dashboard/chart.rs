//! A chart as a figure: its SVG, a legend, and the table of the same numbers, from which scripts and readers take them.
//!
//! A template includes it with `{% call figure(chart, frame) %}{% endcall %}` of `chart.html`.

use idscore_charts::{Band, Level, Line, Marker, Trend};
use jiff::civil::Date;

/// One column of numbers, drawn or only in the table.
pub(crate) struct Column<'a> {
    /// The heading in table and legend.
    pub(crate) name: String,
    /// The class of the line; not drawn where there is none.
    pub(crate) class: Option<&'static str>,
    /// Day and percentage, oldest first.
    pub(crate) points: &'a [(Date, f64)],
    /// A value holds until the next.
    pub(crate) steps: bool,
}

/// A day with the lower and the upper end of a band.
pub(crate) type Middle = (Date, f64, f64);

/// A band with its name.
pub(crate) struct Between<'a> {
    /// In legend and table.
    pub(crate) name: String,
    pub(crate) class: &'static str,
    /// What is drawn.
    pub(crate) points: &'a [Middle],
    /// Values hold until the next.
    pub(crate) steps: bool,
    /// Days of which the ends are not known, although the day is.
    pub(crate) unknown: &'a [Date],
    /// What the table says of them, and of days before the first.
    pub(crate) none: String,
}

impl Between<'_> {
    /// What the table says of a day.
    fn cell(&self, day: Date) -> String {
        let last = self.points.iter().rev().find(|(on, ..)| *on <= day);
        let unknown = self.unknown.iter().rev().find(|on| **on <= day);
        match last {
            Some((on, low, high)) if unknown.is_none_or(|unknown| unknown < on) => format!("{low:.2}–{high:.2}"),
            _ => self.none.clone(),
        }
    }

    /// What can be drawn as one: it would hide a gap, so it begins after the last.
    fn drawn(&self) -> Band<'_> {
        let begin = self.unknown.last().map_or(0, |last| self.points.partition_point(|(day, ..)| day <= last));
        Band { class: self.class, points: self.points.get(begin..).unwrap_or_default(), steps: self.steps }
    }
}

/// What a figure shows.
pub(crate) struct Wanted<'a> {
    /// Its ids begin with this.
    pub(crate) id: &'static str,
    /// What a screen reader says.
    pub(crate) title: String,
    /// The chart in a sentence.
    pub(crate) description: String,
    /// The first day.
    pub(crate) first: Date,
    /// The last.
    pub(crate) last: Date,
    /// Lines, the hindmost first.
    pub(crate) columns: Vec<Column<'a>>,
    /// Bands, the hindmost first.
    pub(crate) bands: Vec<Between<'a>>,
    /// What happened.
    pub(crate) markers: Vec<Marker>,
    /// Days of the table.
    pub(crate) days: Vec<Date>,
}

/// A legend entry.
pub(crate) struct Legend {
    pub(crate) class: &'static str,
    pub(crate) name: String,
}

/// A row of the table.
pub(crate) struct Row {
    /// Where the day is in the chart, in percent.
    pub(crate) along: String,
    pub(crate) day: String,
    pub(crate) cells: Vec<String>,
    /// What happened.
    pub(crate) event: String,
}

/// A figure, ready for its template.
pub(crate) struct Figure {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) svg: String,
    pub(crate) legend: Vec<Legend>,
    pub(crate) heads: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) events: bool,
}

impl Figure {
    /// Draws and lays out what is wanted.
    pub(crate) fn new(wanted: &Wanted<'_>) -> Self {
        let mut legend: Vec<Legend> = wanted
            .columns
            .iter()
            .rev()
            .filter_map(|column| Some(Legend { class: column.class?, name: column.name.clone() }))
            .collect();
        let bands = || wanted.bands.iter().rev();
        legend.extend(bands().map(|band| Legend { class: band.class, name: band.name.clone() }));
        let mut heads: Vec<String> = wanted.columns.iter().rev().map(|column| column.name.clone()).collect();
        heads.extend(bands().map(|band| band.name.clone()));
        let (svg, along) = drawn(wanted, &[]);
        Self {
            id: wanted.id,
            title: wanted.title.clone(),
            svg,
            legend,
            heads,
            rows: wanted.days.iter().zip(along).map(|(day, along)| row(wanted, along, *day)).collect(),
            events: !wanted.markers.is_empty(),
        }
    }

    /// The same, drawn with percentages that are marked right across.
    pub(crate) fn with_levels(self, wanted: &Wanted<'_>, levels: &[Level]) -> Self {
        Self { svg: drawn(wanted, levels).0, ..self }
    }
}

/// The SVG, and how far from the left each day of the table is.
fn drawn(wanted: &Wanted<'_>, levels: &[Level]) -> (String, Vec<String>) {
    let lines: Vec<Line<'_>> = wanted
        .columns
        .iter()
        .filter_map(|column| Some(Line { class: column.class?, points: column.points, steps: column.steps }))
        .collect();
    let bands: Vec<Band<'_>> = wanted.bands.iter().map(Between::drawn).collect();
    let trend = Trend {
        first: wanted.first,
        last: wanted.last,
        title: &wanted.title,
        description: &wanted.description,
        bands: &bands,
        lines: &lines,
        levels,
        markers: &wanted.markers,
        day: &|day| super::shown::short_day(day, wanted.first, wanted.last),
    };
    (trend.svg(wanted.id), wanted.days.iter().map(|day| trend.along(*day)).collect())
}

fn row(wanted: &Wanted<'_>, along: String, day: Date) -> Row {
    let mut cells: Vec<String> = wanted
        .columns
        .iter()
        .rev()
        .map(|column| {
            let last = column.points.iter().rev().find(|(on, _)| *on <= day);
            last.map(|(_, value)| idscore_words::moves::percent(*value)).unwrap_or_default()
        })
        .collect();
    cells.extend(wanted.bands.iter().rev().map(|band| band.cell(day)));
    let events: Vec<&str> =
        wanted.markers.iter().filter(|marker| marker.day == day).map(|marker| marker.label.as_str()).collect();
    Row { along, day: day.to_string(), cells, event: events.join(", ") }
}
