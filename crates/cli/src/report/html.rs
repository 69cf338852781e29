//! The score as one page that somebody can mail: it loads nothing, runs nothing, and reads well printed.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use idscore_catalogue::control::Control;
use idscore_charts::gauge;
use idscore_score::{Outcome, Points, Set};
use idscore_words::arithmetic;
use idscore_words::prose;
use sha2::{Digest, Sha256};

use super::{Action, Report, words};

const CSS: &str = include_str!("../../templates/report.css");
/// Actions under "What to do next".
const NEXT: usize = 5;
/// Warnings before the rest is only counted.
const WARNINGS: usize = 50;

/// The page.
pub fn write_html(report: &Report<'_>) -> Result<String, askama::Error> {
    let page = Page::new(report).render()?;
    Ok(page.chars().map(|shown| if words::hidden(shown) && shown != '\n' { '\u{fffd}' } else { shown }).collect())
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    css: &'static str,
    policy: String,
    tenant: String,
    tenant_id: String,
    percent: String,
    taken_at: String,
    taken_at_source: String,
    profile: &'static str,
    users: String,
    headline: SetPart,
    next: Vec<ActionPart>,
    sets: Vec<SetPart>,
    missed: Vec<MissedPart>,
    unassessed: Vec<NamePart>,
    not_applicable: Vec<NamePart>,
    declared: Vec<DeclaredPart>,
    warnings: Vec<String>,
    more_warnings: Option<String>,
    data_sets: Vec<DataSetPart>,
    catalogue_version: String,
    config_hash: String,
}

#[derive(Clone)]
struct SetPart {
    title: &'static str,
    heading: &'static str,
    blurb: &'static str,
    percent: String,
    /// "proven between 58.93 and 71.43 %"; none where all of it was seen.
    proven: Option<String>,
    /// "58.93–71.43".
    span: Option<String>,
    points: String,
    coverage: String,
    arc: Option<String>,
    lines: Vec<LinePart>,
    done: String,
    unassessed_words: String,
    actions: Vec<ActionPart>,
}

#[derive(Clone)]
struct LinePart {
    label: &'static str,
    hint: &'static str,
    percent: String,
    width: String,
    first: bool,
}

#[derive(Clone)]
struct ActionPart {
    id: String,
    anchor: String,
    title: String,
    outcome: &'static str,
    outcome_class: &'static str,
    open: bool,
    score: String,
    max: String,
    /// "at least 3.33"; none where all of it was seen.
    at_least: Option<String>,
    to_win: String,
    to_win_percent: String,
    impact: String,
    counts: Option<String>,
    /// Whether `counts` says when work was done, rather than how many meet the rule.
    is_review: bool,
    width: String,
    status: Option<&'static str>,
    needs_license: Option<String>,
    effort: Option<&'static str>,
    arithmetic: String,
    notes: Vec<String>,
    evidence_heading: &'static str,
    evidence: Vec<RowPart>,
    more: Option<String>,
    explain: String,
    why: String,
    fix: String,
    user_impact: String,
    limits: String,
    action_url: Option<String>,
}

#[derive(Clone)]
struct RowPart {
    name: String,
    id: String,
    unknown: bool,
    why: String,
    witness: Option<String>,
    cells: String,
}

struct MissedPart {
    remedy: String,
    controls: String,
}

struct NamePart {
    id: String,
    title: String,
    needs_license: Option<String>,
}

struct DeclaredPart {
    kind: String,
    name: String,
    owner: String,
    reason: String,
    until: String,
    effect: String,
}

struct DataSetPart {
    name: String,
    rows: String,
    complete: bool,
    status: String,
    remedy: String,
}

