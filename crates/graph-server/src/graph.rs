//! One request to Graph: who asks, within which limits, with which permission, and then the answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::answer::{Answer, GRAPH_JSON};
use crate::clock::{error_date, http_date};
use crate::endpoints::{Class, Endpoint, ON_PREMISES, Service, endpoint};
use crate::failure::{Failure, code, reason};
use crate::faults::{Asked, Struck};
use crate::folder::Folder;
use crate::jwt::Claims;
use crate::query::Query;
use crate::route::{Route, Version, route};
use crate::state::State;
use crate::throttle::Taken;
use crate::{collection, delta, metadata};

/// A request as the rest of the server sees it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub method: String,
    pub version: Version,
    /// Behind the version, decoded.
    pub path: String,
    /// Behind the question mark, as it came.
    pub query: String,
    /// `http://127.0.0.1:1234`, as the client named it.
    pub base: String,
    pub authorization: Option<String>,
    pub prefer: String,
    /// `ConsistencyLevel: eventual`
    pub eventual: bool,
    pub client_request_id: Option<String>,
    pub in_batch: bool,
}

impl Ask {
    /// `Prefer: odata.maxpagesize=…`
    pub fn preferred_page(&self) -> Option<usize> {
        let wanted = self.prefer.split([',', ';']).find_map(|part| part.trim().strip_prefix("odata.maxpagesize="));
        wanted.and_then(|size| size.trim().parse().ok()).filter(|size| *size > 0)
    }

    pub fn knows_new_members(&self) -> bool {
        self.prefer.split([',', ';']).any(|part| part.trim() == "include-unknown-enum-members")
    }
}

/// A request with all that decides its answer.
pub(crate) struct Context<'a> {
    pub state: &'a State,
    pub ask: &'a Ask,
    pub query: Query,
    pub folder: Arc<Folder>,
    pub claims: Claims,
    pub struck: Struck,
}

impl Context<'_> {
    pub fn allows(&self, sets: &[&[&str]]) -> bool {
        let held = self.claims.permissions();
        let holds = |wanted: &str| {
            // Whoever may write may read.
            let writing = wanted.replace(".Read.", ".ReadWrite.");
            held.iter().any(|permission| *permission == wanted || *permission == writing)
        };
        sets.iter().any(|set| set.iter().all(|permission| holds(permission)))
    }
}

/// Answers, and counts.
pub(crate) fn answer(state: &State, ask: &Ask) -> Answer {
    let (request, now) = (state.new_id(), Instant::now());
    let client_request = ask.client_request_id.clone().unwrap_or_else(|| request.clone());
    let mut notes = Notes::default();
    let answered = flow(state, ask, now, &mut notes);
    let mut answer = match answered {
        Ok(answer) => answer,
        Err(mut failure) => {
            failure.lower_case = notes.lower_case;
            let body = failure.body(&error_date(state.clock.now()), &request, &client_request);
            let kind = if failure.html { "text/html" } else { GRAPH_JSON };
            let mut answer = Answer::of(failure.status, kind, body);
            answer.headers = failure.headers;
            answer
        }
    };
    answer.headers.append(&mut notes.headers);
    answer.headers.extend([
        ("request-id", request),
        ("client-request-id", client_request),
        ("x-ms-ags-diagnostic", DIAGNOSTIC.to_owned()),
    ]);
    answer = answer.scripted(&notes.struck);
    state.counters().answered(answer.status, answer.body.len(), answer.rows);
    answer
}

const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"North Europe","Slice":"E","Ring":"5","ScaleUnit":"001","RoleInstance":"DB1PEPF00000001"}}"#;

