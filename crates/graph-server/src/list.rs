//! A list in pages: what a page holds, and the link to the next.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use crate::answer::Answer;
use crate::collection::{broken, context_url, parsed, shape};
use crate::endpoints::{Answered, Beyond, Class, Endpoint, Service};
use crate::failure::Failure;
use crate::filter::Filter;
use crate::folder::Folder;
use crate::graph::Context;
use crate::query::Expand;
use crate::related;
use crate::rows::{Cursor, Rows, Run, hash};
use crate::scan::{property, text};
use crate::shape::Shape;
use crate::token::{self, Page};

/// Rows that one page looks at for a filter; a page may be empty and still have a next.
const LOOKED_AT: usize = 20_000;

/// Answers a page of a list.
pub(crate) fn answer(
    context: &Context<'_>,
    set: &'static Endpoint,
    rows: Option<Arc<Rows>>,
) -> Result<Answer, Failure> {
    let filter = checked(context, set)?;
    let limit = page_size(context, set)?;
    let total = total(context, rows.as_deref())?;
    let mut page = Written { selection: selection(context, set, filter)?, out: Vec::new(), count: 0 };
    let mut next = None;
    if let Some(rows) = rows {
        let mut from = begin(context, &rows)?;
        if let Some(overlap) = context.struck.find(|fault| fault.overlap) {
            from = rows.before(from, overlap).map_err(broken)?;
        }
        if let Some(skip) = context.struck.find(|fault| fault.skip) {
            from = rows.take(from, skip).map_err(broken)?.1.unwrap_or(Cursor { file: u32::MAX, row: 0 });
        }
        next = page.fill(&rows, from, limit)?;
    }
    page.finish(context.struck.any(|fault| fault.reorder));
    Ok(body(context, set, page, next, total))
}

/// The query, where this data set takes it.
fn checked(context: &Context<'_>, set: &Endpoint) -> Result<Option<Filter>, Failure> {
    let query = &context.query;
    let directory = set.class == Class::Directory && matches!(set.service, Service::Directory | Service::Reports);
    let filter = query.filter.as_deref().map(parsed).transpose()?;
    let advanced = filter.as_ref().is_some_and(Filter::is_advanced)
        || query.search
        || (query.order_by.is_some() && query.filter.is_some());
    if directory && advanced && !(context.ask.eventual && query.count) {
        return Err(Failure::unsupported(
            "Unsupported Query. It needs the header ConsistencyLevel: eventual, and $count=true.",
        ));
    }
    if directory && query.count && !context.ask.eventual {
        return Err(Failure::unsupported(
            "$count is not currently supported without the header ConsistencyLevel: eventual.",
        ));
    }
    if query.skip && directory {
        return Err(Failure::unsupported("'$skip' is not supported by the service."));
    }
    if query.search || query.order_by.is_some() || query.skip {
        return Err(Failure::unsupported("This server answers neither $search nor $orderby nor $skip."));
    }
    known_relations(set, &query.expand)?;
    Ok(filter)
}

/// Refuses what a row has no relation to.
pub(crate) fn known_relations(set: &Endpoint, expand: &[Expand]) -> Result<(), Failure> {
    let unknown = expand.iter().find(|expand| {
        // Strengths show their combinations unasked.
        !set.relations.contains(&expand.name.as_str()) && expand.name != "combinationConfigurations"
    });
    let Some(unknown) = unknown else { return Ok(()) };
    Err(Failure::bad_request(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{}' on type 'microsoft.graph.{}'.",
        unknown.name, set.type_name
    )))
}

fn page_size(context: &Context<'_>, set: &Endpoint) -> Result<usize, Failure> {
    if context.struck.any(|fault| fault.empty_page) {
        return Ok(0);
    }
    let scripted = context.struck.find(|fault| fault.page_size);
    let Answered::Pages { default, most } = set.answered else { return Ok(scripted.unwrap_or(usize::MAX)) };
    let asked = match context.query.top {
        Some(top) if top > most => match set.beyond {
            Beyond::Refuse => {
                return Err(Failure::new(
                    400,
                    "Request_BadRequest",
                    format!("Invalid page size specified: '{top}'. Must be between 1 and {most} inclusive."),
                ));
            }
            Beyond::Cap => most,
            Beyond::Ignore => default,
        },
        Some(_) if set.beyond == Beyond::Ignore => default,
        Some(top) => top,
        None => context.ask.preferred_page().map_or(default, |preferred| preferred.min(most)),
    };
    Ok(scripted.map_or(asked, |scripted| scripted.min(asked)))
}

