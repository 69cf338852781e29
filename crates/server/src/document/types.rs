//! The types of Microsoft Graph as we serve them. `$select` may leave out any member, so none is required.

use serde_json::{Value, json};

use super::parts::{
    closed, collection, entity, entries, instant, list, natural, number, one_of, open, or_null, said, schema, text,
    whole, with,
};
use crate::api::graph_words::{FEATURE_AREAS, RECOMMENDATION_TYPES};

/// What a status of a recommendation may be.
const STATUSES: [&str; 8] = [
    "active",
    "completedBySystem",
    "completedByUser",
    "dismissed",
    "postponed",
    "riskAccepted",
    "thirdParty",
    "planned",
];

/// Every schema by its name.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut all = scores();
    all.extend(profiles());
    all.extend(recommendations());
    all.push(("error", error()));
    for (name, of) in [
        ("secureScores", "secureScore"),
        ("secureScoreControlProfiles", "secureScoreControlProfile"),
        ("recommendations", "recommendation"),
        ("impactedResources", "impactedResource"),
        ("tenantSecureScores", "tenantSecureScore"),
    ] {
        all.push((name, collection(of)));
    }
    for (name, of) in [
        ("secureScoreEntity", secure_score()),
        ("secureScoreControlProfileEntity", control_profile()),
        ("recommendationEntity", recommendation()),
        ("impactedResourceEntity", impacted_resource()),
    ] {
        all.push((name, entity(of)));
    }
    all
}

fn int32(description: &str) -> Value {
    json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": i32::MAX, "description": description})
}

fn scores() -> Vec<(&'static str, Value)> {
    let numeral = |description: &str| with(text(description), "pattern", "^[0-9]+$");
    let control_score = open(json!({
        "controlCategory": one_of(&["Identity"], "The category."),
        "controlName": text("The id of the control's profile."),
        "description": text("What the control asks for, as plain text."),
        "score": number("Points earned."),
        "scoreInPercentage": with(with(number("The same of the points that could be earned."), "minimum", 0), "maximum", 100),
        "implementationStatus": text("How many objects meet the rule, in words."),
        "lastSynced": instant("When the data were taken."),
        "count": numeral("Objects that meet the rule; a text, as Microsoft sends it."),
        "total": numeral("Objects that were judged; a text, as Microsoft sends it."),
        "on": one_of(&["true", "false"], "Whether a control that is met or not is met; a text, as Microsoft sends it."),
    }));
    let average = open(json!({
        "basis": text("Who is averaged."),
        "averageScore": number("Their average over all of Microsoft's categories, in percent."),
        "identityScore": number("Their average points of the category Identity, where they were served."),
        "identityScoreMax": number("Points that could be earned there, on average."),
        "SeatSizeRangeLowerValue": numeral("The smallest number of seats, where the basis is the size; a text, as Microsoft sends it."),
        "SeatSizeRangeUpperValue": numeral("The largest."),
    }));
    let vendor = closed(
        json!({
            "provider": one_of(&["SecureScore"], "The provider."),
            "providerVersion": {"type": "null"},
            "subProvider": {"type": "null"},
            "vendor": one_of(&["Microsoft"], "What clients filter Microsoft's secure score by."),
        }),
        &[],
    );
    let tenant_score = closed(
        json!({
            "createDateTime": instant("Midnight of the day in UTC."),
            "tenantScore": natural("Points earned, to the whole."),
            "tenantMaxScore": natural("Points that could be earned, to the whole."),
        }),
        &[],
    );
    vec![
        ("secureScore", secure_score()),
        ("controlScore", control_score),
        ("averageComparativeScore", average),
        ("securityVendorInformation", vendor),
        ("tenantSecureScore", tenant_score),
    ]
}

fn secure_score() -> Value {
    open(json!({
        "id": text("`{tenant}_{yyyy-MM-dd}`"),
        "azureTenantId": text("The tenant."),
        "createdDateTime": instant("Midnight of the day in UTC."),
        "currentScore": number("Points earned by the core controls."),
        "maxScore": number("Points that they could earn."),
        "activeUserCount": int32("Enabled members."),
        "licensedUserCount": or_null(int32("Not counted: null.")),
        "enabledServices": list(&one_of(&["HasAADFree", "HasAADP1", "HasAADP2"], "A service.")),
        "averageComparativeScores": list(&schema("averageComparativeScore")),
        "controlScores": list(&schema("controlScore")),
        "vendorInformation": schema("securityVendorInformation"),
        "identityScore": number("As `currentScore`; Microsoft has it for averages only."),
        "identityScoreMax": number("As `maxScore`."),
    }))
}

