//! Settings: tenants, tokens, sessions, what lies on disk and for how long, and the audit log; in files of their own alerts,
//! and which roles a provider brings.
//!
//! A tenant's part is for its administrators; what is of the whole service is for who is administrator of all of it.

pub(super) mod alerts;
mod roles;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_history::Tenant;
use idscore_history::instants::{DAY, rfc3339};
use idscore_score::Zones;
use idscore_store::{HistoryError, Role, SESSIONS_KEPT, Session, SessionLimits, Sizes, Token, now};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::address::{part, see_other};
use super::failure::{PageFailure, render};
use super::form::Form;
use super::frame::{Frame, Place};
use super::shown;
use super::sign_in::random;
use super::visitor::{Asked, AtHome, Segments, Visitor};
use crate::api::scope_names;
use crate::state::Service;

/// Tenants whose settings stand on the page; with more, a search chooses.
const TENANTS: usize = 20;
/// Entries of the log on a page.
const ENTRIES: i64 = 50;
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
/// The longest life of a token, in days, and the longest text of a field.
const LONGEST: i64 = 365;
const TEXT: usize = 200;

#[derive(Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    search: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    search: String,
    tenants: Vec<TenantPart>,
    more: Option<String>,
    /// What the last form gave.
    done: Done,
    /// What is of the whole service; none for who is administrator of some tenants only.
    service: Option<ServicePart>,
}

/// What sending a form gave that the page says once.
#[derive(Default)]
struct Done {
    /// A token that was just made: its tenant and the secret, which nobody sees again.
    made: Option<(String, String)>,
    /// Whether the test message arrived, in words.
    tested: Option<(bool, String)>,
}

struct TenantPart {
    id: String,
    name: String,
    address: String,
    /// The page of how it is collected.
    collection: String,
    invented: bool,
    industry: String,
    okay: u8,
    good: u8,
    seats: String,
    tokens: Vec<TokenRow>,
    scopes: Vec<(&'static str, bool)>,
}

struct TokenRow {
    name: String,
    scopes: String,
    made: String,
    used: String,
    state: String,
    class: &'static str,
    /// Where it is revoked, while it holds.
    revoke: Option<String>,
}

struct ServicePart {
    sessions: Vec<SessionRow>,
    alerts: alerts::Part,
    roles: Option<roles::Part>,
    /// How long what is kept; where it goes to.
    lives: Vec<(String, String)>,
    sizes: Vec<(String, String)>,
}

struct SessionRow {
    name: String,
    origin: String,
    since: String,
    seen: String,
    ends: String,
    own: bool,
    end: String,
}

/// `GET /settings`
pub(super) async fn page(
    at: AtHome,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    render(&settings(&at, &service, query.search, Done::default()).await?)
}

async fn settings(at: &AtHome, service: &Service, search: String, done: Done) -> Result<SettingsPage, PageFailure> {
    let history = &service.archive.history;
    let frame = at.frame(Place::Settings, &Texts::english().say("nav-settings"));
    let t = frame.t;
    if at.visitor.session.person.roles.highest() < Some(Role::Administrator) {
        return Err(PageFailure::Forbidden);
    }
    let wanted = search.trim().to_lowercase();
    let mut all = history.tenants().await?;
    all.retain(|tenant| at.visitor.may(&tenant.id, Role::Administrator).is_ok());
    all.retain(|tenant| {
        wanted.is_empty() || tenant.id.contains(&wanted) || tenant.display_name.to_lowercase().contains(&wanted)
    });
    let more = all.len().saturating_sub(TENANTS) as u64;
    let mut tenants = Vec::new();
    for tenant in all.into_iter().take(TENANTS) {
        let tokens = history.tokens(&tenant.id).await?;
        tenants.push(tenant_part(t, tenant, &tokens));
    }
    let service = match of_service(&at.visitor) {
        Ok(()) => Some(service_part(t, at, service).await?),
        Err(_) => None,
    };
    let more = (more > 0).then(|| t.with("settings-more-tenants", &[("count", more.into())]));
    Ok(SettingsPage { frame, search, tenants, more, done, service })
}

/// Whether somebody is administrator of all of it.
fn of_service(visitor: &Visitor) -> Result<(), PageFailure> {
    match visitor.session.person.roles.everywhere_role() {
        Some(Role::Administrator) => Ok(()),
        _ => Err(PageFailure::Forbidden),
    }
}

fn tenant_part(t: Texts, tenant: Tenant, tokens: &[Token]) -> TenantPart {
    let address = format!("/settings/tenants/{}", part(&tenant.id));
    let at = now();
    let row = |token: &Token| {
        let (state, class) = match (token.revoked_at, token.expires_at <= at) {
            (Some(_), _) => (t.say("settings-token-revoked"), "quiet"),
            (None, true) => (t.say("settings-token-ended"), "quiet"),
            (None, false) => {
                let until = day(token.expires_at);
                (t.with("settings-token-until", &[("day", (&until).into())]), "met")
            }
        };
        let holds = token.revoked_at.is_none() && token.expires_at > at;
        TokenRow {
            name: token.name.clone(),
            scopes: token.scopes.join(", "),
            made: day(token.created_at),
            used: token.last_used_at.map_or_else(|| t.say("settings-never"), moves::instant),
            state,
            class,
            revoke: holds.then(|| format!("{address}/tokens/{}/revoke", part(&token.id))),
        }
    };
    TenantPart {
        name: shown::name(&tenant),
        invented: tenant.invented,
        okay: tenant.zones.okay(),
        good: tenant.zones.good(),
        seats: tenant.seats.map_or_else(|| t.say("settings-unknown"), words::thousands),
        industry: tenant.industry,
        tokens: tokens.iter().map(row).collect(),
        // What a reader of scores needs; writing is a choice.
        scopes: scope_names().into_iter().map(|name| (name, !name.contains("ReadWrite"))).collect(),
        collection: format!("/tenants/{}/collection", part(&tenant.id)),
        id: tenant.id,
        address,
    }
}

fn day(at: i64) -> String {
    let text = rfc3339(at);
    words::day(&text).to_owned()
}

async fn service_part(t: Texts, at: &AtHome, service: &Service) -> Result<ServicePart, PageFailure> {
    let history = &service.archive.history;
    let own = &at.visitor.session.id;
    let sessions = history.sessions(now()).await?;
    let sizes = service.archive.sizes().await?;
    Ok(ServicePart {
        sessions: sessions.iter().map(|session| session_row(session, own)).collect(),
        alerts: alerts::part(t, service).await?,
        roles: service.web.provider.as_ref().map(|provider| roles::part(t, provider)),
        lives: lives(t, service),
        sizes: on_disk(t, &sizes),
    })
}

fn session_row(session: &Session, own: &str) -> SessionRow {
    SessionRow {
        name: session.person.name.clone(),
        origin: session.origin.clone(),
        since: moves::instant(session.created_at),
        seen: moves::instant(session.last_seen_at),
        ends: moves::instant(session.ends_at),
        own: session.id == own,
        end: format!("/settings/sessions/{}/end", part(&session.id)),
    }
}

/// For how long things are kept: what, and how long.
fn lives(t: Texts, service: &Service) -> Vec<(String, String)> {
    let SessionLimits { idle, absolute } = service.web.sessions;
    let session = [("idle", whole(idle, MINUTE).into()), ("most", whole(absolute, HOUR).into())];
    let ended = [("days", whole(SESSIONS_KEPT, DAY).into())];
    vec![
        (t.say("settings-life-tenants"), t.say("settings-life-tenants-how")),
        (t.say("settings-life-log"), t.say("settings-life-log-how")),
        (t.say("settings-life-sessions"), t.with("settings-life-sessions-how", &session)),
        (t.say("settings-life-ended"), t.with("settings-life-ended-how", &ended)),
    ]
}

/// How many whole units a time has.
fn whole(time: i64, unit: i64) -> u64 {
    u64::try_from(time / unit).unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "a size in MiB has one decimal")]
