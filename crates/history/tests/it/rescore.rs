//! A decision gives the same score from what was kept as from judging the tenant again.

use std::collections::BTreeMap;

use idscore_assess::{Configuration, Decision, DeclaredStatus};
use idscore_history::{KeptAssessment, KeptControl};
use idscore_score::Status;

use crate::judged::judged;

const TENANTS: [&str; 4] = ["careful", "risky", "free-licence", "partial-permissions"];

fn shown(kept: &KeptAssessment) -> Vec<(String, String)> {
    let control = |control: &KeptControl| {
        let points = format!("{:?} {:?} {:?} {:?}", control.outcome, control.status, control.score, control.max_score);
        (control.id.clone(), points)
    };
    kept.controls.iter().map(control).collect()
}

#[test]
fn each_status_of_each_control_gives_the_score_of_judging_again() {
    for tenant in TENANTS {
        let before = judged(tenant, &Configuration::default());
        let kept = KeptAssessment::of(&before, Configuration::default().score, "");
        assert!(kept.decided(&BTreeMap::new()).unwrap() == kept, "{tenant}");
        for status in [Status::Planned, Status::RiskAccepted, Status::ThirdParty, Status::AlternateMitigation] {
            let configuration = Configuration {
                status: kept
                    .controls
                    .iter()
                    .step_by(2)
                    .map(|control| DeclaredStatus {
                        control: control.id.clone(),
                        status,
                        owner: "Ada".to_owned(),
                        reason: "a test".to_owned(),
                        expires: Some("2099-01-01".parse().unwrap()),
                    })
                    .collect(),
                ..Configuration::default()
            };
            let decide = |status: &DeclaredStatus| {
                (status.control.clone(), Decision { status: Some(status.status), ..Decision::default() })
            };
            let decided = kept.decided(&configuration.status.iter().map(decide).collect()).unwrap();
            let again = KeptAssessment::of(&judged(tenant, &configuration), configuration.score, "");
            assert_eq!((decided.core, decided.extended), (again.core, again.extended), "{tenant} {status:?}");
            assert_eq!(shown(&decided), shown(&again), "{tenant} {status:?}");
        }
    }
}

#[test]
fn what_is_kept_comes_back_the_same_from_json() {
    for tenant in TENANTS {
        let kept = KeptAssessment::of(&judged(tenant, &Configuration::default()), Configuration::default().score, "");
        let text = serde_json::to_string(&kept.controls).unwrap();
        assert!(serde_json::from_str::<Vec<KeptControl>>(&text).unwrap() == kept.controls, "{tenant}");
    }
}
