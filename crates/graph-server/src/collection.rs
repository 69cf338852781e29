//! Answers from the rows of a data set: lists in pages, single objects, related ones, counts.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoints::{Answered, Endpoint, READ_GROUPS, READ_HIDDEN, READ_USERS, endpoint};
use crate::failure::Failure;
use crate::filter::Filter;
use crate::folder::Folder;
use crate::graph::Context;
use crate::list;
use crate::query::{Expand, Query};
use crate::related;
use crate::route::{Route, Version};
use crate::rows::{Cursor, ExportError, Rows};
use crate::scan::{property, text};
use crate::shape::{Edit, MASKED_SETS, Shape};

/// Answers what is neither a delta query nor the metadata.
pub(crate) fn answer(context: &Context<'_>, way: &Route) -> Result<Answer, Failure> {
    match way {
        Route::Set { endpoint, owner } => set(context, endpoint, owner.as_deref()),
        Route::Inner { endpoint } => object(context, endpoint, None),
        Route::Count { endpoint } => count(context, endpoint),
        Route::ById { endpoint, id } => by_id(context, endpoint, id),
        Route::Related { endpoint, id, relation } => related_of(context, endpoint, id, relation),
        Route::Transitive { group } => transitive(context, group),
        Route::Delta { .. } | Route::Metadata | Route::Unknown { .. } => Err(Failure::no_segment(&context.ask.path)),
    }
}

fn set(context: &Context<'_>, set: &'static Endpoint, owner: Option<&str>) -> Result<Answer, Failure> {
    if set.answered == Answered::Object {
        if set.name == "authorizationPolicy" && context.ask.version == Version::Beta {
            // Beta has a collection of one.
            let rows = context.folder.rows(set.rows).map_err(broken)?;
            return list::answer(context, set, rows);
        }
        return object(context, set, owner);
    }
    if set.name == "eligibilityScheduleInstances" {
        let filter = context.query.filter.as_deref().map(parsed).transpose()?;
        let group = filter.as_ref().and_then(|filter| filter.demanded("groupId"));
        let group = group.ok_or_else(|| {
            Failure::new(
                400,
                "MissingParameters",
                "The required parameters for the request are missing: $filter by groupId or principalId.",
            )
        })?;
        return list::answer(context, set, rows_of(context, set, group)?);
    }
    let rows = match owner {
        Some(owner) => rows_of(context, set, owner)?,
        None if set.name == "users" && context.query.selects("signInActivity") => return with_activity(context),
        None => context.folder.rows(set.rows).map_err(broken)?,
    };
    list::answer(context, set, rows)
}

/// Users whose `$select` names `signInActivity`.
fn with_activity(context: &Context<'_>) -> Result<Answer, Failure> {
    let activity = endpoint("signInActivity").ok_or_else(|| Failure::no_segment("signInActivity"))?;
    let own = ["id", "signInActivity"];
    let alone = context.query.select.iter().flatten().all(|name| own.contains(&name.as_str()));
    let name = if alone { activity.name } else { "users" };
    let rows = context.folder.rows(name).map_err(broken)?;
    list::answer(context, activity, rows)
}

/// The rows of one owner: none where it has none, and an error where there is no such owner.
fn rows_of(context: &Context<'_>, set: &'static Endpoint, owner: &str) -> Result<Option<Arc<Rows>>, Failure> {
    if context.state.deleted().contains(owner) {
        return Err(Failure::no_object(owner));
    }
    let owners = set.owner.map(|name| context.folder.rows(name)).transpose().map_err(broken)?.flatten();
    if set.name == "members" && !context.allows(&[&[READ_HIDDEN]]) {
        let group = owners.as_ref().map(|rows| rows.find(owner)).transpose().map_err(broken)?.flatten();
        let hidden = group.and_then(|group| text(&group, "visibility"));
        if hidden.is_some_and(|visibility| visibility.eq_ignore_ascii_case("HiddenMembership")) {
            return Err(Failure::refused(set));
        }
    }
    if let Some(rows) = context.folder.rows_of(set.name, owner).map_err(broken)? {
        return Ok(Some(rows));
    }
    let known = match owners {
        Some(owners) => owners.find(owner).map_err(broken)?.is_some(),
        None => false,
    };
    if known { Ok(None) } else { Err(Failure::no_object(owner)) }
}

