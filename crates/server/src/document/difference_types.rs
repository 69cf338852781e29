//! The types of a difference: what moved between two assessments, and why.

use serde_json::{Value, json};

use super::own_types::{CATALOGUE, CAUSES, CONFIGURATION, DECIDED};
use super::parts::{date, instant, list, natural, number, one_of, or_null, schema, text, whole, with};

const OUTCOMES: [&str; 5] = ["met", "partial", "notMet", "notApplicable", "notAssessed"];

/// Every schema by its name.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    let policies = or_null(list(&schema("PolicyChange")));
    let difference = whole(json!({
        "tenantId": text("The tenant."),
        "before": schema("AboutAssessment"),
        "after": schema("AboutAssessment"),
        "core": schema("SetMove"),
        "extended": schema("SetMove"),
        "catalogueChanged": flag("The controls are of another version: points can move without the tenant."),
        "configurationChanged": flag("The configuration or the profile is another: points can move without the tenant."),
        "policies": with(policies, "description", "Null where they were not kept or not read on both sides."),
        "declared": list(&schema("DeclarationChange")),
        "dataSets": list(&schema("DataSetChange")),
        "controls": with(list(&schema("ControlMove")), "description", "Most lost points first, then most gained."),
        "unread": with(list(&schema("UnreadFile")), "description", "Kept files that could not be read, so that what they hold is not in here."),
    }));
    vec![
        ("Difference", difference),
        ("AboutAssessment", about()),
        ("SetMove", set_move()),
        ("ControlMove", control_move()),
        ("ControlState", control_state()),
        ("MoveReason", reason()),
        ("LosingObject", losing_object()),
        ("PolicyChange", policy_change()),
        ("DeclarationChange", declaration_change()),
        ("DataSetChange", data_set_change()),
        ("UnreadFile", unread_file()),
    ]
}

fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

fn about() -> Value {
    whole(json!({
        "id": text("The assessment."),
        "assessedAt": instant("The instant for which it holds."),
        "takenAt": instant("The instant of the data."),
        "cause": one_of(&CAUSES, "Why it was written."),
        "profile": one_of(&["compat", "standard", "strict"], "How strictly the tenant was read."),
        "catalogueVersion": text(CATALOGUE),
        "configHash": text(CONFIGURATION),
    }))
}

fn unread_file() -> Value {
    whole(json!({
        "file": one_of(&["snapshot", "evidence"], "What it is: without evidence nothing says who, without a snapshot nothing says which policies."),
        "of": one_of(&["before", "after"], "Of which assessment."),
        "problem": one_of(&["missing", "damaged", "unreadable"], "What is wrong with it."),
    }))
}

fn set_move() -> Value {
    whole(json!({
        "before": schema("SetNumbers"),
        "after": schema("SetNumbers"),
        "points": number("Points after less points before: the sum over the controls."),
        "maxPoints": number("The same of the points that could be earned."),
        "percent": number("Percentage after less the one before."),
        "seen": seen(),
    }))
}

fn control_move() -> Value {
    let side = |description: &str| with(or_null(schema("ControlState")), "description", description);
    whole(json!({
        "id": text("The control."),
        "title": text("What it asks for."),
        "set": one_of(&["core", "extended"], "Which percentage it counts towards."),
        "before": side("Null where it was not there."),
        "after": side("Null where it is not there."),
        "points": number("Points after less points before; no points are none."),
        "maxPoints": number("The same of the points that could be earned."),
        "seen": seen(),
        "reasons": list(&schema("MoveReason")),
    }))
}

fn control_state() -> Value {
    whole(json!({
        "outcome": one_of(&OUTCOMES, "What it said."),
        "score": or_null(number("Points earned; null where it was not judged.")),
        "maxScore": or_null(number("Points that could be earned; null where it was not judged.")),
        "scoreAtLeast": or_null(number("Points that are proven; null where it does not apply or is not known.")),
        "scoreAtMost": or_null(number("Points that are possible; null where it does not apply or is not known.")),
        "count": natural("Objects that meet the rule."),
        "total": natural("Objects that were judged."),
        "unknown": natural("Objects that could not be judged."),
        "status": status("The status in force."),
    }))
}

