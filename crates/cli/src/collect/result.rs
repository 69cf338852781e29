//! What came of a collection or a trial: what was read, what was not, which controls that costs, and what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use idscore_assess::{Cost, needs};
use idscore_catalogue::Catalogue;
use idscore_catalogue::control::ControlStatus;
use idscore_graph::{Collection, Connection, DataSetReport, Status, Trial, granted_by};
use idscore_score::Profile;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

/// Controls that are named before the rest is counted.
const NAMED: usize = 4;

/// The controls that a missing data set costs, by what it costs.
pub struct Costs {
    of: BTreeMap<&'static str, Vec<(String, Cost)>>,
}

impl Costs {
    /// By the rules of the profile that is used by default.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut of: BTreeMap<&'static str, Vec<(String, Cost)>> = BTreeMap::new();
        for control in catalogue.controls.iter().filter(|control| control.status != ControlStatus::Deprecated) {
            for (name, cost) in needs(catalogue, control, Profile::Standard) {
                of.entry(name).or_default().push((control.id.clone(), cost));
            }
        }
        Self { of }
    }

    /// Controls that are not assessed without a data set.
    pub fn not_assessed(&self, data_set: &str) -> Vec<&str> {
        self.with(data_set, Cost::All)
    }

    /// Controls of which a part is unknown without it.
    pub fn in_part(&self, data_set: &str) -> Vec<&str> {
        self.with(data_set, Cost::Part)
    }

    fn with(&self, data_set: &str, cost: Cost) -> Vec<&str> {
        let all = self.of.get(data_set).into_iter().flatten();
        all.filter(|(_, of)| *of == cost).map(|(id, _)| id.as_str()).collect()
    }
}

/// The closing page of a collection.
pub fn collection_text(
    collection: &Collection,
    out: &Path,
    connection: &Connection,
    catalogue: &Catalogue,
    terminal: Terminal,
) -> String {
    let costs = Costs::of(catalogue);
    let mut page = Page::new(terminal);
    let (complete, all) = (collection.complete().count(), collection.data_sets.len());
    let rows: u64 = collection.data_sets.iter().map(|set| set.rows).sum();
    let tenant = collection.tenant_id.as_deref().unwrap_or(&connection.tenant);
    page.line(
        &page.paint(
            Tone::Strong,
            &format!("Tenant {tenant}: {complete} of {all} data sets are complete, {rows} objects"),
        ),
    );
    read(&mut page, &collection.data_sets);
    missing(&mut page, &collection.data_sets, &costs);
    let folder = words::shell_word(&out.to_string_lossy());
    steps(&mut page, &collection.data_sets, "run the same command again with --resume", connection);
    page.heading("Next");
    page.command(&format!("idscore score {folder}"));
    page.into_text()
}

/// The closing page of a trial.
pub fn trial_text(trial: &Trial, connection: &Connection, catalogue: &Catalogue, terminal: Terminal) -> String {
    let costs = Costs::of(catalogue);
    let mut page = Page::new(terminal);
    let complete = trial.data_sets.iter().filter(|set| set.status == Status::Complete).count();
    let tenant = trial.tenant_id.as_deref().unwrap_or(&connection.tenant);
    let headline =
        format!("Tenant {tenant}: {complete} of {} data sets can be read; nothing was written", trial.data_sets.len());
    page.line(&page.paint(Tone::Strong, &headline));
    missing(&mut page, &trial.data_sets, &costs);
    steps(&mut page, &trial.data_sets, "try again", connection);
    if !trial.granted.is_empty() {
        page.heading("Granted");
        page.paragraph(2, Tone::Quiet, &trial.granted.join(", "));
        let writes: Vec<&str> = trial
            .granted
            .iter()
            .map(String::as_str)
            .filter(|name| name.contains("Write") || name.contains("FullControl"))
            .collect();
        if !writes.is_empty() {
            page.paragraph(2, Tone::Bad, &format!("More than it takes: {}. idscore only reads.", writes.join(", ")));
        }
    }
    page.into_text()
}

fn read(page: &mut Page, data_sets: &[DataSetReport]) {
    let complete: Vec<&DataSetReport> = data_sets.iter().filter(|set| set.status == Status::Complete).collect();
    if complete.is_empty() {
        return;
    }
    page.heading("Read");
    let listed: Vec<String> = complete.iter().map(|set| format!("{} {}", set.name, set.rows)).collect();
    page.paragraph(2, Tone::Plain, &listed.join(", "));
}

