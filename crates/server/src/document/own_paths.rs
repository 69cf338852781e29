//! `/api/v1`, and what the service says about itself.

use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::parts::{date, in_path, in_query, instant, natural, schema, text, with};
use crate::api::Scope;
use crate::docs;

const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";

/// Every path with its operations.
pub(super) fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for (rest, item) in [
        ("", json!({"get": tenant()})),
        ("/trend", json!({"get": trend()})),
        ("/assessments/{assessment}", json!({"get": assessment()})),
        ("/controls/{control}/evidence", json!({"get": evidence()})),
        ("/actions", json!({"get": actions(), "patch": change_actions()})),
        ("/actions/effect", json!({"post": effect()})),
        ("/reviews", json!({"get": reviews(), "post": record_review()})),
        ("/attestations", json!({"get": attestations(), "post": attest()})),
        ("/compare", json!({"get": compare()})),
        ("/diff", json!({"get": diff()})),
        ("/snapshots", json!({"get": snapshots(), "post": upload()})),
        ("/audit", json!({"get": audit()})),
    ] {
        all.insert(format!("/api/v1/tenants/{{tenant}}{rest}"), item);
    }
    for (path, id, summary, media) in [
        ("/healthz", "healthz", "Whether the service runs", "text/plain"),
        ("/api/v1/openapi.json", "openapi", "This document", "application/json"),
    ] {
        let sent = if media == "application/json" { json!({"type": "object"}) } else { json!({"type": "string"}) };
        let content = json!({media: {"schema": sent}});
        let get = Operation::without_token(id, "service", summary).sends("200", "It does.", &content).done();
        all.insert(path.to_owned(), json!({"get": get}));
    }
    all.insert("/readyz".to_owned(), json!({"get": ready()}));
    all.insert("/metrics".to_owned(), json!({"get": metrics()}));
    all.insert("/api/v1/docs".to_owned(), json!({"get": docs_moved()}));
    all.insert("/api/v1/docs/".to_owned(), json!({"get": docs_page()}));
    all.insert("/api/v1/docs/{file}".to_owned(), json!({"get": docs_file()}));
    all
}

fn docs_moved() -> Value {
    let place = json!({"description": "The page.", "required": true, "schema": {"type": "string"}});
    Operation::without_token("docsMoved", "service", "Leads to the page")
        .sends("308", "It is elsewhere.", &Value::Null)
        .header("308", "Location", place)
        .done()
}

fn docs_page() -> Value {
    let content = json!({"text/html": {"schema": {"type": "string"}}});
    Operation::without_token("docs", "service", "This document as a page").sends("200", "The page.", &content).done()
}

fn docs_file() -> Value {
    let text = json!({"schema": {"type": "string"}});
    let content = json!({"text/css": text, "text/javascript": text, "text/plain": text});
    let mut file = in_path("file", "A file of the page.", "start.js");
    if let Some(of) = file.get_mut("schema") {
        *of = json!({"type": "string", "enum": docs::files()});
    }
    Operation::without_token("docsFile", "service", "What the page is made of")
        .taking([file])
        .sends("200", "The file.", &content)
        .may_be("400", "BadRequest")
        .may_be("404", "NotFound")
        .done()
}

fn ready() -> Value {
    let content = json!({"text/plain": {"schema": {"type": "string"}}});
    Operation::without_token(
        "readyz",
        "service",
        "Whether the service can write, has room, and finds what it kept last",
    )
    .sends("200", "It is ready.", &content)
    .sends("503", "It is not; a line for each reason.", &content)
    .done()
}

/// An operation about the tenant of the token; another tenant is not there.
fn of_tenant(id: &str, scope: Scope, summary: &str) -> Operation {
    let tenant = in_path("tenant", "The tenant of the token.", TENANT);
    Operation::new(id, "tenants", scope, summary).taking([tenant]).may_be("404", "NotFound")
}

fn range() -> [Value; 2] {
    [in_query("from", "The first day.", date("A day.")), in_query("to", "The last day.", date("A day."))]
}

fn tenant() -> Value {
    of_tenant("getTenant", Scope::SecurityEventsRead, "The tenant and its newest assessment")
        .answers("200", "The tenant.", &schema("TenantWithNewest"), None)
        .done()
}

fn trend() -> Value {
    of_tenant("getTrend", Scope::SecurityEventsRead, "The score day by day, oldest first")
        .taking(range())
        .answers("200", "A point a day.", &schema("Trend"), None)
        .done()
}

fn assessment() -> Value {
    let id = in_path("assessment", "The id of an assessment.", "0199f3a0-0000-7000-8000-000000000000");
    of_tenant("getAssessment", Scope::SecurityEventsRead, "One assessment")
        .taking([id])
        .answers("200", "The assessment.", &schema("Assessment"), None)
        .done()
}

fn evidence() -> Value {
    let top = with(natural("At most."), "maximum", 1_000);
    of_tenant("getEvidence", Scope::SecurityEventsRead, "The objects that lose the points of a control")
        .taking([
            in_path("control", "The id of a control.", "AdminMFAV2"),
            in_query("assessment", "The id of an assessment; the newest where it is absent.", text("An id.")),
            in_query("skip", "Rows to leave out at the beginning.", natural("Rows.")),
            in_query("top", "Rows, at most 1000; 100 where it is absent.", top),
        ])
        .answers("200", "Rows of evidence.", &schema("Evidence"), None)
        .done()
}

fn actions() -> Value {
    of_tenant("listActions", Scope::SecurityEventsRead, "The action plan")
        .answers("200", "What is decided about each action.", &schema("Actions"), None)
        .done()
}

