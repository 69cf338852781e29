//! Holds a control's cases against its rules: known columns, typed cells, and a case for every outcome.

use std::collections::BTreeSet;

use idscore_score::{Outcome, Profile, Scoring, Set};

use super::cases::ReadCase;
use super::{Check, Control, ControlStatus, Rule};
use crate::cell;
use crate::columns::{ColumnRef, Columns};
use crate::nearest;
use crate::predicate::{Expression, Possible, combinations};
use crate::problem::Problems;
use crate::tables::{Kind, Stage, TABLES, table};
use crate::words::{OUTCOMES, PROFILES, word};

/// Tables that only cases have: what the configuration records about a control that people answer for.
const RECORDS: &[(&str, &str, Scoring)] =
    &[("attestation", "expires", Scoring::Attested), ("review", "at", Scoring::Task)];

/// Checks the tables of every case.
pub(super) fn cases(control: &Control, cases: &[ReadCase], columns: &Columns, problems: &mut Problems) {
    for read in cases {
        let Some(check) = control.checks.get(&read.case.profile) else { continue };
        for (name, table_of_case) in &read.case.tables {
            let Some((head, rows)) = read.lines.get(name) else { continue };
            let record = RECORDS.iter().find(|(record, _, scoring)| record == name && *scoring == control.scoring);
            let of_record: Vec<ColumnRef>;
            let known = if let Some((_, column, _)) = record {
                of_record = vec![record_column(column)];
                &of_record
            } else if name == "tenant" || name == check.of.name {
                columns.of(name)
            } else {
                foreign_table(control, check, name, *head, problems);
                continue;
            };
            if name == "tenant" && rows.len() > 1 {
                problems.refuse(*head, "the table `tenant` has one row");
            }
            for (index, column) in table_of_case.columns.iter().enumerate() {
                let Some(column) = known.iter().find(|known| known.name == *column) else {
                    let hint = nearest::column_hint(column, known.iter().map(|known| known.name.as_str()));
                    problems.refuse(*head, format!("unknown column `{column}` of table `{name}`")).hint(hint);
                    continue;
                };
                for ((_, cells), line) in table_of_case.rows.iter().zip(rows) {
                    check_cell(column, cells.get(index).and_then(Option::as_deref), *line, problems);
                }
            }
            if record.is_none() && !rows.is_empty() {
                let used = used_columns(control, check, name);
                let left_out = known.iter().filter(|column| {
                    !column.nullable
                        && used.contains(column.name.as_str())
                        && !table_of_case.columns.contains(&column.name)
                });
                for column in left_out {
                    problems
                        .refuse(*head, format!("the table lacks the column `{}`, which is never NULL", column.name))
                        .hint("the rule asks for it; a column that is left out would be NULL");
                }
            }
        }
    }
}

fn record_column(name: &str) -> ColumnRef {
    ColumnRef {
        name: name.to_owned(),
        kind: Kind::Timestamp,
        nullable: false,
        stage: Stage::Assessment,
        needs: &[],
        doc: String::new(),
    }
}

fn foreign_table(control: &Control, check: &Check, name: &str, line: usize, problems: &mut Problems) {
    let mut looked_at = vec!["tenant", check.of.name];
    looked_at.extend(RECORDS.iter().filter(|(.., scoring)| *scoring == control.scoring).map(|(record, ..)| *record));
    looked_at.dedup();
    let message = if table(name).is_some() || RECORDS.iter().any(|(record, ..)| *record == name) {
        format!("the control does not look at table `{name}`")
    } else {
        format!("unknown table `{name}`: the first cell of a table's head names it")
    };
    let hint = nearest::nearest(name, TABLES.iter().map(|table| table.name))
        .filter(|near| looked_at.contains(near))
        .map_or_else(|| format!("it looks at {}", looked_at.join(" and ")), |near| format!("did you mean `{near}`?"));
    problems.refuse(line, message).hint(hint);
}

fn check_cell(column: &ColumnRef, cell: Option<&str>, line: usize, problems: &mut Problems) {
    match cell {
        None if !column.nullable => {
            problems
                .refuse(line, format!("the cell of `{}` is empty, but the column is never NULL", column.name))
                .hint("write a value");
        }
        None => {}
        Some(cell) => {
            if let Some(wanted) = cell::expected(column.kind, cell) {
                problems.refuse(line, format!("`{cell}` in column `{}` is not {wanted}", column.name));
            }
        }
    }
}

/// The columns of a table that decide the control under this check.
fn used_columns<'a>(control: &'a Control, check: &'a Check, table: &str) -> BTreeSet<&'a str> {
    let mut used = BTreeSet::new();
    if table == "tenant" {
        used.extend(control.applies.expression.columns());
    }
    if table == check.of.name {
        used.extend(rule_expressions(check).into_iter().flat_map(Expression::columns));
    }
    used
}

