//! Invented tenants know about themselves, worked out without `idscore_access`; the assessment must agree.

use std::collections::BTreeSet;

use idscore_assess::{Configuration, Evidence, Judgement, assess};
use idscore_catalogue::Catalogue;
use idscore_score::Outcome;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use idscore_tenantsim::{Edition, Options, Planted, Posture, generate};

fn invent_and_judge(options: &Options) -> (Planted, Judgement) {
    let folder = tempfile::tempdir().unwrap();
    let (export, stored) = (folder.path().join("export"), folder.path().join("snapshot"));
    let planted = generate(options, &export).unwrap();
    write_snapshot(&export, &stored, &ReadOptions::default()).unwrap();
    let configuration = Configuration::read(&export.join("idscore.toml")).unwrap_or_default();
    let catalogue = Catalogue::embedded().unwrap();
    let snapshot = Snapshot::open(&stored).unwrap();
    let judgement = assess(&snapshot, &catalogue, &configuration, &Evidence::First(usize::MAX)).unwrap();
    (planted, judgement)
}

/// Every difference between what was planted and what was judged, in words.
fn differences(options: &Options) -> Vec<String> {
    let (planted, judgement) = invent_and_judge(options);
    let mut found = Vec::new();
    for (id, expected) in &planted.controls {
        let Some(result) = judgement.assessment.controls.iter().find(|result| result.id == *id) else {
            found.push(format!("{id}: not judged"));
            continue;
        };
        let outcome = serde_json::to_value(result.outcome).unwrap();
        let judged = (outcome.as_str().unwrap(), result.count, result.total, result.unknown);
        let counts = [(expected.count, judged.1), (expected.total, judged.2), (expected.unknown, judged.3)];
        let same = expected.outcome == judged.0
            && counts.iter().all(|(expected, judged)| expected.is_none_or(|expected| expected == *judged));
        if !same {
            found.push(format!("{id}: planted {expected:?}, judged {judged:?}"));
        }
    }
    found.extend(unnamed_escapes(&planted, &judgement));
    found.into_iter().map(|difference| format!("seed {} {difference}", options.seed)).collect()
}

/// The members in the evidence of `mfa_enforced_all` must be those who were planted to escape.
fn unnamed_escapes(planted: &Planted, judgement: &Judgement) -> Vec<String> {
    let (Some(protection), Some(rows)) =
        (planted.protections.get("mfa_required"), judgement.evidence.get("mfa_enforced_all"))
    else {
        return Vec::new();
    };
    let escaping: BTreeSet<&str> = protection.escaping.ids.iter().map(String::as_str).collect();
    let not_met = rows.iter().filter(|row| row.outcome == Outcome::NotMet);
    not_met
        .filter(|row| !escaping.contains(row.object_id.as_str()))
        .map(|row| format!("mfa_enforced_all: {} was not planted to escape: {:?}", row.object_id, row.witness))
        .collect()
}

#[test]
fn tenants_of_every_edition_and_posture_are_judged_as_they_were_planted() {
    let mut all = Vec::new();
    let mut judged = 0;
    for (seed, edition) in (1..).zip([Edition::Free, Edition::P1, Edition::P2, Edition::P1, Edition::P2, Edition::P2]) {
        for posture in [Posture::Weak, Posture::Average, Posture::Strong] {
            let options =
                Options { users: 120, seed, edition: Some(edition), posture: Some(posture), ..Options::default() };
            all.extend(differences(&options));
            judged += 1;
        }
    }
    assert_eq!(judged, 18);
    assert!(all.is_empty(), "{} differences:\n{}", all.len(), all.join("\n"));
}

#[test]
fn optional_data_sets_are_judged_as_they_were_planted() {
    let options = Options {
        users: 150,
        seed: 11,
        edition: Some(Edition::P2),
        per_user_mfa: true,
        on_premises_sync: true,
        sign_ins: true,
        hybrid: Some(true),
        ..Options::default()
    };
    let found = differences(&options);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_tenant_with_240_policies_is_judged_as_it_was_planted() {
    let options =
        Options { users: 400, seed: 21, edition: Some(Edition::P2), policies: Some(240), ..Options::default() };
    let found = differences(&options);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn many_distinct_sets_of_policies_are_judged_as_they_were_planted() {
    let options = Options {
        users: 1_500,
        seed: 31,
        edition: Some(Edition::P2),
        policies: Some(240),
        distinct_signatures: Some(1_000),
        ..Options::default()
    };
    let found = differences(&options);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
