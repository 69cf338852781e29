//! How an action stood before: its points over time, what was decided about it, and what Microsoft says.

use idscore_history::instants::date_of;
use idscore_history::{Cause, KeptAssessment, KeptControl, needs_approval};
use idscore_score::Outcome;
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use jiff::civil::Date;

use super::super::chart::{Between, Column, Figure, Middle, Wanted};
use super::super::failure::PageFailure;
use crate::state::Service;

/// Days of the chart.
const DAYS: i64 = 90;

/// What was decided once.
pub(super) struct Decided {
    pub(super) at: String,
    pub(super) by: String,
    pub(super) status: &'static str,
    pub(super) about: Vec<(String, String)>,
}

/// Every decision about an action, the newest first.
pub(super) async fn decisions(
    service: &Service,
    t: Texts,
    tenant_id: &str,
    control_id: &str,
) -> Result<Vec<Decided>, PageFailure> {
    let mut states = service.archive.history.action_history(tenant_id, control_id).await?;
    states.reverse();
    let decided = states.into_iter().map(|state| {
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let approved = needs_approval(state.status);
        let about = [
            ("actions-column-owner", state.owner),
            ("actions-column-due", day(state.due)),
            ("actions-column-tags", state.tags.join(", ")),
            ("decide-note", state.note),
            ("decide-approver", state.approver),
            ("decide-reason", state.reason),
            ("decide-expires", day(state.expires.filter(|_| approved))),
        ];
        Decided {
            at: moves::instant(state.updated_at),
            by: state.updated_by,
            status: words::status_name(state.status),
            about: about
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(key, text)| (t.say(key), text))
                .collect(),
        }
    });
    Ok(decided.collect())
}

/// What Microsoft's own number says; none where it was never read.
pub(super) async fn at_microsoft(
    service: &Service,
    t: Texts,
    tenant_id: &str,
    control_id: &str,
) -> Result<Option<String>, PageFailure> {
    let Some(theirs) = service.archive.history.newest_of_microsoft(tenant_id).await? else { return Ok(None) };
    let day = date_of(theirs.day()).map(|day| day.to_string()).unwrap_or_default();
    let said = theirs.control(control_id).and_then(|control| control.score.zip(control.max_score));
    Ok(said.map(|(score, max)| {
        let points = super::points_of(t, score, max);
        t.with("action-microsoft", &[("points", (&points).into()), ("day", (&day).into())])
    }))
}

/// The share of its points that it earned, day by day; none where there are fewer than two days.
pub(super) async fn chart(
    service: &Service,
    t: Texts,
    newest: &KeptAssessment,
    control: &KeptControl,
) -> Result<Option<Figure>, PageFailure> {
    let days = service
        .archive
        .history
        .control_days(&newest.tenant_id, control.set, &control.id, newest.day() - DAYS, newest.day())
        .await?;
    let share = |score: f64, max: f64| if max > 0.0 { 100.0 * score / max } else { 100.0 };
    let points: Vec<(Date, f64)> = days
        .iter()
        .filter(|day| day.cause != Cause::Microsoft)
        .filter_map(|day| {
            let (score, max) = day.control.score.zip(day.control.max_score)?;
            Some((date_of(day.day)?, share(score, max)))
        })
        .collect();
    let proven: Vec<Middle> = days
        .iter()
        .filter(|day| day.cause != Cause::Microsoft)
        .filter_map(|day| {
            // What was not assessed lies anywhere up to its maximum.
            let max = day.control.max_score.or(day.control.score_at_most).filter(|max| *max > 0.0)?;
            let (at_least, at_most) = day.control.score_at_least.zip(day.control.score_at_most)?;
            Some((date_of(day.day)?, share(at_least, max), share(at_most, max)))
        })
        .collect();
    let unknown: Vec<Date> = days
        .iter()
        .filter(|day| day.cause != Cause::Microsoft && day.control.score_at_least.is_none())
        .filter(|day| day.control.outcome != Outcome::NotApplicable)
        .filter_map(|day| date_of(day.day))
        .collect();
    let open = proven.iter().any(|(_, at_least, at_most)| moves::ends(Some(*at_least), Some(*at_most)).is_some());
    let (Some((first, from)), Some((last, to))) = (points.first().copied(), points.last().copied()) else {
        return Ok(None);
    };
    if first == last {
        return Ok(None);
    }
    let ends = [
        ("first", first.to_string()),
        ("last", last.to_string()),
        ("from", moves::percent(from)),
        ("to", moves::percent(to)),
    ];
    let ends: Vec<_> = ends.iter().map(|(name, text)| (*name, text.into())).collect();
    Ok(Some(Figure::new(&Wanted {
        id: "action-chart",
        title: t.say("action-chart"),
        description: t.with("overview-trend-described", &ends),
        first,
        last,
        columns: vec![Column { name: t.say("action-chart-own"), class: Some("own"), points: &points, steps: true }],
        bands: open
            .then(|| Between {
                name: t.say("overview-trend-proven"),
                class: "proven",
                points: &proven,
                steps: true,
                unknown: &unknown,
                none: t.say("overview-trend-not-known"),
            })
            .into_iter()
            .collect(),
        markers: vec![],
        days: points.iter().map(|(day, _)| *day).collect(),
    })))
}