/// The filter, then the rule's predicates.
fn rule_expressions(check: &Check) -> Vec<&Expression> {
    let mut expressions = vec![&check.filter.expression];
    match &check.rule {
        Rule::Met(met) => expressions.push(&met.expression),
        Rule::Parts(parts) => expressions.extend(parts.iter().map(|part| &part.met.expression)),
        Rule::Task { .. } | Rule::Attested => {}
    }
    expressions
}

/// Notes every outcome that the control can give and no case shows.
pub(super) fn outcomes(
    control: &Control,
    replaced: &[Profile],
    columns: &Columns,
    line: usize,
    problems: &mut Problems,
) {
    if control.status == ControlStatus::Deprecated {
        return;
    }
    let mut can_give: BTreeSet<Outcome> = BTreeSet::new();
    for check in control.checks.values() {
        can_give.extend(possible_outcomes(control, check, columns));
    }
    for outcome in can_give {
        if !control.cases.iter().any(|case| case.outcome == outcome) {
            let name = word(OUTCOMES, outcome);
            problems.flaw(line, format!("no case for the outcome `{name}`, which the control can give")).hint(
                match outcome {
                    Outcome::NotAssessed => {
                        "a case with an empty cell in a deciding column, and `Expect: notAssessed`".to_owned()
                    }
                    Outcome::NotApplicable if control.scoring == Scoring::Task && !control.license.is_empty() => {
                        "a case with a table `tenant` whose `has_p1` and `has_p2` are false".to_owned()
                    }
                    Outcome::NotApplicable if !control.license.is_empty() => {
                        "a case with a table `tenant` whose `has_p1` and `has_p2` are false, or without rows that count"
                            .to_owned()
                    }
                    _ => format!("add one under `## Cases`, with `Expect: {name}`"),
                },
            );
        }
    }
    for profile in replaced {
        if !control.cases.iter().any(|case| case.profile == *profile) {
            let name = word(PROFILES, *profile);
            problems
                .flaw(line, format!("no case for [check.{name}]"))
                .hint(format!("add one with a line `Profile: {name}`"));
        }
    }
}

fn possible_outcomes(control: &Control, check: &Check, columns: &Columns) -> BTreeSet<Outcome> {
    let mut outcomes = BTreeSet::new();
    for applies in combinations(&[&control.applies.expression], columns.of("tenant")).into_iter().flatten() {
        if applies.falsehood {
            outcomes.insert(Outcome::NotApplicable);
        }
        if applies.unknown {
            outcomes.insert(Outcome::NotAssessed);
        }
    }
    match &check.rule {
        Rule::Attested => outcomes.extend([Outcome::Met, Outcome::NotAssessed]),
        Rule::Task { .. } => {
            outcomes.extend([Outcome::Met, Outcome::Partial, Outcome::NotMet]);
            if control.set == Set::Extended && !control.license.is_empty() {
                outcomes.insert(Outcome::NotApplicable);
            }
        }
        Rule::Met(_) | Rule::Parts(_) => {
            let many = check.of.name != "tenant";
            let may_be_empty = many || !check.filter.is_always();
            if control.set == Set::Extended && (may_be_empty || !control.license.is_empty()) {
                outcomes.insert(Outcome::NotApplicable);
            }
            if control.set == Set::Core && may_be_empty {
                outcomes.insert(Outcome::Met);
            }
            for values in combinations(&rule_expressions(check), columns.of(check.of.name)) {
                if let Some((filter, rules)) = values.split_first() {
                    of_rows(*filter, rules, &mut outcomes);
                }
            }
            let both = outcomes.contains(&Outcome::Met) && outcomes.contains(&Outcome::NotMet);
            if both && many && control.scoring != Scoring::Binary {
                outcomes.insert(Outcome::Partial);
            }
        }
    }
    outcomes
}

/// What rows can give for which the filter and the rules can be this.
fn of_rows(filter: Possible, rules: &[Possible], outcomes: &mut BTreeSet<Outcome>) {
    if filter.unknown {
        outcomes.insert(Outcome::NotAssessed);
    }
    if !filter.truth {
        return;
    }
    if rules.iter().all(|rule| rule.unknown) {
        outcomes.insert(Outcome::NotAssessed);
    }
    if rules.iter().all(|rule| rule.truth) {
        outcomes.insert(Outcome::Met);
    }
    if rules.iter().all(|rule| rule.falsehood) {
        outcomes.insert(Outcome::NotMet);
    }
    let some = |can: fn(&Possible) -> bool| rules.iter().position(can);
    let (met, not_met) = (some(|rule| rule.truth), rules.iter().rposition(|rule| rule.falsehood));
    if rules.len() > 1 && met.is_some() && not_met.is_some() && met != not_met {
        outcomes.insert(Outcome::Partial);
    }
}
