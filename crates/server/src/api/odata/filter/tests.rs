//! Filters by example: what is read, what is refused and how, and which rows are taken.

use serde_json::{Value as Json, json};

use super::super::types::{IMPACTED_RESOURCE, RECOMMENDATION, SECURE_SCORE, SECURE_SCORE_CONTROL_PROFILE};
use super::*;

pub(crate) mod generated;
mod properties;
mod reference;

fn profile() -> Json {
    json!({
        "id": "AdminMFAV2", "title": "Ensure MFA for O'Brien & Söhne", "controlCategory": "Identity", "service": "AzureAD",
        "maxScore": 9.5, "rank": 7, "deprecated": false, "tier": null, "threats": ["Account breach", "Data exfiltration"],
        "lastModifiedDateTime": "2026-07-17T22:30:00Z",
        "complianceInformation": [
            {"certificationName": "ISO", "certificationControls": [{"name": "A.9", "url": null}]},
            {"certificationName": "NIST", "certificationControls": []},
        ],
        "controlStateUpdates": [{"state": "Ignored", "updatedDateTime": "2026-06-01T00:00:00Z"}],
        "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"},
    })
}

fn takes_profile(filter: &str) -> bool {
    parse(filter, &SECURE_SCORE_CONTROL_PROFILE).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(&profile())
}

#[track_caller]
fn all_take(filters: &[&str]) {
    for filter in filters {
        assert!(takes_profile(filter), "{filter} leaves the row out");
    }
}

#[track_caller]
fn all_leave_out(filters: &[&str]) {
    for filter in filters {
        assert!(!takes_profile(filter), "{filter} takes the row");
    }
}

#[test]
fn filters_of_public_clients_are_understood() {
    all_take(&["controlCategory eq 'Identity'", "service eq 'AzureAD' and id eq 'AdminMFAV2'"]);
    for filter in ["recommendationType eq 'adminMFAV2'", "status eq 'active' and priority eq 'high'"] {
        assert!(parse(filter, &RECOMMENDATION).is_ok(), "{filter}");
    }
    for filter in ["createdDateTime ge 2026-07-01T00:00:00Z", "azureTenantId eq 'a' and currentScore lt 40"] {
        assert!(parse(filter, &SECURE_SCORE).is_ok(), "{filter}");
    }
    assert!(parse("featureAreas/any(a:a eq 'conditionalAccess')", &RECOMMENDATION).is_ok());
    assert!(parse("rank le 3", &IMPACTED_RESOURCE).is_ok());
}

#[test]
fn and_binds_tighter_than_or_and_not_takes_the_comparison() {
    all_take(&[
        "rank eq 7 or rank eq 8 and deprecated eq true",
        "not rank eq 8",
        "not (rank eq 8) and not deprecated",
        "NOT(rank Eq 8) AND rank EQ 7",
    ]);
    all_leave_out(&["(rank eq 7 or rank eq 8) and deprecated eq true", "not rank eq 7 or deprecated"]);
}

#[test]
fn numbers_compare_by_value() {
    all_take(&[
        "maxScore eq 9.5",
        "maxScore gt 9",
        "maxScore ge 9.5",
        "maxScore lt 1e1",
        "maxScore ne -1",
        "rank in (1, 7)",
        "7 eq rank",
        "rank le maxScore",
    ]);
    all_leave_out(&["maxScore gt 9.5", "maxScore le 9.499", "rank in (1,2)"]);
}

#[test]
fn text_compares_exactly_and_quotes_are_doubled() {
    all_take(&[
        "title eq 'Ensure MFA for O''Brien & Söhne'",
        "contains(title,'O''Brien')",
        "startswith(title,'Ensure')",
        "endswith(title,'Söhne')",
        "tolower(controlCategory) eq 'identity'",
        "toupper(title) eq 'ENSURE MFA FOR O''BRIEN & SÖHNE'",
        "length(id) eq 10",
        "id gt 'A' and id lt 'B'",
        "contains(tolower(title), tolower('MFA')) eq true",
    ]);
    all_leave_out(&["controlCategory eq 'identity'", "contains(title,'mfa')", "id in ('a','b')"]);
}

#[test]
fn instants_compare_as_instants_quoted_or_not() {
    all_take(&[
        "lastModifiedDateTime eq 2026-07-17T22:30:00Z",
        "lastModifiedDateTime eq 2026-07-17T22:30Z",
        "lastModifiedDateTime eq 2026-07-18T00:30:00+02:00",
        "lastModifiedDateTime eq '2026-07-17T22:30:00.000Z'",
        "lastModifiedDateTime gt 2026-07-17",
        "lastModifiedDateTime lt '2026-07-18'",
        "date(lastModifiedDateTime) eq 2026-07-17",
        "date(lastModifiedDateTime) eq '2026-07-17'",
        "year(lastModifiedDateTime) eq 2026 and month(lastModifiedDateTime) eq 7 and day(lastModifiedDateTime) eq 17",
        "lastModifiedDateTime in (2026-07-17T22:30:00Z)",
    ]);
    all_leave_out(&["lastModifiedDateTime le 2026-07-17", "date(lastModifiedDateTime) ne 2026-07-17"]);
}

#[test]
fn null_equals_null_and_is_neither_greater_nor_less() {
    all_take(&["tier eq null", "tier ne 'Core'", "id ne null", "not (tier gt 'A')", "vendorInformation ne null"]);
    all_leave_out(&["tier ne null", "tier gt 'A'", "tier le 'A'", "tier ge null", "tier eq 'null'", "id eq null"]);
}

#[test]
fn what_a_function_makes_of_null_is_neither_true_nor_false() {
    all_leave_out(&["contains(tier,'x')", "not contains(tier,'x')", "contains(tier,'x') and rank eq 7"]);
    all_take(&["contains(tier,'x') or rank eq 7", "not (contains(tier,'x') and rank eq 8)", "tolower(tier) eq null"]);
}

