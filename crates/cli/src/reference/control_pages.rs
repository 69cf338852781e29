//! One page per control, and the lists of protections and frameworks.

use idscore_catalogue::Catalogue;
use idscore_catalogue::control::Control;
use idscore_score::Profile;

use super::Pages;
use crate::cells::markdown_cell;
use crate::controls::{describe, licenses};
use crate::report::words;

/// Adds the pages.
pub fn add(pages: &mut Pages, catalogue: &Catalogue) {
    for control in &catalogue.controls {
        pages.insert(format!("controls/{}.md", control.id), page(control, catalogue));
    }
    pages.insert("protections.md".to_owned(), protections(catalogue));
    pages.insert("frameworks.md".to_owned(), frameworks(catalogue));
}

fn page(control: &Control, catalogue: &Catalogue) -> String {
    let mut text = format!("# {}: {}\n\n", control.id, control.title);
    let mut fact = |label: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("- {label}: {value}\n"));
        }
    };
    fact("Set", words::set(control.set).to_owned());
    fact("Points", format!("{}, {}", words::points(&control.points), words::scoring(control.scoring)));
    fact("Status", format!("{}, since {}", words::control_status(control.status), control.since));
    fact("Needs", licenses(control));
    fact("User impact", words::level(control.user_impact).to_owned());
    fact("Effort", words::level(control.effort).to_owned());
    fact("Where", control.action_url.as_ref().map(|url| format!("<{url}>")).unwrap_or_default());
    let sections: Vec<_> = catalogue
        .sections_of(&control.id)
        .iter()
        .map(|(framework, section)| format!("{} {}", framework.title, section.id))
        .collect();
    fact("Frameworks", sections.join("; "));
    text.push_str(&format!("\n{}\n", control.why.trim()));
    text.push_str("\n## The rule\n");
    for profile in [Profile::Standard, Profile::Compat, Profile::Strict] {
        let (Some(check), Some(standard)) = (control.checks.get(&profile), control.checks.get(&Profile::Standard))
        else {
            continue;
        };
        if profile != Profile::Standard && describe(check) == describe(standard) {
            continue;
        }
        text.push_str(&format!(
            "\nProfile *{}*:\n\n```text\n{}\n```\n",
            words::profile(profile),
            describe(check).join("\n")
        ));
    }
    if !control.applies.is_always() {
        text.push_str(&format!("\nIt applies where, for the tenant:\n\n```text\n{}\n```\n", control.applies.source));
    }
    let parts = [("Fix", &control.fix), ("User impact", &control.user_impact_text), ("Limits", &control.limits)];
    for (heading, part) in parts {
        if !part.trim().is_empty() {
            text.push_str(&format!("\n## {heading}\n\n{}\n", part.trim()));
        }
    }
    text
}

fn protections(catalogue: &Catalogue) -> String {
    let mut text = "# Protections\n\nStatements about sign-ins that Conditional Access can prove. Each is a column of `users`.\n\n\
                    | Column | Says |\n| --- | --- |\n"
        .to_owned();
    for protection in &catalogue.protections {
        text.push_str(&format!("| `{}` | {} |\n", protection.column, markdown_cell(&protection.says)));
    }
    text
}

fn frameworks(catalogue: &Catalogue) -> String {
    let mut text = "# Frameworks\n\nWhich section is spoken to by which controls.\n".to_owned();
    for framework in &catalogue.frameworks {
        text.push_str(&format!("\n## {} {}\n\n<{}>\n\n", framework.title, framework.version, framework.url));
        text.push_str("| Section | About | Controls |\n| --- | --- | --- |\n");
        for section in &framework.sections {
            let links: Vec<_> = section.controls.iter().map(|id| format!("[{id}](controls/{id}.md)")).collect();
            text.push_str(&format!(
                "| {} | {} | {} |\n",
                markdown_cell(&section.id),
                markdown_cell(&section.title),
                links.join(", ")
            ));
        }
    }
    text
}
