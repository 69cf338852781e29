//! Options, pages, links and errors by example.

use std::num::NonZeroUsize;

use serde_json::{Value as Json, json};

use super::*;

mod paging;

fn size(rows: usize) -> NonZeroUsize {
    NonZeroUsize::new(rows).unwrap()
}

fn scores() -> Vec<Json> {
    let day = |day: u32, score: f64| {
        json!({
            "@odata.type": "#microsoft.graph.secureScore", "id": format!("t_2026-07-{day:02}"),
            "createdDateTime": format!("2026-07-{day:02}T00:00:00Z"), "currentScore": score, "maxScore": 60.0,
            "controlScores": [{"controlName": "A", "score": 1.0}, {"controlName": "B", "score": 0.5}],
            "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"},
        })
    };
    vec![day(1, 40.0), day(3, 41.5), day(2, 40.0), day(4, 42.0)]
}

fn score_query(raw: &str) -> Query {
    Query::parse(raw, &SECURE_SCORE).unwrap_or_else(|error| panic!("{raw}: {error}"))
}

fn days(page: &Page) -> Vec<&str> {
    page.value.iter().map(|row| row["id"].as_str().unwrap().trim_start_matches("t_2026-07-")).collect()
}

#[track_caller]
fn gives(raw: &str, expected: &[&str]) {
    assert_eq!(days(&apply(&score_query(raw), scores(), size(100))), expected, "{raw}");
}

#[test]
fn rows_come_in_the_order_asked_for_then_newest_first() {
    gives("", &["04", "03", "02", "01"]);
    gives("$orderby=createdDateTime", &["01", "02", "03", "04"]);
    gives("$orderby=currentScore", &["02", "01", "03", "04"]);
    gives("$orderby=currentScore%20desc,createdDateTime%20asc", &["04", "03", "01", "02"]);
    gives("$orderby=vendorInformation/vendor", &["04", "03", "02", "01"]);
}

#[test]
fn null_comes_first_ascending_and_last_descending() {
    let rows = || {
        vec![
            json!({"id": "a", "rank": 2}),
            json!({"id": "b", "rank": null}),
            json!({"id": "c"}),
            json!({"id": "d", "rank": 1}),
        ]
    };
    let order = |raw: &str| {
        let page = apply(&Query::parse(raw, &IMPACTED_RESOURCE).unwrap(), rows(), size(9));
        page.value.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<String>()
    };
    assert_eq!(order("$orderby=rank"), "bcda");
    assert_eq!(order("$orderby=rank desc"), "adbc");
    assert_eq!(order(""), "bcda");
}

#[test]
fn top_and_skip_cut_after_filter_and_order() {
    gives("$top=1", &["04"]);
    gives("$top=2&$skip=1", &["03", "02"]);
    gives("$filter=currentScore%20eq%2040&$top=1", &["02"]);
    gives("$top=0", &[]);
    gives("$skip=99", &[]);
    gives("$top=999999", &["04", "03", "02", "01"]);
    gives("$top=9223372036854775807&$skip=9223372036854775807", &[]);
}

#[test]
fn options_are_read_without_dollar_in_any_case_and_encoded_as_forms_do() {
    gives("top=1", &["04"]);
    gives("%24top=1", &["04"]);
    gives("$Top=1&$OrderBy=createdDateTime", &["01"]);
    gives("$filter=currentScore+eq+40+and+createdDateTime+lt+2026-07-02T00:00:00Z", &["01"]);
    gives("$format=json&$select=&client=mine&client=twice&$top=1", &["04"]);
    gives("?$top=1&", &["04"]);
}

#[test]
fn count_ignores_top_skip_and_pages() {
    let count = |raw: &str| apply(&score_query(raw), scores(), size(2)).count;
    assert_eq!(count("$count=true&$top=1&$skip=2"), Some(4));
    assert_eq!(count("$count=true&$filter=currentScore eq 40"), Some(2));
    assert_eq!(count("$count=false"), None);
    assert_eq!(count(""), None);
}

#[test]
fn every_type_has_a_key_and_an_order_of_its_own() {
    for entity in
        [&SECURE_SCORE, &SECURE_SCORE_CONTROL_PROFILE, &RECOMMENDATION, &IMPACTED_RESOURCE, &TENANT_SECURE_SCORE]
    {
        let name = entity.structure.name;
        let query = Query::parse("", entity).unwrap_or_else(|error| panic!("{name}: {error}"));
        let key = query.order.last().unwrap();
        assert_eq!(key.segments, [entity.key], "{name}");
        let declared: Vec<&str> = entity.structure.properties.iter().map(|property| property.name).collect();
        assert!(declared.contains(&entity.key), "{name}");
        assert!(entity.default_order.iter().all(|by| declared.contains(&by.property)), "{name}");
        assert!(entity.expandable.iter().all(|member| !declared.contains(member)), "{name}");
    }
}

