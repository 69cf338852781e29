//! What is worth telling, worked out from kept assessments and the plan alone: the same input gives the same events.

use std::collections::BTreeMap;

use idscore_score::{Set, decimals_apart};
use serde::Serialize;
use serde_json::{Value, json};

use crate::instants::{date_of, day_of, day_of_date};
use crate::kept::{Cause, KeptAssessment, KeptControl, SetNumbers};
use crate::plan::{ActionState, needs_approval, slips};
use crate::regression::{self, Verdict};
use crate::word::word;

/// What a double rounds is no loss.
const ROUNDING: f64 = 1e-9;
/// An end that is older than so many days is no news to somebody who begins to watch.
const NEWS: i64 = 30;

/// What somebody wants to be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Watch {
    /// The score of a set falls below a percentage.
    ScoreBelow {
        /// Which set.
        set: Set,
        /// The percentage.
        percent: f64,
    },
    /// The score of a set is lower than in the assessment before by so much or more.
    ScoreDrop {
        /// Which set.
        set: Set,
        /// By how much.
        by: Drop,
    },
    /// A control lost points for another reason than a decision.
    ControlRegressed,
    /// An acceptance or a mitigation ends within so many days, or has ended.
    DecisionEnding {
        /// Days before.
        days: i64,
    },
    /// What was accepted slipped further.
    AcceptedSlipped,
    /// An export could not be read, judged or kept.
    ImportFailed,
}

/// How large a drop is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drop {
    /// Points of the set.
    Points(f64),
    /// Percentage points.
    Percent(f64),
}

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    /// The score fell below a line.
    ScoreBelow,
    /// The score dropped between two assessments.
    ScoreDrop,
    /// A control lost points.
    ControlRegressed,
    /// Controls lost points while the catalogue, the configuration or the profile changed.
    PointsMovedByRules,
    /// Numbers are lower because another part of the tenant was seen.
    SeenOtherwise,
    /// An acceptance or a mitigation ends soon.
    DecisionEnding,
    /// It has ended.
    DecisionEnded,
    /// What was accepted slipped further.
    AcceptedSlipped,
    /// An export could not be read, judged or kept.
    ImportFailed,
    /// Somebody tries a channel.
    Test,
}

/// Something that happened and is told once.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Whose; empty where the tenant is not known.
    pub tenant_id: String,
    /// What kind.
    pub kind: EventKind,
    /// A set, a control or an input.
    pub subject: String,
    /// What tells it from another event of this kind about this subject: two assessments, a last day, ….
    pub about: String,
    /// When, in microseconds.
    pub at: i64,
    /// One line.
    pub title: String,
    /// The rest, for a person.
    pub text: String,
    /// The same in numbers, for a program.
    pub facts: Value,
}

impl Event {
    /// What makes it one event: whatever is found again under the same key was told already.
    #[must_use]
    pub fn key(&self) -> String {
        // As JSON, so that no separator inside a part makes two keys one.
        json!([self.tenant_id, word(&self.kind), self.subject, self.about]).to_string()
    }
}

/// Why a control has fewer points than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LossReason {
    /// The tenant is another.
    Tenant,
    /// Somebody decided so, or a decision or a review ended.
    Decision,
    /// The catalogue, the configuration or the profile is another, which moves points by itself.
    Rules,
    /// Another part of the tenant was seen: the points may be there still, or may never have been.
    Sight,
}

impl LossReason {
    const fn words(self) -> &'static str {
        match self {
            Self::Tenant => "the tenant changed",
            Self::Decision => "a decision was changed or ended, or a review grew old",
            Self::Rules => "controls, configuration or profile changed",
            Self::Sight => "another part of the tenant was seen",
        }
    }
}

/// A control that earns fewer points than before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loss {
    /// The control's id.
    pub control_id: String,
    /// Its title.
    pub title: String,
    /// Points before.
    pub before: f64,
    /// Points now.
    pub now: f64,
    /// Why.
    pub reason: LossReason,
}

