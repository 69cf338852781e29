//! The proofs held against the plain decision of concrete sign-ins, both ways, on generated policies.

use idscore_access::Access;
use idscore_access::reference::{SignIn, Target};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::generator::{Case, Choices, USERS};

const SAMPLES: usize = 40;

/// A plain generator for the sampling, which needs no shrinking.
pub fn picker(mut state: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    }
}

/// Whether the sign-in's app may or may not belong to a suite: then it is one of two stories, and only one is real.
fn is_story(sign_in: &SignIn) -> bool {
    sign_in.compliant_network
        || matches!(&sign_in.target, Target::App { id, .. } if id.starts_with("1111") || id.starts_with("797f") || id.starts_with("0000"))
}

fn check(case: &Case, seed: u64, all_known: bool) -> Result<(), TestCaseError> {
    judge(case, seed, all_known).map_err(|error| TestCaseError::fail(format!("{error}\n{case:#?}")))
}

fn judge(case: &Case, seed: u64, all_known: bool) -> Result<(), TestCaseError> {
    let access = Access::new(&case.policies, case.locations.as_deref(), None, case.settings.clone())
        .with_every_kind_of_location(case.beta);
    let prepared = access.prepare(&case.directory);
    let proofs = prepared.prove(&case.protection);
    let mut pick = picker(seed);
    for row in 0..USERS {
        let samples = prepared.samples(&case.protection, SAMPLES, &mut pick);
        let says = |sign_in: &SignIn| prepared.protects(&case.protection, row, sign_in);
        match proofs.verdict(row) {
            Some(true) => {
                for sign_in in &samples {
                    prop_assert_eq!(says(sign_in), Some(true), "user {} is covered, and yet {:?}", row, sign_in);
                }
            }
            Some(false) => {
                prop_assert!(!proofs.answer(row).unwrap().witnesses.is_empty());
                let decided_alone = if seed.is_multiple_of(2) { 0 } else { usize::MAX };
                let escapes = prepared.escapes(&case.protection, row, decided_alone, &mut pick);
                prop_assert!(!escapes.is_empty(), "a gap has a witness");
                for sign_in in &escapes {
                    prop_assert_eq!(says(sign_in), Some(false), "user {}: the witness is covered: {:?}", row, sign_in);
                }
            }
            None => {
                prop_assert!(proofs.answer(row).unwrap().unknown.as_ref().is_some_and(|why| !why.is_empty()));
                for sign_in in samples.iter().filter(|sign_in| !is_story(sign_in)) {
                    prop_assert_ne!(
                        says(sign_in),
                        Some(false),
                        "user {} is unknown, and yet escapes {:?}",
                        row,
                        sign_in
                    );
                }
                prop_assert!(!all_known, "user {} is unknown although nothing is: {:?}", row, proofs.answer(row));
            }
        }
    }
    Ok(())
}

fn stream() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..220)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn covered_means_no_sign_in_escapes_and_every_witness_escapes(stream in stream(), seed in any::<u64>()) {
        check(&Choices::new(&stream, true).case(), seed, false)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn where_every_fact_is_known_every_answer_is(stream in stream(), seed in any::<u64>()) {
        let case = Choices::new(&stream, false).case();
        // Whether an app belongs to a suite is unknown even then.
        let text = serde_json::to_string(&case.policies).unwrap();
        let suites = ["Office365", "MicrosoftAdminPortals"].iter().any(|suite| text.contains(suite));
        let region = case.protection.sign_ins.resource.is_some();
        check(&case, seed, !suites && !region)?;
    }
}
