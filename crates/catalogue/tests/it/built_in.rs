//! What the program carries.

use std::path::Path;

use idscore_catalogue::{Catalogue, Problem};
use idscore_score::{Points, Set};

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn the_built_in_files_have_no_mistake() {
    let (_, problems) = Catalogue::lint(&[]);
    assert!(problems.is_empty(), "{}", lines(&problems));
}

#[test]
fn a_checkout_is_read_like_what_the_program_carries() {
    let (from_disk, problems) = Catalogue::lint_repository(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    assert!(problems.is_empty(), "{}", lines(&problems));
    let embedded = Catalogue::embedded().unwrap();
    assert_eq!(from_disk.version, embedded.version);
    assert_eq!(from_disk.controls.len(), embedded.controls.len());
}

#[test]
fn microsofts_controls_have_microsofts_points() {
    let catalogue = Catalogue::embedded().unwrap();
    let points = |id: &str| catalogue.control(id).map(|control| control.points.clone());
    for (id, expected) in [
        ("AdminMFAV2", 10),
        ("MFARegistrationV2", 9),
        ("BlockLegacyAuthentication", 8),
        ("PWAgePolicyNew", 8),
        ("SigninRiskPolicy", 7),
        ("UserRiskPolicy", 7),
        ("PasswordHashSync", 5),
        ("insiderRiskPolicy", 5),
        ("IntegratedApps", 4),
        ("OneAdmin", 1),
        ("RoleOverlap", 1),
        ("SelfServicePasswordReset", 1),
    ] {
        assert_eq!(points(id), Some(Points::whole(expected)), "{id}");
    }
    let core: Points =
        catalogue.controls.iter().filter(|control| control.set == Set::Core).map(|control| &control.points).sum();
    assert_eq!(core, Points::whole(66), "56 in the cloud, 5 for hybrid tenants, 5 with P2");
}