/// Controls that earn fewer points than before. One that can't be assessed any more is none of them: unknown is not lost.
#[must_use]
pub fn losses(before: &KeptAssessment, now: &KeptAssessment) -> Vec<Loss> {
    let of = |is: &KeptControl| {
        let was = before.control(&is.id)?;
        let (earned, earns) = was.score.zip(is.score)?;
        (earned - earns > ROUNDING).then(|| Loss {
            control_id: is.id.clone(),
            title: is.title.clone(),
            before: earned,
            now: earns,
            reason: reason(before, was, now, is),
        })
    };
    now.controls.iter().filter_map(of).collect()
}

fn reason(before: &KeptAssessment, was: &KeptControl, now: &KeptAssessment, is: &KeptControl) -> LossReason {
    if matches!(now.cause, Cause::Decision | Cause::Expiry)
        || (was.status != is.status && (needs_approval(was.status) || needs_approval(is.status)))
    {
        LossReason::Decision
    } else if rules_changed(before, now) {
        LossReason::Rules
    } else if regression::of_control(was, is) == Verdict::Regression {
        LossReason::Tenant
    } else {
        LossReason::Sight
    }
}

fn rules_changed(before: &KeptAssessment, now: &KeptAssessment) -> bool {
    before.catalogue_version != now.catalogue_version
        || before.config_hash != now.config_hash
        || before.profile != now.profile
}

/// What an assessment tells beside the one before it; `before` is none for the first that is looked at.
#[must_use]
pub fn of_assessment(watch: &Watch, before: Option<&KeptAssessment>, now: &KeptAssessment) -> Vec<Event> {
    match (watch, before) {
        (Watch::ScoreBelow { set, percent }, _) => below(*set, *percent, before, now).into_iter().collect(),
        (Watch::ScoreDrop { set, by }, Some(before)) => dropped(*set, *by, before, now).into_iter().collect(),
        (Watch::ControlRegressed, Some(before)) => regressed(before, now),
        _ => Vec::new(),
    }
}

fn below(set: Set, line: f64, before: Option<&KeptAssessment>, now: &KeptAssessment) -> Option<Event> {
    let (is, was) = (now.numbers(set), before.map(|before| before.numbers(set)));
    // Nothing to earn is no low score.
    let fell = is.max_score > 0.0 && is.percent < line && was.is_none_or(|was| was.percent >= line);
    fell.then(|| Event {
        tenant_id: now.tenant_id.clone(),
        kind: EventKind::ScoreBelow,
        subject: word(&set),
        about: format!("{line} {}", now.id),
        at: now.assessed_at,
        title: format!("the {} score is {:.2} %, below {line} %", word(&set), is.percent),
        text: before.map_or_else(String::new, |before| compared(before, now)),
        facts: json!({
            "assessmentId": now.id, "percent": is.percent, "line": line, "before": was.map(|was| was.percent),
            "percentAtLeast": is.percent_at_least, "percentAtMost": is.percent_at_most,
        }),
    })
}

fn dropped(set: Set, by: Drop, before: &KeptAssessment, now: &KeptAssessment) -> Option<Event> {
    let (was, is) = (before.numbers(set), now.numbers(set));
    let (lost, least, unit, shown) = match by {
        Drop::Points(least) => (was.current_score - is.current_score, least, "points", was.current_score),
        Drop::Percent(least) => (was.percent - is.percent, least, "percentage points", was.percent),
    };
    let fell = format!("the {} score fell by {lost:.2} {unit}, from {shown:.2} to {:.2}", word(&set), shown - lost);
    let (kind, title) = match set_verdict(before, now, set) {
        Verdict::Regression => (EventKind::ScoreDrop, fell),
        Verdict::MoreSeen => (EventKind::SeenOtherwise, format!("{fell}: more was seen than before")),
        _ => (EventKind::SeenOtherwise, format!("{fell}: less was seen than before")),
    };
    (lost > ROUNDING && lost + ROUNDING >= least).then(|| Event {
        tenant_id: now.tenant_id.clone(),
        kind,
        subject: word(&set),
        about: format!("{least} {unit} {} {}", before.id, now.id),
        at: now.assessed_at,
        title,
        text: compared(before, now),
        facts: json!({
            "before": side(before, was),
            "now": side(now, is),
            "losses": losses(before, now),
        }),
    })
}

