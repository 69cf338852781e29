//! `/v1.0` and `/beta`: the operations of Microsoft Graph that we answer.

use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::parts::{in_path, parameter, schema, text, with};
use crate::api::Scope;

const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";

/// Every path with its operations.
pub(super) fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for version in ["v1.0", "beta"] {
        let mut add = |rest: &str, item: Value| all.insert(format!("/{version}/security/{rest}"), item);
        add("secureScores", json!({"get": scores(version)}));
        add("secureScores/{id}", json!({"get": score(version)}));
        add("secureScoreControlProfiles", json!({"get": profiles(version)}));
        add("secureScoreControlProfiles/{id}", json!({"get": profile(version), "patch": change(version)}));
    }
    let mut add = |rest: &str, item: Value| all.insert(format!("/beta/directory/recommendations{rest}"), item);
    add("", json!({"get": recommendations()}));
    add("/tenantSecureScores", json!({"get": tenant_scores()}));
    add("/{id}", json!({"get": recommendation()}));
    add("/{id}/impactedResources", json!({"get": resources()}));
    add("/{id}/impactedResources/{resource}", json!({"get": resource()}));
    let until = json!({"postponeUntilDateTime": "2027-01-31T00:00:00Z"});
    for (verb, body, example) in [
        ("dismiss", "dismiss", json!({"dismissReason": "The old app goes away in May."})),
        ("postpone", "postpone", until),
        ("complete", "nothing", json!({})),
        ("reactivate", "nothing", json!({})),
    ] {
        let of_resource = format!("/{{id}}/impactedResources/{{resource}}/{verb}");
        add(&format!("/{{id}}/{verb}"), json!({"post": act(verb, body, &example)}));
        add(&of_resource, json!({"post": act_on_resource(verb, body, &example)}));
    }
    all
}

fn prefixed(version: &str, name: &str) -> String {
    format!("{}_{name}", version.replace('.', "_"))
}

/// The options of every collection.
fn options() -> Vec<Value> {
    ["filter", "select", "orderby", "top", "skip", "skiptoken", "count", "format", "maxpagesize"].map(parameter).into()
}

/// The options that are read for one object too. Those about rows are understood, and change nothing.
fn shaping() -> Vec<Value> {
    ["select", "format"].map(parameter).into()
}

fn score_id() -> Value {
    in_path("id", "`{tenant}_{yyyy-MM-dd}`", &format!("{TENANT}_2026-11-20"))
}

fn control_id() -> Value {
    in_path("id", "The id of a control.", "AdminMFAV2")
}

fn recommendation_id() -> Value {
    in_path("id", "`{tenant}_{control}`", &format!("{TENANT}_AdminMFAV2"))
}

fn resource_id() -> Value {
    in_path("resource", "The id of an object.", "00000000-0000-4000-8000-000000000001")
}

fn scores(version: &str) -> Value {
    let example = json!({
        "@odata.context": format!("http://127.0.0.1:8080/{version}/$metadata#security/secureScores"),
        "value": [example_score()],
    });
    Operation::new(
        &prefixed(version, "listSecureScores"),
        "secure score",
        Scope::SecurityEventsRead,
        "The score of each day, newest first",
    )
    .taking(options())
    .answers("200", "A page of days.", &schema("secureScores"), Some(example))
    .done()
}

fn example_score() -> Value {
    json!({
        "id": format!("{TENANT}_2026-11-20"), "azureTenantId": TENANT, "createdDateTime": "2026-11-20T00:00:00Z",
        "currentScore": 11.25, "maxScore": 66.0, "activeUserCount": 60, "licensedUserCount": null,
        "enabledServices": ["HasAADFree", "HasAADP1"], "averageComparativeScores": [],
        "controlScores": [{
            "controlCategory": "Identity", "controlName": "AdminMFAV2",
            "description": "Ensure multifactor authentication is enabled for all users in administrative roles",
            "score": 1.25, "scoreInPercentage": 12.5, "implementationStatus": "1 of 8 meet the rule.",
            "lastSynced": "2026-11-20T06:00:00Z", "count": "1", "total": "8",
        }],
        "vendorInformation": {"provider": "SecureScore", "providerVersion": null, "subProvider": null, "vendor": "Microsoft"},
        "identityScore": 11.25, "identityScoreMax": 66.0,
    })
}

