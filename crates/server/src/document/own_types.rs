//! The types of `/api/v1`: numbers are numbers, and every member is always there unless it says otherwise.

use serde_json::{Value, json};

use super::parts::{
    closed, date, entries, instant, list, natural, number, one_of, or_null, said, schema, text, values, whole, with,
};

pub(super) const DECIDED: [&str; 5] = ["toAddress", "planned", "riskAccepted", "thirdParty", "alternateMitigation"];
pub(super) const CAUSES: [&str; 5] = ["snapshot", "reassessment", "decision", "expiry", "microsoft"];
pub(super) const CATALOGUE: &str = "The version of the controls.";
pub(super) const CONFIGURATION: &str = "The hash of the configuration.";

/// Every schema by its name.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut all = assessments();
    all.extend(decisions());
    all.extend(comparisons());
    all.extend(snapshots());
    all
}

const DATA_SET_STATUSES: [&str; 8] =
    ["complete", "absent", "refused", "failed", "notLicensed", "notInCloud", "incomplete", "lowerBound"];

fn snapshots() -> Vec<(&'static str, Value)> {
    let data_set = whole(json!({
        "name": text("The data set."),
        "status": one_of(&DATA_SET_STATUSES, "Whether it was read whole."),
        "rows": natural("Rows read."),
    }));
    let gone = "Null where the snapshot was taken away from the data folder.";
    let snapshot = whole(json!({
        "id": text("Its name among the snapshots of the tenant; the last one of a page is `after` of the next."),
        "takenAt": instant("The instant of its data."),
        "takenAtSource": or_null(one_of(&["argument", "collection", "export", "data"], "How that instant is known.")),
        "assessments": with(list(&text("An assessment that rests on it.")), "minItems", 1),
        "dataSets": with(or_null(list(&schema("SnapshotDataSet"))), "description", gone),
        "bytes": or_null(natural("Its size on disk; null where it was taken away.")),
    }));
    vec![
        ("SnapshotDataSet", data_set),
        ("Snapshot", snapshot),
        ("Snapshots", with(values(&schema("Snapshot")), "description", "Newest first.")),
    ]
}