/// What is known of an answer before there is one.
#[derive(Debug, Default)]
struct Notes {
    struck: Struck,
    headers: Vec<(&'static str, String)>,
    /// The service writes `innererror`.
    lower_case: bool,
}

fn flow(state: &State, ask: &Ask, now: Instant, notes: &mut Notes) -> Result<Answer, Failure> {
    let folder = state.folder();
    let way = route(&ask.path, ask.version, &folder).map_err(|error| Failure::broken(&error))?;
    let query = Query::parse(&ask.query);
    let set = set_of(&way, query.as_ref().ok());
    let (name, class) = set.map_or(("metadata", Class::Other), |set| (set.name, set.class));
    notes.lower_case = set.is_some_and(|set| matches!(set.service, Service::Roles | Service::Reports));
    let units = set.map_or(1, |set| units(&way, set, query.as_ref().ok()));
    state.counters().asked(class, name, units, now);
    let taken = state.throttle().map(|mut throttle| throttle.take(class, units, now));

    let plain = super::query::decoded(&ask.query).into_owned();
    let struck = state
        .options
        .faults
        .strike(Asked { data_set: name, class, path: &ask.path, query: &plain, in_batch: ask.in_batch }, state.seed);
    notes.struck = struck.clone();
    act(state, &struck, &folder, name)?;
    if let Some(failure) = scripted(state, ask, &struck, class, now) {
        return Err(failure);
    }
    let claims = signed_in(state, ask)?;
    if let Some(taken) = taken {
        within_limits(state, taken, class, units, &claims, now, &mut notes.headers)?;
    }
    if ask.method != "GET" {
        return Err(Failure::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        ));
    }
    let query = query.map_err(|bad| Failure::bad_request(bad.0))?;
    if ask.knows_new_members() {
        notes.headers.push(("preference-applied", "include-unknown-enum-members".to_owned()));
    }
    let folder = if struck.any(|fault| fault.lag) { state.replica(1) } else { state.folder() };
    let context = Context { state, ask, query, folder, claims, struck };
    if let Some(set) = set {
        gate(&context, set)?;
    }
    match way {
        Route::Metadata => Ok(metadata::answer()),
        Route::Unknown { segment } => Err(Failure::no_segment(&segment)),
        Route::Delta { endpoint } => delta::answer(&context, endpoint),
        other => collection::answer(&context, &other),
    }
}

/// The data set that is meant: sign-in activity hides behind `$select`.
fn set_of(way: &Route, query: Option<&Query>) -> Option<&'static Endpoint> {
    let set = way.endpoint()?;
    if set.name == "users" && query.is_some_and(|query| query.selects("signInActivity")) {
        return endpoint("signInActivity");
    }
    Some(set)
}

fn units(way: &Route, set: &Endpoint, query: Option<&Query>) -> u32 {
    let base = match way {
        Route::Transitive { .. } => 5,
        Route::ById { .. } | Route::Related { .. } => 1,
        _ => set.units,
    };
    let (mut more, mut less) = (0, 0);
    if let Some(query) = query {
        more += i32::from(!query.expand.is_empty());
        less += i32::from(query.select.is_some()) + i32::from(query.top.is_some_and(|top| top < 20));
    }
    u32::try_from((base + more - less).max(1)).unwrap_or(1)
}

