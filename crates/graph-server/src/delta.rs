//! Delta queries: everything once, and from then on what changed.
//!
//! A delta link stands for an [`Outline`]: the ids of that moment, each with a hash of what was selected. A later round
//! holds the export of its own moment against it, so the exports themselves need not be kept.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::collection::{broken, context_url, shape};
use crate::endpoints::Endpoint;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::graph::{Ask, Context};
use crate::list::link;
use crate::rows::{Cursor, Rows, content_hash};
use crate::scan::text;
use crate::shape::Shape;
use crate::token::{self, Known, Round as RoundToken};

/// Rows of a page where the client prefers no other size.
const PAGE: usize = 200;
const PAGE_AT_MOST: usize = 999;
/// Members that one row brings; the rest comes with the same row again.
const MEMBERS_AT_ONCE: usize = 1_000;
const OUTLINES: usize = 16;
const ROUNDS: usize = 64;

/// What a client that holds a delta link knows.
#[derive(Debug, Default)]
struct Outline {
    /// Most ids are GUIDs.
    guids: Vec<([u8; 16], u64)>,
    others: Vec<(Box<str>, u64)>,
    members: HashMap<String, HashSet<String>>,
}

/// One row of a round.
#[derive(Debug, Clone)]
enum Entry {
    Row(Cursor),
    /// Members of the group at a place, from one on.
    Members {
        group: Cursor,
        from: usize,
    },
    /// What changed in the membership of a group.
    Changed(Box<Membership>),
    Removed(Box<str>),
}

/// A group whose members changed, and who they are.
#[derive(Debug, Clone)]
struct Membership {
    group: Cursor,
    added: Vec<String>,
    removed: Vec<String>,
}

/// A round: all that it brings, in order.
#[derive(Debug)]
struct Round {
    folder: Arc<Folder>,
    entries: Vec<Entry>,
    /// What its delta link will stand for.
    outline: u64,
}

#[derive(Debug, Default)]
struct Kept {
    next: u64,
    outlines: VecDeque<(u64, Arc<Outline>)>,
    rounds: VecDeque<(u64, Arc<Round>)>,
}

/// The outlines and rounds that clients may come back for.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Kept>);

impl Memory {
    fn keep_outline(&self, outline: Outline) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next += 1;
        let number = kept.next;
        kept.outlines.push_back((number, Arc::new(outline)));
        if kept.outlines.len() > OUTLINES {
            kept.outlines.pop_front();
        }
        number
    }

    fn outline(&self, number: u64) -> Option<Arc<Outline>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.outlines.iter().find(|(known, _)| *known == number).map(|(_, outline)| Arc::clone(outline))
    }

    fn keep_round(&self, round: Round) -> (u64, Arc<Round>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next += 1;
        let (number, round) = (kept.next, Arc::new(round));
        kept.rounds.push_back((number, Arc::clone(&round)));
        if kept.rounds.len() > ROUNDS {
            kept.rounds.pop_front();
        }
        (number, round)
    }

    fn round(&self, number: u64) -> Option<Arc<Round>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.rounds.iter().find(|(known, _)| *known == number).map(|(_, round)| Arc::clone(round))
    }
}

/// `GET /users/delta`
pub(crate) fn answer(context: &Context<'_>, set: &'static Endpoint) -> Result<Answer, Failure> {
    let (query, memory) = (&context.query, &context.state.delta);
    if !query.expand.is_empty() || query.top.is_some() || query.order_by.is_some() || query.search {
        return Err(Failure::unsupported("$expand, $top, $orderby and $search are not supported by a delta query."));
    }
    if context.ask.eventual {
        return Err(Failure::unsupported("ConsistencyLevel: eventual is not supported by a delta query."));
    }
    let view = View::of(context, set)?;
    if let Some(token) = &query.skip_token {
        let place: RoundToken = token::read(context.state.seed, token).ok_or_else(Failure::expired_page)?;
        if context.state.clock.now().saturating_sub(place.issued) > context.state.options.page_token_life {
            return Err(Failure::expired_page());
        }
        let round = memory.round(place.round).ok_or_else(Failure::expired_page)?;
        if round.folder.root() == context.folder.root() && round.folder.generation != context.folder.generation {
            // The same folder was read again: what the round would read has changed under it.
            return Err(Failure::expired_page());
        }
        return page(context, set, place.round, &round, place.at);
    }
    let entries = match query.delta_token.as_deref() {
        Some("latest") => Vec::new(),
        None | Some("") => view.everything()?,
        Some(token) => {
            let known: Option<Known> = token::read(context.state.seed, token);
            let outline = known.and_then(|known| memory.outline(known.outline)).ok_or_else(|| resync(context.ask))?;
            view.changes(&outline)?
        }
    };
    let outline = memory.keep_outline(view.outline()?);
    let (number, round) = memory.keep_round(Round { folder: Arc::clone(&context.folder), entries, outline });
    page(context, set, number, &round, 0)
}

