//! The page of one control.

use std::collections::BTreeSet;

use idscore_score::{Profile, Set};

use super::tables::needs_in_words;
use super::{GENERATED, capital, cell};
use crate::catalogue::Catalogue;
use crate::control::{Case, Check, Control, ControlStatus, Rule};
use crate::predicate::Expression;
use crate::tables::Need;
use crate::words::{LEVELS, OUTCOMES, PROFILES, SCORINGS, SETS, STATUSES, word};

/// Everything about one control.
#[must_use]
pub fn control_page(control: &Control, catalogue: &Catalogue) -> String {
    let mut text = format!("{GENERATED}# {}\n\n| | |\n| --- | --- |\n", control.title);
    for (label, value) in facts(control) {
        text.push_str(&format!("| {label} | {} |\n", cell(&value)));
    }
    if control.status == ControlStatus::Deprecated {
        text.push_str("\nThis control is deprecated: it keeps its id and is judged no more.\n");
    }
    text.push_str(&format!("\n## Why\n\n{}\n", control.why));
    text.push_str(&rules(control));
    let sections = [("Fix", &control.fix), ("User impact", &control.user_impact_text), ("Limits", &control.limits)];
    for (heading, body) in sections {
        if !body.is_empty() {
            text.push_str(&format!("\n## {heading}\n\n{}\n", body));
        }
    }
    text.push_str(&data(control, catalogue));
    let sections = catalogue.sections_of(&control.id);
    if !sections.is_empty() {
        text.push_str("\n## Frameworks\n\n");
        for (framework, section) in sections {
            text.push_str(&format!("- {}: {} {}\n", framework.full_name(), section.id, section.title));
        }
    }
    if !control.cases.is_empty() {
        text.push_str("\n## Cases\n\nEach is run as a test. A column that a case leaves out is unknown.\n");
        for case in &control.cases {
            text.push_str(&case_in_words(case));
        }
    }
    text
}

fn facts(control: &Control) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Id", format!("`{}`", control.id)),
        ("Set", word(SETS, control.set).to_owned()),
        ("Points", format!("{}, {}", control.points.to_f64(), word(SCORINGS, control.scoring))),
        ("Status", format!("{}, since {}", word(STATUSES, control.status), control.since)),
        ("User impact", word(LEVELS, control.user_impact).to_owned()),
        ("Effort", word(LEVELS, control.effort).to_owned()),
        ("Tier", control.tier.clone()),
        ("Service", control.service.clone()),
    ];
    if !control.license.is_empty() {
        let effect = match control.set {
            Set::Core => "without it the control stays in the maximum",
            Set::Extended => "without it the control is not applicable",
        };
        facts.push(("Licence", format!("{}; {effect}", licenses(control))));
    }
    facts.extend(control.recommendation_type.clone().map(|name| ("Recommendation type", format!("`{name}`"))));
    if !control.threats.is_empty() {
        facts.push(("Threats", control.threats.join(", ")));
    }
    facts.extend(control.action_url.clone().map(|url| ("Where to change it", format!("<{url}>"))));
    facts
}

/// The licences in words, or nothing.
pub(super) fn licenses(control: &Control) -> String {
    let names: Vec<String> = control.license.iter().map(|license| format!("{license:?}")).collect();
    names.join(", ")
}

fn rules(control: &Control) -> String {
    let mut text = "\n## Rule\n".to_owned();
    if !control.applies.is_always() {
        text.push_str(&format!("\nApplies to tenants where `{}`.\n", control.applies));
    }
    let standard = control.checks.get(&Profile::Standard);
    for (profile, heading) in [
        (Profile::Standard, ""),
        (Profile::Compat, "\nUnder the profile *compat*:\n"),
        (Profile::Strict, "\nUnder the profile *strict*:\n"),
    ] {
        let Some(check) = control.checks.get(&profile) else { continue };
        let rule = rule(check);
        if profile == Profile::Standard || standard.is_none_or(|standard| self::rule(standard) != rule) {
            text.push_str(&format!("{heading}\n{rule}"));
        }
    }
    if let Some(rows) = standard.and_then(|check| check.evidence_rows.as_ref()) {
        text.push_str(&format!(
            "\nBehind the number stand the rows of [{table}](../tables/{table}.md) where `{}`, shown with {}.\n",
            rows.filter,
            code(&rows.columns),
            table = rows.of.name,
        ));
    }
    for note in &control.notes {
        let profiles = note.profiles.iter().map(|profile| word(PROFILES, *profile)).collect::<Vec<_>>().join(", ");
        text.push_str(&format!(
            "\nRemark under {profiles}, when a row of [{table}](../tables/{table}.md) has `{}`: “{}”.\n",
            note.when,
            note.says,
            table = note.of.name,
        ));
    }
    text
}

