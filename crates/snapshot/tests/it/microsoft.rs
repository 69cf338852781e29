//! Microsoft's own numbers, as they lie in an export.

use idscore_snapshot::ReadOptions;
use serde_json::Value;

use crate::support::{Export, ORGANIZATION, REPORT};

/// One day as Graph serves it, with undeclared members and numbers as text.
const SCORES: (&str, &str) = (
    "secureScores/1.json",
    r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#security/secureScores","value":[
     {"id":"11111111-0000-4000-8000-000000000001_2026-11-18","createdDateTime":"2026-11-18T00:00:00Z","currentScore":40.0,"maxScore":61.0},
     {"id":"11111111-0000-4000-8000-000000000001_2026-11-19","azureTenantId":"11111111-0000-4000-8000-000000000001",
      "createdDateTime":"2026-11-19T00:00:00Z","currentScore":41.5,"maxScore":61.0,"identityScore":38.5,"identityScoreMax":"56",
      "activeUserCount":120,"licensedUserCount":0,"enabledServices":["HasAADP1"],"brandNew":{"Deep":[1,null]},
      "averageComparativeScores":[
       {"basis":"AllTenants","averageScore":52.86,"identityScore":41.21,"identityScoreMax":61.88},
       {"basis":"TotalSeats","averageScore":48.1,"SeatSizeRangeLowerValue":"101","SeatSizeRangeUpperValue":"1000","identityScore":"40.4"},
       {"basis":"IndustryTypes","averageScore":-1,"categoryValue":"services","identityScore":-1}],
      "controlScores":[
       {"controlCategory":"Identity","controlName":"SelfServicePasswordReset","description":"<b>All</b>","score":0.75,
        "scoreInPercentage":75.0,"implementationStatus":"You have 90 of 120.","lastSynced":"2026-11-17T13:04:06Z","count":"90","total":"120"},
       {"controlCategory":"Identity","controlName":"IntegratedApps","score":"4","on":"true"},
       {"controlCategory":"Identity","score":1.0}]}]}"#,
);

#[test]
fn every_day_is_kept_and_the_newest_comes_first() {
    let read = Export::of(&[REPORT, ORGANIZATION, SCORES]).read().unwrap();
    assert_eq!(read.status("secureScores"), "complete 2");
    let scores = read.snapshot.microsoft_scores().unwrap();
    let days: Vec<_> = scores.iter().map(|score| score.created_date_time.unwrap().to_string()).collect();
    assert_eq!(days, ["2026-11-19T00:00:00Z", "2026-11-18T00:00:00Z"]);
    insta::assert_debug_snapshot!(scores[0]);
}

#[test]
fn the_document_is_kept_as_served_with_undeclared_members() {
    let read = Export::of(&[REPORT, ORGANIZATION, SCORES]).read().unwrap();
    let served: Value = serde_json::from_str(SCORES.1).unwrap();
    let kept = read.snapshot.documents("secureScore").unwrap();
    assert_eq!(kept[1].1, served["value"][1]);
}

#[test]
fn minus_one_is_no_average() {
    let read = Export::of(&[REPORT, ORGANIZATION, SCORES]).read().unwrap();
    let scores = read.snapshot.microsoft_scores().unwrap();
    let industry = &scores[0].averages[2];
    assert_eq!((industry.average_score, industry.identity_score), (None, None));
    assert_eq!(industry.category_value.as_deref(), Some("services"));
}

