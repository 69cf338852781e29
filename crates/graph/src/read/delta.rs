//! What changed since: users and groups are read whole once, and after that only what became of them.
//!
//! The token is taken before the full read, so that nothing between the two is missed; asking for changes after it
//! mends what moved while pages were read.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{Reader, Whole};
use crate::error::CollectError;
use crate::page::{Envelope, Page, Shape};
use crate::plan::{Reading, delta_select};
use crate::request::{Ask, Fault};
use crate::write::Folder;

/// More changes than these are read whole instead, so that memory stays flat.
const MOST_CHANGES: usize = 100_000;

/// What became of an object.
#[derive(Debug, Clone, PartialEq)]
enum Change {
    Removed,
    Changed(Map<String, Value>),
}

/// How catching up ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CaughtUp {
    /// The pages on disk are as the tenant is; from the link on, it goes on next time. What they hold now is told where
    /// something changed.
    Current { changed: Option<Whole>, link: Option<String>, changes: usize },
    /// The link is no longer good: only a full read helps.
    Anew,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

impl Reader<'_> {
    /// The link from which changes are told, from now on. None where this tenant or cloud has none: then the next
    /// collection reads everything again, which is no harm.
    pub(crate) async fn latest(&self, reading: &Reading, deadline: Instant) -> Result<Option<String>, Fault> {
        let query = format!("/delta?{}&$deltatoken=latest", delta_select(reading.name));
        let url = self.graph.hosts.graph(reading.version, &format!("{}{query}", reading.path()));
        let mut next = Some(url);
        // `latest` answers at once; a server that begins to list everything instead is not followed.
        for _ in 0..3 {
            let Some(url) = next.take() else { break };
            match self.changes_page(reading, &url, deadline).await {
                Ok(page) if page.delta.is_some() => return Ok(page.delta),
                Ok(page) if page.rows == 0 => next = page.next,
                Ok(_) => return Ok(None),
                Err(Fault::Stop(error)) => return Err(Fault::Stop(error)),
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn changes_page(&self, reading: &Reading, url: &str, deadline: Instant) -> Result<Page, Fault> {
        let ask = Ask {
            data_set: reading.name,
            url,
            body: None,
            class: reading.class,
            units: reading.units,
            eventual: false,
            deadline,
        };
        self.graph.ask(&ask, self.watch, |body| Page::read(reading.name, Shape::Collection, body)).await
    }

    /// Asks what has changed since the link, and changes the pages on disk likewise. Doing it twice does no harm.
    pub(crate) async fn catch_up(&self, reading: &Reading, link: &str, deadline: Instant) -> Result<CaughtUp, Fault> {
        let mut changes: HashMap<String, Change> = HashMap::new();
        let mut next = Some(link.to_owned());
        let mut new_link = None;
        while let Some(url) = next.take() {
            let page = match self.changes_page(reading, &url, deadline).await {
                Ok(page) => page,
                // 410 is how a used-up token is told; other refusals of a link that was good are no better.
                Err(Fault::Refused(refusal)) if matches!(refusal.status, 400 | 404 | 410) => return Ok(CaughtUp::Anew),
                Err(fault) => return Err(fault),
            };
            note_changes(&page.body, &mut changes)?;
            if changes.len() > MOST_CHANGES {
                return Ok(CaughtUp::Anew);
            }
            new_link = page.delta.or(new_link);
            next = page.next;
        }
        let count = changes.len();
        if changes.is_empty() {
            return Ok(CaughtUp::Current { changed: None, link: new_link, changes: 0 });
        }
        let folder = Folder::of(self.out, reading.name);
        let whole = tokio::task::spawn_blocking(move || apply(&folder, changes))
            .await
            .map_err(|error| CollectError::file("change the pages of", self.out, std::io::Error::other(error)))??;
        let changed = Some(Whole { version: reading.version, ..whole });
        Ok(CaughtUp::Current { changed, link: new_link, changes: count })
    }
}

/// Adds what a page tells to what is known; the later word about a property stands.
fn note_changes(body: &[u8], changes: &mut HashMap<String, Change>) -> Result<(), CollectError> {
    let envelope: Envelope<'_> = serde_json::from_slice(body)
        .map_err(|error| CollectError::file("read", "changes", std::io::Error::other(error)))?;
    for object in envelope.value.into_iter().flatten() {
        let Ok(Value::Object(mut object)) = serde_json::from_str(object.get()) else { continue };
        let Some(id) = object.get("id").and_then(Value::as_str).map(str::to_ascii_lowercase) else { continue };
        if object.contains_key("@removed") {
            changes.insert(id, Change::Removed);
            continue;
        }
        object.retain(|name, _| !name.contains("@delta") && (!name.starts_with("@odata.") || name == "@odata.type"));
        match changes.get_mut(&id) {
            Some(Change::Changed(known)) => known.extend(object),
            _ => {
                changes.insert(id, Change::Changed(object));
            }
        }
    }
    Ok(())
}

/// Changes the pages: objects that went are left out, objects that changed get their new properties, and new ones come
/// on a page of their own at the end.
fn apply(folder: &Folder, changes: HashMap<String, Change>) -> Result<Whole, CollectError> {
    let mut new: BTreeMap<String, Map<String, Value>> = changes
        .iter()
        .filter_map(|(id, change)| match change {
            Change::Changed(object) => Some((id.clone(), object.clone())),
            Change::Removed => None,
        })
        .collect();
    let mut whole = Whole::default();
    for page in folder.pages() {
        let (number, bytes) = page?;
        let damaged = |error| CollectError::file("read", folder.page(number), std::io::Error::other(error));
        let envelope: Envelope<'_> = serde_json::from_slice(&bytes).map_err(damaged)?;
        let mut kept: Vec<Box<RawValue>> = Vec::new();
        let mut touched = false;
        for object in envelope.value.into_iter().flatten() {
            let id = serde_json::from_str::<Identified>(object.get()).map(|object| object.id.to_ascii_lowercase());
            match id.ok().and_then(|id| Some((changes.get(&id)?, id))) {
                None => kept.push(object.to_owned()),
                Some((Change::Removed, _)) => touched = true,
                Some((Change::Changed(change), id)) => {
                    // The second time an object is met, it is a double: the first has taken the change.
                    let first = new.remove(&id).is_some();
                    let mut merged: Map<String, Value> = serde_json::from_str(object.get()).map_err(damaged)?;
                    merged.extend(change.clone());
                    let merged = serde_json::value::to_raw_value(&merged).map_err(damaged)?;
                    touched |= !first || merged.get() != object.get();
                    if first {
                        kept.push(merged);
                    }
                }
            }
        }
        whole.pages += 1;
        whole.rows += kept.len() as u64;
        if touched {
            let mut page: Map<String, Value> = serde_json::from_slice(&bytes).map_err(damaged)?;
            page.remove("value");
            let mut head = serde_json::to_vec(&page).map_err(damaged)?;
            head.pop();
            let separator: &[u8] = if page.is_empty() { b"" } else { b"," };
            let rows = serde_json::to_vec(&kept).map_err(damaged)?;
            let body = [&head, separator, b"\"value\":", &rows, b"}"].concat();
            folder.write(number, &body)?;
        }
    }
    if !new.is_empty() {
        whole.pages += 1;
        whole.rows += new.len() as u64;
        let rows: Vec<Value> = new.into_values().map(Value::Object).collect();
        folder.write(whole.pages, json!({"value": rows}).to_string().as_bytes())?;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(out: &std::path::Path) -> Folder {
        let folder = Folder::of(out, "users");
        folder.create().unwrap();
        folder
            .write(
                1,
                br#"{"@odata.context":"c","value":[{"id":"a","displayName":"A","userType":"Member"},{"id":"b"}],"@odata.nextLink":"n"}"#,
            )
            .unwrap();
        folder.write(2, br#"{"value":[{"id":"c"}]}"#).unwrap();
        folder
    }

    fn changed(pages: &[Value]) -> HashMap<String, Change> {
        let mut changes = HashMap::new();
        for page in pages {
            note_changes(page.to_string().as_bytes(), &mut changes).unwrap();
        }
        changes
    }

    fn objects(folder: &Folder) -> Vec<Value> {
        let mut objects = Vec::new();
        folder.each(|object| objects.push(serde_json::from_str(object).unwrap())).unwrap();
        objects
    }

    #[test]
    fn changes_are_merged_property_by_property_and_removals_take_away() {
        let out = tempfile::tempdir().unwrap();
        let folder = folder(out.path());
        let changes = changed(&[
            json!({"value": [{"id": "A", "displayName": "Ada"}, {"id": "b", "@removed": {"reason": "changed"}}]}),
            json!({"value": [{"id": "a", "accountEnabled": false, "members@delta": []}, {"id": "d", "displayName": "New"}]}),
        ]);
        let whole = apply(&folder, changes.clone()).unwrap();
        let expected = [
            json!({"id": "a", "displayName": "Ada", "userType": "Member", "accountEnabled": false}),
            json!({"id": "c"}),
            json!({"id": "d", "displayName": "New"}),
        ];
        let without_case = |mut object: Value| {
            object["id"] = json!(object["id"].as_str().unwrap().to_lowercase());
            object
        };
        assert_eq!(objects(&folder).into_iter().map(without_case).collect::<Vec<_>>(), expected);
        assert_eq!((whole.pages, whole.rows), (3, 3));
        // Killed in the middle, it is done again.
        assert_eq!(apply(&folder, changes).unwrap(), whole);
        assert_eq!(objects(&folder).into_iter().map(without_case).collect::<Vec<_>>(), expected);
        assert_eq!(folder.found().unwrap().rows, 3);
    }

    #[test]
    fn an_object_that_came_back_is_there_and_one_that_went_last_is_gone() {
        let out = tempfile::tempdir().unwrap();
        let folder = folder(out.path());
        let removed = |id: &str| json!({"value": [{"id": id, "@removed": {"reason": "deleted"}}]});
        let changes = changed(&[removed("c"), json!({"value": [{"id": "c", "displayName": "Back"}]}), removed("a")]);
        apply(&folder, changes).unwrap();
        assert_eq!(objects(&folder), [json!({"id": "b"}), json!({"id": "c", "displayName": "Back"})]);
    }

    #[test]
    fn nothing_changed_leaves_every_byte() {
        let out = tempfile::tempdir().unwrap();
        let folder = folder(out.path());
        let before = std::fs::read(folder.page(1)).unwrap();
        assert_eq!(apply(&folder, HashMap::new()).unwrap().rows, 3);
        apply(&folder, changed(&[json!({"value": [{"id": "b"}]})])).unwrap();
        assert_eq!(std::fs::read(folder.page(1)).unwrap(), before);
    }
}
