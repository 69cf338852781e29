//! Files for other organisations: what is in them, and what they cost.

use idscore_history::benchmark::{BenchmarkFile, Grouping};
use idscore_history::{KeptAssessment, Tenant};
use idscore_score::Zones;
use idscore_store::{ExportRequest, Exported, HistoryError};

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