fn profiles() -> Vec<(&'static str, Value)> {
    let certification = closed(
        json!({
            "certificationName": text("A framework and its version."),
            "certificationControls": list(&schema("certificationControl")),
        }),
        &[],
    );
    let section = closed(
        json!({
            "name": text("A section of the framework."),
            "url": or_null(with(text("Where the framework is published."), "format", "uri")),
        }),
        &[],
    );
    let update = closed(
        json!({
            "assignedTo": or_null(text("Who does it.")),
            "comment": or_null(text("A note.")),
            "state": one_of(&["Default", "Ignored", "ThirdParty", "Reviewed", "Planned"], "The state; the newest counts."),
            "updatedBy": or_null(text("Who said so.")),
            "updatedDateTime": or_null(instant("When.")),
        }),
        &[],
    );
    vec![
        ("secureScoreControlProfile", control_profile()),
        ("complianceInformation", certification),
        ("certificationControl", section),
        ("secureScoreControlStateUpdate", update),
        ("secureScoreControlProfileUpdate", profile_change()),
    ]
}

fn control_profile() -> Value {
    let level = |description: &str| one_of(&["None", "Low", "Moderate", "High"], description);
    let threats = [
        "accountBreach",
        "dataDeletion",
        "dataExfiltration",
        "dataSpillage",
        "elevationOfPrivilege",
        "maliciousInsider",
        "passwordCracking",
        "phishingOrWhaling",
        "spoofing",
    ];
    closed(
        json!({
            "id": text("The id of the control."),
            "azureTenantId": text("The tenant."),
            "title": text("What it asks for."),
            "actionType": one_of(&["Config", "Review", "Behavior"], "What kind of work it is."),
            "actionUrl": or_null(with(text("Where it is done."), "format", "uri")),
            "controlCategory": one_of(&["Identity"], "The category."),
            "service": text("The service that it is about; `AzureAD` for those of Microsoft."),
            "maxScore": number("Points that it can earn."),
            "rank": with(int32("1 is worth most."), "minimum", 1),
            "tier": text("`Core`, `Defense In Depth` or `Advanced`; an organisation's own controls may have others."),
            "userImpact": level("How much people notice."),
            "implementationCost": level("How much work it is."),
            "threats": list(&with(text("What it works against."), "examples", json!(threats))),
            "deprecated": {"type": "boolean", "description": "It counts no longer."},
            "lastModifiedDateTime": or_null(instant("When somebody last decided about it.")),
            "remediation": text("What to do, as plain text."),
            "remediationImpact": text("What people will notice, as plain text."),
            "complianceInformation": list(&schema("complianceInformation")),
            "controlStateUpdates": list(&schema("secureScoreControlStateUpdate")),
            "vendorInformation": schema("securityVendorInformation"),
        }),
        &[],
    )
}

/// What PATCH reads. Clients send whole profiles back, so what is not read is no mistake.
fn profile_change() -> Value {
    let limited = |member: &str, description: &str| or_null(said(member, description));
    let state = with(
        or_null(text("`Default`, `Ignored`, `ThirdParty`, `Reviewed` or `Planned`, in any case; absent, it stays.")),
        "pattern",
        "^(?:[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Ii][Gg][Nn][Oo][Rr][Ee][Dd]|[Tt][Hh][Ii][Rr][Dd][Pp][Aa][Rr][Tt][Yy]|[Rr][Ee][Vv][Ii][Ee][Ww][Ee][Dd]|[Pp][Ll][Aa][Nn][Nn][Ee][Dd])$",
    );
    let members = json!({
        "assignedTo": limited("assignedTo", "Who does it."),
        "comment": limited("comment", "A note; the reason, where the state gives or takes points."),
        "state": state,
    });
    let mut properties = members.clone();
    if let Some(properties) = properties.as_object_mut() {
        let updates = or_null(entries("controlStateUpdates", &open(members)));
        let updates = with(
            updates,
            "description",
            "As typed clients send it: the last entry is read where a member is absent above.",
        );
        properties.insert("controlStateUpdates".to_owned(), updates);
        let vendor = json!({"provider": said("provider", "The provider."), "vendor": said("vendor", "The vendor.")});
        let vendor = with(open(vendor), "required", json!(["provider", "vendor"]));
        properties.insert("vendorInformation".to_owned(), vendor);
    }
    let schema = with(open(properties), "required", json!(["vendorInformation"]));
    with(schema, "description", "Members that are not named here are not read: clients send whole profiles back.")
}