fn total(context: &Context<'_>, rows: Option<&Rows>) -> Result<Option<u64>, Failure> {
    if !context.query.count {
        return Ok(None);
    }
    let count = rows.map_or(Ok(0), Rows::count).map_err(broken)?;
    Ok(Some(count.saturating_add_signed(context.struck.find(|fault| fault.count_off).unwrap_or(0))))
}

/// Where this page begins.
fn begin(context: &Context<'_>, rows: &Rows) -> Result<Cursor, Failure> {
    let Some(text) = &context.query.skip_token else { return Ok(Cursor::default()) };
    let page: Page = token::read(context.state.seed, text)
        .filter(|page: &Page| page.path == hash(context.ask.path.as_bytes()))
        .ok_or_else(|| Failure::bad_request("Invalid page token."))?;
    if context.state.clock.now().saturating_sub(page.issued) > context.state.options.page_token_life {
        return Err(Failure::expired_page());
    }
    let at = Cursor { file: page.file, row: page.row };
    if page.generation == context.folder.generation {
        return Ok(at);
    }
    // The export is another one: go on behind the last row that the client has.
    Ok(rows.behind(page.last).map_err(broken)?.unwrap_or(at))
}

/// What a row must be, and how it is shown.
struct Selection {
    shape: Shape,
    filter: Option<Filter>,
    deleted: HashSet<String>,
    /// Rows that bring a property of their own, found by the same id.
    joined: Option<(Arc<Rows>, &'static str)>,
    /// Related objects of other data sets.
    related: Option<(Arc<Folder>, &'static str, Vec<Expand>)>,
}

fn selection(context: &Context<'_>, set: &'static Endpoint, filter: Option<Filter>) -> Result<Selection, Failure> {
    let joined = if set.name == "signInActivity"
        && context.query.select.iter().flatten().any(|name| name != "id" && name != "signInActivity")
    {
        context.folder.rows("signInActivity").map_err(broken)?.map(|rows| (rows, "signInActivity"))
    } else {
        None
    };
    // A member may outlive its user: replicas learn of it one after the other.
    let deleted = if set.owner.is_some() { HashSet::new() } else { context.state.deleted() };
    let looked_up = related::looks_up(set.name) && !context.query.expand.is_empty();
    let related = looked_up.then(|| (Arc::clone(&context.folder), set.name, context.query.expand.clone()));
    Ok(Selection { shape: shape(context, set), filter, deleted, joined, related })
}

impl Selection {
    fn takes_all(&self) -> bool {
        self.filter.is_none() && self.deleted.is_empty() && self.joined.is_none() && self.related.is_none()
    }

    fn takes(&self, row: &[u8]) -> bool {
        if !self.deleted.is_empty() && text(row, "id").is_some_and(|id| self.deleted.contains(&id)) {
            return false;
        }
        let Some(filter) = &self.filter else { return true };
        serde_json::from_slice::<Value>(row).is_ok_and(|row| filter.keeps(&row))
    }

    fn write(&self, row: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        if let Some((folder, set, expand)) = &self.related {
            self.shape.write(&related::with_related(folder, set, expand, row)?, out);
            return Ok(());
        }
        let Some((rows, name)) = &self.joined else {
            self.shape.write(row, out);
            return Ok(());
        };
        let other = text(row, "id").map(|id| rows.find(&id)).transpose().map_err(broken)?.flatten();
        let Some(value) = other.as_deref().and_then(|other| property(other, name)) else {
            self.shape.write(row, out);
            return Ok(());
        };
        let mut whole = row.strip_suffix(b"}").unwrap_or(row).to_vec();
        whole.extend_from_slice(format!(",\"{name}\":").as_bytes());
        whole.extend_from_slice(value);
        whole.push(b'}');
        self.shape.write(&whole, out);
        Ok(())
    }
}

/// A page while it is written.
struct Written {
    selection: Selection,
    out: Vec<u8>,
    count: usize,
}

impl Written {
    /// Writes rows from a place on, and says where the next page begins.
    fn fill(&mut self, rows: &Rows, from: Cursor, limit: usize) -> Result<Option<Next>, Failure> {
        let (mut at, mut looked, mut last) = (from, 0, 0);
        loop {
            let wanted = limit.saturating_sub(self.count);
            let (runs, next) = rows.take(at, wanted.min(LOOKED_AT)).map_err(broken)?;
            for run in &runs {
                looked += run.len();
                self.append(run)?;
                last = run.rows().next_back().and_then(|row| text(row, "id")).map_or(last, |id| hash(id.as_bytes()));
            }
            let Some(next) = next else { return Ok(None) };
            if self.count >= limit || (!self.selection.takes_all() && looked >= LOOKED_AT) {
                return Ok(Some(Next { at: next, last }));
            }
            at = next;
        }
    }

    fn append(&mut self, run: &Run) -> Result<(), Failure> {
        if self.selection.takes_all() && self.selection.shape.is_whole(&run.keys) {
            self.separate();
            self.out.extend_from_slice(run.whole());
            self.count += run.len();
            return Ok(());
        }
        for row in run.rows() {
            if !self.selection.takes(row) {
                continue;
            }
            self.separate();
            self.selection.write(row, &mut self.out)?;
            self.count += 1;
        }
        Ok(())
    }

    fn separate(&mut self) {
        if self.count > 0 {
            self.out.push(b',');
        }
    }

    /// The last row first, where a replica has another order.
    fn finish(&mut self, reorder: bool) {
        if !reorder {
            return;
        }
        let Ok(mut rows) =
            serde_json::from_slice::<Vec<&serde_json::value::RawValue>>(&[b"[", self.out.as_slice(), b"]"].concat())
                .map(|rows| rows.into_iter().map(|row| row.get().to_owned()).collect::<Vec<_>>())
        else {
            return;
        };
        rows.reverse();
        self.out = rows.join(",").into_bytes();
    }
}

/// Where the next page begins.
struct Next {
    at: Cursor,
    last: u64,
}

fn body(context: &Context<'_>, set: &Endpoint, page: Written, next: Option<Next>, total: Option<u64>) -> Answer {
    let mut body = format!("{{\"@odata.context\":{}", Value::String(context_url(context, set, ""))).into_bytes();
    if let Some(total) = total {
        body.extend_from_slice(format!(",\"@odata.count\":{total}").as_bytes());
    }
    if let Some(next) = next {
        let token = Page {
            path: hash(context.ask.path.as_bytes()),
            generation: context.folder.generation,
            file: next.at.file,
            row: next.at.row,
            last: next.last,
            issued: context.state.clock.now(),
        };
        let link = link(context, "$skiptoken", &token::write(context.state.seed, &token));
        body.extend_from_slice(format!(",\"@odata.nextLink\":{}", Value::String(link)).as_bytes());
    }
    body.extend_from_slice(b",\"value\":[");
    let count = page.count;
    body.extend_from_slice(&page.out);
    body.extend_from_slice(b"]}");
    Answer::graph(body, count)
}

/// The same request with a token: absolute, on the host that the client named.
pub(crate) fn link(context: &Context<'_>, option: &str, token: &str) -> String {
    let ask = context.ask;
    let base = match context.struck.find(|fault| fault.next_link_host.clone()) {
        Some(host) => format!("https://{host}"),
        None => ask.base.clone(),
    };
    let repeated = context.query.repeated();
    let separator = if repeated.is_empty() { "" } else { "&" };
    let path = percent_encoding::utf8_percent_encode(&ask.path, PATH);
    format!("{base}/{}{path}?{repeated}{separator}{option}={token}", ask.version.name())
}

const PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'\'')
    .remove(b'=')
    .remove(b'@');