fn object(context: &Context<'_>, set: &'static Endpoint, owner: Option<&str>) -> Result<Answer, Failure> {
    let rows = match owner {
        Some(owner) => rows_of(context, set, owner)?,
        None => context.folder.rows(set.rows).map_err(broken)?,
    };
    let row = rows.map(|rows| rows.at(Cursor::default())).transpose().map_err(broken)?.flatten();
    let row = row.ok_or_else(|| Failure::no_object(owner.unwrap_or(set.name)))?;
    entity(context, set, &row)
}

/// One object with its context.
fn entity(context: &Context<'_>, set: &'static Endpoint, row: &[u8]) -> Result<Answer, Failure> {
    let expand = &context.query.expand;
    list::known_relations(set, expand)?;
    let related = related::looks_up(set.name) && !expand.is_empty();
    let whole = related.then(|| related::with_related(&context.folder, set.name, expand, row)).transpose()?;
    let mut shaped = Vec::with_capacity(row.len());
    shape(context, set).write(whole.as_deref().unwrap_or(row), &mut shaped);
    let url = context_url(context, set, "/$entity");
    let mut body = format!("{{\"@odata.context\":{}", Value::String(url)).into_bytes();
    let rest = shaped.get(1..).unwrap_or_default();
    if rest.first() != Some(&b'}') {
        body.push(b',');
    }
    body.extend_from_slice(rest);
    Ok(Answer::graph(body, 1))
}

fn by_id(context: &Context<'_>, set: &'static Endpoint, id: &str) -> Result<Answer, Failure> {
    let rows = context.folder.rows(set.rows).map_err(broken)?;
    let row = rows.map(|rows| rows.find(id)).transpose().map_err(broken)?.flatten();
    let row = row.filter(|_| !context.state.deleted().contains(id)).ok_or_else(|| Failure::no_object(id))?;
    entity(context, set, &row)
}

fn related_of(context: &Context<'_>, set: &'static Endpoint, id: &str, relation: &str) -> Result<Answer, Failure> {
    let rows = context.folder.rows(set.rows).map_err(broken)?;
    let row =
        rows.map(|rows| rows.find(id)).transpose().map_err(broken)?.flatten().ok_or_else(|| Failure::no_object(id))?;
    let value = property(&row, relation).unwrap_or(b"[]");
    let url = format!("{}/{}/$metadata#directoryObjects", context.ask.base, context.ask.version.name());
    let mut body = format!("{{\"@odata.context\":{},\"value\":", Value::String(url)).into_bytes();
    body.extend_from_slice(value);
    body.push(b'}');
    Ok(Answer::graph(body, 1))
}

fn count(context: &Context<'_>, set: &'static Endpoint) -> Result<Answer, Failure> {
    if !context.ask.eventual {
        return Err(Failure::unsupported(
            "Request_BadRequest: $count is not currently supported without ConsistencyLevel: eventual.",
        ));
    }
    let rows = context.folder.rows(set.rows).map_err(broken)?;
    let count = rows.map_or(Ok(0), |rows| rows.count()).map_err(broken)?;
    let off = context.struck.find(|fault| fault.count_off).unwrap_or(0);
    Ok(Answer::of(200, "text/plain", count.saturating_add_signed(off).to_string().into_bytes()))
}

/// Everybody in a group and in the groups in it, each once.
fn transitive(context: &Context<'_>, group: &str) -> Result<Answer, Failure> {
    let set = endpoint("members").ok_or_else(|| Failure::no_segment("transitiveMembers"))?;
    let (mut open, mut seen, mut found) =
        (VecDeque::from([group.to_owned()]), HashSet::from([group.to_owned()]), Vec::new());
    let mut first = true;
    while let Some(next) = open.pop_front() {
        let rows = if first {
            rows_of(context, set, &next)?
        } else {
            context.folder.rows_of(set.name, &next).map_err(broken)?
        };
        first = false;
        let Some(rows) = rows else { continue };
        rows.for_each(|_, row| {
            let Some(id) = text(row, "id").filter(|id| seen.insert(id.clone())) else { return };
            found.push(serde_json::from_slice::<Value>(row).unwrap_or(Value::Null));
            if text(row, "@odata.type").is_some_and(|kind| kind.ends_with(".group")) {
                open.push_back(id);
            }
        })
        .map_err(broken)?;
    }
    let page = context.query.top.unwrap_or(100).min(999);
    let from = context.query.skip_token.as_deref().map_or(Ok(0), |token| {
        super::token::read::<super::token::Round>(context.state.seed, token)
            .map(|round| round.at)
            .ok_or_else(Failure::expired_page)
    })?;
    let rows: Vec<Value> = found.iter().skip(from).take(page).cloned().collect();
    let mut body = json!({"@odata.context": context_url(context, set, "")});
    if from + rows.len() < found.len() {
        let token = super::token::Round { round: 0, at: from + rows.len(), issued: context.state.clock.now() };
        body["@odata.nextLink"] =
            Value::String(list::link(context, "$skiptoken", &super::token::write(context.state.seed, &token)));
    }
    let count = rows.len();
    body["value"] = Value::Array(rows);
    Ok(Answer::graph(body.to_string().into_bytes(), count))
}