fn side(kept: &KeptAssessment, numbers: &SetNumbers) -> Value {
    json!({
        "assessmentId": kept.id, "percent": numbers.percent, "currentScore": numbers.current_score,
        "percentAtLeast": numbers.percent_at_least, "percentAtMost": numbers.percent_at_most,
    })
}

/// What a set says beside an assessment before.
#[must_use]
pub fn set_verdict(before: &KeptAssessment, now: &KeptAssessment, set: Set) -> Verdict {
    regression::of_set((before.numbers(set), before.sight(set)), (now.numbers(set), now.sight(set)))
}

fn regressed(before: &KeptAssessment, now: &KeptAssessment) -> Vec<Event> {
    let (tenant, rest): (Vec<_>, Vec<_>) =
        losses(before, now).into_iter().partition(|loss| loss.reason == LossReason::Tenant);
    let about = format!("{} {}", before.id, now.id);
    let event = |kind, subject: String, title, text, facts| Event {
        tenant_id: now.tenant_id.clone(),
        kind,
        subject,
        about: about.clone(),
        at: now.assessed_at,
        title,
        text,
        facts,
    };
    let mut events: Vec<Event> = tenant
        .into_iter()
        .map(|loss| {
            let counts = now.control(&loss.control_id).map(|is| (is.total.saturating_sub(is.count), is.total));
            let text = counts.map_or_else(String::new, |(open, total)| {
                format!("{}\n{open} of {total} objects do not meet it.", loss.title)
            });
            event(
                EventKind::ControlRegressed,
                loss.control_id.clone(),
                format!("{} lost points: {}", loss.control_id, fall(&loss)),
                text,
                json!(loss),
            )
        })
        .collect();
    // One message for each: a new catalogue, or a data set out of sight, can move many controls, and none of them need be the
    // tenant's doing.
    let of = |reason| rest.iter().filter(|loss| loss.reason == reason).collect::<Vec<_>>();
    let (rules, sight) = (of(LossReason::Rules), of(LossReason::Sight));
    if !rules.is_empty() {
        let title = format!("{} lost points while {} changed", controls(rules.len()), changed_rules(before, now));
        let facts = json!({"losses": rules});
        events.push(event(EventKind::PointsMovedByRules, String::new(), title, compared(before, now), facts));
    }
    if !sight.is_empty() {
        let lower = if sight.len() == 1 { "has a lower score" } else { "have lower scores" };
        let title = format!("{} {lower} because another part of the tenant was seen", controls(sight.len()));
        let facts = json!({"losses": sight});
        events.push(event(EventKind::SeenOtherwise, String::new(), title, compared(before, now), facts));
    }
    events
}

fn controls(number: usize) -> String {
    if number == 1 { "1 control".to_owned() } else { format!("{number} controls") }
}

/// Points before and after, with as many decimals as tell them apart.
fn fall(loss: &Loss) -> String {
    let decimals = decimals_apart(loss.before, loss.now);
    format!("{:.decimals$} → {:.decimals$}", loss.before, loss.now)
}

fn changed_rules(before: &KeptAssessment, now: &KeptAssessment) -> String {
    let mut changed = Vec::new();
    if before.catalogue_version != now.catalogue_version {
        changed.push(format!("the controls ({} → {})", before.catalogue_version, now.catalogue_version));
    }
    if before.config_hash != now.config_hash {
        changed.push("the configuration".to_owned());
    }
    if before.profile != now.profile {
        changed.push(format!("the profile ({} → {})", word(&before.profile), word(&now.profile)));
    }
    changed.join(" and ")
}

