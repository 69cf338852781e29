//! Who loses the points of an action: a page of them, searched on the server, and all of them as CSV.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use idscore_assess::{EvidenceRow, Urgency};
use idscore_history::KeptAssessment;
use idscore_output_encoding::csv_line;
use idscore_score::Outcome;
use idscore_store::{Archive, EvidenceRows};
use idscore_words as words;
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::super::actions::list::Listed;
use super::super::actions::query::Query;
use super::super::address::part;
use super::super::failure::PageFailure;
use super::super::visitor::{Asked, AtTenant, Segments};
use crate::pieces::{Broken, Pieces, streamed};
use crate::state::Service;

/// Rows of a page.
const ROWS: usize = 25;
/// Rows of a file that are made at a time.
const CHUNK: usize = 2_048;
/// Letters of a search at most.
const LONGEST: usize = 200;

/// What the address asks of the evidence.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct View {
    /// A text that a row holds.
    find: String,
    /// From 1.
    page: Option<usize>,
}

/// A page of evidence, ready for its template.
pub(super) struct Evidence {
    pub(super) heading: String,
    /// How many there are, in which order, and what is not here.
    pub(super) lead: Vec<String>,
    pub(super) find: String,
    pub(super) rows: Vec<Row>,
    /// No row is kept at all.
    pub(super) empty: bool,
    pub(super) shown: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) csv: String,
    /// The query of the list that a search carries along.
    pub(super) carried: Vec<(String, String)>,
}

pub(super) struct Row {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) id: String,
    /// What makes it urgent or unknown.
    pub(super) chips: Vec<(&'static str, String)>,
    pub(super) why: String,
    pub(super) witness: Option<String>,
    pub(super) cells: String,
}

impl View {
    fn text(&self) -> String {
        self.find.trim().chars().take(LONGEST).collect()
    }
}

async fn find(
    service: &Service,
    kept: &KeptAssessment,
    id: &str,
    text: &str,
    page: usize,
) -> Result<(Arc<EvidenceRows>, Vec<EvidenceRow>, usize), PageFailure> {
    let found = service.archive.evidence(kept, id, text).await?;
    // A page beyond the end is the last one.
    let page = page.clamp(1, found.found().div_ceil(ROWS).max(1));
    let start = (page - 1) * ROWS;
    let rows = service.archive.rows(&found, start..start + ROWS).await?;
    Ok((found, rows, page))
}

impl Evidence {
    /// A page of a file that can't be read: it says so, and the rest of the action is shown.
    fn unread(t: Texts, listed: &Listed<'_>, key: &str) -> Self {
        Self {
            heading: heading(t, listed),
            lead: vec![t.say(match key {
                "file-missing" => "evidence-file-missing",
                "file-damaged" => "evidence-file-damaged",
                _ => "evidence-file-unreadable",
            })],
            find: String::new(),
            rows: vec![],
            empty: true,
            shown: String::new(),
            before: None,
            after: None,
            csv: String::new(),
            carried: vec![],
        }
    }
}

fn heading(t: Texts, listed: &Listed<'_>) -> String {
    let unknown = super::only_unknown(listed.action.control.outcome);
    t.say(if unknown { "evidence-unknown" } else { "evidence-lose" })
}

/// Reads the page of evidence that an address asks for.
pub(super) async fn read(
    service: &Service,
    t: Texts,
    kept: &KeptAssessment,
    listed: &Listed<'_>,
    address: &str,
    query: &Query,
    view: &View,
) -> Result<Evidence, PageFailure> {
    let text = view.text();
    let (found, rows, page) = match find(service, kept, listed.id(), &text, view.page.unwrap_or(1)).await {
        Err(PageFailure::Unread(key)) => return Ok(Evidence::unread(t, listed, key)),
        found => found?,
    };
    let searched = |find: &str, page: usize| {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(Some(query.bare()).filter(|bare| !bare.is_empty()));
        parts.extend((!find.is_empty()).then(|| format!("find={}", part(find))));
        parts.extend((page > 1).then(|| format!("page={page}")));
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    };
    let to = |page: usize| format!("{address}{}#people", searched(&text, page));
    let first = (page - 1) * ROWS;
    let numbers = [
        ("first", (first as u64 + 1).into()),
        ("last", ((first + rows.len()) as u64).into()),
        ("all", (found.found() as u64).into()),
    ];
    let csv = if text.is_empty() { String::new() } else { format!("?find={}", part(&text)) };
    Ok(Evidence {
        heading: heading(t, listed),
        lead: match found.kept() {
            0 => vec![t.say("evidence-none")],
            _ => lead(t, listed, &found),
        },
        rows: rows.iter().enumerate().map(|(at, row)| shown(t, (first + at) as u64 + 1, row)).collect(),
        empty: found.kept() == 0,
        shown: if rows.is_empty() { t.say("evidence-nobody-found") } else { t.with("evidence-shown", &numbers) },
        before: (page > 1).then(|| to(page - 1)),
        after: (first + ROWS < found.found()).then(|| to(page + 1)),
        csv: format!("{address}/evidence.csv{csv}"),
        carried: serde_html_form::from_str(&query.bare()).unwrap_or_default(),
        find: text,
    })
}

