//! The score for a person at a terminal.

use comfy_table::{ColumnConstraint, Width};
use idscore_score::{Outcome, Points, Set};

use super::{Action, Report, words};
use crate::page::{Page, Tone};
use crate::terminal::Terminal;

/// Warnings shown before the rest is only counted.
const WARNINGS: usize = 5;

/// The page that `score` prints.
pub fn write_table(report: &Report<'_>, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    head(&mut page, report);
    for set in report.sets.list() {
        score(&mut page, report, *set);
        declared_before_actions(&mut page, report, *set);
        actions(&mut page, report, *set);
    }
    missed(&mut page, report);
    warnings(&mut page, report);
    next(&mut page, report);
    page.into_text()
}

fn head(page: &mut Page, report: &Report<'_>) {
    let assessment = report.assessment;
    let name = page.paint(Tone::Strong, &words::visible(report.tenant()));
    page.line(&name);
    let users = &assessment.users;
    page.paragraph(
        0,
        Tone::Quiet,
        &format!(
            "{} · {} ({}) · profile {}\n{} users: {} enabled members, {} enabled guests",
            words::visible(&assessment.tenant_id),
            words::instant(&assessment.taken_at),
            words::instant_source(&assessment.taken_at_source),
            words::profile(assessment.profile),
            words::thousands(users.total),
            words::thousands(users.enabled_members),
            words::thousands(users.enabled_guests),
        ),
    );
}

fn score(page: &mut Page, report: &Report<'_>, set: Set) {
    let score = report.score(set);
    let title = match set {
        Set::Core => "Identity Secure Score",
        Set::Extended => "Extended set (never part of the score above)",
    };
    page.heading(title);
    let percent = page.paint(Tone::Strong, &words::headline(score));
    let bar = bar(page, &score.percent);
    page.line(&format!(
        "  {percent}  {bar}  {} of {} points · coverage {}",
        words::points(&score.current_score),
        words::points(&score.max_score),
        words::coverage(&score.coverage),
    ));
    if let Some(proven) = words::proven(score) {
        page.paragraph(2, Tone::Half, &proven);
    }
    let mut lines = vec![
        ("with what is planned", &score.planned_percent),
        ("within the owned licences", &score.current_license_percent),
        ("and without accepted risks", &score.achievable_percent),
        ("earned by attestation only", &score.attested_percent),
    ];
    if set == Set::Core {
        lines.push(("to lay beside Microsoft's", &score.compat_percent));
    }
    let mut table = page.table(&[]);
    for pair in lines.chunks(2) {
        let mut cells = vec![];
        for (label, percent) in pair {
            cells.push(page.cell(Tone::Quiet, label));
            cells.push(page.number(Tone::Plain, &words::percent(percent)));
        }
        table.add_row(cells);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((2, 1));
    }
    if let Some(column) = table.column_mut(2) {
        column.set_padding((3, 1));
    }
    page.put(&table);
}

fn bar(page: &Page, percent: &Points) -> String {
    let width = 24_u64;
    let filled = (1..=width).filter(|step| *percent >= Points::whole(100).share(*step, width)).count();
    let empty = (1..=width).count() - filled;
    format!("{}{}", page.paint(Tone::Command, &"█".repeat(filled)), page.paint(Tone::Quiet, &"░".repeat(empty)))
}

fn declared_before_actions(page: &mut Page, report: &Report<'_>, set: Set) {
    let first = report.sets.list().first() == Some(&set);
    if !first || report.assessment.declared.is_empty() {
        return;
    }
    page.heading("Declared by the organisation");
    for declared in &report.assessment.declared {
        let name = words::visible(declared.name.as_deref().unwrap_or(&declared.id));
        let effect = words::visible(&declared.effect);
        page.paragraph(2, Tone::Plain, &format!("{} {name}: {effect}", words::declared(&declared.kind)));
        let until = declared.expires.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
        let (owner, reason) = (words::visible(&declared.owner), words::visible(&declared.reason));
        page.paragraph(4, Tone::Quiet, &format!("{owner}: {reason}{until}"));
    }
}

