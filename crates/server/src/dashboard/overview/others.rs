//! The tenant beside others, as bars.

use idscore_history::comparison::{Comparison, Point, Series};
use idscore_words::texts::Texts;
use idscore_words::{comparison, moves};

use super::super::shown;

/// The bars.
pub(super) struct Others {
    pub(super) own: Option<(String, String)>,
    pub(super) groups: Vec<Group>,
    /// Where the tenant stands among the first group that says it.
    pub(super) rank: Option<String>,
}

/// A group of others.
pub(super) struct Group {
    pub(super) name: String,
    /// Source, day and number of tenants.
    pub(super) about: String,
    pub(super) percent: String,
    pub(super) width: String,
    /// From and width of the middle half.
    pub(super) middle: Option<(String, String)>,
}

impl Others {
    pub(super) fn new(t: Texts, comparison: &Comparison) -> Self {
        let newest = || comparison.newest().filter(|(_, point)| has_others(point));
        let own = comparison.own.last().map(|own| (moves::percent(own.percent), shown::width(own.percent)));
        let rank = newest().find_map(|(series, point)| {
            let rank = format!("{:.0}", point.percentile_rank?);
            let count = u64::try_from(point.tenants?).ok()?;
            let named = [("rank", (&rank).into()), ("count", count.into()), ("group", (&series.group).into())];
            Some(t.with("overview-others-rank", &named))
        });
        let groups = newest().filter_map(|(series, point)| group(t, series, point)).collect();
        Self { own, groups, rank }
    }
}

/// A group in which the tenant stands alone is nobody to compare with.
pub(super) fn has_others(point: &Point) -> bool {
    point.tenants.is_none_or(|tenants| tenants > 1)
}

fn group(t: Texts, series: &Series, point: &Point) -> Option<Group> {
    let value = point.quartiles.map(|quartiles| quartiles.median).or(point.average)?;
    let tenants = point.tenants.and_then(|tenants| u64::try_from(tenants).ok());
    let tenants = match tenants {
        Some(count) => t.with("overview-others-tenants", &[("count", count.into())]),
        None => t.say("overview-others-unpublished"),
    };
    Some(Group {
        name: shown::first_upper(&series.group),
        about: format!("{} · {} · {tenants}", comparison::source(series), point.day),
        percent: moves::percent(value),
        width: shown::width(value),
        middle: point
            .quartiles
            .map(|quartiles| (shown::width(quartiles.p25), shown::width(quartiles.p75 - quartiles.p25))),
    })
}
