//! A tenant beside others, every number with its source.

use idscore_history::Tenant;
use idscore_history::benchmark::BenchmarkFile;
use idscore_history::comparison::{Comparison, Series, Source};
use idscore_store::Archive;

use crate::archive::keep;
use crate::support::{actor, database, kept, tenant};

fn file(industry: &str, seats: &str) -> BenchmarkFile {
    let mut bins = vec![0; 20];
    (bins[2], bins[8]) = (30, 10);
    let grouped = if industry == "all" && seats == "all" { "all" } else { "industryAndSize" };
    let file = serde_json::json!({
        "format": "idscore-benchmark", "version": 1, "measure": "compat percentage of the core controls",
        "source": format!("Fleet {industry}"), "writtenOn": "2026-12-01", "month": "2026-11", "invented": false,
        "groupedBy": grouped, "epsilon": 1.0,
        "cells": [{"industry": industry, "seats": seats, "tenants": 40, "bins": bins}],
    });
    BenchmarkFile::parse(file.to_string().as_bytes()).unwrap()
}

async fn compared() -> (Comparison, f64) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let history = &archive.history;
    for (id, seats, percent) in [("b", 50, 10.0), ("c", 500, 90.0), ("d", 50, 20.0), ("e", 500, 95.0)] {
        let tenant = Tenant { seats: Some(seats), industry: "Retail".to_owned(), ..tenant(id) };
        history.register(&actor(), &tenant).await.unwrap();
        let mut other = kept(id, "careful", "2026-11-10T06:00:00Z");
        other.core.compat_percent = percent;
        history.keep(&actor(), &other).await.unwrap();
    }
    let own = keep(&archive, "risky").await.assessment;
    history.set_industry(&actor(), &own.tenant_id, "retail").await.unwrap();
    let files = [("1", "all", "all"), ("2", "retail", "1-100"), ("3", "healthcare", "1-100")];
    let files = files.map(|(hash, industry, seats)| (hash.to_owned(), file(industry, seats)));
    history.merge_benchmarks(&actor(), &files).await.unwrap();
    (history.comparison(&own.tenant_id, 0, 99_999).await.unwrap(), own.core.compat_percent)
}

fn named<'a>(comparison: &'a Comparison, source: Source, group: &str) -> &'a Series {
    let is = |series: &&Series| series.source == source && series.group == group;
    let found = comparison.series.iter().find(is);
    assert!(found.is_some(), "{source:?} {group}: {comparison:#?}");
    found.unwrap()
}

#[tokio::test]
async fn every_group_says_its_source_and_how_many_tenants_are_in_it() {
    let (comparison, own) = compared().await;
    for (group, tenants, rank) in
        [("all tenants", 5, Some(50.0)), ("industry retail", 5, Some(50.0)), ("1–100 seats", 3, None)]
    {
        let newest = named(&comparison, Source::Store, group).points.last().unwrap().clone();
        assert_eq!((newest.tenants, newest.own, newest.percentile_rank), (Some(tenants), Some(own), rank));
        assert_eq!(newest.quartiles.is_some(), tenants >= 5, "{group}: of few, whoever knows one works out the others");
    }
    let served = named(&comparison, Source::Microsoft, "1–100 seats").points.last().unwrap();
    assert_eq!((served.tenants, served.average, served.quartiles), (None, Some(66.39), None));
    let published = named(&comparison, Source::Published, "all tenants");
    assert_eq!(published.points.last().unwrap().average, Some(66.6));
    assert_eq!((published.points.len(), published.points[0].tenants), (4, None));
}

#[tokio::test]
async fn of_files_only_the_cells_of_the_own_industry_and_size_are_shown() {
    let (comparison, _) = compared().await;
    let files: Vec<_> = comparison.series.iter().filter(|series| series.source == Source::File).collect();
    let shown: Vec<_> =
        files.iter().map(|series| (series.group.as_str(), series.origin.as_deref().unwrap_or_default())).collect();
    assert_eq!(shown, [("all tenants", "Fleet all"), ("industry retail, 1–100 seats", "Fleet retail")]);
    let point = &files[0].points[0];
    assert_eq!((point.tenants, point.epsilon, point.quartiles.unwrap().p75), (Some(40), Some(1.0), 15.0));
    assert!(point.percentile_rank.is_some());
}

#[tokio::test]
async fn only_identity_percentages_stand_beside_each_other() {
    let (comparison, own) = compared().await;
    let text = serde_json::to_string(&comparison).unwrap();
    assert!(!text.contains("overall") && !text.contains("53.1") && !text.contains("52.86"), "{text}");
    let own_days: Vec<_> = comparison.own.iter().map(|day| (day.by, day.percent)).collect();
    let theirs = |percent| (Source::Microsoft, percent);
    assert_eq!(own_days, [theirs(41.67), theirs(41.67), theirs(42.05), (Source::Store, own)]);
    let first = &named(&comparison, Source::Store, "all tenants").points[0];
    assert_eq!((first.own, first.percentile_rank), (None, None), "Microsoft's number has no rank among ours");
}