/// What the client knows is too old: it has to begin again, at this place.
pub(crate) fn resync(ask: &Ask) -> Failure {
    let kept = ask.query.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !matches!(name, "$deltatoken" | "%24deltatoken" | "$skiptoken" | "%24skiptoken" | "")
    });
    let query: String = kept.flat_map(|pair| [pair, "&"]).collect();
    let location = format!("{}/{}{}?{query}$deltatoken=", ask.base, ask.version.name(), ask.path);
    Failure::new(
        410,
        "resyncRequired",
        "Resync required. Any items returned by this delta query are no longer up to date.",
    )
    .with("location", location)
}

/// The data set at this moment, as a delta query sees it.
struct View<'a> {
    rows: Option<Arc<Rows>>,
    folder: &'a Folder,
    deleted: HashSet<String>,
    select: Option<Vec<String>>,
    with_members: bool,
}

impl<'a> View<'a> {
    fn of(context: &'a Context<'_>, set: &'static Endpoint) -> Result<Self, Failure> {
        Ok(Self {
            rows: context.folder.rows(set.rows).map_err(broken)?,
            folder: &context.folder,
            deleted: context.state.deleted(),
            select: context.query.select.clone(),
            with_members: set.name == "groups" && context.query.selects("members"),
        })
    }

    fn each(&self, mut each: impl FnMut(Cursor, &str, &[u8])) -> Result<(), Failure> {
        let Some(rows) = &self.rows else { return Ok(()) };
        rows.for_each(|at, row| {
            if let Some(id) = text(row, "id").filter(|id| !self.deleted.contains(id)) {
                each(at, &id, row);
            }
        })
        .map_err(broken)
    }

    fn members(&self, group: &str) -> Result<Vec<String>, Failure> {
        let Some(rows) = self.folder.rows_of("members", group).map_err(broken)? else { return Ok(Vec::new()) };
        let mut members = Vec::new();
        rows.for_each(|_, row| members.extend(text(row, "id"))).map_err(broken)?;
        Ok(members)
    }

    fn everything(&self) -> Result<Vec<Entry>, Failure> {
        let mut found = Vec::new();
        self.each(|at, id, _| found.push((at, self.with_members.then(|| id.to_owned()))))?;
        let mut entries = Vec::new();
        for (at, group) in found {
            let Some(group) = group else {
                entries.push(Entry::Row(at));
                continue;
            };
            let count = self.folder.rows_of("members", &group).map_err(broken)?.map_or(Ok(0), |rows| rows.count());
            let count = usize::try_from(count.map_err(broken)?).unwrap_or(usize::MAX);
            let parts = (0..count.max(1)).step_by(MEMBERS_AT_ONCE);
            entries.extend(parts.map(|from| Entry::Members { group: at, from }));
        }
        Ok(entries)
    }

    fn outline(&self) -> Result<Outline, Failure> {
        let mut outline = Outline::default();
        self.each(|_, id, row| {
            let hash = content_hash(row, self.select.as_deref());
            match guid_bytes(id) {
                Some(guid) => outline.guids.push((guid, hash)),
                None => outline.others.push((id.into(), hash)),
            }
        })?;
        if self.with_members {
            let mut groups = Vec::new();
            self.each(|_, id, _| groups.push(id.to_owned()))?;
            for group in groups {
                let members = self.members(&group)?;
                if !members.is_empty() {
                    outline.members.insert(group, members.into_iter().collect());
                }
            }
        }
        outline.guids.sort_unstable();
        outline.others.sort_unstable();
        Ok(outline)
    }

