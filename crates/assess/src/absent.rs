//! Which properties objects lacked, told where a control could not be judged because of it.

use std::collections::{BTreeMap, BTreeSet};

use idscore_catalogue::tables::Table;
use idscore_score::{Missing, MissingKind};
use idscore_snapshot::AbsentProperty;

use crate::data_sets::DataSets;
use crate::view::protection_behind;

/// More than this many properties of one data set are not told one by one.
const TOLD: usize = 3;

/// A property that objects of a data set lacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lacking<'a> {
    absent: &'a AbsentProperty,
    /// Objects of the data set.
    of: u64,
}

impl Lacking<'_> {
    /// As something that the export is missing.
    pub(crate) fn missing(&self) -> Missing {
        Missing {
            kind: MissingKind::Collection,
            data_set: self.absent.data_set.clone(),
            name: self.absent.property.clone(),
        }
    }
}

/// What was lacking of the properties that columns are made from.
pub(crate) fn behind<'a>(
    columns: impl Iterator<Item = (&'static Table, String)>,
    data_sets: &DataSets<'a>,
) -> Vec<Lacking<'a>> {
    let mut found = BTreeSet::new();
    let mut look = |of: &'static Table, name: &str| {
        for property in of.column(name).map(|column| column.properties(of)).unwrap_or_default() {
            let lacking = data_sets.absent(property.data_set, property.told_as());
            found.extend(lacking.map(|(absent, of)| Lacking { absent, of }));
        }
    };
    for (of, name) in columns {
        look(of, &name);
        // What a protection says of a user depends on the user's kind.
        if of.name == "users" && of.column(protection_behind(&name)).is_none() {
            look(of, "external_kind");
        }
    }
    found.into_iter().collect()
}

/// One sentence for each data set: "`authenticationType` was not in the export (3 of 3 domains): ask for it with `$select`".
pub(crate) fn note(lacking: &[Lacking<'_>]) -> Option<String> {
    let mut by_data_set: BTreeMap<&str, Vec<&Lacking<'_>>> = BTreeMap::new();
    for one in lacking {
        by_data_set.entry(&one.absent.data_set).or_default().push(one);
    }
    let sentences: Vec<String> =
        by_data_set.into_iter().map(|(data_set, lacking)| sentence(data_set, &lacking)).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

fn sentence(data_set: &str, lacking: &[&Lacking<'_>]) -> String {
    let names: Vec<String> = lacking.iter().take(TOLD).map(|one| format!("`{}`", one.absent.property)).collect();
    let more = lacking.len().saturating_sub(TOLD);
    let names = if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") };
    let objects = lacking.iter().map(|one| one.absent.objects).max().unwrap_or(0);
    let of = lacking.iter().map(|one| one.of).max().unwrap_or(0).max(objects);
    let (were, them) = if lacking.len() == 1 { ("was", "it") } else { ("were", "them") };
    format!("{names} {were} not in the export ({objects} of {of} {data_set}): ask for {them} with `$select`")
}
