//! What every written export must be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use idscore_tenantsim::{Edition, GenerateError, Options, Posture, generate};
use serde_json::Value;

/// Every file below a folder with its bytes.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(directory).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn written(options: &Options) -> BTreeMap<PathBuf, Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    generate(options, directory.path()).unwrap();
    files(directory.path())
}

fn many_tenants() -> Vec<Options> {
    let mut list = Vec::new();
    for users in [0, 1, 2, 7, 60, 1500] {
        for (edition, posture) in
            [(Edition::Free, Posture::Weak), (Edition::P1, Posture::Average), (Edition::P2, Posture::Strong)]
        {
            list.push(Options { users, edition: Some(edition), posture: Some(posture), ..Options::default() });
        }
    }
    list.push(Options {
        users: 700,
        policies: Some(240),
        posture: Some(Posture::Weak),
        edition: Some(Edition::P2),
        ..Options::default()
    });
    list.push(Options { users: 900, distinct_signatures: Some(500), ..Options::default() });
    list.push(Options { users: 40, per_user_mfa: true, on_premises_sync: true, sign_ins: true, ..Options::default() });
    list
}

#[test]
fn the_same_options_give_the_same_bytes() {
    for options in [
        Options { users: 1200, ..Options::default() },
        Options { users: 300, distinct_signatures: Some(100), ..Options::default() },
    ] {
        assert!(written(&options) == written(&options));
    }
}

#[test]
fn another_seed_gives_another_tenant() {
    let one = written(&Options { seed: 1, ..Options::default() });
    let two = written(&Options { seed: 2, ..Options::default() });
    assert_ne!(one[Path::new("collection.json")], two[Path::new("collection.json")]);
}

#[test]
fn every_page_parses_and_only_a_last_page_has_no_next_link() {
    for options in many_tenants() {
        let files = written(&options);
        for (path, bytes) in &files {
            if path.extension().is_none_or(|extension| extension != "json") || path.components().count() == 1 {
                continue;
            }
            let page: Value =
                serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let number: u32 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
            let next = path.with_file_name(format!("{:05}.json", number + 1));
            assert!(page["@odata.context"].is_string(), "{}", path.display());
            assert_eq!(page.get("@odata.nextLink").is_some(), files.contains_key(&next), "{}", path.display());
        }
    }
}

#[test]
fn the_report_counts_the_pages_and_rows_that_are_there() {
    for options in many_tenants() {
        let files = written(&options);
        let report: Value = serde_json::from_slice(&files[Path::new("collection.json")]).unwrap();
        for data_set in report["dataSets"].as_array().unwrap() {
            let name = data_set["name"].as_str().unwrap();
            let (mut pages, mut rows) = (0, 0);
            for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(name)) {
                let page: Value = serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("{}", path.display()));
                pages += 1;
                rows += page["value"].as_array().map_or(1, Vec::len);
            }
            assert_eq!(
                (data_set["pages"].as_u64(), data_set["rows"].as_u64()),
                (Some(pages), Some(rows as u64)),
                "{name}"
            );
        }
    }
}

#[test]
fn a_tenant_without_a_licence_has_none_of_its_data() {
    let files = written(&Options { users: 50, edition: Some(Edition::Free), ..Options::default() });
    let report: Value = serde_json::from_slice(&files[Path::new("collection.json")]).unwrap();
    let status = |name: &str| {
        report["dataSets"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["name"] == name)
            .map(|row| row["status"].clone())
            .unwrap()
    };
    assert_eq!(status("signInActivity"), "notLicensed");
    assert_eq!(status("roleEligibilityScheduleInstances"), "notLicensed");
    assert_eq!(status("users"), "complete");
    assert!(!files.keys().any(|path| path.starts_with("signInActivity")));
}

#[test]
fn options_of_the_collector_bring_their_data_sets_and_nothing_else_does() {
    let optional = ["requirements", "onPremisesSynchronization", "signIns"];
    let names = |options: &Options| -> Vec<&str> {
        let files = written(options);
        optional.into_iter().filter(|name| files.keys().any(|path| path.starts_with(name))).collect()
    };
    let plain = Options { users: 30, edition: Some(Edition::P1), ..Options::default() };
    assert!(names(&plain).is_empty());
    assert_eq!(names(&Options { per_user_mfa: true, on_premises_sync: true, sign_ins: true, ..plain }), optional);
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("notes.txt"), "mine").unwrap();
    let result = generate(&Options::default(), directory.path());
    assert!(matches!(result, Err(GenerateError::NotEmpty(_))));
}

#[test]
fn more_policies_than_microsoft_allows_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let result = generate(&Options { policies: Some(241), ..Options::default() }, directory.path());
    assert!(matches!(result, Err(GenerateError::TooManyPolicies(241))));
}