    fn changes(&self, known: &Outline) -> Result<Vec<Entry>, Failure> {
        let (mut entries, mut groups) = (Vec::new(), Vec::new());
        let mut seen = (vec![false; known.guids.len()], vec![false; known.others.len()]);
        self.each(|at, id, row| {
            let hash = content_hash(row, self.select.as_deref());
            let before = match guid_bytes(id) {
                Some(guid) => known.guids.binary_search_by_key(&guid, |(guid, _)| *guid).ok().map(|place| {
                    mark(&mut seen.0, place);
                    known.guids.get(place).map_or(0, |(_, hash)| *hash)
                }),
                None => known.others.binary_search_by(|(other, _)| other.as_ref().cmp(id)).ok().map(|place| {
                    mark(&mut seen.1, place);
                    known.others.get(place).map_or(0, |(_, hash)| *hash)
                }),
            };
            if self.with_members {
                groups.push((at, id.to_owned(), before != Some(hash)));
            } else if before != Some(hash) {
                entries.push(Entry::Row(at));
            }
        })?;
        let nobody = HashSet::new();
        for (group, id, changed) in groups {
            let before = known.members.get(&id).unwrap_or(&nobody);
            let now: Vec<String> = self.members(&id)?;
            let added: Vec<String> = now.iter().filter(|member| !before.contains(*member)).cloned().collect();
            let now: HashSet<String> = now.into_iter().collect();
            let mut removed: Vec<String> = before.difference(&now).cloned().collect();
            removed.sort_unstable();
            if changed || !added.is_empty() || !removed.is_empty() {
                entries.push(Entry::Changed(Box::new(Membership { group, added, removed })));
            }
        }
        let gone = known.guids.iter().zip(&seen.0).filter(|(_, seen)| !**seen).map(|((guid, _), _)| guid_text(guid));
        entries.extend(gone.map(|id| Entry::Removed(id.into())));
        let gone = known.others.iter().zip(&seen.1).filter(|(_, seen)| !**seen).map(|((id, _), _)| id.to_string());
        entries.extend(gone.map(|id| Entry::Removed(id.into())));
        Ok(entries)
    }
}

/// How many entries from the first on are rows that follow each other in one file.
fn neighbours(entries: &[Entry]) -> usize {
    let Some(Entry::Row(first)) = entries.first() else { return 0 };
    let follows = |(number, entry): &(u32, &Entry)| matches!(entry, Entry::Row(at) if at.file == first.file && first.row.checked_add(*number) == Some(at.row));
    (0..).zip(entries).take_while(follows).count()
}

fn mark(seen: &mut [bool], place: usize) {
    if let Some(place) = seen.get_mut(place) {
        *place = true;
    }
}

fn guid_bytes(id: &str) -> Option<[u8; 16]> {
    let digits: String = id.split('-').collect();
    let written =
        id.len() == 36 && digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = written.then(|| u128::from_str_radix(&digits, 16).ok()).flatten()?;
    // Only the usual places of the dashes come back the same.
    let bytes = number.to_be_bytes();
    (guid_text(&bytes) == id).then_some(bytes)
}

fn guid_text(bytes: &[u8; 16]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(*bytes));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// A page of a round.
fn page(
    context: &Context<'_>,
    set: &'static Endpoint,
    number: u64,
    round: &Round,
    from: usize,
) -> Result<Answer, Failure> {
    let scripted = context.struck.find(|fault| fault.page_size);
    let preferred = context.ask.preferred_page().unwrap_or(PAGE).min(PAGE_AT_MOST);
    let size = if context.struck.any(|fault| fault.empty_page) { 0 } else { scripted.unwrap_or(preferred) };
    let from = from.saturating_sub(context.struck.find(|fault| fault.overlap).unwrap_or(0));
    let rows = round.folder.rows(set.rows).map_err(broken)?;
    let writer = Writer {
        shape: shape(context, set),
        rows,
        folder: &round.folder,
        reason: context.struck.find(|fault| fault.removed.clone()).unwrap_or_else(|| "changed".to_owned()),
    };
    let entries = round.entries.get(from..).unwrap_or_default();
    let mut parts = writer.write_all(entries.get(..size.min(entries.len())).unwrap_or_default())?;
    if context.struck.any(|fault| fault.reorder) {
        parts.reverse();
    }
    // Of an object that was deleted before anybody asked.
    if let Some(id) = context.struck.find(|fault| fault.tombstone.clone()) {
        parts.extend(writer.write(&Entry::Removed(id.into()))?);
    }
    let at = from + entries.len().min(size);
    let (name, link) = if at < round.entries.len() {
        let token = RoundToken { round: number, at, issued: context.state.clock.now() };
        ("@odata.nextLink", link(context, "$skiptoken", &token::write(context.state.seed, &token)))
    } else {
        let token = Known { outline: round.outline };
        ("@odata.deltaLink", link(context, "$deltatoken", &token::write(context.state.seed, &token)))
    };
    let url = context_url(context, set, "/$delta");
    let mut body =
        format!("{{\"@odata.context\":{},\"{name}\":{},\"value\":[", Value::String(url), Value::String(link))
            .into_bytes();
    body.extend_from_slice(&parts.join(&b','));
    body.extend_from_slice(b"]}");
    Ok(Answer::graph(body, parts.len()))
}