fn assessments() -> Vec<(&'static str, Value)> {
    let percent = |description: &str| with(with(number(description), "minimum", 0), "maximum", 100);
    let numbers = whole(json!({
        "percent": percent("Points earned of those that could be, in percent."),
        "currentScore": with(number("Points earned."), "minimum", 0),
        "maxScore": with(number("Points that could be earned."), "minimum", 0),
        "coverage": with(with(number("How much of what applies was seen, from 0 to 1."), "minimum", 0), "maximum", 1),
        "compatPercent": percent("The percentage as Microsoft seems to count."),
        "plannedPercent": percent("If everything planned were done."),
        "currentLicensePercent": percent("If everything were done that the owned licences allow."),
        "achievablePercent": percent("The same without accepted risks."),
        "attestedPercent": percent("What was earned only through statuses or attestations."),
        "percentAtLeast": or_null(percent(
            "What the percentage is at least, cut off: what is unknown counted as not met. Null where it was kept by an earlier version, or is Microsoft's.",
        )),
        "percentAtMost": or_null(percent("What it is at most, rounded up: what is unknown counted as met. Null where `percentAtLeast` is.")),
    }));
    let missing = whole(json!({
        "kind": one_of(&["permission", "licence", "collection"], "What kind of thing to change."),
        "dataSet": text("The data set."),
        "name": text("The permission, licence or option that would bring it."),
    }));
    let control = closed(
        json!({
            "id": text("The id of the control."),
            "title": text("What it asks for."),
            "set": one_of(&["core", "extended"], "Which percentage it counts towards."),
            "outcome": one_of(&["met", "partial", "notMet", "notApplicable", "notAssessed"], "What it said."),
            "score": number("Points earned; absent where it was not judged."),
            "maxScore": number("Points that could be earned; absent where it was not judged."),
            "scoreAtLeast": number(
                "Points that are proven, whatever the unknown part turns out to be; absent where it does not apply, and where it was kept by an earlier version.",
            ),
            "scoreAtMost": number("Points that are possible; absent where `scoreAtLeast` is."),
            "count": natural("Objects that meet the rule."),
            "total": natural("Objects that were judged."),
            "unknown": with(natural("Objects that could not be judged; absent where there are none."), "minimum", 1),
            "withoutMethod": natural(
                "Of the users that don't meet the rule, those known to have no method that they may use; absent where unknown.",
            ),
            "status": one_of(&[DECIDED.as_slice(), &["completed"]].concat(), "The status in force."),
            "needsLicense": text("The licence that is needed and not owned; absent where there is none."),
            "missing": with(list(&schema("Missing")), "minItems", 1),
            "notes": with(list(&text("What a reader should know.")), "minItems", 1),
        }),
        &["id", "title", "set", "outcome", "count", "total", "status"],
    );
    let data_set = whole(json!({
        "name": text("The data set."),
        "status": one_of(&DATA_SET_STATUSES, "Whether it was read whole."),
        "rows": natural("Rows read."),
        "missing": or_null(schema("Missing")),
        "costs": list(&text("A control that is not assessed for want of it.")),
    }));
    let declared = whole(json!({
        "kind": text("`breakGlass`, `service`, `approvedApp`, `approvedGroup`, `allowedAppExclusion`, `attestation`, `status` or `setting`."),
        "id": text("The object or control."),
        "name": or_null(text("Its name, where the snapshot has it.")),
        "owner": text("Who answers for it."),
        "reason": text("Why."),
        "expires": or_null(text("Until when.")),
        "effect": text("What it did to the result, in words."),
    }));
    let assessment = whole(json!({
        "id": text("Never used again."),
        "tenantId": text("The tenant."),
        "assessedAt": instant("The instant for which it holds."),
        "takenAt": instant("The instant of the data."),
        "takenAtSource": text("How that instant is known: `argument`, `collection`, `export` or `data`."),
        "cause": one_of(&CAUSES, "Why it was written."),
        "profile": one_of(&["compat", "standard", "strict"], "How strictly the tenant was read."),
        "catalogueVersion": text(CATALOGUE),
        "configHash": text(CONFIGURATION),
        "core": schema("SetNumbers"),
        "extended": schema("SetNumbers"),
        "controls": list(&schema("Control")),
        "dataSets": or_null(list(&schema("DataSet"))),
        "declared": or_null(list(&schema("Declared"))),
        "warnings": list(&text("What a reader should know.")),
    }));
    let tenant = whole(json!({
        "id": text("Its id in Microsoft Entra."),
        "displayName": text("The organisation's name; empty where it is not known."),
        "industry": text("Its industry; empty where nobody said."),
        "seats": or_null(natural("Seats by its licences.")),
        "zones": whole(json!({
            "okay": natural("Where the score begins to be okay, in percent."),
            "good": natural("Where it begins to be good, in percent."),
        })),
        "invented": {"type": "boolean", "description": "Invented for a demonstration."},
    }));
    let shown = or_null(schema("Assessment"));
    vec![
        ("SetNumbers", numbers),
        ("Missing", missing),
        ("Control", control),
        ("DataSet", data_set),
        ("Declared", declared),
        ("Assessment", assessment),
        ("Tenant", tenant),
        ("TenantWithNewest", whole(json!({"tenant": schema("Tenant"), "newest": shown}))),
        ("Trend", values(&schema("TrendPoint"))),
        ("TrendPoint", trend_point()),
        ("Evidence", evidence()),
        ("EvidenceRow", evidence_row()),
    ]
}

fn trend_point() -> Value {
    whole(json!({
        "id": text("The assessment."),
        "day": date("The day."),
        "assessedAt": instant("The instant for which it holds."),
        "cause": one_of(&CAUSES, "Why it was written."),
        "catalogueVersion": text(CATALOGUE),
        "configHash": text(CONFIGURATION),
        "core": schema("SetNumbers"),
        "extended": schema("SetNumbers"),
    }))
}

