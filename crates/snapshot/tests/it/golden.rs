//! Golden tables of one small tenant: every stored column of every row.

use crate::support::{Export, Read};

fn tenant() -> Read {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tenant");
    crate::support::read(&folder, &idscore_snapshot::ReadOptions::default()).unwrap()
}

#[test]
fn every_judged_table_of_the_small_tenant() {
    let read = tenant();
    for table in idscore_catalogue::tables::TABLES {
        insta::assert_snapshot!(table.name, read.all(table.name));
    }
}

#[test]
fn the_manifest_of_the_small_tenant() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&tenant().manifest).unwrap());
}

#[test]
fn an_empty_tenant_has_all_tables() {
    let read = Export::of(&[crate::support::REPORT, ("users/1.json", "[]")]).read().unwrap();
    for table in idscore_catalogue::tables::TABLES {
        assert_eq!(read.all(table.name).is_empty(), table.name != "tenant", "{}", table.name);
    }
    assert!(read.snapshot.group_members().unwrap().is_empty());
    assert!(read.snapshot.group_eligibility().unwrap().is_empty());
}