struct Writer<'a> {
    shape: Shape,
    rows: Option<Arc<Rows>>,
    folder: &'a Folder,
    reason: String,
}

impl Writer<'_> {
    fn row(&self, at: Cursor) -> Result<Option<Vec<u8>>, Failure> {
        let row = self.rows.as_ref().map(|rows| rows.at(at)).transpose().map_err(broken)?.flatten();
        Ok(row)
    }

    fn shaped(&self, row: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(row.len());
        self.shape.write(row, &mut out);
        out
    }

    /// Neighbouring rows are read at once.
    fn write_all(&self, entries: &[Entry]) -> Result<Vec<Vec<u8>>, Failure> {
        let (mut parts, mut left) = (Vec::with_capacity(entries.len()), entries);
        while let Some(first) = left.first() {
            let neighbours = neighbours(left);
            if let (Entry::Row(at), Some(rows), 2..) = (first, &self.rows, neighbours) {
                let (runs, _) = rows.take(*at, neighbours).map_err(broken)?;
                parts.extend(runs.iter().flat_map(|run| run.rows()).map(|row| self.shaped(row)));
            } else {
                parts.extend(self.write(first)?);
            }
            left = left.get(neighbours.max(1)..).unwrap_or_default();
        }
        Ok(parts)
    }

    fn write(&self, entry: &Entry) -> Result<Option<Vec<u8>>, Failure> {
        let removed = |id: &str| json!({"id": id, "@removed": {"reason": self.reason}});
        Ok(match entry {
            Entry::Row(at) => self.row(*at)?.map(|row| self.shaped(&row)),
            Entry::Removed(id) => Some(removed(id).to_string().into_bytes()),
            Entry::Members { group, from } => {
                let Some(row) = self.row(*group)? else { return Ok(None) };
                let members = self.members(&row)?;
                let part = members.iter().skip(*from).take(MEMBERS_AT_ONCE).cloned().collect();
                Some(self.with_members(&row, part))
            }
            Entry::Changed(changed) => {
                let Some(row) = self.row(changed.group)? else { return Ok(None) };
                let known: HashSet<&str> = changed.added.iter().map(String::as_str).collect();
                let mut members = self.members(&row)?;
                members.retain(|member| member["id"].as_str().is_some_and(|id| known.contains(id)));
                members.extend(changed.removed.iter().map(
                    |id| json!({"@odata.type": "#microsoft.graph.user", "id": id, "@removed": {"reason": "deleted"}}),
                ));
                Some(self.with_members(&row, members))
            }
        })
    }

    fn members(&self, group: &[u8]) -> Result<Vec<Value>, Failure> {
        let Some(id) = text(group, "id") else { return Ok(Vec::new()) };
        let Some(rows) = self.folder.rows_of("members", &id).map_err(broken)? else { return Ok(Vec::new()) };
        let mut members = Vec::new();
        rows.for_each(|_, row| {
            members.push(json!({"@odata.type": text(row, "@odata.type"), "id": text(row, "id")}));
        })
        .map_err(broken)?;
        Ok(members)
    }

    fn with_members(&self, row: &[u8], members: Vec<Value>) -> Vec<u8> {
        let mut out = self.shaped(row);
        if members.is_empty() {
            return out;
        }
        out.pop();
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"\"members@delta\":");
        out.extend_from_slice(Value::Array(members).to_string().as_bytes());
        out.push(b'}');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_comes_back_as_it_was_and_nothing_else_is_one() {
        let guid = "a0000000-0000-4000-8000-00000000000f";
        assert_eq!(guid_text(&guid_bytes(guid).unwrap()), guid);
        for other in ["A0000000-0000-4000-8000-00000000000F", "a00000000-000-4000-8000-00000000000f", "x", ""] {
            assert_eq!(guid_bytes(other), None, "{other}");
        }
    }
}
