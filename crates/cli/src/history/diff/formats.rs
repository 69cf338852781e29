//! The difference as a table and as Markdown.

use std::fmt::Write;

use idscore_history::Tenant;
use idscore_history::difference::{ControlMove, ControlState, Difference, SetMove};
use idscore_output_encoding::markdown_cell;
use idscore_score::Set;
use idscore_words::reasons;

use super::super::moves;
use crate::page::{Page, Tone};
use crate::report::{Sets, words};
use crate::terminal::Terminal;

/// What is shown of a difference.
pub struct Shown<'a> {
    pub tenant: &'a Tenant,
    pub found: &'a Difference,
    pub sets: Sets,
    /// Objects named of each reason.
    pub limit: usize,
    /// The options for the command that comes next.
    pub options: &'a str,
}

/// A heading, and its lines with what is below each of them.
type Part = (&'static str, Vec<(String, Vec<String>)>);

impl Shown<'_> {
    fn limit(&self) -> reasons::Limit<'static> {
        reasons::Limit { lines: self.limit, hint: "--limit or --format json names all" }
    }

    fn name(&self) -> &str {
        if self.tenant.display_name.is_empty() { &self.tenant.id } else { &self.tenant.display_name }
    }

    fn days(&self) -> String {
        let instant = |text: &str| words::instant(text);
        format!("{} → {}", instant(&self.found.before.assessed_at), instant(&self.found.after.assessed_at))
    }

    /// What lies outside the controls.
    fn around(&self) -> Vec<Part> {
        let found = self.found;
        let mut not_ours = vec![];
        if found.catalogue_changed {
            not_ours
                .push(format!("the controls: {} → {}", found.before.catalogue_version, found.after.catalogue_version));
        }
        if found.before.profile != found.after.profile {
            let profile = words::profile;
            not_ours.push(format!("the profile: {} → {}", profile(found.before.profile), profile(found.after.profile)));
        }
        if found.before.config_hash != found.after.config_hash {
            let (was, is) = (&found.before.config_hash, &found.after.config_hash);
            not_ours.push(format!("the configuration: {was:.12} → {is:.12}"));
        }
        let data_set = |change: &idscore_history::difference::DataSetChange| {
            let status = |status: &Option<String>| {
                status.as_deref().map_or("absent".to_owned(), |status| words::data_set_status(status).to_owned())
            };
            format!("{}: {} → {}", change.name, status(&change.before), status(&change.after))
        };
        let plain = |lines: Vec<String>| lines.into_iter().map(|line| (line, vec![])).collect::<Vec<_>>();
        let policies = match &found.policies {
            Some(policies) => policies.iter().map(|change| reasons::policy(change, self.limit())).collect(),
            None => plain(vec!["were not kept or not read on both sides; what changed in them isn't known".to_owned()]),
        };
        let parts = vec![
            ("Changed besides the tenant: points can move by this alone", plain(not_ours)),
            ("Policies", policies),
            ("Declarations", plain(found.declared.iter().map(reasons::declared).collect())),
            ("Data that were read", plain(found.data_sets.iter().map(data_set).collect())),
        ];
        parts.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
    }

    /// The controls of a set by how they moved.
    fn controls(&self, set: Set) -> Vec<(&'static str, Vec<&ControlMove>)> {
        let of = |wanted: fn(&ControlMove) -> bool| {
            self.found.controls.iter().filter(|control| control.set == set && wanted(control)).collect::<Vec<_>>()
        };
        let lost = of(|control| moves::fell(0.0, control.points));
        let mut gained = of(|control| moves::fell(control.points, 0.0));
        gained.reverse();
        let still = of(|control| !moves::fell(0.0, control.points) && !moves::fell(control.points, 0.0));
        let parts = [("Lost points", lost), ("Gained points", gained), ("Moved without points", still)];
        parts.into_iter().filter(|(_, controls)| !controls.is_empty()).collect()
    }

    fn numbers(&self, set: Set) -> &SetMove {
        match set {
            Set::Core => &self.found.core,
            Set::Extended => &self.found.extended,
        }
    }
}

fn title(set: Set) -> &'static str {
    match set {
        Set::Core => "Identity Secure Score",
        Set::Extended => "Extended set (never part of the score above)",
    }
}

fn set_line(moved: &SetMove) -> String {
    let [before, after] = moves::points_apart(moved.before.current_score, moved.after.current_score);
    let line = format!(
        "{} → {} ({}) · points {} of {} → {} of {} ({})",
        moves::headline(moved.before.percent, moved.before.max_score),
        moves::headline(moved.after.percent, moved.after.max_score),
        moves::signed(moved.percent),
        before,
        moves::points(moved.before.max_score),
        after,
        moves::points(moved.after.max_score),
        moves::signed(moved.points),
    );
    match reasons::set_seen(moved) {
        Some(proven) => format!("{line} · {proven}"),
        None => line,
    }
}

