//! Files for other organisations: what is in them, what they cost, and what is refused.

use idscore_history::benchmark::{BINS, BenchmarkFile, ExportRequest, Exported, Grouping, release_from};
use idscore_history::{HistoryError, KeptAssessment, Tenant};
use idscore_score::Zones;
use proptest::prelude::*;

use crate::seeded::Seeded;
use crate::support::{Store, actor, kept};

/// A store with tenants of one size, half of them in retail; each stands at 62 %.
async fn store(tenants: u32) -> Store {
    let store = Store::empty().await;
    let template = kept("a", "careful", "2026-11-20T06:00:00Z");
    let mut assessments = Vec::new();
    for number in 0..tenants {
        let id = format!("secret-id-{number}");
        let tenant = Tenant {
            id: id.clone(),
            display_name: format!("Secret name {number}"),
            industry: if number % 2 == 0 { "Retail".to_owned() } else { format!("Secret industry {number}") },
            seats: Some(73_311),
            zones: Zones::default(),
            invented: false,
        };
        store.history.register(&actor(), &tenant).await.unwrap();
        let mut one = KeptAssessment { tenant_id: id, ..template.clone() };
        one.core.compat_percent = 62.0;
        assessments.push(one);
    }
    store.history.keep_all(&actor(), &assessments).await.unwrap();
    store
}

fn request(epsilon: f64) -> ExportRequest {
    ExportRequest {
        month: None,
        grouping: Grouping::IndustryAndSize,
        epsilon,
        invented: false,
        again: false,
        source: Some("Fleet of Contoso".to_owned()),
        written_on: "2026-12-01".parse().unwrap(),
    }
}

async fn export(store: &Store, request: &ExportRequest) -> Result<Exported, HistoryError> {
    store.history.export_benchmark(&actor(), request, &mut Seeded::from(3), 1).await
}