/// What a fault changes about the server, before it answers.
fn act(state: &State, struck: &Struck, folder: &Folder, set: &str) -> Result<(), Failure> {
    for fault in struck.iter() {
        if fault.expire_tokens {
            state.ended.store(state.tokens.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        if let Some(seconds) = fault.clock_skew_seconds {
            state.clock.set_skew(seconds);
        }
        if fault.next_export {
            state.next_export().map_err(|error| Failure::broken(&error))?;
        }
        if let Some(wanted) = &fault.delete {
            let id = match wanted.strip_prefix("row:").and_then(|number| number.parse::<usize>().ok()) {
                Some(number) => collection::id_of_row(folder, set, number).map_err(|error| Failure::broken(&error))?,
                None => Some(wanted.clone()),
            };
            if let Some(id) = id {
                state.delete(id);
            }
        }
    }
    Ok(())
}

/// The error that the script wants here.
pub(crate) fn scripted(state: &State, ask: &Ask, struck: &Struck, class: Class, now: Instant) -> Option<Failure> {
    if struck.any(|fault| fault.expired_page_token) && ask.query.contains("skiptoken") {
        return Some(Failure::expired_page());
    }
    if struck.any(|fault| fault.resync) {
        return Some(delta::resync(ask));
    }
    let status = struck.find(|fault| fault.status)?;
    let text = |says: Option<String>, otherwise: &str| says.unwrap_or_else(|| otherwise.to_owned());
    let mut failure = Failure::new(
        status,
        text(struck.find(|fault| fault.code.clone()), code(status)),
        text(struck.find(|fault| fault.message.clone()), reason(status)),
    );
    failure.html = struck.any(|fault| fault.html);
    let seconds = struck.find(|fault| fault.retry_after);
    let date = struck.find(|fault| fault.retry_after_date);
    if let Some(seconds) = seconds {
        failure = failure.with("retry-after", seconds.to_string());
    } else if let Some(seconds) = date {
        let at = state.clock.now().saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        failure = failure.with("retry-after", http_date(at));
    }
    if status == 429 {
        // A date is whole seconds: it may be one less than was meant.
        let wait = seconds.or(date.map(|seconds| seconds.saturating_sub(1))).map(Duration::from_secs);
        state.counters().throttled(class, true, wait, now);
    }
    Some(failure)
}

pub(crate) fn signed_in(state: &State, ask: &Ask) -> Result<Claims, Failure> {
    let Some(header) = &ask.authorization else {
        return Err(Failure::unauthenticated("Access token is empty."));
    };
    let bearer = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let claims = bearer
        .and_then(|(_, token)| state.signer.read(token.trim()))
        .filter(|claims| claims.aud.starts_with("http"))
        .ok_or_else(|| Failure::unauthenticated("CompactToken parsing failed with error code: 80049217"))?;
    if claims.exp <= state.clock.now() || claims.uti <= state.ended.load(Ordering::Relaxed) {
        return Err(Failure::unauthenticated("Lifetime validation failed, the token is expired."));
    }
    Ok(claims)
}

fn within_limits(
    state: &State,
    taken: Taken,
    class: Class,
    units: u32,
    claims: &Claims,
    now: Instant,
    extra: &mut Vec<(&'static str, String)>,
) -> Result<(), Failure> {
    if class == Class::Directory {
        extra.push(("x-ms-resource-unit", units.to_string()));
        if taken.share >= 0.8 {
            extra.push(("x-ms-throttle-limit-percentage", format!("{:.1}", taken.share.min(1.8))));
        }
    }
    if taken.allowed {
        return Ok(());
    }
    let seconds = taken.wait.as_secs() + u64::from(taken.wait.subsec_nanos() > 0);
    let mut failure = Failure::throttled();
    // Conditional Access and Identity Protection don't say how long.
    let told = (class != Class::Protection).then_some(seconds.max(1));
    if let Some(seconds) = told {
        // The directory says it as a date now and then.
        let dated = class == Class::Directory
            && state.counters().so_far.classes.get(&class).is_some_and(|seen| seen.throttled % 4 == 3);
        let at = state.clock.now().saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)).saturating_add(1);
        failure = failure.with("retry-after", if dated { http_date(at) } else { seconds.to_string() });
    }
    if class == Class::Directory {
        extra.push(("x-ms-throttle-scope", format!("Tenant_Application/ReadWrite/{}/{}", claims.appid, claims.tid)));
        extra.push(("x-ms-throttle-information", "ResourceUnitLimitExceeded".to_owned()));
    }
    state.counters().throttled(class, false, told.map(Duration::from_secs), now);
    Err(failure)
}

/// Permission, then licence, then what the export itself met.
fn gate(context: &Context<'_>, set: &Endpoint) -> Result<(), Failure> {
    let permitted = if set.name == "onPremisesSynchronization" {
        context.claims.scp.is_some() && context.allows(&[&[ON_PREMISES]])
    } else {
        context.allows(set.permissions)
    };
    if !permitted {
        return Err(Failure::refused(set));
    }
    if !context.state.options.licensed(set.needs) {
        return Err(Failure::not_licensed(set));
    }
    recorded(&context.folder, set)
}

/// What stopped the export's own collection stops this one.
fn recorded(folder: &Folder, set: &Endpoint) -> Result<(), Failure> {
    let Some(recorded) = folder.recorded(set.rows) else {
        return if folder.holds(set.rows) { Ok(()) } else { Err(absent(set)) };
    };
    let mut failure = match recorded.status.as_str() {
        "refused" => Failure::refused(set),
        "notLicensed" => Failure::not_licensed(set),
        "notInCloud" => Failure::no_segment(set.name),
        "failed" => Failure::new(503, "ServiceUnavailable", reason(503)),
        _ => return Ok(()),
    };
    if let Some(code) = &recorded.error_code {
        failure.code.clone_from(code);
    }
    if let Some(message) = &recorded.message {
        failure.message.clone_from(message);
    }
    Err(failure)
}

fn absent(set: &Endpoint) -> Failure {
    Failure::new(404, "ResourceNotFound", format!("The export that is served here holds no data set `{}`.", set.name))
}