fn score(version: &str) -> Value {
    Operation::new(
        &prefixed(version, "getSecureScore"),
        "secure score",
        Scope::SecurityEventsRead,
        "The score of one day",
    )
    .taking([score_id()])
    .taking(shaping())
    .answers("200", "The day.", &schema("secureScoreEntity"), None)
    .may_be("404", "NotFound")
    .done()
}

fn profiles(version: &str) -> Value {
    Operation::new(
        &prefixed(version, "listSecureScoreControlProfiles"),
        "secure score",
        Scope::SecurityEventsRead,
        "What every control asks, and what was decided about it",
    )
    .taking(options())
    .answers("200", "A page of controls.", &schema("secureScoreControlProfiles"), None)
    .done()
}

fn profile(version: &str) -> Value {
    Operation::new(
        &prefixed(version, "getSecureScoreControlProfile"),
        "secure score",
        Scope::SecurityEventsRead,
        "What one control asks",
    )
    .taking([control_id()])
    .taking(shaping())
    .answers("200", "The control.", &schema("secureScoreControlProfileEntity"), None)
    .may_be("404", "NotFound")
    .done()
}

fn change(version: &str) -> Value {
    let body = json!({
        "state": "ThirdParty", "comment": "done by our gateway", "assignedTo": "sec@example.org",
        "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"},
    });
    let applied =
        json!({"description": "What was preferred and done.", "required": true, "schema": {"type": "string"}});
    Operation::new(
        &prefixed(version, "updateSecureScoreControlProfile"),
        "secure score",
        Scope::SecurityEventsReadWrite,
        "Changes what is decided about a control; the score follows at once",
    )
    .taking([control_id(), parameter("prefer-representation")])
    .taking(shaping())
    .body(true, &schema("secureScoreControlProfileUpdate"), &body)
    .answers("200", "The control, where the client prefers it.", &schema("secureScoreControlProfileEntity"), None)
    .header("200", "Preference-Applied", applied)
    .sends("204", "Changed, or as it was already.", &Value::Null)
    .may_be("404", "NotFound")
    .done()
}

fn expand() -> Value {
    parameter("expand")
}

fn recommendations() -> Value {
    Operation::new(
        "listRecommendations",
        "recommendations",
        Scope::DirectoryRecommendationsRead,
        "Every action that applies to the tenant",
    )
    .taking(options())
    .taking([expand()])
    .answers("200", "A page of recommendations.", &schema("recommendations"), None)
    .done()
}

fn tenant_scores() -> Value {
    Operation::new(
        "listTenantSecureScores",
        "recommendations",
        Scope::DirectoryRecommendationsRead,
        "The identity score of each day in whole points, newest first",
    )
    .taking(options())
    .answers("200", "A page of days.", &schema("tenantSecureScores"), None)
    .done()
}

fn recommendation() -> Value {
    Operation::new("getRecommendation", "recommendations", Scope::DirectoryRecommendationsRead, "One recommendation")
        .taking([recommendation_id(), expand()])
        .taking(shaping())
        .answers("200", "The recommendation.", &schema("recommendationEntity"), None)
        .may_be("404", "DirectoryNotFound")
        .done()
}

fn resources() -> Value {
    Operation::new(
        "listImpactedResources",
        "recommendations",
        Scope::DirectoryRecommendationsRead,
        "The objects that a recommendation is about",
    )
    .taking([recommendation_id()])
    .taking(options())
    .answers("200", "A page of objects.", &schema("impactedResources"), None)
    .may_be("404", "DirectoryNotFound")
    .done()
}