fn evidence() -> Value {
    whole(json!({
        "controlId": text("The control."),
        "count": natural("Rows in all."),
        "rows": with(list(&schema("EvidenceRow")), "maxItems", 1_000),
    }))
}

fn evidence_row() -> Value {
    let columns = json!({
        "type": "object",
        "description": "The columns that the control shows, by name.",
        "additionalProperties": {"type": ["string", "number", "boolean", "array", "null"], "items": {"type": ["string", "number"]}},
    });
    whole(json!({
        "objectId": text("The object."),
        "name": or_null(text("The name people know it by.")),
        "outcome": one_of(&["notMet", "notAssessed"], "Whether it loses points or could not be judged."),
        "why": text("In a sentence, what is wrong or unknown."),
        "witness": or_null(text("The sign-in that escapes, in words.")),
        "evidence": columns,
    }))
}

fn decisions() -> Vec<(&'static str, Value)> {
    let action = whole(json!({
        "controlId": text("The control."),
        "status": one_of(&DECIDED, "The decision."),
        "note": text("A note."),
        "owner": text("Who does it, or answers for it."),
        "tags": list(&text("A word to find it by.")),
        "due": or_null(date("When it is to be done.")),
        "approver": text("Who approved an acceptance or a mitigation."),
        "reason": text("Why it was accepted, or what mitigates."),
        "expires": or_null(date("The last day on which it counts.")),
        "acceptedOpen": or_null(natural("Objects that did not meet the rule when it was accepted.")),
        "updatedBy": text("Who said so; empty where it is only shown."),
        "updatedAt": or_null(instant("When; null where it is only shown.")),
    }));
    let change = closed(
        json!({
            "controlId": with(said("controlId", "The control."), "minLength", 1),
            "status": or_null(one_of(&DECIDED, "The decision; absent, it stays.")),
            "note": or_null(said("note", "A note.")),
            "owner": or_null(said("owner", "Who does it.")),
            "tags": or_null(entries("tags", &said("tags", "A word to find it by."))),
            "due": or_null(date("When it is to be done.")),
            "clearDue": {"type": "boolean", "description": "It is to be done by no day any more; `due` wins."},
            "approver": or_null(said("approver", "Who approved; required for an acceptance or a mitigation.")),
            "reason": or_null(said("reason", "Why; required for an acceptance or a mitigation.")),
            "expires": or_null(date("The last day on which it counts; required for an acceptance or a mitigation.")),
        }),
        &["controlId"],
    );
    let both = or_null(whole(json!({"before": schema("SetNumbers"), "after": schema("SetNumbers")})));
    let none = "Null where nothing was assessed yet.";
    let effect = whole(json!({
        "changed": list(&schema("Action")),
        "core": with(both.clone(), "description", none),
        "extended": with(both, "description", none),
    }));
    let review = whole(json!({
        "controlId": text("The control."),
        "reviewedBy": text("Who reviewed."),
        "reviewedAt": instant("When."),
        "note": text("What was found."),
    }));
    let new_review = closed(
        json!({
            "controlId": with(said("controlId", "The control."), "minLength", 1),
            "reviewedAt": or_null(instant("When; now, where it is absent. Not in the future.")),
            "note": said("note", "What was found."),
        }),
        &["controlId"],
    );
    let attestation = json!({
        "controlId": text("The control."),
        "owner": text("Who vouches."),
        "reason": text("What was seen, and where."),
        "expires": date("The last day on which it counts."),
        "recordedBy": text("Who wrote it down."),
        "recordedAt": instant("When."),
    });
    let words =
        |member: &str, description: &str| with(with(said(member, description), "minLength", 1), "pattern", "\\S");
    let new_attestation = whole(json!({
        "controlId": with(said("controlId", "The control."), "minLength", 1),
        "owner": words("owner", "Who vouches."),
        "reason": words("reason", "What was seen, and where."),
        "expires": date("The last day on which it counts; not in the past."),
    }));
    vec![
        ("Action", action),
        ("Actions", values(&schema("Action"))),
        ("ActionChange", change),
        ("ActionChanges", whole(json!({"actions": entries("actions", &schema("ActionChange"))}))),
        ("Effect", effect),
        ("Review", review),
        ("Reviews", values(&schema("Review"))),
        ("NewReview", new_review),
        ("Attestation", whole(attestation)),
        ("Attestations", values(&schema("Attestation"))),
        ("NewAttestation", new_attestation),
    ]
}