fn missing(page: &mut Page, data_sets: &[DataSetReport], costs: &Costs) {
    let missing: Vec<&DataSetReport> = data_sets.iter().filter(|set| set.status != Status::Complete).collect();
    if missing.is_empty() {
        return;
    }
    page.heading("Not read");
    let mut table = page.table(&["Data set", "Why", "What that costs"]);
    for set in missing {
        let tone = if set.status == Status::NotLicensed { Tone::Quiet } else { Tone::Half };
        table.add_row(vec![
            page.cell(Tone::Plain, &set.name),
            page.cell(tone, &why(set)),
            page.cell(Tone::Plain, &cost(&set.name, set.status, costs)),
        ]);
    }
    page.put(&table);
}

fn why(set: &DataSetReport) -> String {
    let said = set.message.as_deref().map(words::visible).unwrap_or_default();
    match set.status {
        Status::Complete => String::new(),
        Status::Refused => format!("needs {}", permission(&set.permission)),
        Status::NotLicensed => "the tenant doesn't own the licence".to_owned(),
        Status::NotInCloud => "this cloud doesn't have it".to_owned(),
        Status::Failed | Status::Incomplete => said,
    }
}

/// The permission to ask for: that of the bundle which brings the least one.
fn permission(least: &str) -> &str {
    granted_by(least).map_or(least, |(_, permission)| permission)
}

fn cost(name: &str, status: Status, costs: &Costs) -> String {
    if status == Status::NotLicensed {
        return "nothing that the tenant could have".to_owned();
    }
    let whole = costs.not_assessed(name);
    if !whole.is_empty() {
        return format!("not assessed: {}", some_of(&whole));
    }
    let part = costs.in_part(name);
    if part.is_empty() { "no control".to_owned() } else { format!("partly unknown: {}", some_of(&part)) }
}

/// The first of many, and how many more.
pub fn some_of(ids: &[&str]) -> String {
    let named = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn steps(page: &mut Page, data_sets: &[DataSetReport], then: &str, connection: &Connection) {
    let refused: BTreeSet<&str> =
        data_sets.iter().filter(|set| set.status == Status::Refused).map(|set| permission(&set.permission)).collect();
    let failed = data_sets.iter().any(|set| matches!(set.status, Status::Failed | Status::Incomplete));
    if refused.is_empty() && !failed {
        return;
    }
    page.heading("To get the rest");
    if !refused.is_empty() {
        let list = refused.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        page.paragraph(
            2,
            Tone::Plain,
            &format!(
                "Grant {list}, then {then}. After adding them to the app registration, an administrator agrees here:"
            ),
        );
        if !connection.client_id.is_empty() {
            page.command(&connection.hosts.admin_consent(&connection.tenant, &connection.client_id));
        }
    } else {
        page.paragraph(2, Tone::Plain, &format!("Some of it did not come: {then} later."));
    }
}

fn sets_json(data_sets: &[DataSetReport], catalogue: &Catalogue) -> Result<Vec<Value>, CliError> {
    let costs = Costs::of(catalogue);
    let with_costs = |set: &DataSetReport| {
        let mut value = serde_json::to_value(set)?;
        let missing = !matches!(set.status, Status::Complete | Status::NotLicensed);
        let of = |ids: Vec<&str>| if missing { json!(ids) } else { json!([]) };
        value["controlsNotAssessed"] = of(costs.not_assessed(&set.name));
        value["controlsPartlyUnknown"] = of(costs.in_part(&set.name));
        if set.status == Status::Refused {
            value["grant"] = json!(permission(&set.permission));
        }
        Ok(value)
    };
    data_sets.iter().map(with_costs).collect()
}

/// The report, with what each missing data set costs.
pub fn collection_json(collection: &Collection, catalogue: &Catalogue) -> Result<String, CliError> {
    let mut value = serde_json::to_value(collection)?;
    value["dataSets"] = json!(sets_json(&collection.data_sets, catalogue)?);
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

/// The trial likewise.
pub fn trial_json(trial: &Trial, catalogue: &Catalogue) -> Result<String, CliError> {
    let value = json!({
        "tenantId": trial.tenant_id,
        "granted": trial.granted,
        "dataSets": sets_json(&trial.data_sets, catalogue)?,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