fn rule(check: &Check) -> String {
    let table = format!("[{name}](../tables/{name}.md)", name = check.of.name);
    let mut lines = match &check.rule {
        Rule::Task { every_days } => {
            return format!(
                "- met while a review was recorded in the last {every_days} days, fading to nothing at twice that\n"
            );
        }
        Rule::Attested => {
            return "- met while an attestation with owner, reason and expiry stands, else not assessed\n".to_owned();
        }
        Rule::Met(met) => vec![format!("- met: `{met}`")],
        Rule::Parts(parts) => parts
            .iter()
            .map(|part| format!("- {} of the points for “{}”: `{}`", part.points.to_f64(), part.title, part.met))
            .collect(),
    };
    lines.insert(
        0,
        match (check.filter.is_always(), check.of.name) {
            (true, "tenant") => format!("- judged: the row of {table}"),
            (true, _) => format!("- judged: every row of {table}"),
            (false, _) => format!("- judged: rows of {table} where `{}`", check.filter),
        },
    );
    if !check.evidence.is_empty() {
        lines.push(format!("- evidence: {}", code(&check.evidence)));
    }
    lines.join("\n") + "\n"
}

fn code(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The table and name of every column that decides the control, under any profile.
pub(super) fn columns(control: &Control) -> impl Iterator<Item = (&'static str, &str)> {
    let applies = control.applies.expression.columns().into_iter().map(|name| ("tenant", name));
    let of_checks = control.checks.values().flat_map(|check| {
        let mut expressions: Vec<&Expression> = vec![&check.filter.expression];
        match &check.rule {
            Rule::Met(met) => expressions.push(&met.expression),
            Rule::Parts(parts) => expressions.extend(parts.iter().map(|part| &part.met.expression)),
            Rule::Task { .. } | Rule::Attested => {}
        }
        expressions.into_iter().flat_map(Expression::columns).map(|name| (check.of.name, name))
    });
    applies.chain(of_checks)
}

fn data(control: &Control, catalogue: &Catalogue) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |needs: &[Need]| {
        for need in needs {
            let line = needs_in_words(&[*need]);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    };
    for check in control.checks.values() {
        if !matches!(check.rule, Rule::Task { .. } | Rule::Attested) {
            add(check.of.needs);
        }
    }
    let named: BTreeSet<(&str, &str)> = columns(control).collect();
    for (table, name) in named {
        if let Some(column) = catalogue.column(table, name) {
            add(column.needs);
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let list: String = lines.iter().map(|line| format!("- {line}\n")).collect();
    format!("\n## Data\n\n{list}")
}

fn case_in_words(case: &Case) -> String {
    let mut text = format!("\n### {}\n\n", case.title);
    let counts = case.counts.map_or_else(String::new, |(met, total)| format!(" {met} of {total}"));
    text.push_str(&format!("{}{counts}", capital(&in_words(word(OUTCOMES, case.outcome)))));
    if case.profile != Profile::Standard {
        text.push_str(&format!(", under the profile *{}*", word(PROFILES, case.profile)));
    }
    if case.taken_at != crate::control::CASE_TAKEN_AT {
        text.push_str(&format!(", at {}", case.taken_at));
    }
    text.push_str(".\n");
    for (name, table) in &case.tables {
        let head: String = table.columns.iter().map(|column| format!(" {column} |")).collect();
        text.push_str(&format!("\n| {name} |{head}\n| --- |{}\n", " --- |".repeat(table.columns.len())));
        for (label, cells) in &table.rows {
            let cells: String =
                cells.iter().map(|value| format!(" {} |", cell(value.as_deref().unwrap_or_default()))).collect();
            text.push_str(&format!("| {} |{cells}\n", cell(label)));
        }
    }
    text
}

/// `notMet` is "not met".
fn in_words(word: &str) -> String {
    let mut words = String::new();
    for character in word.chars() {
        if character.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}