fn recommendations() -> Vec<(&'static str, Value)> {
    let step = closed(
        json!({
            "stepNumber": with(natural("From 1."), "minimum", 1),
            "text": text("What to do."),
            "actionUrl": or_null(schema("actionUrl")),
        }),
        &[],
    );
    let extension = with(
        closed(
            json!({
                "controlId": text("The id of the control, unique where `recommendationType` is not."),
                "area": or_null(text("The area of the catalogue; null when the catalogue no longer knows the control.")),
            }),
            &[],
        ),
        "description",
        "What Microsoft Graph has no words for: an extension, which a typed client finds among the additional data.",
    );
    let url =
        closed(json!({"displayName": text("A name."), "url": with(text("Where it is done."), "format", "uri")}), &[]);
    let annotated = |properties: Value, required: &[&str]| {
        // Names with `@` are annotations, which are not read.
        with(closed(properties, required), "patternProperties", json!({"@": {}}))
    };
    let reason = with(with(said("dismissReason", "Why."), "minLength", 1), "pattern", "\\S");
    let until = instant("Until when, within the next year.");
    vec![
        ("recommendation", recommendation()),
        ("impactedResource", impacted_resource()),
        ("recommendationExtension", extension),
        ("actionStep", step),
        ("actionUrl", url),
        (
            "keyValue",
            closed(json!({"key": one_of(&["why", "witness"], "What it says."), "value": text("What it is.")}), &[]),
        ),
        ("dismiss", annotated(json!({"dismissReason": reason}), &["dismissReason"])),
        ("postpone", annotated(json!({"postponeUntilDateTime": until}), &["postponeUntilDateTime"])),
        ("nothing", annotated(json!({}), &[])),
    ]
}

fn recommendation() -> Value {
    closed(
        json!({
            "id": text("`{tenant}_{control}`"),
            "recommendationType": one_of(
                &RECOMMENDATION_TYPES,
                "Graph's word for it; `unknownFutureValue` where Graph has none, and `idscore.controlId` says which it is.",
            ),
            "displayName": text("What it asks for."),
            "category": one_of(&["identitySecureScore", "identityBestPractice"], "Whether it counts towards the score."),
            "featureAreas": list(&one_of(&FEATURE_AREAS, "Graph's word for the area; `idscore.area` is ours.")),
            "insights": text("How many objects meet the rule, in words."),
            "benefits": or_null(text("Why; null when the catalogue no longer knows the control.")),
            "remediationImpact": or_null(text("What people will notice; null when the catalogue no longer knows the control.")),
            "actionSteps": list(&schema("actionStep")),
            "impactType": one_of(&["users", "apps", "tenantLevel"], "What it is about."),
            "priority": one_of(&["low", "medium", "high"], "By the points that it can earn."),
            "status": one_of(&[STATUSES.as_slice(), &["alternateMitigation"]].concat(), "What became of it."),
            "currentScore": or_null(number("Points earned; null where it doesn't count.")),
            "maxScore": or_null(number("Points that could be earned; null where it doesn't count.")),
            "releaseType": one_of(&["preview", "generallyAvailable"], "How settled the control is."),
            "requiredLicenses": one_of(
                &["microsoftEntraIdFree", "microsoftEntraIdP1", "microsoftEntraIdP2"],
                "The edition that it needs.",
            ),
            "createdDateTime": instant("When the data were taken."),
            "lastCheckedDateTime": instant("When the data were taken."),
            "lastModifiedDateTime": instant("When somebody last decided, or when the data were taken."),
            "lastModifiedBy": text("Who decided, or `System`."),
            "impactStartDateTime": {"type": "null"},
            "postponeUntilDateTime": or_null(instant("When it becomes active again.")),
            "idscore": schema("recommendationExtension"),
            "impactedResources": with(list(&schema("impactedResource")), "description", "Only with `$expand=impactedResources`."),
        }),
        &[],
    )
}

fn impacted_resource() -> Value {
    closed(
        json!({
            "id": text("The object."),
            "subjectId": text("The object."),
            "recommendationId": text("`{tenant}_{control}`"),
            "resourceType": one_of(&["user", "app", "tenant"], "What it is."),
            "displayName": or_null(text("The name people know it by.")),
            "owner": {"type": "null"},
            "rank": with(int32("1 is first."), "minimum", 1),
            "portalUrl": {"type": "null"},
            "apiUrl": {"type": "null"},
            "status": one_of(&["active", "completedByUser", "dismissed", "postponed"], "What was said about it."),
            "addedDateTime": instant("When the data were taken."),
            "lastModifiedDateTime": instant("When somebody last decided, or when the data were taken."),
            "lastModifiedBy": text("Who decided, or `System`."),
            "postponeUntilDateTime": or_null(instant("When it becomes active again.")),
            "additionalDetails": list(&schema("keyValue")),
        }),
        &[],
    )
}

fn error() -> Value {
    let inner = whole(json!({
        "date": with(text("UTC, without a zone, as Graph writes it."), "pattern", "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d$"),
        "request-id": with(text("The server's id of the request."), "format", "uuid"),
        "client-request-id": text("The client's id, or the server's where it sent none."),
    }));
    let codes = [
        "BadRequest",
        "InvalidAuthenticationToken",
        "Forbidden",
        "Authorization_RequestDenied",
        "ResourceNotFound",
        "Request_ResourceNotFound",
        "MethodNotAllowed",
        "RequestTimeout",
        "RequestEntityTooLarge",
        "UnsupportedMediaType",
        "TooManyRequests",
        "ServiceUnavailable",
        "InternalServerError",
    ];
    let error = whole(json!({
        "code": one_of(&codes, "A word for programs."),
        "message": text("A sentence for developers."),
        "innerError": inner,
    }));
    whole(json!({"error": error}))
}
