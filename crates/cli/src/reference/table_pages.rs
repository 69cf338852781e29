//! One page per judged table, and the list of data sets.

use idscore_catalogue::data_sets::DATA_SETS;
use idscore_catalogue::tables::{Need, Stage, TABLES};
use idscore_catalogue::{Catalogue, kind_name};

use super::Pages;
use crate::cells::markdown_cell;

/// Adds the pages.
pub fn add(pages: &mut Pages, catalogue: &Catalogue) {
    for table in TABLES {
        let mut text = format!("# Table `{}`\n\n{}\n\n", table.name, table.doc);
        text.push_str(&format!(
            "Named by `{}`, identified by `{}`. {}\n\n",
            table.display,
            table.key,
            needs(table.needs, "Every control over it needs")
        ));
        text.push_str("| Column | Holds | Filled by | Comes from | Says |\n| --- | --- | --- | --- | --- |\n");
        for column in catalogue.columns(table.name) {
            let stage = match column.stage {
                Stage::Snapshot => "snapshot",
                Stage::Assessment => "assessment",
            };
            let kind = if column.nullable {
                format!("{} or NULL", kind_name(column.kind))
            } else {
                kind_name(column.kind).to_owned()
            };
            text.push_str(&format!(
                "| `{}` | {kind} | {stage} | {} | {} |\n",
                column.name,
                list(column.needs),
                markdown_cell(&column.doc)
            ));
        }
        pages.insert(format!("tables/{}.md", table.name), text);
    }
    pages.insert("data-sets.md".to_owned(), data_sets());
}

fn needs(needs: &[Need], what: &str) -> String {
    if needs.is_empty() { String::new() } else { format!("{what}: {}.", list(needs)) }
}

fn list(needs: &[Need]) -> String {
    let words: Vec<_> = needs
        .iter()
        .map(|need| match need {
            Need::Needs(set) => format!("`{set}`"),
            Need::IfLicensed(set) => format!("`{set}` (if licensed)"),
            Need::WhenNamed(set) => format!("`{set}` (when named)"),
            Need::OneOf(sets) => sets.iter().map(|set| format!("`{set}`")).collect::<Vec<_>>().join(" or "),
            Need::Refines(set) => format!("`{set}` (refines)"),
        })
        .collect();
    words.join(", ")
}

fn data_sets() -> String {
    let mut text =
        "# Data sets\n\nThe folders of our own export layout, where they come from, and the least permission.\n\n\
                    | Data set | Endpoint | Permission | Licence | Option |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for set in DATA_SETS {
        text.push_str(&format!(
            "| `{}` | `{}` | {} | {} | {} |\n",
            set.name,
            set.endpoint,
            set.permission,
            set.license.map(|license| format!("{license:?}")).unwrap_or_default(),
            set.option.map(|option| format!("`{option}`")).unwrap_or_default(),
        ));
    }
    text
}