/// What moved between two assessments, with the reason of each loss.
fn compared(before: &KeptAssessment, now: &KeptAssessment) -> String {
    let mut lines: Vec<String> = losses(before, now)
        .iter()
        .map(|loss| format!("{}: {} points, {}", loss.control_id, fall(loss), loss.reason.words()))
        .collect();
    let rules = changed_rules(before, now);
    if !rules.is_empty() {
        lines.push(format!("Between the two, {rules} changed, which can move points by itself."));
    }
    lines.join("\n")
}

/// What the plan tells at an instant, beside the newest assessment.
#[must_use]
pub fn of_plan(
    watch: &Watch,
    actions: &BTreeMap<String, ActionState>,
    newest: Option<&KeptAssessment>,
    tenant_id: &str,
    at: i64,
) -> Vec<Event> {
    match (watch, newest) {
        (Watch::DecisionEnding { days }, _) => {
            actions.values().filter_map(|state| ending(state, *days, tenant_id, at)).collect()
        }
        (Watch::AcceptedSlipped, Some(newest)) => slipped(actions, newest),
        _ => Vec::new(),
    }
}

fn ending(state: &ActionState, days: i64, tenant_id: &str, at: i64) -> Option<Event> {
    let last = state.expires.filter(|_| needs_approval(state.status))?;
    let left = day_of_date(last) - day_of(at);
    if left > days || left < -NEWS {
        return None;
    }
    let (kind, title) = match left {
        ..0 => (EventKind::DecisionEnded, format!("{}: {} ended on {last}", state.control_id, word(&state.status))),
        0 => (EventKind::DecisionEnding, format!("{}: {} ends today", state.control_id, word(&state.status))),
        _ => (EventKind::DecisionEnding, format!("{}: {} ends on {last}", state.control_id, word(&state.status))),
    };
    let says = |label: &str, text: &str| if text.is_empty() { String::new() } else { format!("{label}: {text}\n") };
    Some(Event {
        tenant_id: tenant_id.to_owned(),
        kind,
        subject: state.control_id.clone(),
        about: last.to_string(),
        at,
        title,
        text: [says("Owner", &state.owner), says("Approved by", &state.approver), says("Reason", &state.reason)]
            .concat()
            .trim_end()
            .to_owned(),
        facts: json!({"controlId": state.control_id, "status": state.status, "expires": last, "owner": state.owner}),
    })
}

fn slipped(actions: &BTreeMap<String, ActionState>, newest: &KeptAssessment) -> Vec<Event> {
    slips(actions, newest)
        .into_iter()
        .map(|slip| {
            let decided = actions.get(&slip.control_id).map_or(0, |state| state.updated_at);
            Event {
                tenant_id: newest.tenant_id.clone(),
                kind: EventKind::AcceptedSlipped,
                subject: slip.control_id.clone(),
                // A further slip is another event; swinging between two counts is not.
                about: format!("{decided} {}", slip.now),
                at: newest.assessed_at,
                title: format!(
                    "{}: {} objects do not meet it, {} when it was accepted",
                    slip.control_id, slip.now, slip.accepted
                ),
                text: "The acceptance covers what was there on its day; decide whether it still holds.".to_owned(),
                facts: json!(slip),
            }
        })
        .collect()
}

/// An export that could not be read, judged or kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportFailure {
    /// Whose; empty where that was not known yet.
    pub tenant_id: String,
    /// The input, as it was named.
    pub input: String,
    /// What was wrong.
    pub reason: String,
    /// When, in microseconds.
    pub at: i64,
}

impl ImportFailure {
    /// The event: the same input that fails all day is told once that day.
    #[must_use]
    pub fn event(&self) -> Event {
        let day = date_of(day_of(self.at)).map(|date| date.to_string()).unwrap_or_default();
        Event {
            tenant_id: self.tenant_id.clone(),
            kind: EventKind::ImportFailed,
            subject: self.input.clone(),
            about: day,
            at: self.at,
            title: format!("`{}` could not be kept", self.input),
            text: self.reason.clone(),
            facts: json!(self),
        }
    }
}