impl Page {
    fn new(report: &Report<'_>) -> Self {
        let assessment = report.assessment;
        let sets: Vec<_> = report.sets.list().iter().map(|set| SetPart::new(report, *set)).collect();
        let headline_set = report.sets.list().first().copied().unwrap_or(Set::Core);
        let headline = SetPart::new(report, headline_set);
        let named = |outcome| {
            let actions = report.sets.list().iter().flat_map(|set| report.saying(*set, outcome)).collect::<Vec<_>>();
            actions
                .iter()
                .map(|action| NamePart {
                    id: action.result.id.clone(),
                    title: action.result.title.clone(),
                    needs_license: action.result.needs_license.clone(),
                })
                .collect()
        };
        let users = &assessment.users;
        Self {
            css: CSS,
            policy: format!(
                "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
                BASE64.encode(Sha256::digest(CSS.as_bytes()))
            ),
            tenant: report.tenant().to_owned(),
            tenant_id: assessment.tenant_id.clone(),
            percent: headline.percent.clone(),
            taken_at: words::instant(&assessment.taken_at),
            taken_at_source: words::instant_source(&assessment.taken_at_source),
            profile: words::profile(assessment.profile),
            users: format!(
                "{} users: {} enabled members, {} enabled guests",
                words::thousands(users.total),
                words::thousands(users.enabled_members),
                words::thousands(users.enabled_guests)
            ),
            next: report.open(headline_set).iter().take(NEXT).map(|action| ActionPart::new(report, action)).collect(),
            headline,
            sets,
            missed: report
                .missed()
                .into_iter()
                .map(|missed| MissedPart {
                    remedy: words::first_upper(&missed.remedy.replace('`', "")),
                    controls: missed.controls.join(", "),
                })
                .collect(),
            unassessed: named(Outcome::NotAssessed),
            not_applicable: named(Outcome::NotApplicable),
            declared: assessment
                .declared
                .iter()
                .map(|declared| DeclaredPart {
                    kind: words::first_upper(words::declared(&declared.kind)),
                    name: declared.name.clone().unwrap_or_else(|| declared.id.clone()),
                    owner: declared.owner.clone(),
                    reason: declared.reason.clone(),
                    until: declared.expires.clone().unwrap_or_else(|| "no end".to_owned()),
                    effect: declared.effect.clone(),
                })
                .collect(),
            warnings: assessment.warnings.iter().take(WARNINGS).cloned().collect(),
            more_warnings: (assessment.warnings.len() > WARNINGS)
                .then(|| format!("and {} more; the JSON result lists all.", assessment.warnings.len() - WARNINGS)),
            data_sets: assessment
                .data_sets
                .iter()
                .map(|set| DataSetPart {
                    name: set.name.clone(),
                    rows: words::thousands(set.rows),
                    complete: set.status == "complete",
                    status: words::data_set_status(&set.status).to_owned(),
                    remedy: set.missing.as_ref().map(words::remedy).unwrap_or_default().replace('`', ""),
                })
                .collect(),
            catalogue_version: assessment.catalogue_version.clone(),
            config_hash: assessment.config_hash.chars().take(12).collect(),
        }
    }
}

impl SetPart {
    fn new(report: &Report<'_>, set: Set) -> Self {
        let score = report.score(set);
        let line = |label, hint, percent: &Points| LinePart {
            label,
            hint,
            percent: words::percent(percent),
            width: percent.rounded().to_string(),
            first: false,
        };
        let mut lines = vec![
            LinePart { first: true, ..line("Now", "what is measured", &score.percent) },
            line("With what is planned", "if every planned action were done", &score.planned_percent),
            line(
                "Within the owned licences",
                "if everything were done that they allow",
                &score.current_license_percent,
            ),
            line("And without accepted risks", "the same, but for accepted risks", &score.achievable_percent),
        ];
        if score.attested_percent.is_positive() {
            lines.push(line("Of now, by attestation only", "not seen in the data", &score.attested_percent));
        }
        if set == Set::Core {
            lines.push(line(
                "To lay beside Microsoft's",
                "profile compat, without insider risk",
                &score.compat_percent,
            ));
        }
        let mut actions = report.open(set);
        actions.extend(report.done(set));
        let unassessed = report.saying(set, Outcome::NotAssessed).len();
        let (title, heading, blurb) = match set {
            Set::Core => (
                "Your score",
                "Improvement actions",
                "Microsoft's controls with Microsoft's points. Most points to win first.",
            ),
            Set::Extended => (
                "Extended score",
                "Beyond the score: the extended set",
                "Further Microsoft Entra controls and our own. Its percentage never mixes into the score.",
            ),
        };
        Self {
            title,
            heading,
            blurb,
            percent: words::headline(score),
            proven: words::proven(score),
            span: words::span(score),
            points: format!("{} of {}", words::points(&score.current_score), words::points(&score.max_score)),
            coverage: words::coverage(&score.coverage),
            arc: gauge::filled_arc(&score.percent),
            lines,
            done: format!("{} of {}", report.done(set).len(), actions.len()),
            unassessed_words: words::plural(unassessed, "control"),
            actions: actions.iter().map(|action| ActionPart::new(report, action)).collect(),
        }
    }
}