fn on_disk(t: Texts, sizes: &Sizes) -> Vec<(String, String)> {
    let mebibytes = |bytes: u64| format!("{:.1} MiB", bytes as f64 / 1_048_576.0);
    let mut shown = vec![
        (t.say("settings-size-snapshots"), mebibytes(sizes.snapshots)),
        (t.say("settings-size-evidence"), mebibytes(sizes.evidence)),
    ];
    shown.extend(sizes.database.map(|bytes| (t.say("settings-size-database"), mebibytes(bytes))));
    shown
}

#[derive(Deserialize)]
pub(super) struct TenantFields {
    #[serde(default)]
    industry: String,
    okay: u8,
    good: u8,
}

/// `POST /settings/tenants/{tenant}`: industry and zones.
pub(super) async fn change_tenant(
    Segments(id): Segments<String>,
    State(service): State<Service>,
    form: Form<TenantFields>,
) -> Result<Response, PageFailure> {
    form.visitor.may(&id, Role::Administrator)?;
    let industry = short(&form.fields.industry)?;
    let zones = Zones::new(form.fields.okay, form.fields.good);
    let zones = zones.map_err(|error| PageFailure::Bad(shown::first_upper(&format!("{error}."))))?;
    let (history, actor) = (&service.archive.history, form.visitor.actor());
    history.set_industry(&actor, &id, &industry).await?;
    history.set_zones(&actor, &id, zones).await?;
    Ok(see_other("/settings"))
}

/// A text of a field without blanks around it, not too long.
fn short(text: &str) -> Result<String, PageFailure> {
    let text = text.trim();
    if text.chars().count() > TEXT {
        return Err(PageFailure::Bad(format!("A text may have {TEXT} characters at most.")));
    }
    Ok(text.to_owned())
}

#[derive(Deserialize)]
pub(super) struct TokenFields {
    name: String,
    #[serde(default)]
    scope: Vec<String>,
    days: i64,
}