#[test]
fn lambdas_ask_about_elements() {
    all_take(&[
        "threats/any()",
        "threats/any(t:t eq 'Account breach')",
        "threats/any(t: contains(t, 'exfil') and rank eq 7)",
        "threats/all(t:length(t) gt 5)",
        "controlStateUpdates/any(u:u/state eq 'Ignored' and u/updatedDateTime lt 2026-06-02)",
        "complianceInformation/any(c:c/certificationControls/any(x:x/name eq 'A.9'))",
        "complianceInformation/any(c:c/certificationControls/all(x:x/name eq 'never'))",
        "not threats/any(t:t eq 'none')",
    ]);
    all_leave_out(&["threats/all(t:t eq 'Account breach')", "threats/any(t:startswith(t,'x'))"]);
}

#[test]
fn an_undeclared_member_of_an_open_type_is_null_when_absent() {
    let filter = |text| parse(text, &SECURE_SCORE).unwrap();
    let with = json!({"id": "a", "identityScore": 4.5, "controlScores": [{"controlName": "x", "on": "true", "lastSynced": "2026-07-15T13:04:06Z"}]});
    let without = json!({"id": "a"});
    assert!(filter("identityScore gt 4").matches(&with));
    assert!(!filter("identityScore gt 4").matches(&without));
    assert!(filter("identityScore eq null").matches(&without));
    assert!(filter("controlScores/any(c:c/on eq 'true')").matches(&with));
    assert!(filter("controlScores/any(c:c/lastSynced gt 2026-07-15T15:00:00+02:00)").matches(&with));
    assert!(!filter("controlScores/any(c:c/on eq 1)").matches(&with), "a text is not a number");
}

#[test]
fn property_names_are_read_in_any_case() {
    all_take(&["ControlCategory eq 'Identity'", "VendorInformation/Vendor eq 'Microsoft'"]);
}

#[test]
fn errors_say_what_and_where() {
    let cases: [(&str, Option<usize>, &str); 20] = [
        ("title eq 'abc", Some(9), "There is an unterminated string literal at position 9 in 'title eq 'abc'."),
        ("title e 'a'", Some(6), "Syntax error at position 6 in 'title e 'a''."),
        ("title eq", Some(8), "Syntax error at position 8 in 'title eq'."),
        ("", Some(0), "Syntax error at position 0 in ''."),
        ("(rank eq 7", Some(10), "Syntax error at position 10 in '(rank eq 7'."),
        ("rank eq 7 rank", Some(10), "Syntax error at position 10 in 'rank eq 7 rank'."),
        ("rank eq 7x", Some(8), "Unrecognized literal '7x' at position 8 in 'rank eq 7x'."),
        ("rank eq -inf", Some(8), "Unrecognized literal '-inf' at position 8 in 'rank eq -inf'."),
        ("rank eq 1e999", Some(8), "Unrecognized literal '1e999' at position 8 in 'rank eq 1e999'."),
        ("id eq 2026-02-30", Some(6), "Unrecognized literal '2026-02-30' at position 6 in 'id eq 2026-02-30'."),
        ("rank in ()", Some(9), "Syntax error at position 9 in 'rank in ()'."),
        (
            "nme eq 'x'",
            Some(0),
            "Could not find a property named 'nme' on type 'microsoft.graph.secureScoreControlProfile'.",
        ),
        ("title/x eq 1", Some(0), "Could not find a property named 'x' on type 'Edm.String'."),
        (
            "rank eq 'x'",
            Some(8),
            "A binary operator with incompatible types was detected. Found operand types 'Edm.Int32' and 'Edm.String' for operator kind 'Equal'.",
        ),
        ("rank", Some(0), "The $filter expression must evaluate to a single boolean value."),
        ("remediation eq 'x'", Some(0), "The property 'remediation' cannot be used in the $filter query option."),
        (
            "trim(title) eq 'x'",
            Some(0),
            "An unknown function with name 'trim' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.",
        ),
        (
            "length(rank) eq 1",
            Some(0),
            "No function signature for the function with name 'length' matches the specified arguments (Edm.Int32).",
        ),
        ("title/any(t:t eq 'x')", Some(0), "Any/All may only be used following a collection."),
        ("threats/any(t:threats/any(u:u eq t))", Some(14), "Any/All within Any/All must follow a collection of 't'."),
    ];
    for (filter, position, message) in cases {
        let error = parse(filter, &SECURE_SCORE_CONTROL_PROFILE).unwrap_err();
        assert_eq!(error.message, format!("Invalid filter clause: {message}"), "{filter}");
        assert_eq!(error.position, position, "{filter}");
    }
}

#[test]
fn length_and_nesting_are_bounded() {
    let refused = |filter: String| parse(&filter, &SECURE_SCORE_CONTROL_PROFILE).is_err();
    let nested = |depth: usize| format!("{}deprecated{}", "(".repeat(depth), ")".repeat(depth));
    assert!(!refused(nested(MAX_NESTING - 1)));
    assert!(refused(nested(MAX_NESTING)));
    assert!(refused("(".repeat(MAX_CHARACTERS)));
    assert!(refused(format!("{}deprecated", "not ".repeat(300))));
    assert!(refused(format!("{}title{} eq 'x'", "tolower(".repeat(100), ")".repeat(100))));
    let text = |length: usize| format!("title eq '{}'", "ä".repeat(length - "title eq ''".len()));
    assert!(!refused(text(MAX_CHARACTERS)));
    assert!(refused(text(MAX_CHARACTERS + 1)));
    assert!(!refused(vec!["deprecated"; 130].join(" or ")), "a long chain is not nested");
}