#[test]
fn texts_that_begin_alike_for_long_are_ordered_by_the_next_key_and_still_paged() {
    let rows: Vec<Json> = (0..5)
        .map(|number| json!({"id": format!("{number}"), "title": format!("{}{}", "ü".repeat(300), 9 - number)}))
        .collect();
    let (mut raw, mut seen) = ("$orderby=title".to_owned(), String::new());
    loop {
        let page = apply(&Query::parse(&raw, &SECURE_SCORE_CONTROL_PROFILE).unwrap(), rows.clone(), size(2));
        seen.extend(page.value.iter().map(|row| row["id"].as_str().unwrap()));
        let Some(token) = page.next else { break };
        assert!(token.len() < 1_000, "{}", token.len());
        raw = format!("$orderby=title&$skiptoken={token}");
    }
    assert_eq!(seen, "01234");
}

#[test]
fn select_leaves_the_members_named_and_the_annotations() {
    let first = |raw: &str| apply(&score_query(raw), scores(), size(1)).value.remove(0);
    let kind = "#microsoft.graph.secureScore";
    assert_eq!(first("$select=currentScore"), json!({"@odata.type": kind, "currentScore": 42.0}));
    assert_eq!(
        first("$select=Id,%20CurrentScore"),
        json!({"@odata.type": kind, "id": "t_2026-07-04", "currentScore": 42.0})
    );
    assert_eq!(
        first("$select=vendorInformation/vendor,controlScores/score"),
        json!({"@odata.type": kind, "vendorInformation": {"vendor": "Microsoft"}, "controlScores": [{"score": 1.0}, {"score": 0.5}]})
    );
    assert_eq!(first("$select=undeclared"), json!({"@odata.type": kind}));
    assert_eq!(first("$select=*,id"), first(""));
}

#[test]
fn expanded_members_appear_only_when_asked_for() {
    let row = || json!({"id": "a", "status": "active", "impactedResources": [{"id": "r"}]});
    let shaped = |raw: &str| Query::parse(raw, &RECOMMENDATION).unwrap().shape(row());
    assert_eq!(shaped(""), json!({"id": "a", "status": "active"}));
    assert_eq!(shaped("$expand=impactedResources"), row());
    assert_eq!(shaped("$expand=impactedResources&$select=id"), json!({"id": "a", "impactedResources": [{"id": "r"}]}));
    assert_eq!(shaped("$select=id,impactedResources"), json!({"id": "a"}));
    assert_eq!(
        shaped("$select=impactedResources&$expand=impactedResources"),
        json!({"impactedResources": [{"id": "r"}]})
    );
}

#[test]
fn bad_options_are_refused_as_graph_refuses_them() {
    let cases = [
        ("$foo=1", "The query parameter '$foo' is not supported."),
        ("$search=x", "The query parameter '$search' is not supported."),
        ("$top=1&top=2", "Query option '$top' was specified more than once, but it must be specified at most once."),
        (
            "$top=-1",
            "Invalid value '-1' for $top query option found. The $top query option requires a non-negative integer value.",
        ),
        (
            "$skip=x",
            "Invalid value 'x' for $skip query option found. The $skip query option requires a non-negative integer value.",
        ),
        ("$count=1", "Invalid value '1' for $count query option found. Valid values are 'true' and 'false'."),
        ("$format=xml", "The value 'xml' of $format is not supported; only 'json' is."),
        ("$filter=", "Invalid filter clause: Syntax error at position 0 in ''."),
        ("$filter=%FF", "The query string is not valid UTF-8."),
        ("$orderby=controlScores", "The property 'controlScores' cannot be used in the $orderby query option."),
        ("$orderby=id up", "Syntax error in $orderby at 'id up'."),
        ("$orderby=id,", "Syntax error in $orderby at ''."),
        ("$select=id,,maxScore", "Parsing OData Select and Expand failed: Syntax error: '' is not a property path."),
        (
            "$select=id/x",
            "Parsing OData Select and Expand failed: Could not find a property named 'x' on type 'Edm.String'.",
        ),
        (
            "$expand=owner",
            "Parsing OData Select and Expand failed: Could not find a navigation property named 'owner' on type 'microsoft.graph.secureScore'.",
        ),
        ("$skiptoken=abc", "The $skiptoken is not valid for this request."),
        ("$skiptoken=", "The $skiptoken is not valid for this request."),
    ];
    for (raw, message) in cases {
        assert_eq!(Query::parse(raw, &SECURE_SCORE).unwrap_err().message, message, "{raw}");
    }
    for raw in [format!("$select={}", "id,".repeat(2_000)), format!("$orderby={}id", "id,".repeat(8))] {
        assert!(Query::parse(&raw, &SECURE_SCORE).is_err(), "{raw}");
    }
    let closed = Query::parse("$select=nme", &RECOMMENDATION).unwrap_err();
    assert_eq!(
        closed.message,
        "Parsing OData Select and Expand failed: Could not find a property named 'nme' on type 'microsoft.graph.recommendation'."
    );
    let within = Query::parse("$expand=impactedResources($top=1)", &RECOMMENDATION).unwrap_err();
    assert_eq!(within.message, "Parsing OData Select and Expand failed: Options within $expand are not supported.");
}