fn example_changes() -> Value {
    json!({"actions": [
        {"controlId": "PWAgePolicyNew", "status": "planned", "due": "2027-03-31"},
        {
            "controlId": "SigninRiskPolicy", "status": "riskAccepted", "approver": "Grace", "reason": "budget",
            "expires": "2099-01-01",
        },
    ]})
}

fn change_actions() -> Value {
    of_tenant("updateActions", Scope::SecurityEventsReadWrite, "Changes actions, all or none")
        .body(true, &schema("ActionChanges"), &example_changes())
        .answers("200", "What it did to the score.", &schema("Effect"), None)
        .done()
}

fn effect() -> Value {
    of_tenant("effectOfActions", Scope::SecurityEventsRead, "What changes would do to the score; nothing is written")
        .body(true, &schema("ActionChanges"), &example_changes())
        .answers("200", "What it would do.", &schema("Effect"), None)
        .done()
}

fn reviews() -> Value {
    of_tenant("listReviews", Scope::SecurityEventsRead, "All reviews, newest first")
        .answers("200", "The reviews.", &schema("Reviews"), None)
        .done()
}

fn record_review() -> Value {
    let example = json!({"controlId": "task_review_risky_sign_ins", "note": "nothing found"});
    of_tenant("recordReview", Scope::SecurityEventsReadWrite, "Records a review; the score follows")
        .body(true, &schema("NewReview"), &example)
        .answers("201", "The review.", &schema("Review"), None)
        .done()
}

fn attestations() -> Value {
    of_tenant("listAttestations", Scope::SecurityEventsRead, "What somebody vouches for, one per control")
        .answers("200", "The attestations.", &schema("Attestations"), None)
        .done()
}

fn attest() -> Value {
    let example = json!({
        "controlId": "mfa_enforced_all", "owner": "Grace", "reason": "seen in the portal", "expires": "2099-01-01",
    });
    of_tenant(
        "attest",
        Scope::SecurityEventsReadWrite,
        "Records an attestation in place of an older one; the score follows",
    )
    .body(true, &schema("NewAttestation"), &example)
    .answers("201", "The attestation.", &schema("Attestation"), None)
    .done()
}

fn compare() -> Value {
    of_tenant(
        "compare",
        Scope::SecurityEventsRead,
        "The tenant among others: of the store, Microsoft's averages, files",
    )
    .taking(range())
    .answers("200", "Each group day by day, with its source.", &schema("Comparison"), None)
    .done()
}

fn diff() -> Value {
    let named = |description: &str| with(text(description), "examples", json!(["2026-11-20", "2026-11-20T06:00:00Z"]));
    let required = |parameter: Value| with(parameter, "required", true);
    let from = in_query("from", "The earlier assessment: a day, an instant, or an id.", named("A name."));
    let to = in_query("to", "The later one; they are compared in the order of time.", named("A name."));
    of_tenant("diff", Scope::SecurityEventsRead, "What moved between two assessments, and why")
        .taking([required(from), required(to)])
        .answers("200", "What moved, as `idscore diff --format json` says it.", &schema("Difference"), None)
        .done()
}

fn snapshots() -> Value {
    let top = json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": 100});
    of_tenant("listSnapshots", Scope::SecurityEventsRead, "The snapshots, newest first")
        .taking([
            in_query("after", "The id of the last snapshot that was read.", text("An id.")),
            in_query("top", "Snapshots, at most 100; 20 where it is absent.", top),
        ])
        .answers("200", "The snapshots, each with the assessments that rest on it.", &schema("Snapshots"), None)
        .done()
}

fn upload() -> Value {
    let bytes = json!({"schema": {"type": "string", "format": "binary"}});
    let example = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#organization",
        "value": [{"id": TENANT, "displayName": "Fabrikam Logistics"}],
    });
    let json = json!({"type": "object", "description": "An export that is one file, such as ScubaGear's."});
    let taken_at = in_query(
        "takenAt",
        "The instant that the export describes, in place of what it says; not in the future.",
        instant("An instant."),
    );
    let content = json!({
        "application/zip": bytes,
        "application/gzip": bytes,
        "application/json": {"schema": json, "example": example},
    });
    let place = json!({"description": "The assessment.", "required": true, "schema": {"type": "string", "format": "uri-reference"}});
    of_tenant("uploadSnapshot", Scope::SecurityEventsReadWrite, "Reads, judges and keeps an export")
        .taking([with(taken_at, "example", "2026-11-18T06:00:00Z")])
        .takes(&content)
        .answers("201", "The assessment.", &schema("Assessment"), None)
        .header("201", "Location", place)
        .may_be("413", "TooLarge")
        .may_be("415", "UnsupportedMediaType")
        .done()
}

fn metrics() -> Value {
    let content = json!({"text/plain": {"schema": {"type": "string"}}});
    Operation::without_token("metrics", "service", "What the service counts, for Prometheus")
        .sends("200", "The numbers in Prometheus' text format.", &content)
        .may_be("401", "Unauthorized")
        .done()
}

fn audit() -> Value {
    let top = json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": 1_000});
    of_tenant("readAudit", Scope::SecurityEventsReadWrite, "Who did what, oldest first")
        .taking([
            in_query("after", "The number of the last entry that was read.", natural("A number.")),
            in_query("top", "Entries, at most 1000; 100 where it is absent.", top),
        ])
        .answers("200", "Entries of the log.", &schema("Audit"), None)
        .done()
}