fn actions(page: &mut Page, report: &Report<'_>, set: Set) {
    let open = report.open(set);
    if !open.is_empty() {
        page.heading(match set {
            Set::Core => "What to do, most points first",
            Set::Extended => "What else to do",
        });
        let mut table = page.table(&["To win", "Points", "Impact", "Action"]);
        for action in &open {
            add_action(page, &mut table, action);
        }
        page.put(&table);
    }
    let done = report.done(set);
    if !done.is_empty() {
        let seen = done.iter().all(|action| action.result.unknown == 0 && action.proven().is_none());
        page.heading(if seen { "Done" } else { "Done, as far as it was seen" });
        let mut table = page.table(&[]);
        for action in &done {
            let result = action.result;
            table.add_row(vec![
                page.number(Tone::Good, &format!("{} of {}", shown(&result.score), shown(&result.max_score))),
                page.cell(Tone::Plain, &words::visible(&result.title)),
                page.cell(
                    Tone::Quiet,
                    &action.counts().into_iter().chain(action.proven()).collect::<Vec<_>>().join(" · "),
                ),
            ]);
        }
        page.put(&table);
    }
    let not_applicable = report.saying(set, Outcome::NotApplicable);
    if !not_applicable.is_empty() {
        let ids: Vec<_> = not_applicable
            .iter()
            .map(|action| match &action.result.needs_license {
                Some(license) => format!("{} (needs {license})", action.result.id),
                None => action.result.id.clone(),
            })
            .collect();
        page.gap();
        page.paragraph(0, Tone::Quiet, &format!("Not applicable here: {}", ids.join(", ")));
    }
}

fn add_action(page: &Page, table: &mut comfy_table::Table, action: &Action<'_>) {
    let result = action.result;
    table.add_row(vec![
        page.number(Tone::Strong, &words::points(&action.winnable())),
        page.number(Tone::Plain, &format!("{}/{}", shown(&result.score), shown(&result.max_score))),
        page.number(Tone::Plain, &result.impact_percent.as_ref().map(words::percent).unwrap_or_default()),
        page.cell(Tone::Strong, &words::visible(&result.title)),
    ]);
    let mut about = vec![action.verdict()];
    about.extend(action.proven());
    about.extend(words::status(result.status).map(str::to_owned));
    about.extend(result.needs_license.as_ref().map(|license| format!("needs {license}")));
    about.push(result.id.clone());
    let empty = || page.cell(Tone::Plain, "");
    table.add_row(vec![empty(), empty(), empty(), page.cell(Tone::of(result.outcome), &about.join(" · "))]);
}

fn shown(points: &Option<Points>) -> String {
    points.as_ref().map(words::points).unwrap_or_default()
}

fn missed(page: &mut Page, report: &Report<'_>) {
    let missed = report.missed();
    if missed.is_empty() {
        return;
    }
    let unassessed: usize = report.sets.list().iter().map(|set| report.saying(*set, Outcome::NotAssessed).len()).sum();
    page.heading(&format!("Not seen ({} not assessed), and what would bring it", words::plural(unassessed, "control")));
    let mut table = page.table(&[]);
    for missed in &missed {
        table.add_row(vec![
            page.cell(Tone::Half, &words::visible(&missed.remedy)),
            page.cell(Tone::Plain, &missed.controls.join(", ")),
        ]);
    }
    table.set_constraints([ColumnConstraint::UpperBoundary(Width::Percentage(45))]);
    page.put(&table);
}

fn warnings(page: &mut Page, report: &Report<'_>) {
    let warnings = &report.assessment.warnings;
    if warnings.is_empty() {
        return;
    }
    page.heading(&words::plural(warnings.len(), "warning"));
    for warning in warnings.iter().take(WARNINGS) {
        page.paragraph(2, Tone::Plain, &words::visible(warning));
    }
    if warnings.len() > WARNINGS {
        page.paragraph(2, Tone::Quiet, &format!("and {} more; --format json lists all", warnings.len() - WARNINGS));
    }
}

fn next(page: &mut Page, report: &Report<'_>) {
    page.gap();
    let (what, command) = match (report.next(), report.missed().first()) {
        (Some(action), _) => ("Next: who loses these points, and why", report.explain_command(&action.result.id)),
        (None, Some(_)) => ("Next: collect what was not seen, then score again", String::new()),
        (None, None) => {
            ("Nothing left to win here. Next: a stricter reading", report.call.command("score", &["--profile strict"]))
        }
    };
    page.line(what);
    if !command.is_empty() {
        let command = page.paint(Tone::Command, &words::visible(&command));
        page.line(&format!("  {command}"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Call, Sets, samples};
    use super::*;

    fn page(width: u16) -> String {
        let assessment = samples::assessment();
        let terminal = Terminal::plain(width);
        write_table(&Report::new(&assessment, &[], Sets::All, Call::of("my export")), terminal)
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [80, 100, 140] {
            let page = page(width);
            let widest = page.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width.into()), "{width}: {widest:?}\n{page}");
        }
    }

    #[test]
    fn the_last_line_is_the_command_for_the_action_with_most_points() {
        assert_eq!(page(80).lines().last(), Some("  idscore explain 'my export' BlockLegacyAuthentication"));
    }

    #[test]
    fn declared_accounts_are_shown_openly() {
        let page = page(140);
        assert!(page.contains("Dana Fox: emergency access, sealed"), "{page}");
    }
}
