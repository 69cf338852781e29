//! Conditional Access at a glance, held against what tenants were planted with and against the same tenant without a policy.

use std::collections::BTreeMap;
use std::path::Path;

use idscore_assess::{AccessOverview, Configuration, PolicyState, ProtectionCover, access_overview};
use idscore_catalogue::Catalogue;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use idscore_tenantsim::{Edition, Options, Posture, generate};
use serde_json::Value;

fn of_export(export: &Path) -> AccessOverview {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("snapshot");
    write_snapshot(export, &stored, &ReadOptions::default()).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    access_overview(&Snapshot::open(&stored).unwrap(), &catalogue, &Configuration::default()).unwrap()
}

fn repository(tenant: &str) -> AccessOverview {
    of_export(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(tenant))
}

fn small(seed: u64, posture: Posture) -> Options {
    let edition = Some(Edition::P2);
    Options { users: 90, seed, edition, posture: Some(posture), hybrid: Some(false), ..Options::default() }
}

/// Users of the population about which a protection is, who have it and of whom it is unknown.
fn have_and_unknown(protection: &ProtectionCover) -> (u64, u64) {
    let kinds = match protection.administrators {
        Some(administrators) if protection.of_administrators => vec![administrators],
        _ => vec![protection.members, protection.guests],
    };
    kinds.iter().fold((0, 0), |(have, unknown), kind| (have + kind.have, unknown + kind.unknown))
}

#[test]
fn users_lack_what_they_were_planted_to_lack() {
    let mut held = 0;
    for (seed, posture) in (41..).zip([Posture::Weak, Posture::Average, Posture::Strong]) {
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("export");
        let planted = generate(&small(seed, posture), &export).unwrap();
        let overview = of_export(&export);
        assert_eq!(overview.enabled, planted.populations.enabled - planted.populations.agents);
        for protection in &overview.protections {
            let Some(expected) = planted.protections.get(&protection.column) else { continue };
            let populations = &planted.populations;
            // What was planted leaves accounts of services and for emergencies out; they can only add to either side.
            let apart = populations.service_accounts + populations.break_glass + populations.directory_sync;
            let guests = expected.members_and_guests.escaping - expected.members.escaping;
            assert_eq!(protection.guests.lack, guests, "seed {seed} {}", protection.column);
            let lack = protection.members.lack;
            let range = expected.members.escaping..=expected.members.escaping + apart;
            assert!(range.contains(&lack), "seed {seed} {}: {lack} of {range:?}", protection.column);
            held += 1;
        }
    }
    assert!(held >= 30, "{held}");
}

#[test]
fn what_a_policy_alone_adds_is_what_is_lost_when_it_is_switched_off() {
    let (mut held, mut added) = (0, 0);
    for (seed, posture) in (51..).zip([Posture::Average, Posture::Strong]) {
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("export");
        generate(&small(seed, posture), &export).unwrap();
        let before = of_export(&export);
        for policy in before.policies.iter().filter(|policy| policy.state == PolicyState::On) {
            let restored = switch_off(&export, &policy.name);
            let after = of_export(&export);
            for (file, text) in restored {
                std::fs::write(file, text).unwrap();
            }
            let adds: BTreeMap<&str, (u64, u64)> =
                policy.adds.iter().map(|added| (added.column.as_str(), (added.lost, added.unsure))).collect();
            for (was, is) in before.protections.iter().zip(&after.protections) {
                let ((had, _), (has, _)) = (have_and_unknown(was), have_and_unknown(is));
                let (lost, unsure) = adds.get(was.column.as_str()).copied().unwrap_or_default();
                assert_eq!(had - has, lost + unsure, "seed {seed} {} {}", policy.name, was.column);
                held += 1;
                added += u64::from(lost > 0);
            }
        }
    }
    assert!(held > 100 && added > 5, "{held} {added}");
}

/// Switches a policy of an export off, and says what its files held.
fn switch_off(export: &Path, name: &str) -> Vec<(std::path::PathBuf, String)> {
    let mut before = Vec::new();
    for entry in std::fs::read_dir(export.join("policies")).unwrap() {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let mut page: Value = serde_json::from_str(&text).unwrap();
        for policy in page["value"].as_array_mut().unwrap() {
            if policy["displayName"] == name {
                policy["state"] = "disabled".into();
            }
        }
        std::fs::write(&file, page.to_string()).unwrap();
        before.push((file, text));
    }
    before
}

#[test]
fn exclusions_are_counted_and_who_is_reached_by_nothing_is_named() {
    let overview = repository("risky");
    let excluding: Vec<_> = overview
        .policies
        .iter()
        .filter(|policy| policy.excluded_users > 0 || !policy.excluded_groups.is_empty())
        .collect();
    assert!(!excluding.is_empty());
    for policy in &excluding {
        assert!(policy.users + policy.maybe <= overview.enabled && policy.excluded <= overview.enabled);
    }
    assert_eq!(overview.unreached_named.len() as u64, overview.unreached.min(200));
    let excluded = overview.unreached_named.iter().filter(|user| user.excluded).count() as u64;
    assert_eq!(excluded, overview.excluded_from_all);
    for protection in &overview.protections {
        let told: u64 = protection.gaps.iter().map(|gap| gap.users).sum();
        let lack = match protection.administrators {
            Some(administrators) if protection.of_administrators => administrators.lack,
            _ => protection.members.lack + protection.guests.lack,
        };
        assert_eq!(told, lack, "{}", protection.column);
        assert!(protection.gaps.iter().all(|gap| !gap.sentence.is_empty()), "{}", protection.column);
    }
}

#[test]
fn without_policies_or_users_nothing_is_said_but_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    generate(&small(61, Posture::Average), &export).unwrap();
    std::fs::remove_dir_all(export.join("policies")).unwrap();
    let overview = of_export(&export);
    assert_eq!(overview.missing.iter().map(|missing| missing.data_set.as_str()).collect::<Vec<_>>(), ["policies"]);
    assert!(overview.protections.is_empty() && overview.policies.is_empty());
}
