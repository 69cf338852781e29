//! Less information never makes an answer more certain: whatever property is dropped, word garbled or reference replaced by
//! one that nothing resolves, an answer stays or becomes unknown.

use idscore_access::{Access, Also};
use proptest::prelude::*;
use serde_json::Value;

use crate::generator::{Case, Choices, USERS};

/// A way to a value: names of members and places in lists.
type Path = Vec<String>;

fn at<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Every text, and every member of an object.
fn walk(value: &Value, path: &mut Path, texts: &mut Vec<Path>, members: &mut Vec<Path>) {
    match value {
        Value::String(_) => texts.push(path.clone()),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(at.to_string());
                walk(item, path, texts, members);
                path.pop();
            }
        }
        Value::Object(own) => {
            for (name, member) in own {
                path.push(name.clone());
                members.push(path.clone());
                walk(member, path, texts, members);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Members whose absence is documented as an answer, and those without which an object is refused.
fn may_be_absent(path: &[String]) -> bool {
    match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["id"] => true,
        ["conditions", part] => !["users", "applications", "clientAppTypes"].contains(&part),
        _ => false,
    }
}

const UNHEARD_OF: [&str; 3] = ["System.Object[]", "", "unheardOf"];
const UNKNOWN_ID: &str = "98989898-0000-4000-8000-000000000000";

/// Whether an id that is not found is unknown there.
fn id_may_be_unread(case: &Case, path: &[String]) -> bool {
    let list = path.iter().rev().nth(1).map_or("", String::as_str);
    match list {
        "includeUsers" | "excludeUsers" => !case.directory.all_users_read,
        "includeGroups" | "excludeGroups" => case.directory.known_groups.is_none(),
        "includeLocations" | "excludeLocations" => !case.beta || case.locations.is_none(),
        _ => false,
    }
}

/// Loses one thing, and says what.
fn lose(case: &mut Case, mut pick: impl FnMut(usize) -> usize) -> Option<String> {
    let of_locations = case.locations.as_ref().is_some_and(|list| !list.is_empty()) && pick(5) == 0;
    let list = if of_locations { case.locations.as_ref()? } else { &case.policies };
    let number = pick(list.len());
    let (mut texts, mut members) = (Vec::new(), Vec::new());
    walk(&list[number], &mut Vec::new(), &mut texts, &mut members);
    members.retain(|path| !may_be_absent(path));
    let drops = pick(2) == 0;
    let paths = if drops { members } else { texts };
    let path = paths.get(pick(paths.len().max(1)))?.clone();
    // A word is no reference: an id in its place is no unknown one, but another statement.
    let pointer = format!("/{}", path.join("/"));
    let is_reference = list[number]
        .pointer(&pointer)
        .and_then(Value::as_str)
        .is_some_and(|text| text.contains(|sign: char| !sign.is_ascii_alphabetic()));
    let by_id = !drops && pick(3) == 0 && is_reference && id_may_be_unread(case, &path);
    let list = if of_locations { case.locations.as_mut()? } else { &mut case.policies };
    let what = path.join("/");
    if drops {
        let (name, parent) = path.split_last()?;
        at(&mut list[number], parent)?.as_object_mut()?.remove(name);
        return Some(format!("dropped {what} of {number}"));
    }
    let garbled = if by_id { UNKNOWN_ID } else { UNHEARD_OF[pick(UNHEARD_OF.len())] };
    *at(&mut list[number], &path)? = Value::from(garbled);
    Some(format!("{what} of {number} is now `{garbled}`"))
}

fn verdicts(case: &Case) -> (Vec<Option<bool>>, Option<bool>) {
    let access = Access::new(&case.policies, case.locations.as_deref(), None, case.settings.clone())
        .with_every_kind_of_location(case.beta);
    let prepared = access.prepare(&case.directory);
    let proofs = prepared.prove(&case.protection);
    let external = prepared.prove_external_users(&case.protection).verdict;
    ((0..USERS).map(|row| proofs.verdict(row)).collect(), external)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn losing_something_never_makes_an_answer_more_certain(
        stream in prop::collection::vec(any::<u16>(), 0..220), seed in any::<u64>(), unknowns in any::<bool>(),
    ) {
        let mut case = Choices::new(&stream, unknowns).case();
        if seed % 3 == 0 {
            case.protection.also = vec![Also::SecurityDefaults];
        }
        // One null at least says that the file leaves nothing out.
        case.policies[0]["templateId"] = Value::Null;
        let before = verdicts(&case);
        let mut pick = crate::properties::picker(seed);
        if let Some(lost) = lose(&mut case, &mut pick) {
            let after = verdicts(&case);
            let wider = |before: Option<bool>, after: Option<bool>| after.is_none() || after == before;
            for (row, (before, after)) in before.0.iter().zip(&after.0).enumerate() {
                prop_assert!(wider(*before, *after), "{lost}: user {row} {before:?} → {after:?}\n{case:#?}");
            }
            prop_assert!(wider(before.1, after.1), "{lost}: external {:?} → {:?}\n{case:#?}", before.1, after.1);
        }
    }
}