/// The id of a row, counted from one.
pub(crate) fn id_of_row(folder: &Folder, set: &str, number: usize) -> Result<Option<String>, ExportError> {
    let Some(rows) = endpoint(set).map(|set| folder.rows(set.rows)).transpose()?.flatten() else { return Ok(None) };
    let mut left = number;
    let mut found = None;
    rows.for_each(|_, row| {
        left = left.saturating_sub(1);
        if left == 0 && found.is_none() {
            found = text(row, "id");
        }
    })?;
    Ok(found)
}

/// What v1.0 shows of a user where `$select` doesn't choose.
const USER_UNASKED: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// What of a row this request sees.
pub(crate) fn shape(context: &Context<'_>, set: &'static Endpoint) -> Shape {
    let Query { select, expand, .. } = &context.query;
    let named = |name: &str| expand.iter().any(|expand| expand.name == name);
    let select = select.as_ref().map(|names| {
        let related = expand.iter().map(|expand| expand.name.clone());
        names.iter().cloned().chain(related).collect::<Vec<_>>()
    });
    // v1.0 shows little of a user unasked.
    let unasked = select.is_none() && set.name == "users" && context.ask.version == Version::V1;
    let select = if unasked { Some(USER_UNASKED.map(str::to_owned).to_vec()) } else { select };
    let mut hidden: Vec<&'static str> = set.relations.iter().copied().filter(|name| !named(name)).collect();
    if context.ask.version == Version::V1 {
        hidden.extend(set.beta_properties);
    }
    let select = select.map(|names| names.into_iter().filter(|name| !hidden.contains(&name.as_str())).collect());
    Shape { select, hidden, edits: edits(context, set, expand) }
}

fn edits(context: &Context<'_>, set: &'static Endpoint, expand: &[Expand]) -> Vec<Edit> {
    let mut edits = Vec::new();
    if !expand.is_empty() {
        let directory = ["groups", "applications", "servicePrincipals", "directoryRoles"];
        edits.push(Edit::Expanded { expand: expand.to_vec(), capped: directory.contains(&set.name) });
    }
    if MASKED_SETS.contains(&set.name) && !context.ask.knows_new_members() {
        edits.push(Edit::MaskEnums);
    }
    match (set.name, context.ask.version) {
        ("authenticationMethodsPolicy", Version::V1) => edits.push(Edit::MethodsOfV1),
        ("roleEligibilitySchedules", _) => edits.push(Edit::Schedule),
        ("authorizationPolicy", Version::Beta) => edits.push(Edit::GrantListOfBeta),
        ("groups", _) if !context.allows(READ_GROUPS) => edits.push(Edit::Nulls(&["membershipRule", "visibility"])),
        ("members", _) if !context.allows(READ_USERS) => edits.push(Edit::OnlyIds),
        _ => {}
    }
    for fault in context.struck.iter() {
        if fault.extra_properties {
            edits.push(Edit::Extra);
        }
        if fault.drop_nulls {
            edits.push(Edit::DropNulls);
        }
        if let (Some(path), Some(value)) = (&fault.set, &fault.value) {
            edits.push(Edit::Set(path.split('/').map(str::to_owned).collect(), value.clone()));
        }
    }
    edits
}

/// `https://…/v1.0/$metadata#users(id,displayName)`
pub(crate) fn context_url(context: &Context<'_>, set: &Endpoint, behind: &str) -> String {
    let selected = context.query.select.as_ref().map_or_else(String::new, |names| format!("({})", names.join(",")));
    format!("{}/{}/$metadata#{}{selected}{behind}", context.ask.base, context.ask.version.name(), set.context)
}

pub(crate) fn parsed(text: &str) -> Result<Filter, Failure> {
    Filter::parse(text).map_err(|bad| Failure::bad_request(bad.0))
}

#[expect(clippy::needless_pass_by_value, reason = "it is used where an error is turned into another")]
pub(crate) fn broken(error: ExportError) -> Failure {
    Failure::broken(&error)
}
