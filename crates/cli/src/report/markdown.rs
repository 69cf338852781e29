//! The score for a wiki, an issue or a pull request.

use std::fmt::Write;

use idscore_output_encoding::markdown_cell;
use idscore_score::{Outcome, Set};

use super::{Action, Report, words};

/// The page as Markdown.
pub fn write_markdown(report: &Report<'_>) -> String {
    let mut page = String::new();
    // Writing into a String cannot fail.
    let _ = fill(&mut page, report);
    page
}

fn fill(page: &mut String, report: &Report<'_>) -> std::fmt::Result {
    let assessment = report.assessment;
    writeln!(page, "# Identity Secure Score: {}\n", markdown_cell(report.tenant()))?;
    writeln!(
        page,
        "Tenant `{}`, {} ({}), profile {}, controls {}, configuration `{:.12}`.\n",
        assessment.tenant_id.replace('`', "'"),
        words::instant(&assessment.taken_at),
        words::instant_source(&assessment.taken_at_source),
        words::profile(assessment.profile),
        assessment.catalogue_version,
        assessment.config_hash,
    )?;
    lines(page, report)?;
    for set in report.sets.list() {
        let open = report.open(*set);
        if !open.is_empty() {
            let heading =
                if *set == Set::Core { "What to do, most points first" } else { "What else to do: the extended set" };
            writeln!(page, "\n## {heading}\n")?;
            action_table(page, &open)?;
        }
        let done = report.done(*set);
        if !done.is_empty() {
            writeln!(page, "\n## Done: the {} set\n", words::set(*set))?;
            action_table(page, &done)?;
        }
        let out = report.saying(*set, Outcome::NotApplicable);
        if !out.is_empty() {
            let ids: Vec<_> = out.iter().map(|action| format!("`{}`", action.result.id)).collect();
            writeln!(page, "\nNot applicable here: {}.", ids.join(", "))?;
        }
    }
    missed(page, report)?;
    declared(page, report)?;
    if !assessment.warnings.is_empty() {
        writeln!(page, "\n## Warnings\n")?;
        for warning in &assessment.warnings {
            writeln!(page, "- {}", markdown_cell(warning))?;
        }
    }
    Ok(())
}

fn lines(page: &mut String, report: &Report<'_>) -> std::fmt::Result {
    writeln!(page, "| | {} |", report.sets.list().iter().map(|set| words::set(*set)).collect::<Vec<_>>().join(" | "))?;
    writeln!(page, "| --- |{}", " ---: |".repeat(report.sets.list().len()))?;
    let mut line = |label: &str, text: &dyn Fn(&idscore_assess::SetScore) -> String| {
        let cells: Vec<_> = report.sets.list().iter().map(|set| text(report.score(*set))).collect();
        writeln!(page, "| {label} | {} |", cells.join(" | "))
    };
    line("**Score**", &|score| format!("**{}**", words::headline(score)))?;
    line("Proven between", &|score| {
        let ends = score.percent_at_least.as_ref().zip(score.percent_at_most.as_ref());
        ends.map(|(floor, ceiling)| format!("{} and {} %", floor.truncated(), ceiling.rounded_up())).unwrap_or_default()
    })?;
    line("Points", &|score| format!("{} of {}", words::points(&score.current_score), words::points(&score.max_score)))?;
    line("Coverage", &|score| words::coverage(&score.coverage))?;
    line("With what is planned", &|score| words::percent(&score.planned_percent))?;
    line("Within the owned licences", &|score| words::percent(&score.current_license_percent))?;
    line("And without accepted risks", &|score| words::percent(&score.achievable_percent))?;
    line("Earned by attestation only", &|score| words::percent(&score.attested_percent))?;
    let cells: Vec<_> = report
        .sets
        .list()
        .iter()
        .map(|set| if *set == Set::Core { words::percent(&report.score(*set).compat_percent) } else { String::new() })
        .collect();
    writeln!(page, "| To lay beside Microsoft's | {} |", cells.join(" | "))
}

fn action_table(page: &mut String, actions: &[Action<'_>]) -> std::fmt::Result {
    writeln!(page, "| To win | Points | Impact | Action | Outcome | Objects | Status |")?;
    writeln!(page, "| ---: | ---: | ---: | --- | --- | --- | --- |")?;
    for action in actions {
        let result = action.result;
        let shown = |points: &Option<idscore_score::Points>| points.as_ref().map(words::points).unwrap_or_default();
        let mut status: Vec<_> = words::status(result.status).map(str::to_owned).into_iter().collect();
        status.extend(result.needs_license.as_ref().map(|license| format!("needs {license}")));
        writeln!(
            page,
            "| {} | {} of {} | {} | {} `{}` | {} | {} | {} |",
            words::points(&action.winnable()),
            shown(&result.score),
            shown(&result.max_score),
            result.impact_percent.as_ref().map(words::percent).unwrap_or_default(),
            markdown_cell(&result.title),
            result.id,
            action.outcome(),
            action.counts().into_iter().chain(action.proven()).collect::<Vec<_>>().join("; "),
            status.join(", "),
        )?;
    }
    Ok(())
}

fn missed(page: &mut String, report: &Report<'_>) -> std::fmt::Result {
    let missed = report.missed();
    if missed.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n## Not seen, and what would bring it\n\n| To do | Controls |\n| --- | --- |")?;
    for missed in missed {
        let ids: Vec<_> = missed.controls.iter().map(|id| format!("`{id}`")).collect();
        writeln!(page, "| {} | {} |", missed.remedy.replace('|', "\\|"), ids.join(", "))?;
    }
    Ok(())
}

fn declared(page: &mut String, report: &Report<'_>) -> std::fmt::Result {
    if report.assessment.declared.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n## Declared by the organisation\n")?;
    writeln!(page, "| What | Name | Who answers | Why | Until | Effect |\n| --- | --- | --- | --- | --- | --- |")?;
    for declared in &report.assessment.declared {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            words::declared(&declared.kind),
            markdown_cell(declared.name.as_deref().unwrap_or(&declared.id)),
            markdown_cell(&declared.owner),
            markdown_cell(&declared.reason),
            declared.expires.as_deref().unwrap_or("no end"),
            markdown_cell(&declared.effect),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Call, Sets, samples};
    use super::*;

    #[test]
    fn a_hostile_name_stays_text() {
        let assessment = samples::assessment();
        let page = write_markdown(&Report::new(&assessment, &[], Sets::All, Call::of("contoso")));
        assert!(page.starts_with("# Identity Secure Score: Contoso &lt;script&gt;alert(1)&lt;/script&gt;\n"), "{page}");
        assert!(!page.contains("<script"));
    }

    #[test]
    fn the_two_sets_stand_side_by_side_and_never_mix() {
        let assessment = samples::assessment();
        let page = write_markdown(&Report::new(&assessment, &[], Sets::All, Call::of("contoso")));
        assert!(page.contains("| **Score** | **58.57 %** | **25.00 %** |"), "{page}");
    }
}