fn resource() -> Value {
    Operation::new(
        "getImpactedResource",
        "recommendations",
        Scope::DirectoryRecommendationsRead,
        "One of these objects",
    )
    .taking([recommendation_id(), resource_id()])
    .taking(shaping())
    .answers("200", "The object.", &schema("impactedResourceEntity"), None)
    .may_be("404", "DirectoryNotFound")
    .done()
}

fn summary(verb: &str, of: &str) -> String {
    match verb {
        "dismiss" => format!("Says that {of} is not for us"),
        "postpone" => format!("Lets {of} wait"),
        "complete" => format!("Says that {of} is done"),
        _ => format!("Opens {of} again"),
    }
}

fn act(verb: &str, body: &str, example: &Value) -> Value {
    let id = format!("{verb}Recommendation");
    let scope = Scope::DirectoryRecommendationsReadWrite;
    Operation::new(&id, "recommendations", scope, &summary(verb, "a recommendation"))
        .taking([recommendation_id(), expand()])
        .taking(shaping())
        .body(body != "nothing", &schema(body), example)
        .answers("200", "The recommendation as it is now.", &schema("recommendationEntity"), None)
        .may_be("404", "DirectoryNotFound")
        .done()
}

fn act_on_resource(verb: &str, body: &str, example: &Value) -> Value {
    let id = format!("{verb}ImpactedResource");
    let scope = Scope::DirectoryRecommendationsReadWrite;
    Operation::new(&id, "recommendations", scope, &summary(verb, "one object"))
        .taking([recommendation_id(), resource_id()])
        .taking(shaping())
        .body(body != "nothing", &schema(body), example)
        .answers("200", "The object as it is now.", &schema("impactedResourceEntity"), None)
        .may_be("404", "DirectoryNotFound")
        .done()
}

/// The query options and headers that operations share.
pub(super) fn parameters() -> Value {
    let query = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "query", "required": false, "description": description, "schema": schema});
    let header = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "header", "required": false, "description": description, "schema": schema});
    let limited = |most: u32| json!({"type": "string", "minLength": 1, "maxLength": most});
    let natural = json!({"type": "integer", "format": "int64", "minimum": 0});
    json!({
        "filter": with(query("$filter", "Which rows: `eq ne gt ge lt le`, `and or not`, `in`, `startswith` and others of OData 4.01.", limited(2_000)), "example", "id ne 'OneAdmin'"),
        "select": query("$select", "Which members.", limited(4_000)),
        "orderby": query("$orderby", "In which order, at most 8 members.", limited(4_000)),
        "top": query("$top", "Rows in all pages together.", natural.clone()),
        "skip": query("$skip", "Rows to leave out at the beginning.", natural),
        "skiptoken": query("$skiptoken", "The place of a page, from `@odata.nextLink`.", limited(65_536)),
        "count": query("$count", "Whether `@odata.count` is there.", json!({"type": "boolean"})),
        "format": query("$format", "Only JSON.", json!({"type": "string", "enum": ["json", "application/json"]})),
        "expand": query("$expand", "The objects behind each recommendation.", json!({"type": "string", "enum": ["impactedResources"]})),
        "maxpagesize": with(header("Prefer", "Rows on a page, never more than the server's own.", json!({"type": "string", "pattern": "^odata\\.maxpagesize=[1-9][0-9]{0,3}$"})), "example", "odata.maxpagesize=50"),
        "prefer-representation": with(header("Prefer", "With `return=representation` the answer is 200 with the control.", with(text("A preference."), "enum", json!(["return=representation", "return=minimal"]))), "example", "return=representation"),
        "client-request-id": header("client-request-id", "The client's id of the request, for both logs.", json!({"type": "string", "pattern": "^[0-9A-Za-z-]{1,64}$"})),
    })
}
