//! When the work behind a task was last done, and when it is due again.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::configuration::Configuration;

/// What is recorded about the work that a task asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// When it was last done, if that was ever recorded.
    pub last_reviewed_at: Option<String>,
    /// Until when it counts in full.
    pub due_at: Option<String>,
    /// When nothing of it is left.
    pub fades_until: Option<String>,
    /// Whether it is due at the instant of the snapshot; a review that was never recorded is.
    pub overdue: bool,
}

impl Review {
    /// The last review of a control that is to be done every so many days. One that lies ahead doesn't count.
    pub(crate) fn of(control: &str, every_days: u32, configuration: &Configuration, taken_at: Timestamp) -> Self {
        let reviews = configuration.review.iter().filter(|review| review.control == control);
        let last = reviews.map(|review| review.at).filter(|at| *at <= taken_at).max();
        let after = |periods: i64| {
            let period = SignedDuration::from_hours(24 * i64::from(every_days) * periods);
            last.and_then(|last| last.checked_add(period).ok())
        };
        let due = after(1);
        Self {
            last_reviewed_at: last.map(|at| at.to_string()),
            due_at: due.map(|at| at.to_string()),
            fades_until: after(2).map(|at| at.to_string()),
            overdue: due.is_none_or(|due| due < taken_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(at: &[&str], taken_at: &str) -> Review {
        let reviews = at.iter().map(|at| format!("[[review]]\ncontrol = 'weekly'\nowner = 'nora'\nat = '{at}'\n"));
        let configuration = toml::from_str(&reviews.collect::<String>()).unwrap();
        Review::of("weekly", 7, &configuration, taken_at.parse().unwrap())
    }

    #[test]
    fn the_last_review_says_when_the_next_is_due() {
        let review = review(&["2026-11-01T00:00:00Z", "2026-11-16T09:00:00Z"], "2026-11-20T06:00:00Z");
        assert_eq!(review.last_reviewed_at.as_deref(), Some("2026-11-16T09:00:00Z"));
        assert_eq!(review.due_at.as_deref(), Some("2026-11-23T09:00:00Z"));
        assert_eq!(review.fades_until.as_deref(), Some("2026-11-30T09:00:00Z"));
        assert!(!review.overdue);
    }

    #[test]
    fn a_review_is_overdue_after_its_period_and_not_a_moment_before() {
        assert!(!review(&["2026-11-16T09:00:00Z"], "2026-11-23T09:00:00Z").overdue);
        assert!(review(&["2026-11-16T09:00:00Z"], "2026-11-23T09:00:01Z").overdue);
    }

    #[test]
    fn without_a_review_up_to_now_none_is_known_and_one_is_due() {
        for at in [vec![], vec!["2026-12-01T00:00:00Z"]] {
            let none = Review { last_reviewed_at: None, due_at: None, fades_until: None, overdue: true };
            assert_eq!(review(&at, "2026-11-20T06:00:00Z"), none);
        }
    }
}