fn seen() -> Value {
    let description = "Whether less or more was seen than before: floor and ceiling lie further apart, or closer. Null where neither.";
    or_null(one_of(&["less", "more"], description))
}

fn status(description: &str) -> Value {
    one_of(&[DECIDED.as_slice(), &["completed"]].concat(), description)
}

fn reason() -> Value {
    let of = |kind: &str, description: &str, mut members: Value| {
        if let Some(members) = members.as_object_mut() {
            members.insert("kind".to_owned(), json!({"type": "string", "const": kind}));
        }
        with(whole(members), "description", description)
    };
    let objects = || {
        json!({
            "objects": list(&schema("LosingObject")),
            "complete": flag("Whether all are named; not where there are more than evidence is kept of."),
        })
    };
    let both = |of: Value| json!({"before": of, "after": of});
    let days = || or_null(natural("Seconds since the review; null where there is none."));
    json!({
        "description": "One cause; `kind` says which.",
        "oneOf": [
            of("losesPoints", "Objects lose points that did not lose them before.", objects()),
            of("noLongerLoses", "Objects lost points before and do not any more.", objects()),
            of("noLongerKnown", "Objects could be judged before and can not be now.", objects()),
            of("population", "More or fewer objects are judged.", both(natural("Judged and unknown objects."))),
            of("policies", "Policies changed on which it rests.", json!({"ids": list(&text("Of `policies` of the difference."))})),
            of("decision", "The status in force is another.", json!({
                "before": status("Before."),
                "after": status("After."),
                "by": text("Who decided last; empty where nobody did in the plan."),
                "reason": text("Why it was accepted, or what mitigates."),
                "expires": or_null(date("Its last day.")),
            })),
            of("review", "The last review is another, or grew older.", json!({"ageBefore": days(), "ageAfter": days()})),
            of("attestation", "An attestation stands on one side only.", both(flag("Whether it stands."))),
            of("licence", "What is needed and not owned is another.", both(or_null(text("The licence that is lacking.")))),
            of("data", "Data could be read on one side only.", json!({
                "lost": list(&schema("Missing")),
                "found": list(&schema("Missing")),
            })),
            of("declared", "Declarations changed, and with them who is judged.", json!({})),
            of("catalogue", "The control is new, retired, or worth other points.", both(or_null(number("Its worth.")))),
            of("catalogueVersion", "The controls are of another version, whose rule may differ.", json!({})),
            of("configuration", "The configuration or profile is another.", json!({})),
            of("applicability", "Whether it is about this tenant is answered differently.", json!({})),
            of("notKept", "What is kept does not tell.", json!({})),
        ],
    })
}

fn losing_object() -> Value {
    whole(json!({
        "id": text("The object."),
        "name": or_null(text("The name people know it by.")),
        "why": text("What was said about it, on the side on which something was."),
    }))
}

fn policy_change() -> Value {
    let value = list(&text("A value, as text."));
    whole(json!({
        "document": text("The kind: `conditionalAccessPolicy`, `namedLocation`, …."),
        "id": text("Its id."),
        "name": text("Its name, the newer one."),
        "change": one_of(&["added", "removed", "switched", "changed"], "What became of it."),
        "fields": list(&whole(json!({"path": text("The property."), "removed": value, "added": value}))),
    }))
}

fn declaration_change() -> Value {
    let side = |description: &str| json!({"type": ["object", "null"], "description": description});
    whole(json!({
        "kind": text("`breakGlass`, `service`, …."),
        "id": text("The object or control."),
        "name": or_null(text("Its name.")),
        "before": side("As it was; null where it is new."),
        "after": side("As it is; null where it is gone."),
    }))
}

fn data_set_change() -> Value {
    whole(json!({
        "name": text("The data set."),
        "before": or_null(text("What became of it before: `complete`, `refused`, ….")),
        "after": or_null(text("What became of it after.")),
    }))
}