/// `POST /settings/tenants/{tenant}/tokens`: the answer is the page with the secret, which nobody sees again.
pub(super) async fn make_token(
    at: AtHome,
    Segments(id): Segments<String>,
    State(service): State<Service>,
    form: Form<TokenFields>,
) -> Result<Response, PageFailure> {
    form.visitor.may(&id, Role::Administrator)?;
    let fields = &form.fields;
    let name = short(&fields.name)?;
    let known = scope_names();
    let unknown = fields.scope.iter().any(|scope| !known.contains(&scope.as_str()));
    if name.is_empty() || fields.scope.is_empty() || unknown || !(1..=LONGEST).contains(&fields.days) {
        return Err(PageFailure::Bad(format!(
            "A token needs a name, one of the scopes at least, and from 1 to {LONGEST} days."
        )));
    }
    let at_instant = now();
    let token = Token {
        id: String::new(),
        tenant_id: id.clone(),
        name,
        scopes: fields.scope.clone(),
        created_at: at_instant,
        expires_at: at_instant + fields.days * DAY,
        last_used_at: None,
        revoked_at: None,
    };
    let made = service.archive.history.create_token(&form.visitor.actor(), &token, &random()?).await?;
    let tenant = service.archive.history.tenant(&id).await?;
    let done = Done { made: Some((shown::name(&tenant), made.secret)), tested: None };
    render(&settings(&at, &service, String::new(), done).await?)
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// `POST /settings/tenants/{tenant}/tokens/{token}/revoke`
pub(super) async fn revoke_token(
    Segments((tenant, token)): Segments<(String, String)>,
    State(service): State<Service>,
    form: Form<Nothing>,
) -> Result<Response, PageFailure> {
    form.visitor.may(&tenant, Role::Administrator)?;
    service.archive.history.revoke_token(&form.visitor.actor(), &tenant, &token, now()).await?;
    Ok(see_other("/settings"))
}

/// `POST /settings/sessions/{session}/end`
pub(super) async fn end_session(
    Segments(id): Segments<String>,
    State(service): State<Service>,
    form: Form<Nothing>,
) -> Result<Response, PageFailure> {
    of_service(&form.visitor)?;
    service.archive.history.end_session(&form.visitor.actor(), &id, now()).await?;
    Ok(see_other("/settings#sessions"))
}

#[derive(Deserialize)]
pub(super) struct LogQuery {
    before: Option<i64>,
    #[serde(default)]
    verify: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    /// What following the chain gave, when it was asked for.
    verified: Option<(bool, String)>,
    entries: Vec<Entry>,
    older: Option<String>,
}

struct Entry {
    number: i64,
    at: String,
    kind: &'static str,
    actor: String,
    /// Where the name doesn't say it.
    actor_id: Option<String>,
    tenant: String,
    action: String,
    subject: String,
    detail: String,
}

/// `GET /settings/audit`: the log, newest first.
pub(super) async fn audit(
    at: AtHome,
    Asked(query): Asked<LogQuery>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    of_service(&at.visitor)?;
    let history = &service.archive.history;
    let frame = at.frame(Place::Settings, &Texts::english().say("settings-audit"));
    let t = frame.t;
    let verified = if query.verify { Some(verified(t, history.verify_audit().await)?) } else { None };
    let found = history.audit_before(query.before.unwrap_or(i64::MAX), ENTRIES).await?;
    let older = found.last().map(|entry| entry.sequence).filter(|sequence| *sequence > 1);
    render(&AuditPage {
        verified,
        older: older.map(|sequence| format!("/settings/audit?before={sequence}")),
        entries: found
            .into_iter()
            .map(|entry| Entry {
                number: entry.sequence,
                at: moves::instant(entry.at),
                kind: entry.actor_kind.word(),
                actor_id: Some(entry.actor_id)
                    .filter(|id| !id.is_empty() && entry.actor.strip_prefix("token:").unwrap_or(&entry.actor) != id),
                actor: entry.actor,
                tenant: entry.tenant_id,
                action: entry.action,
                subject: entry.subject,
                detail: entry.detail,
            })
            .collect(),
        frame,
    })
}

fn verified(t: Texts, result: Result<idscore_store::Verified, HistoryError>) -> Result<(bool, String), PageFailure> {
    match result {
        Ok(verified) => {
            let count = u64::try_from(verified.entries).unwrap_or(0);
            let mut said = t.with("audit-whole", &[("count", count.into()), ("head", (&verified.head).into())]);
            let remarks = (verified.remarks.len() as u64).saturating_add(verified.more_remarks);
            if let Some(first) = verified.remarks.first() {
                let number = u64::try_from(first.sequence).unwrap_or(0);
                said.push(' ');
                said += &t.with("audit-clock", &[("count", remarks.into()), ("number", number.into())]);
            }
            Ok((true, said))
        }
        Err(HistoryError::Audit { sequence, reason }) => {
            let number = u64::try_from(sequence).unwrap_or(0);
            Ok((false, t.with("audit-broken", &[("number", number.into()), ("why", (&reason).into())])))
        }
        Err(HistoryError::Damaged { .. }) => Ok((false, t.say("audit-damaged"))),
        Err(other) => Err(other.into()),
    }
}
