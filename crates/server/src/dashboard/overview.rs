//! The overview: how are we, is it getting better, what do I do next.

pub(super) mod changes;
mod others;
pub(super) mod trend;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_charts::gauge;
use idscore_history::instants::date_of;
use idscore_history::{Cause, KeptAssessment, RankedAction, TrendPoint, days_before, missed, ranked, slips};
use idscore_score::{Outcome, Set, Zone, Zones};
use idscore_store::{Role, now};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use self::changes::Changes;
use self::others::Others;
use super::address::part;
use super::chart::Figure;
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::{Asked, AtAssessed};
use crate::state::Service;

/// Ranges that a visitor may choose, in days.
const RANGES: [(i64, &str); 4] =
    [(7, "overview-range-7"), (30, "overview-range-30"), (90, "overview-range-90"), (365, "overview-range-365")];
/// The range unless asked otherwise.
const RANGE: i64 = 90;
/// Changes that stand beside the score, in days.
const CHANGES: [(i64, &str); 3] = [(7, "overview-change-7"), (30, "overview-change-30"), (90, "overview-change-90")];
/// Actions that are shown.
const NEXT: usize = 5;

#[derive(Deserialize)]
pub(super) struct Query {
    days: Option<i64>,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    tenant: String,
    invented: bool,
    /// The three answers in a sentence each.
    lead: Vec<String>,
    assessed: String,
    profile: &'static str,
    users: String,
    /// Where a newer export is sent; none for who may only look.
    upload: Option<String>,
    score: Score,
    zone: ZoneShown,
    lines: Vec<ScoreLine>,
    next: Vec<NextAction>,
    actions: String,
    ranges: Vec<Range>,
    chart: Option<Figure>,
    others: Others,
    changes: Option<Changes>,
    no_changes: String,
    missed: Vec<MissedPart>,
    missed_lead: String,
    slips: Vec<Named>,
}

/// Where the score stands by the organisation's own thresholds.
struct ZoneShown {
    /// Where zones begin, on the gauge.
    marks: [String; 2],
    name: String,
    class: &'static str,
    about: String,
}

struct Score {
    percent: String,
    /// What is proven, or that it is not known.
    proven: Option<String>,
    points: String,
    arc: Option<String>,
    changes: Vec<Moved>,
    facts: Vec<(String, String)>,
}

/// A change over a number of days.
struct Moved {
    label: String,
    change: String,
    class: &'static str,
}

struct ScoreLine {
    label: String,
    hint: String,
    percent: String,
    width: String,
    first: bool,
}

struct NextAction {
    address: String,
    title: String,
    gain: String,
    about: String,
    status: Option<&'static str>,
    outcome: &'static str,
    outcome_class: &'static str,
}

struct Range {
    name: String,
    address: String,
    current: bool,
}

struct MissedPart {
    remedy: String,
    costs: String,
    controls: Vec<Named>,
}

/// A control by name, with where its page is.
pub(super) struct Named {
    address: String,
    title: String,
    about: String,
}

