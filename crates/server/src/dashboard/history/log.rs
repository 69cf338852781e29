//! Entries of the log in words: how an assessment moved and by what, and what people decided and recorded.

use std::collections::BTreeMap;

use idscore_catalogue::Catalogue;
use idscore_history::difference::Difference;
use idscore_history::{ActionState, Cause, Mark, Step};
use idscore_score::Set;
use idscore_store::{AuditEntry, Change};
use idscore_words as words;
use idscore_words::reasons::{self, Limit};
use idscore_words::texts::Texts;
use idscore_words::{moves, status};
use serde_json::Value;

use super::super::address::part;
use super::super::failure::PageFailure;
use super::super::overview::changes::{Move, one};
use super::super::overview::{address_of, class_of};
use super::super::shown;
use crate::state::Service;

/// Controls and policies that an entry names.
const NAMED: usize = 3;

/// One entry.
pub(super) struct LogEntry {
    pub(super) at: String,
    pub(super) title: String,
    /// Who did it.
    pub(super) by: Option<String>,
    /// The change of the percentage with its class.
    pub(super) change: Option<(String, &'static str)>,
    /// Words with their class.
    pub(super) chips: Vec<(&'static str, String)>,
    /// What it is about, with its page.
    pub(super) about: Option<(String, String)>,
    /// Sentences.
    pub(super) said: Vec<String>,
    /// Label and value.
    pub(super) facts: Vec<(String, String)>,
    pub(super) moves: Vec<Move>,
    pub(super) more: Option<String>,
    /// Where the whole difference is.
    pub(super) difference: Option<String>,
}

/// What moved at each assessment among these entries, by its id.
pub(super) type Outlines = BTreeMap<String, Difference>;

/// Looks up what moved at each assessment among some entries.
pub(super) async fn outlines(service: &Service, tenant_id: &str, entries: &[Change]) -> Result<Outlines, PageFailure> {
    let pairs: Vec<(String, String)> = entries
        .iter()
        .filter_map(|change| match change {
            Change::Assessment(step) => Some((step.before.as_ref()?.id.clone(), step.now.id.clone())),
            Change::Entry(_) => None,
        })
        .collect();
    let mut ids: Vec<&str> = pairs.iter().flat_map(|(before, now)| [before.as_str(), now.as_str()]).collect();
    ids.sort_unstable();
    ids.dedup();
    let kept = service.archive.history.assessments(tenant_id, &ids).await?;
    let kept: BTreeMap<&str, _> = kept.iter().map(|one| (one.id.as_str(), one)).collect();
    let mut found = Outlines::new();
    for (before, now) in &pairs {
        if let (Some(before), Some(after)) = (kept.get(before.as_str()), kept.get(now.as_str())) {
            let catalogue = service.catalogue.clone();
            let rests = move |id: &str| catalogue.rests_on_policies(id);
            found.insert(now.clone(), service.archive.outline(before, after, rests).await?);
        }
    }
    Ok(found)
}

/// An entry in words.
pub(super) fn entry(t: Texts, catalogue: &Catalogue, base: &str, change: &Change, outlines: &Outlines) -> LogEntry {
    match change {
        Change::Assessment(step) => assessment(t, catalogue, base, step, outlines.get(&step.now.id)),
        Change::Entry(entry) => said(t, catalogue, base, entry),
    }
}

fn assessment(t: Texts, catalogue: &Catalogue, base: &str, step: &Step, found: Option<&Difference>) -> LogEntry {
    let title = t.say(match step.now.cause {
        Cause::Snapshot => "history-cause-snapshot",
        Cause::Reassessment => "history-cause-reassessment",
        Cause::Decision => "history-cause-decision",
        Cause::Expiry => "history-cause-expiry",
        Cause::Microsoft => "history-cause-microsoft",
    });
    let core = &step.now.core;
    let numbers = [
        ("percent", moves::headline_proven(core)),
        ("earned", moves::points(core.current_score)),
        ("maximum", moves::points(core.max_score)),
    ];
    let numbers: Vec<_> = numbers.iter().map(|(name, text)| (*name, text.into())).collect();
    let mut said = vec![t.with("history-log-score", &numbers)];
    if step.now.cause != Cause::Microsoft && step.moved(Set::Extended) {
        let extended = &step.now.extended;
        let percent = moves::headline_proven(extended);
        let change = step.change(Set::Extended).map(moves::signed).unwrap_or_default();
        said.push(t.with("history-log-extended", &[("percent", (&percent).into()), ("change", (&change).into())]));
    }
    let limit = Limit { lines: NAMED, hint: "" };
    let policies = found.and_then(|found| found.policies.as_ref());
    let lines = policies.into_iter().flatten().map(|change| reasons::policy(change, limit).0).collect();
    said.extend(
        reasons::cut(lines, limit).into_iter().map(|line| t.with("history-log-policy", &[("policy", (&line).into())])),
    );
    said.extend(found.into_iter().flat_map(|found| rules(t, found)));
    // A first assessment has nothing to be laid beside.
    if step.before.is_none() {
        said.push(t.say("history-log-first"));
    }
    let moved: Vec<_> = found
        .iter()
        .flat_map(|found| &found.controls)
        .filter(|control| moves::fell(0.0, control.points.abs()) || moves::fell(control.points.abs(), 0.0))
        .collect();
    let mut largest = moved.clone();
    largest.sort_by(|one, other| other.points.abs().total_cmp(&one.points.abs()));
    if step.before.is_some() && moved.is_empty() {
        said.push(t.say("history-log-still"));
    }
    let left = moved.len().saturating_sub(NAMED) as u64;
    LogEntry {
        at: moves::instant(step.now.assessed_at),
        title,
        by: None,
        change: step.change(Set::Core).map(|change| (moves::signed(change), class_of(change))),
        chips: chips(t, step),
        about: None,
        said,
        facts: vec![],
        moves: found
            .map(|found| {
                largest.iter().take(NAMED).map(|control| one(t, catalogue, base, control, found, NAMED)).collect()
            })
            .unwrap_or_default(),
        more: (left > 0).then(|| t.with("overview-changes-more", &[("count", left.into())])),
        difference: step
            .before
            .as_ref()
            .map(|before| format!("{base}/history/difference?from={}&to={}", part(&before.id), part(&step.now.id))),
    }
}

/// What is not the tenant's doing.
fn rules(t: Texts, found: &Difference) -> Vec<String> {
    let mut said = vec![];
    if found.catalogue_changed {
        let versions =
            [("before", (&found.before.catalogue_version).into()), ("after", (&found.after.catalogue_version).into())];
        said.push(t.with("history-log-catalogue", &versions));
    }
    if found.before.profile != found.after.profile {
        let (was, is) = (words::profile(found.before.profile), words::profile(found.after.profile));
        said.push(t.with("history-log-profile", &[("before", was.into()), ("after", is.into())]));
    } else if found.configuration_changed {
        said.push(t.say("history-log-configuration"));
    }
    said
}

fn chips(t: Texts, step: &Step) -> Vec<(&'static str, String)> {
    let marks = step.marks(Set::Core);
    let mut chips: Vec<_> = marks
        .iter()
        // The title says it.
        .filter(|mark| !matches!(mark, Mark::Microsoft | Mark::Decision | Mark::Expiry))
        .map(|mark| (if *mark == Mark::Regression { "not-met" } else { "plan" }, moves::mark(*mark).to_owned()))
        .collect();
    if step.marks(Set::Extended).contains(&Mark::Regression) {
        chips.push(("not-met", t.say("history-log-extended-fell")));
    }
    chips
}

/// What somebody did, as the audit log says it.
fn said(t: Texts, catalogue: &Catalogue, base: &str, entry: &AuditEntry) -> LogEntry {
    let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let text = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut facts: Vec<(&str, String)> = vec![];
    let mut chips = vec![];
    let key = match entry.action.as_str() {
        "action.update" => {
            let state: ActionState = serde_json::from_value(detail.clone()).unwrap_or_default();
            chips.push(("plan", status(state.status).map_or_else(|| t.say("history-status-open"), str::to_owned)));
            let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
            facts.extend([
                ("history-fact-owner", state.owner),
                ("history-fact-approver", state.approver),
                ("history-fact-reason", state.reason),
                ("history-fact-due", day(state.due)),
                ("history-fact-expires", day(state.expires)),
                ("history-fact-note", state.note),
                ("history-fact-tags", state.tags.join(", ")),
            ]);
            "history-did-action"
        }
        "recommendation.update" => {
            facts.extend([("history-fact-status", text("status")), ("history-fact-reason", text("reason"))]);
            "history-did-recommendation"
        }
        "review.record" => {
            let at = detail.get("reviewedAt").and_then(Value::as_i64).map(moves::instant).unwrap_or_default();
            facts.extend([("history-fact-reviewed", at), ("history-fact-note", text("note"))]);
            "history-did-review"
        }
        "attestation.record" => {
            let names = [
                ("history-fact-owner", "owner"),
                ("history-fact-reason", "reason"),
                ("history-fact-expires", "expires"),
            ];
            facts.extend(names.map(|(key, name)| (key, text(name))));
            "history-did-attestation"
        }
        "tenant.industry" => {
            facts.extend([("history-fact-industry", text("industry")), ("history-fact-before", text("before"))]);
            "history-did-industry"
        }
        "tenant.zones" => {
            let zones = |name: &str| {
                let of = |part: &str| detail.get(name).and_then(|zones| zones.get(part)).and_then(Value::as_u64);
                of("okay").zip(of("good")).map(|(okay, good)| format!("{okay}, {good}")).unwrap_or_default()
            };
            facts.extend([("history-fact-zones", zones("zones")), ("history-fact-before", zones("before"))]);
            "history-did-zones"
        }
        "configuration.set" => {
            let percent = |name: &str| detail.get(name).and_then(Value::as_f64).map(moves::percent).unwrap_or_default();
            facts.extend([
                ("history-fact-configuration", text("hash").chars().take(12).collect()),
                ("history-fact-profile", text("profile")),
                ("history-fact-score", percent("corePercent")),
                ("history-fact-score-before", percent("corePercentBefore")),
            ]);
            "history-did-configuration"
        }
        "token.create" => {
            facts.push(("history-fact-name", text("name")));
            "history-did-token"
        }
        "token.revoke" => "history-did-revoke",
        _ => {
            facts.extend([("history-fact-name", text("displayName")), ("history-fact-industry", text("industry"))]);
            "history-did-register"
        }
    };
    facts.retain(|(_, value)| !value.is_empty());
    let control = entry.subject.rsplit_once('_').filter(|_| entry.action == "recommendation.update");
    let control = catalogue.control(&entry.subject).or_else(|| catalogue.control(control?.1));
    LogEntry {
        at: moves::instant(entry.at),
        title: t.say(key),
        by: Some(entry.actor.clone()),
        change: None,
        chips,
        about: control.map(|control| (control.title.clone(), address_of(base, &control.id))),
        said: vec![],
        facts: facts.into_iter().map(|(key, value)| (t.say(key), shown::first_upper(&value))).collect(),
        moves: vec![],
        more: None,
        difference: None,
    }
}