/// How a control was and is; points are told apart.
fn states(control: &ControlMove) -> [String; 2] {
    let (before, after) = (&control.before, &control.after);
    let score = |state: &Option<ControlState>| state.as_ref().and_then(|state| state.score);
    let points = match score(before).zip(score(after)) {
        Some((was, is)) => moves::points_apart(was, is),
        None => [before, after].map(|state| score(state).map(moves::points).unwrap_or_default()),
    };
    let [was, is] = points;
    [state(before, &was), state(after, &is)]
}

fn state(state: &Option<ControlState>, points: &str) -> String {
    let Some(state) = state else { return "not there".to_owned() };
    let outcome = reasons::outcome(state);
    match (state.score, state.max_score) {
        (Some(_), Some(max)) => format!(
            "{outcome}, {points} of {} ({})",
            moves::points(max),
            words::counts(state.count, state.total, state.unknown, "object"),
        ),
        _ => outcome.to_owned(),
    }
}

/// The page that `diff` prints.
pub fn table(shown: &Shown<'_>, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    let name = page.paint(Tone::Strong, &words::visible(shown.name()));
    page.line(&name);
    page.paragraph(0, Tone::Quiet, &format!("{} · {}", words::visible(&shown.tenant.id), shown.days()));
    for (heading, lines) in shown.around() {
        page.heading(heading);
        for (line, below) in lines {
            page.paragraph(2, Tone::Plain, &words::visible(&line));
            for line in below {
                page.paragraph(4, Tone::Quiet, &words::visible(&line));
            }
        }
    }
    for set in shown.sets.list() {
        page.heading(title(*set));
        let line = set_line(shown.numbers(*set));
        page.paragraph(2, Tone::Plain, &line);
        for (heading, controls) in shown.controls(*set) {
            page.heading(heading);
            for control in controls {
                control_lines(&mut page, control, shown);
            }
        }
    }
    next(&mut page, shown);
    page.into_text()
}

fn control_lines(page: &mut Page, control: &ControlMove, shown: &Shown<'_>) {
    let tone = match control.points {
        points if moves::fell(0.0, points) => Tone::Bad,
        points if moves::fell(points, 0.0) => Tone::Good,
        _ => Tone::Plain,
    };
    page.paragraph(
        2,
        tone,
        &format!("{} {} · {}", moves::signed(control.points), words::visible(&control.title), control.id),
    );
    let [before, after] = states(control);
    let moved = if before == after { after } else { format!("{before} → {after}") };
    page.paragraph(4, Tone::Quiet, &moved);
    if let Some(seen) = reasons::seen(control) {
        page.paragraph(4, Tone::Half, &seen);
    }
    for reason in &control.reasons {
        let (line, below) = reasons::in_words(reason, shown.found, shown.limit());
        page.paragraph(4, Tone::Plain, &words::visible(&line));
        for line in below {
            page.paragraph(6, Tone::Plain, &words::visible(&line));
        }
    }
}

fn next(page: &mut Page, shown: &Shown<'_>) {
    page.gap();
    if shown.found.controls.is_empty() {
        page.line("No control moved.");
        return;
    }
    page.line("Next: what to do about it, most points first");
    let command = format!("{} plan show {}", words::program(), shown.options);
    let command = page.paint(Tone::Command, &command);
    page.line(&format!("  {command}"));
}

/// The difference for a wiki.
pub fn markdown(shown: &Shown<'_>) -> String {
    let mut page = String::new();
    // Writing into a String cannot fail.
    let _ = fill(&mut page, shown);
    page
}

fn fill(page: &mut String, shown: &Shown<'_>) -> std::fmt::Result {
    writeln!(page, "# What moved: {}\n\n{}.", markdown_cell(shown.name()), shown.days())?;
    for (heading, lines) in shown.around() {
        writeln!(page, "\n## {heading}\n")?;
        for (line, below) in lines {
            writeln!(page, "- {}", markdown_cell(&line))?;
            for line in below {
                writeln!(page, "  - {}", markdown_cell(&line))?;
            }
        }
    }
    for set in shown.sets.list() {
        writeln!(page, "\n## {}\n\n{}.", title(*set), set_line(shown.numbers(*set)))?;
        for (heading, controls) in shown.controls(*set) {
            writeln!(page, "\n### {heading}\n")?;
            for control in controls {
                let [before, after] = states(control);
                let points = moves::signed(control.points);
                writeln!(page, "- **{points}** {} `{}`", markdown_cell(&control.title), control.id)?;
                writeln!(page, "  - {before} → {after}")?;
                if let Some(seen) = reasons::seen(control) {
                    writeln!(page, "  - {seen}")?;
                }
                for reason in &control.reasons {
                    let (line, below) = reasons::in_words(reason, shown.found, shown.limit());
                    writeln!(page, "  - {}", markdown_cell(&line))?;
                    for line in below {
                        writeln!(page, "    - {}", markdown_cell(&line))?;
                    }
                }
            }
        }
    }
    Ok(())
}
