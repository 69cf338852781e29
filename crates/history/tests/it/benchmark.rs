//! Files of other organisations: what is refused, and what they say.

use idscore_history::benchmark::{BINS, BenchmarkFile, Contribution, Grouping, cells, release_from};
use proptest::prelude::*;

use crate::seeded::Seeded;

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
            .map(|percent| Contribution { industry: String::new(), seats: None, percent })
            .collect();
        let cells = cells(&tenants, Grouping::All, epsilon, &mut Seeded::from(seed)).unwrap();
        let mut file = valid();
        file["epsilon"] = epsilon.into();
        file["cells"] = serde_json::to_value(cells).unwrap();
        prop_assert!(BenchmarkFile::parse(file.to_string().as_bytes()).is_ok());
    }
}
