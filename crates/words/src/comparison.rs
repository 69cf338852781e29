//! Where the numbers of others come from and where a tenant stands among them, in words.

use idscore_history::RANKED_FROM;
use idscore_history::comparison::{Point, Series, Source};

/// "this store", "Microsoft, served to this tenant", "file of Contoso (invented)".
#[must_use]
pub fn source(series: &Series) -> String {
    let origin = series.origin.as_deref();
    let said = match series.source {
        Source::Store => "this store".to_owned(),
        Source::Microsoft => "Microsoft, served to this tenant".to_owned(),
        Source::Published => "Microsoft, published".to_owned(),
        Source::File => format!("file of {}", origin.unwrap_or_default()),
    };
    if series.invented { format!("{said} (invented)") } else { said }
}

/// "higher than 63 % of 41 tenants", or why nobody can say.
#[must_use]
pub fn standing(point: &Point) -> String {
    let about = about(point);
    match (point.percentile_rank, point.tenants) {
        (Some(rank), Some(tenants)) => format!("higher than {about}{rank:.0} % of {about}{tenants} tenants"),
        (_, None) => "no rank: averages don't tell".to_owned(),
        (None, Some(_)) => match unranked(point) {
            "only you" => "no rank: nobody else is in it".to_owned(),
            "too few" => format!("no rank among fewer than {RANKED_FROM}"),
            _ => "no number of yours at that time".to_owned(),
        },
    }
}

/// Why a group that counts its tenants gives no rank, in two words; empty where there is another reason.
#[must_use]
pub fn unranked(point: &Point) -> &'static str {
    let few = point.tenants.filter(|tenants| u64::try_from(*tenants).map_or(true, |tenants| tenants < RANKED_FROM));
    match few {
        Some(..=1) => "only you",
        Some(_) => "too few",
        None => "",
    }
}

/// What stands before a number that noise protects.
#[must_use]
pub fn about(point: &Point) -> &'static str {
    if point.epsilon.is_some() { "≈ " } else { "" }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn point(tenants: Option<i64>, percentile_rank: Option<f64>) -> Point {
        let day = date(2026, 11, 20);
        Point { day, tenants, average: None, quartiles: None, own: Some(50.0), percentile_rank, epsilon: None }
    }

    #[test]
    fn a_rank_is_a_sentence_and_where_there_is_none_the_reason_is() {
        assert_eq!(standing(&point(Some(41), Some(63.4))), "higher than 63 % of 41 tenants");
        assert_eq!(standing(&point(Some(1), None)), "no rank: nobody else is in it");
        assert_eq!(standing(&point(Some(4), None)), "no rank among fewer than 5");
        assert_eq!(standing(&point(Some(9), None)), "no number of yours at that time");
        assert_eq!(standing(&point(None, None)), "no rank: averages don't tell");
        let noisy = Point { epsilon: Some(1.0), ..point(Some(41), Some(63.4)) };
        assert_eq!(standing(&noisy), "higher than ≈ 63 % of ≈ 41 tenants");
    }
}