#[test]
fn a_token_serves_only_the_question_it_was_made_for() {
    let raw = "$orderby=currentScore&$filter=maxScore gt 1";
    let token = apply(&score_query(raw), scores(), size(2)).next.unwrap();
    assert!(token.chars().all(|part| part.is_ascii_alphanumeric() || "-_".contains(part)), "{token}");
    let accepted = |raw: &str, token: &str| Query::parse(&format!("{raw}&$skiptoken={token}"), &SECURE_SCORE).is_ok();
    assert!(accepted(raw, &token));
    assert!(accepted(&format!("{raw}&$select=id&$count=true"), &token));
    assert!(
        accepted("$OrderBy=CurrentScore asc&$filter=(maxScore  gt 1.0)", &token),
        "the same question in other words"
    );
    assert!(!accepted("$orderby=currentScore desc&$filter=maxScore gt 1", &token));
    assert!(!accepted("$orderby=currentScore", &token));
    for at in 0..token.len() {
        let mut damaged = token.clone().into_bytes();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        assert!(!accepted(raw, std::str::from_utf8(&damaged).unwrap()), "damaged at {at}");
        assert!(!accepted(raw, &token[..at]), "cut at {at}");
    }
    assert!(!accepted(raw, &"A".repeat(100_000)));
}

#[test]
fn what_a_route_may_push_down_is_told() {
    let equals = |filter: &str| {
        let query = Query::parse(&format!("$filter={filter}"), &SECURE_SCORE_CONTROL_PROFILE).unwrap();
        query.equals("id").map(str::to_owned)
    };
    assert_eq!(equals("id eq 'a'").as_deref(), Some("a"));
    assert_eq!(equals("'a' eq id").as_deref(), Some("a"));
    assert_eq!(equals("service eq 'x' and id eq 'a'").as_deref(), Some("a"));
    assert_eq!(equals("id in ('a')").as_deref(), Some("a"));
    for filter in
        ["id ne 'a'", "id eq 'a' or rank eq 1", "not (id eq 'a')", "id eq null", "id in ('a','b')", "rank eq 1"]
    {
        assert_eq!(equals(filter), None, "{filter}");
    }

    let hint = |raw: &str| score_query(raw).top_hint();
    assert_eq!(hint("$top=5"), Some(5));
    assert_eq!(hint("$top=5&$skip=2&$select=id"), Some(7));
    for raw in ["", "$skip=2", "$top=5&$count=true", "$top=5&$filter=maxScore gt 1", "$top=5&$orderby=id"] {
        assert_eq!(hint(raw), None, "{raw}");
    }

    let query = score_query("$select=id&$filter=controlScores/any(c:c/score lt 1)");
    assert!(query.reads("controlScores") && !query.shows("controlScores"));
    assert!(query.shows("id") && query.reads("createdDateTime") && !query.reads("enabledServices"));
}

#[test]
fn the_next_link_keeps_the_clients_options_and_takes_in_skip() {
    let base = "https://scores.example/v1.0/security/secureScores";
    let link = |raw: &str| next_link(base, raw, "T-1_");
    assert_eq!(link(""), format!("{base}?$skiptoken=T-1_"));
    assert_eq!(link("$top=9&$skip=3&$count=true"), format!("{base}?$top=9&$count=true&$skiptoken=T-1_"));
    assert_eq!(
        link("$filter=title+eq+'a%26b ü'&skiptoken=old&mine=1"),
        format!("{base}?$filter=title%20eq%20%27a%26b%20%C3%BC%27&mine=1&$skiptoken=T-1_")
    );
}

#[test]
fn a_collection_has_count_and_link_only_when_there_are_any() {
    let context = "https://scores.example/v1.0/$metadata#security/secureScores";
    let body = |raw: &str| {
        let page = apply(&score_query(raw), scores(), size(3));
        json!(collection(context, page, "https://scores.example/v1.0/security/secureScores", raw, |row| row))
    };
    let whole = body("$top=3&$select=id");
    assert_eq!(whole.as_object().unwrap().keys().collect::<Vec<_>>(), ["@odata.context", "value"]);
    assert_eq!(whole["@odata.context"], context);
    let part = body("$count=true");
    assert_eq!(part["@odata.count"], 4);
    assert_eq!(part["value"].as_array().unwrap().len(), 3);
    let link = part["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with("https://scores.example/v1.0/security/secureScores?$count=true&$skiptoken="), "{link}");
}