#[tokio::test]
async fn a_file_holds_cells_and_names_nobody() {
    let store = store(120).await;
    let exported = export(&store, &request(4.0)).await.unwrap();
    let file = exported.file;
    assert_eq!((file.month.as_str(), file.cells.len()), ("2026-11", 2));
    let labels: Vec<_> = file.cells.iter().map(|cell| (cell.industry.as_str(), cell.seats.as_str())).collect();
    assert_eq!(labels, [("retail", "10001+"), ("other", "10001+")]);
    for cell in &file.cells {
        assert!((cell.tenants - 60).abs() < 10, "{}", cell.tenants);
        let median = cell.quartiles().unwrap().median;
        assert!((60.0..65.0).contains(&median), "{median}");
    }
    let text = serde_json::to_string(&file).unwrap();
    for secret in ["ecret", "73311", "73_311"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(BenchmarkFile::parse(text.as_bytes()).unwrap(), file);
}

#[tokio::test]
async fn a_month_is_written_once_unless_somebody_says_again() {
    let store = store(3).await;
    let first = export(&store, &request(1.0)).await.unwrap();
    assert_eq!((first.file.cells.len(), first.spent_on_month), (0, 1.0));
    let refused = export(&store, &request(1.0)).await.unwrap_err();
    assert!(refused.to_string().contains("written before"), "{refused}");
    let again = export(&store, &ExportRequest { again: true, ..request(0.5) }).await.unwrap();
    assert_eq!((again.spent_on_month, again.spent), (1.5, 1.5));
    let log = store.history.audit(None, 0, 99).await.unwrap();
    assert_eq!(log.iter().filter(|entry| entry.action == "benchmark.export").count(), 2);
}

#[tokio::test]
async fn real_and_invented_tenants_never_mix_and_epsilon_has_bounds() {
    let store = store(3).await;
    let invented = export(&store, &ExportRequest { invented: true, ..request(1.0) }).await.unwrap_err();
    assert!(invented.to_string().contains("no assessment of an invented tenant"), "{invented}");
    for epsilon in [0.0, -1.0, 10.5, f64::NAN, f64::INFINITY] {
        assert!(matches!(export(&store, &request(epsilon)).await, Err(HistoryError::Invalid { .. })), "{epsilon}");
    }
    let label = export(&store, &ExportRequest { source: Some("two\nlines".to_owned()), ..request(1.0) }).await;
    assert!(label.is_err());
    assert_eq!(export(&store, &request(1.0)).await.unwrap().spent, 1.0, "what was refused cost nothing");
}

#[tokio::test]
async fn a_file_is_merged_once_and_keeps_its_source_and_its_day() {
    let store = store(60).await;
    let file = export(&store, &ExportRequest { grouping: Grouping::All, ..request(2.0) }).await.unwrap().file;
    let files = [("hash".to_owned(), file.clone())];
    assert_eq!(store.history.merge_benchmarks(&actor(), &files).await.unwrap(), 1);
    assert_eq!(store.history.merge_benchmarks(&actor(), &files).await.unwrap(), 0);
    let merged = store.history.merged_cells(0, 99_999).await.unwrap();
    assert_eq!(merged.len(), 1);
    assert_eq!((merged[0].source.as_str(), merged[0].written_on), ("Fleet of Contoso", Some(file.written_on)));
    assert_eq!((&merged[0].cell, merged[0].month), (&file.cells[0], file.first_day()));
    assert!(store.history.merged_cells(99_990, 99_999).await.unwrap().is_empty());
}

fn valid() -> serde_json::Value {
    let mut bins = vec![0; BINS];
    bins[12] = 40;
    serde_json::json!({
        "format": "idscore-benchmark", "version": 1, "measure": "compat percentage of the core controls",
        "source": "x", "writtenOn": "2026-12-01", "month": "2026-11", "invented": false, "groupedBy": "all",
        "epsilon": 1.0, "cells": [{"industry": "all", "seats": "all", "tenants": 40, "bins": bins}],
    })
}

#[test]
fn a_file_that_cannot_be_is_refused_with_the_reason() {
    assert!(BenchmarkFile::parse(valid().to_string().as_bytes()).is_ok());
    for (pointer, value, reason) in [
        ("/format", serde_json::json!("other"), "format"),
        ("/version", serde_json::json!(2), "version 2"),
        ("/measure", serde_json::json!("overall secure score"), "measures something else"),
        ("/source", serde_json::json!(" "), "source"),
        ("/month", serde_json::json!("2026-11-01"), "month"),
        ("/epsilon", serde_json::json!(0.0), "epsilon"),
        ("/cells/0/industry", serde_json::json!("Contoso"), "`Contoso / all`"),
        ("/cells/0/tenants", serde_json::json!(4), "4 tenants"),
        ("/cells/0/tenants", serde_json::json!(5_000), "contradicts itself"),
        ("/cells/0/bins", serde_json::json!([40]), "1 bins"),
        ("/cells/0/bins/3", serde_json::json!(-5_000), "contradicts itself"),
        ("/cells/0/bins/3", serde_json::json!(i64::MIN), "more tenants than there are"),
    ] {
        let mut file = valid();
        *file.pointer_mut(pointer).unwrap() = value;
        let error = BenchmarkFile::parse(file.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().contains(reason), "{pointer}: {error}");
    }
    let mut twice = valid();
    let cell = twice["cells"][0].clone();
    twice["cells"].as_array_mut().unwrap().push(cell);
    assert!(BenchmarkFile::parse(twice.to_string().as_bytes()).unwrap_err().to_string().contains("twice"));
    let mut unknown = valid();
    unknown["tenantId"] = "x".into();
    assert!(BenchmarkFile::parse(unknown.to_string().as_bytes()).is_err());
}

proptest! {
    #[test]
    fn whatever_bytes_come_nothing_breaks(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(BenchmarkFile::parse(&bytes).is_err());
    }

    #[test]
    fn whatever_a_cell_says_its_quartiles_are_in_order_and_in_bounds(
        bins in prop::collection::vec(-60_i64..2_000, BINS), off in -100_i64..100, percent in -10.0..110.0_f64,
    ) {
        let mut file = valid();
        let tenants = (bins.iter().sum::<i64>() + off).max(release_from(1.0));
        file["cells"][0]["bins"] = bins.into();
        file["cells"][0]["tenants"] = tenants.into();
        if let Ok(file) = BenchmarkFile::parse(file.to_string().as_bytes()) {
            let cell = &file.cells[0];
            let quartiles = cell.quartiles().unwrap();
            prop_assert!(0.0 <= quartiles.p25 && quartiles.p25 <= quartiles.median);
            prop_assert!(quartiles.median <= quartiles.p75 && quartiles.p75 <= 100.0);
            prop_assert!((0.0..=100.0 + 1e-9).contains(&cell.percentile_rank(percent).unwrap()));
        }
    }

    #[test]
    fn every_file_that_is_written_can_be_read(
        percents in prop::collection::vec(0.0..=100.0_f64, 0..80), epsilon in 0.05..10.0_f64, seed in any::<u64>(),
    ) {
        let tenants: Vec<_> = percents
            .into_iter()
            .map(|percent| idscore_history::benchmark::Contribution { industry: String::new(), seats: None, percent })
            .collect();
        let cells =
            idscore_history::benchmark::cells(&tenants, Grouping::All, epsilon, &mut Seeded::from(seed)).unwrap();
        let mut file = valid();
        file["epsilon"] = epsilon.into();
        file["cells"] = serde_json::to_value(cells).unwrap();
        prop_assert!(BenchmarkFile::parse(file.to_string().as_bytes()).is_ok());
    }
}
