//! Pages about what a control can see and where it comes from.

use super::{GENERATED, cell};
use crate::catalogue::Catalogue;
use crate::columns::kind_name;
use crate::data_sets::{DATA_SETS, data_set};
use crate::properties::ABSENT_ANSWERS;
use crate::tables::{Need, Stage, TABLES, Table};

/// The list of the judged tables.
#[must_use]
pub fn tables_page() -> String {
    let mut text = format!(
        "{GENERATED}# Tables\n\nA control sees one of these tables and, for `applies`, the table `tenant`. It sees nothing else.\n\n\
         | Table | One row is | Columns |\n| --- | --- | ---: |\n"
    );
    for table in TABLES {
        let columns = table.columns.len();
        text.push_str(&format!(
            "| [{name}](tables/{name}.md) | {} | {columns} |\n",
            cell(table.doc),
            name = table.name
        ));
    }
    text
}

/// One judged table with all its columns, those that protections add among them.
#[must_use]
pub fn table_page(table: &Table, catalogue: &Catalogue) -> String {
    let mut text = format!("{GENERATED}# {}\n\n{}\n\n", table.name, table.doc);
    if !table.needs.is_empty() {
        text.push_str(&format!("Every control over this table {}.\n\n", needs_in_words(table.needs)));
    }
    text.push_str(
        "A column that is *never NULL* is always known. *Derived* columns are worked out when a snapshot is assessed, because they \
         depend on the profile, the configuration or proofs; the others are stored in the snapshot.\n\n\
         | Column | Type | | What it says | Where it comes from |\n| --- | --- | --- | --- | --- |\n",
    );
    for column in catalogue.columns(table.name) {
        let mut marks = Vec::new();
        if !column.nullable {
            marks.push("never NULL");
        }
        if column.stage == Stage::Assessment {
            marks.push("derived");
        }
        let source = if column.needs.is_empty() { String::new() } else { needs_in_words(column.needs) };
        text.push_str(&format!(
            "| `{}` | {} | {} | {} | {source} |\n",
            column.name,
            kind_name(column.kind),
            marks.join(", "),
            cell(&column.doc)
        ));
    }
    text
}

/// How data sets are needed, in words with links.
pub(super) fn needs_in_words(needs: &[Need]) -> String {
    let link = |name: &str| format!("[`{name}`](../data-sets.md#{})", name.to_lowercase());
    let license = |name: &str| {
        data_set(name)
            .and_then(|set| set.license)
            .map_or_else(String::new, |license| format!(" where {license:?} is owned"))
    };
    let words = needs.iter().map(|need| match need {
        Need::Needs(name) => format!("needs {}", link(name)),
        Need::NeedsSome(name) => format!("needs {}{}, if only some of it", link(name), license(name)),
        Need::IfLicensed(name) => format!("needs {}{}", link(name), license(name)),
        Need::WhenEligible(name) => {
            format!("needs {}{} when the profile counts eligible administrators", link(name), license(name))
        }
        Need::WhenNamed(name) => format!("needs {} when something names its objects", link(name)),
        Need::OneOf(names) => {
            let names: Vec<String> = names.iter().map(|name| link(name)).collect();
            format!("needs {}", names.join(" or "))
        }
        Need::Refines(name) => format!("is refined by {}", link(name)),
    });
    words.collect::<Vec<_>>().join("; ")
}

/// Every data set with its endpoint and permission.
#[must_use]
pub fn data_sets_page() -> String {
    let mut text = format!(
        "{GENERATED}# Data sets\n\nA data set is named by the last segment of its endpoint, as Graph spells it. In an export it is the folder of \
         that name. The permission is the least application permission.\n"
    );
    for set in DATA_SETS {
        text.push_str(&format!(
            "\n## {}\n\n- Endpoint: `{}`\n- Permission: `{}`\n",
            set.name, set.endpoint, set.permission
        ));
        if let Some(license) = set.license {
            text.push_str(&format!("- Exists only with Microsoft Entra ID {license:?}\n"));
        }
        if let Some(option) = set.option {
            text.push_str(&format!("- Collected only with `{option}`\n"));
        }
        if set.per_owner {
            text.push_str(&format!("- Read once per owning object: its pages lie in `{}/<ownerId>/`\n", set.name));
        }
        let tables: Vec<String> = TABLES
            .iter()
            .filter(|table| {
                let mut needs = table.needs.iter().chain(table.columns.iter().flat_map(|column| column.needs));
                needs.any(|need| names(need).any(|name| name == set.name))
            })
            .map(|table| format!("[{name}](tables/{name}.md)", name = table.name))
            .collect();
        if !tables.is_empty() {
            text.push_str(&format!("- Seen in: {}\n", tables.join(", ")));
        }
    }
    text.push_str(&absent_answers());
    text
}

/// Where an object may lack a property because Graph has nothing to say.
fn absent_answers() -> String {
    let mut text = String::from(
        "\n## Properties that an object does not carry\n\n\
         What rests on a property that an object does not carry is unknown, and the result names the property. A null is an answer. \
         The absence of these properties is an answer too:\n\n\
         | Data set | Property | Its absence says | Source |\n| --- | --- | --- | --- |\n",
    );
    for answer in ABSENT_ANSWERS {
        text.push_str(&format!(
            "| `{}` | `{}` | {} | {} |\n",
            answer.property.data_set, answer.property.name, answer.meaning, answer.source
        ));
    }
    text
}

/// The data sets that a need names.
fn names(need: &Need) -> impl Iterator<Item = &'static str> {
    let (one, some): (Option<&'static str>, &'static [&'static str]) = match need {
        Need::Needs(name)
        | Need::NeedsSome(name)
        | Need::IfLicensed(name)
        | Need::WhenEligible(name)
        | Need::WhenNamed(name)
        | Need::Refines(name) => (Some(name), &[]),
        Need::OneOf(names) => (None, names),
    };
    one.into_iter().chain(some.iter().copied())
}