/// `GET /tenants/{tenant}/overview`
pub(super) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let history = &service.archive.history;
    let days = query.days.filter(|days| RANGES.iter().any(|(known, _)| known == days)).unwrap_or(RANGE);
    let points = history.trend(&at.tenant.id, 0, newest.day()).await?;
    let comparison = history.comparison(&at.tenant.id, newest.day() - days, newest.day()).await?;
    let decided = history.actions(&at.tenant.id).await?;
    let changes = changes::over(&service, &at.tenant.id, &points, &newest, days).await?;

    let title = Texts::english().say("nav-overview");
    let frame = at.frame(Place::Overview, &title);
    let t = frame.t;
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let ranked = ranked(&newest, Set::Core, &decided, &service.catalogue, now());
    let open: Vec<_> = ranked.iter().filter(|action| action.is_open()).collect();
    let moved: Vec<Moved> = CHANGES
        .iter()
        .map(|(days, key)| {
            let before = days_before(&points, *days);
            let change = points.last().zip(before).and_then(|(last, before)| last.change_since(before, Set::Core));
            Moved {
                label: t.say(key),
                change: change.map_or_else(|| t.say("overview-change-none"), moves::signed),
                class: change.map_or("soft", class_of),
            }
        })
        .collect();
    let missing = missed(&newest, &service.catalogue);
    let of_score = missing.iter().flat_map(|one| &one.controls).any(|control| control.set == Set::Core);
    let missed: Vec<MissedPart> = missing
        .iter()
        .map(|one| MissedPart {
            remedy: shown::first_upper(&one.missing.map_or_else(
                || if one.note.is_empty() { t.say("overview-missed-why") } else { one.note.to_owned() },
                |missing| words::remedy(missing).replace('`', ""),
            )),
            costs: costs(t, one.points, one.controls.len()),
            controls: one.controls.iter().map(|control| named(&base, &control.id, &control.title)).collect(),
        })
        .collect();
    let slips = slips(&decided, &newest)
        .iter()
        .filter_map(|slip| {
            let control = newest.control(&slip.control_id)?;
            let counts = [("accepted", slip.accepted.into()), ("now", slip.now.into())];
            Some(Named { about: t.with("overview-slip", &counts), ..named(&base, &control.id, &control.title) })
        })
        .collect();
    let coverage = coverage(newest.core.coverage);
    let page = OverviewPage {
        tenant: shown::name(&at.tenant),
        invented: at.tenant.invented,
        lead: lead(t, &newest, &points, open.first().copied()),
        assessed: moves::instant(newest.assessed_at),
        profile: words::profile(newest.profile),
        users: t.with(
            "overview-users",
            &[
                ("users", newest.details.users.into()),
                ("members", newest.active_users.into()),
                ("guests", newest.details.enabled_guests.into()),
            ],
        ),
        upload: at.visitor.may(&at.tenant.id, Role::Operator).is_ok().then(|| format!("{base}/upload")),
        score: score(t, &newest, moved, &coverage),
        zone: zone(t, at.tenant.zones, newest.core.percent, newest.core.max_score),
        lines: lines(t, &newest),
        next: open.iter().take(NEXT).map(|action| next_action(t, &base, action)).collect(),
        actions: format!("{base}/actions"),
        ranges: RANGES
            .iter()
            .map(|(known, key)| Range {
                name: t.say(key),
                address: format!("{base}/overview?days={known}#trend"),
                current: *known == days,
            })
            .collect(),
        chart: trend::figure(t, &points, &comparison, at.tenant.zones, days),
        others: Others::new(t, &comparison),
        changes: changes.map(|found| Changes::new(t, &service.catalogue, &base, &found)),
        no_changes: t.with("overview-changes-none", &[("days", u64::try_from(days).unwrap_or(0).into())]),
        missed_lead: if of_score {
            t.with("overview-missed-lead", &[("coverage", (&coverage).into())])
        } else {
            t.say("overview-missed-lead-extended")
        },
        missed,
        slips,
        frame,
    };
    render(&page)
}