/// How many there are, in which order they stand, and what is not among them.
fn lead(t: Texts, listed: &Listed<'_>, found: &EvidenceRows) -> Vec<String> {
    let control = listed.action.control;
    let mut said = Vec::new();
    let count = |urgencies: [Urgency; 2]| urgencies.iter().map(|urgency| found.of(*urgency) as u64).sum::<u64>();
    let privileged = count([Urgency::PrivilegedWithoutMethod, Urgency::Privileged]);
    let without = count([Urgency::PrivilegedWithoutMethod, Urgency::WithoutMethod]);
    if privileged + without > 0 {
        let both = found.of(Urgency::PrivilegedWithoutMethod) as u64;
        let counts = [("privileged", privileged.into()), ("without", without.into()), ("both", both.into())];
        said.push(t.with("evidence-urgent", &counts));
        said.push(t.say("evidence-order"));
    }
    // Behind a number of the tenant there may be any number of rows.
    let open = listed.action.open.map(|open| open + control.unknown);
    if let Some(open) = open.filter(|open| found.kept() > 0 && (found.kept() as u64) < *open) {
        said.push(t.with("evidence-kept", &[("kept", (found.kept() as u64).into()), ("all", open.into())]));
    }
    said
}

fn shown(t: Texts, number: u64, row: &EvidenceRow) -> Row {
    let mut chips = Vec::new();
    if row.urgency.is_privileged() {
        chips.push(("not-met", t.say("evidence-privileged")));
    }
    if row.urgency.is_without_method() {
        chips.push(("partial", t.say("evidence-without-method")));
    }
    if row.outcome == Outcome::NotAssessed {
        chips.push(("quiet", t.say("evidence-not-known")));
    }
    Row {
        number,
        name: words::visible(row.name.as_deref().unwrap_or(&row.object_id)),
        id: if row.name.is_some() { words::visible(&row.object_id) } else { String::new() },
        chips,
        why: words::visible(&row.why),
        witness: row.witness.as_deref().filter(|witness| !row.why.contains(*witness)).map(words::visible),
        cells: words::visible(&words::evidence_cells(row)),
    }
}

/// `GET /tenants/{tenant}/actions/{control}/evidence.csv`: every row that is kept, or that a search finds, as it is read.
pub(in super::super) async fn csv(
    at: AtTenant,
    Segments((_, id)): Segments<(String, String)>,
    Asked(view): Asked<View>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let newest = service.archive.history.newest(&at.tenant.id).await?.ok_or(PageFailure::NotFound)?;
    newest.control(&id).ok_or(PageFailure::NotFound)?;
    let found = service.archive.evidence(&newest, &id, &view.text()).await?;
    let body = streamed(|pieces| lines(service.archive, found, pieces));
    let name: String = id.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, body).into_response())
}

/// All rows that were found as lines, below one that names the columns.
async fn lines(archive: Archive, found: Arc<EvidenceRows>, pieces: Pieces) -> Result<(), Broken> {
    let mut columns: Vec<String> = Vec::new();
    for start in (0..found.found().max(1)).step_by(CHUNK) {
        let rows = archive.rows(&found, start..start + CHUNK).await?;
        let mut text = String::new();
        if start == 0 {
            columns = rows.first().map(|row| row.evidence.keys().cloned().collect()).unwrap_or_default();
            text.push_str(&head(&columns));
        }
        rows.iter().for_each(|row| text.push_str(&line(row, &columns)));
        pieces.send(text).await?;
    }
    Ok(())
}

fn head(columns: &[String]) -> String {
    let fixed = ["objectId", "name", "outcome", "privileged", "withoutMethod", "why", "witness"].map(str::to_owned);
    csv_line(&[fixed.as_slice(), columns].concat())
}

fn line(row: &EvidenceRow, columns: &[String]) -> String {
    let mut cells = vec![
        row.object_id.clone(),
        row.name.clone().unwrap_or_default(),
        words::outcome_key(row.outcome).to_owned(),
        row.urgency.is_privileged().to_string(),
        row.urgency.is_without_method().to_string(),
        row.why.clone(),
        row.witness.clone().unwrap_or_default(),
    ];
    cells.extend(columns.iter().map(|column| match row.evidence.get(column) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Array(items)) => {
            let text = |item: &serde_json::Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }));
    csv_line(&cells)
}