fn comparisons() -> Vec<(&'static str, Value)> {
    let percent = |description: &str| with(with(number(description), "minimum", 0), "maximum", 100);
    let own_day = whole(json!({
        "day": date("The day."),
        "percent": percent("The percentage under *compat*."),
        "by": one_of(&["store", "microsoft"], "Whose number it is: ours, or Microsoft's own."),
    }));
    let quartiles = whole(json!({
        "p25": percent("A quarter of the tenants are below."),
        "median": percent("Half of the tenants are below."),
        "p75": percent("A quarter of the tenants are above."),
    }));
    let point = whole(json!({
        "day": date("The day, or the first day of the month."),
        "tenants": or_null(json!({"type": "integer", "format": "int64", "description": "How many; null where it is not published."})),
        "average": or_null(percent("The average, where quartiles are not known.")),
        "quartiles": with(or_null(schema("Quartiles")), "description", "Null where they are not known, and of tenants of the store among fewer than five."),
        "own": or_null(percent("This tenant at that time; null before its first assessment.")),
        "percentileRank": or_null(percent("The share of tenants below it, and half of those equal to it; null among fewer than five.")),
        "epsilon": or_null(number("The noise of a file: what it may tell about one tenant.")),
    }));
    let series = whole(json!({
        "group": text("Who is in it, in words."),
        "source": one_of(
            &["store", "microsoft", "published", "file"],
            "The tenants of this store; Microsoft, as it served this tenant; Microsoft, as published; a benchmark file.",
        ),
        "origin": or_null(text("An address, or the label of a file.")),
        "invented": {"type": "boolean", "description": "Tenants that were invented for a demonstration."},
        "points": with(list(&schema("ComparisonPoint")), "description", "Oldest first."),
    }));
    let comparison = whole(json!({
        "tenant": schema("Tenant"),
        "measure": text("What every percentage here measures."),
        "own": with(list(&schema("OwnDay")), "description", "The tenant day by day, oldest first."),
        "series": with(list(&schema("Series")), "description", "The same among groups of others."),
    }));
    let entry = whole(json!({
        "sequence": with(natural("Its number, from 1."), "minimum", 1),
        "at": instant("When."),
        "actorKind": one_of(&["unknown", "person", "token", "operator", "system"], "The kind of who; `unknown` in entries of version 0.1."),
        "actor": text("Who, by name; `token:<id>` for a token."),
        "actorId": text("What tells them from others of their kind: a person's subject at the identity provider, a token's id, an operator's user name."),
        "tenantId": text("About which tenant."),
        "action": text("What: `action.update`, `review.record`, ….") ,
        "subject": text("To what."),
        "detail": with(text("What was said, as JSON; empty where the tenant was deleted since."), "contentMediaType", "application/json"),
        "detailHash": with(text("SHA-256 over what was said."), "pattern", "^[0-9a-f]{64}$"),
        "previousHash": with(text("The hash of the entry before."), "pattern", "^[0-9a-f]{64}$"),
        "hash": with(text("SHA-256 over the entry and the hash before it."), "pattern", "^[0-9a-f]{64}$"),
        "format": with(natural("What the hash covers: 1 in entries of version 0.1, 2 in all since."), "minimum", 1),
    }));
    vec![
        ("OwnDay", own_day),
        ("Quartiles", quartiles),
        ("ComparisonPoint", point),
        ("Series", series),
        ("Comparison", comparison),
        ("AuditEntry", entry),
        ("Audit", with(values(&schema("AuditEntry")), "description", "Oldest first.")),
    ]
}
