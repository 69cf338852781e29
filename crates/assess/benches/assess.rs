//! Proving and scoring an invented tenant from its snapshot. `IDSCORE_BENCH_USERS` sets its size (default 100,000).
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

use criterion::{Criterion, criterion_group, criterion_main};
use idscore_assess::{Configuration, Evidence, assess};
use idscore_catalogue::Catalogue;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use idscore_tenantsim::{Options, generate};

fn users() -> u32 {
    std::env::var("IDSCORE_BENCH_USERS").ok().and_then(|users| users.parse().ok()).unwrap_or(100_000)
}

fn score(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let (export, stored) = (folder.path().join("export"), folder.path().join("snapshot"));
    generate(&Options { users: users(), seed: 7, ..Options::default() }, &export).unwrap();
    write_snapshot(&export, &stored, &ReadOptions::default()).unwrap();
    let snapshot = Snapshot::open(&stored).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let configuration = Configuration::default();
    let mut group = criterion.benchmark_group("assess");
    group.sample_size(10);
    group.bench_function(format!("{} users", users()), |bencher| {
        bencher.iter(|| assess(&snapshot, &catalogue, &configuration, &Evidence::None).unwrap());
    });
    group.finish();
}

criterion_group!(benches, score);
criterion_main!(benches);