/// How are we, is it getting better, what next: a sentence each.
fn lead(t: Texts, newest: &KeptAssessment, points: &[TrendPoint], next: Option<&RankedAction<'_>>) -> Vec<String> {
    let core = &newest.core;
    let earned = moves::points(core.current_score);
    let numbers = [
        ("percent", moves::headline(core.percent, core.max_score)),
        ("earned", earned),
        ("maximum", moves::points(core.max_score)),
    ];
    let numbers: Vec<(&str, words::texts::Argument<'_>)> =
        numbers.iter().map(|(name, text)| (*name, text.into())).collect();
    let mut lead = vec![t.with("overview-lead-score", &numbers)];
    // A tenant that is known for less than a month is laid beside its beginning.
    let before = days_before(points, 30).or_else(|| points.iter().find(|point| point.cause != Cause::Microsoft));
    if let Some((last, before)) = points.last().zip(before).filter(|(last, before)| last.day > before.day)
        && let Some(change) = last.change_since(before, Set::Core)
    {
        let key = if moves::fell(0.0, change) {
            "overview-lead-worse"
        } else if moves::fell(change, 0.0) {
            "overview-lead-better"
        } else {
            "overview-lead-same"
        };
        // A day stays on one line.
        let day = date_of(before.day).map(|day| day.to_string().replace('-', "\u{2011}")).unwrap_or_default();
        lead.push(t.with(key, &[("change", change.abs().into()), ("day", (&day).into())]));
    }
    lead.push(match next {
        Some(action) => t.with(
            "overview-lead-next",
            &[("action", (&action.control.title).into()), ("points", (&moves::points(action.to_win)).into())],
        ),
        None => t.say("overview-lead-done"),
    });
    lead
}

fn score(t: Texts, newest: &KeptAssessment, changes: Vec<Moved>, coverage: &str) -> Score {
    let core = &newest.core;
    let judged: Vec<_> = newest.of_set(Set::Core).filter(|control| control.score.is_some()).collect();
    let done = judged.iter().filter(|control| control.outcome == Outcome::Met).count() as u64;
    let unassessed = newest.of_set(Set::Core).filter(|control| control.outcome == Outcome::NotAssessed).count() as u64;
    let earned = moves::points(core.current_score);
    let maximum = moves::points(core.max_score);
    Score {
        percent: moves::headline(core.percent, core.max_score),
        proven: moves::proven_of(core),
        points: t.with("overview-points", &[("earned", (&earned).into()), ("maximum", (&maximum).into())]),
        arc: gauge::arc(core.percent),
        changes,
        facts: [
            (
                t.say("overview-done"),
                t.with("overview-done-of", &[("done", done.into()), ("all", (judged.len() as u64).into())]),
            ),
            (t.say("overview-coverage"), coverage.to_owned()),
            (t.say("overview-unassessed"), t.with("overview-controls", &[("count", unassessed.into())])),
            (t.say("overview-extended"), moves::headline(newest.extended.percent, newest.extended.max_score)),
        ]
        .into_iter()
        .chain(
            moves::span(newest.extended.percent_at_least, newest.extended.percent_at_most)
                .map(|ends| (t.say("overview-extended-proven"), format!("{ends} %"))),
        )
        .collect(),
    }
}

fn zone(t: Texts, zones: Zones, percent: f64, maximum: f64) -> ZoneShown {
    let zone = zones.zone_of(percent);
    let (name, class) = match zone {
        // A score of nothing stands nowhere.
        _ if maximum <= 0.0 => (t.say("zone-none"), "quiet"),
        Zone::Good => (t.say("zone-good"), "met"),
        Zone::Okay => (t.say("zone-okay"), "partial"),
        Zone::Bad => (t.say("zone-bad"), "not-met"),
    };
    let ends = [("okay", u64::from(zones.okay()).into()), ("good", u64::from(zones.good()).into())];
    ZoneShown {
        marks: [zones.okay(), zones.good()].map(|from| gauge::mark(from.into())),
        name,
        class,
        about: t.with("zone-about", &ends),
    }
}

fn lines(t: Texts, newest: &KeptAssessment) -> Vec<ScoreLine> {
    let core = &newest.core;
    let line = |key: &str, hint: &str, percent: f64| ScoreLine {
        label: t.say(key),
        hint: t.say(hint),
        percent: moves::headline(percent, core.max_score),
        width: shown::width(percent),
        first: false,
    };
    let mut lines = vec![
        ScoreLine { first: true, ..line("line-now", "line-now-hint", core.percent) },
        line("line-planned", "line-planned-hint", core.planned_percent),
        line("line-license", "line-license-hint", core.current_license_percent),
        line("line-achievable", "line-achievable-hint", core.achievable_percent),
    ];
    if core.attested_percent > 0.0 {
        lines.push(line("line-attested", "line-attested-hint", core.attested_percent));
    }
    lines.push(line("line-compat", "line-compat-hint", core.compat_percent));
    lines
}

fn next_action(t: Texts, base: &str, action: &RankedAction<'_>) -> NextAction {
    let mut about =
        vec![t.with("overview-next-share", &[("percent", (&moves::percent(action.to_win_percent)).into())])];
    about.extend(action.open.filter(|open| *open > 0).map(|_| {
        let control = action.control;
        words::counts(control.count, control.total, control.unknown, words::unit(action.table.unwrap_or_default()))
    }));
    about.extend(
        action.known.map(|known| t.with("overview-next-effort", &[("effort", words::level(known.effort).into())])),
    );
    about.extend(
        action
            .control
            .needs_license
            .as_ref()
            .map(|license| t.with("overview-next-license", &[("license", license.into())])),
    );
    about.extend((!action.decided.owner.is_empty()).then(|| action.decided.owner.clone()));
    NextAction {
        address: address_of(base, &action.control.id),
        title: action.control.title.clone(),
        gain: t.with("overview-next-gain", &[("points", action.to_win.into())]),
        about: about.join(" · "),
        status: words::status(action.status),
        outcome: moves::outcome(action.control),
        outcome_class: shown::outcome_class(action.control.outcome),
    }
}

fn costs(t: Texts, points: f64, controls: usize) -> String {
    let controls = t.with("overview-controls", &[("count", (controls as u64).into())]);
    if moves::fell(points, 0.0) {
        t.with("overview-missed-points", &[("points", points.into()), ("controls", (&controls).into())])
    } else {
        t.with("overview-missed-part", &[("controls", (&controls).into())])
    }
}

/// Coverage as a whole percentage, cut off, so that 100 % means everything.
pub(super) fn coverage(share: f64) -> String {
    // A double that stands for 0.29 may be a little less.
    format!("{:.0} %", (share * 100.0 + 1e-9).floor())
}

fn named(base: &str, id: &str, title: &str) -> Named {
    Named { address: address_of(base, id), title: title.to_owned(), about: String::new() }
}

/// Where the page of a control is.
pub(super) fn address_of(base: &str, id: &str) -> String {
    format!("{base}/actions/{}", part(id))
}

pub(super) fn class_of(change: f64) -> &'static str {
    if moves::fell(0.0, change) {
        "bad"
    } else if moves::fell(change, 0.0) {
        "good"
    } else {
        "soft"
    }
}