impl ActionPart {
    fn new(report: &Report<'_>, action: &Action<'_>) -> Self {
        let result = action.result;
        let shown = |points: &Option<Points>| points.as_ref().map(words::points).unwrap_or_default();
        let rows = report.rows(&result.id);
        let left = action.beyond(rows);
        let text = |part: fn(&Control) -> &String| {
            action.control.map(|control| prose::to_html(part(control))).unwrap_or_default()
        };
        let share = match (&result.score, &result.max_score) {
            (Some(score), Some(max)) => score.percent_of(max),
            _ => Points::zero(),
        };
        // What is shown as the impact, without what is shown as gained.
        let shown_impact = result.impact_percent.as_ref().map(|impact| impact.rounded().to_points());
        let percent_of_set = shown_impact
            .map(|impact| &impact - &result.gained_percent.clone().unwrap_or_else(Points::zero))
            .unwrap_or_else(Points::zero);
        Self {
            id: result.id.clone(),
            anchor: format!("action-{}", result.id),
            title: result.title.clone(),
            outcome: action.outcome(),
            outcome_class: match result.outcome {
                Outcome::Met => "met",
                Outcome::Partial => "partial",
                Outcome::NotMet => "not-met",
                Outcome::NotApplicable | Outcome::NotAssessed => "quiet",
            },
            open: action.winnable().is_positive(),
            score: shown(&result.score),
            max: shown(&result.max_score),
            at_least: action.proven().and(result.score_at_least.as_ref()).map(words::floor),
            to_win: words::points(&action.winnable()),
            to_win_percent: words::gain(&percent_of_set),
            impact: result.impact_percent.as_ref().map(words::percent).unwrap_or_default(),
            counts: action.counts(),
            is_review: result.review.is_some(),
            width: share.truncated().to_string(),
            status: words::status(result.status),
            needs_license: result.needs_license.clone(),
            effort: action.control.map(|control| words::level(control.effort)),
            arithmetic: arithmetic::in_words(result, action.control).join(" "),
            notes: result
                .notes
                .iter()
                .cloned()
                .chain(
                    result.missing.iter().map(|missing| words::first_upper(&words::remedy(missing).replace('`', ""))),
                )
                .collect(),
            evidence_heading: crate::explain::heading(rows),
            evidence: rows
                .iter()
                .map(|row| RowPart {
                    name: row.name.clone().unwrap_or_else(|| row.object_id.clone()),
                    id: if row.name.is_some() { row.object_id.clone() } else { String::new() },
                    unknown: row.outcome == Outcome::NotAssessed,
                    why: words::first_upper(&row.why),
                    witness: row.witness.clone(),
                    cells: words::evidence_cells(row),
                })
                .collect(),
            more: (left > 0 && !rows.is_empty()).then(|| format!("And {} more.", words::thousands(left))),
            explain: report.explain_command(&result.id),
            why: text(|control| &control.why),
            fix: text(|control| &control.fix),
            user_impact: text(|control| &control.user_impact_text),
            limits: text(|control| &control.limits),
            action_url: action
                .control
                .and_then(|control| control.action_url.clone())
                .filter(|url| url.starts_with("https://")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use idscore_assess::EvidenceRow;

    use super::super::{Call, Sets, samples};
    use super::*;

    fn page() -> String {
        let assessment = samples::assessment();
        let mut report = Report::new(&assessment, &[], Sets::All, Call::of("contoso"));
        let row = EvidenceRow {
            object_id: "7".into(),
            name: Some("<img src=x onerror=alert(1)>".into()),
            outcome: Outcome::NotMet,
            why: "no policy blocks older protocols".into(),
            witness: Some("a sign-in with \"IMAP\" & a password".into()),
            evidence: BTreeMap::from([("user_type".to_owned(), serde_json::json!("Member"))]),
            urgency: idscore_assess::Urgency::default(),
        };
        report.evidence.insert("BlockLegacyAuthentication".to_owned(), vec![row]);
        write_html(&report).unwrap()
    }

    #[test]
    fn names_from_the_tenant_are_only_ever_text() {
        let page = page();
        assert!(page.contains("Contoso &#60;script&#62;alert(1)&#60;/script&#62;"));
        assert!(page.contains("&#60;img src=x onerror=alert(1)&#62;"));
        assert!(!page.contains("<script") && !page.contains("<img"));
    }

    #[test]
    fn the_page_loads_nothing_and_runs_nothing() {
        let page = page();
        let (_, body) = page.split_once("</style>").unwrap();
        for tag in body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
            let mut words = tag.split_whitespace();
            let name = words.next().unwrap_or_default();
            assert!(
                !["script", "link", "img", "iframe", "object", "embed", "style", "image", "use"].contains(&name),
                "<{tag}>"
            );
            assert!(
                words.all(|word| !word.starts_with("on") && !word.starts_with("src") && !word.starts_with("style=")),
                "<{tag}>"
            );
        }
        assert!(!CSS.contains("url(") && !CSS.contains("@import"));
        assert!(page.contains("default-src &#39;none&#39;; style-src &#39;sha256-"));
    }

    #[test]
    fn evidence_says_who_why_and_how_many_more() {
        let page = page();
        assert!(page.contains("No policy blocks older protocols"));
        assert!(page.contains("a sign-in with &#34;IMAP&#34; &#38; a password"));
        assert!(page.contains("And 119 more."), "120 users lose the points, one is shown");
    }
}