#[test]
fn the_newest_decision_about_a_control_is_in_force() {
    let profiles = r#"{"value":[
        {"id":"AdminMFAV2","controlCategory":"Identity","service":"AzureAD","maxScore":10.0,"deprecated":false,"controlStateUpdates":[
            {"state":"ThirdParty","updatedDateTime":"2026-03-01T08:00:00Z","updatedBy":"ada@example.org"},
            {"state":"ignored","updatedDateTime":"2026-04-01T08:00:00Z","comment":"Ada said so"},
            {"state":"Default","updatedDateTime":null}]},
        {"id":"OneAdmin","maxScore":"1","controlStateUpdates":{"state":"Default","updatedBy":null}},
        {"id":"RoleOverlap","maxScore":null,"deprecated":"perhaps","controlStateUpdates":null}]}"#;
    let export = Export::of(&[REPORT, ORGANIZATION, ("secureScoreControlProfiles/1.json", profiles)]);
    let read = export.read().unwrap();
    let profiles = read.snapshot.microsoft_profiles().unwrap();
    let shown: Vec<_> = profiles
        .iter()
        .map(|profile| (profile.max_score, profile.state().and_then(|update| update.state.as_deref())))
        .collect();
    assert_eq!(shown, [(Some(10.0), Some("ignored")), (Some(1.0), Some("Default")), (None, None)]);
    let without = export.read_with(&ReadOptions { names: false, ..ReadOptions::default() }).unwrap();
    let text = format!("{:?}", without.snapshot.documents("secureScoreControlProfile").unwrap());
    assert!(!text.to_lowercase().contains("ada"), "{text}");
}

#[test]
fn omitted_impacted_resources_are_not_none_at_all() {
    let recommendations = r##"{"@odata.context":"https://graph.microsoft.com/beta/$metadata#directory/recommendations","value":[
        {"id":"t_adminMFAV2","recommendationType":"adminMFAV2","displayName":"MFA for administrators","category":"identitySecureScore",
         "status":"active","currentScore":6.25,"maxScore":10,"lastCheckedDateTime":"2026-11-19T04:00:00Z","impactedResources":[
            {"subjectId":"a1","resourceType":"user","displayName":"Ada","owner":"Bob","status":"active"},
            {"subjectId":"e1","resourceType":"app","displayName":"Till","status":"completedBySystem"}]},
        {"id":"t_oneAdmin","recommendationType":"oneAdmin","impactedResources":[]},
        {"id":"t_roleOverlap","recommendationType":"roleOverlap"}]}"##;
    let export = Export::of(&[REPORT, ORGANIZATION, ("recommendations/1.json", recommendations)]);
    let found = export.read().unwrap().snapshot.microsoft_recommendations().unwrap();
    let impacted: Vec<_> = found.iter().map(|one| one.impacted_resources.as_ref().map(Vec::len)).collect();
    assert_eq!(impacted, [Some(2), Some(0), None]);
    let without = export.read_with(&ReadOptions { names: false, ..ReadOptions::default() }).unwrap();
    let found = without.snapshot.microsoft_recommendations().unwrap();
    let names: Vec<_> =
        found[0].impacted_resources.iter().flatten().map(|resource| resource.display_name.as_deref()).collect();
    assert_eq!(names, [None, Some("Till")]);
    assert!(!format!("{:?}", without.snapshot.documents("recommendation").unwrap()).contains("Bob"));
}

#[test]
fn odd_values_are_unknown_and_never_an_error() {
    let odd = r#"[{"id":"s1","createdDateTime":"0001-01-01T00:00:00Z","currentScore":"many","maxScore":[],"activeUserCount":-5,
        "averageComparativeScores":"none","controlScores":{"controlName":"OneAdmin","score":"1","scoreInPercentage":"100",
        "count":1.5,"total":{},"on":"7","lastSynced":8},"enabledServices":"HasAAD"},{"controlScores":[]}]"#;
    let export = Export::of(&[
        REPORT,
        ORGANIZATION,
        ("secureScores/1.json", odd),
        ("secureScoreControlProfiles/1.json", "[{}]"),
    ]);
    let read = export.read().unwrap();
    insta::assert_debug_snapshot!(read.snapshot.microsoft_scores().unwrap());
    assert_eq!(read.snapshot.microsoft_profiles().unwrap()[0].id, "secureScoreControlProfiles");
}

#[test]
fn an_export_without_them_has_none() {
    let read = Export::of(&[REPORT, ORGANIZATION]).read().unwrap();
    assert!(read.snapshot.microsoft_scores().unwrap().is_empty());
    assert!(read.snapshot.microsoft_profiles().unwrap().is_empty());
    assert!(read.snapshot.microsoft_recommendations().unwrap().is_empty());
}
