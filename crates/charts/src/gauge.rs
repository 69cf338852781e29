//! A half circle that is filled as far as a score goes.

use idscore_score::Points;

/// Where the filled part of the half circle ends, as an SVG path; nothing where there is nothing to fill.
///
/// The circle has radius 80 around (100, 100), from the left over the top to the right.
#[must_use]
pub fn filled_arc(percent: &Points) -> Option<String> {
    arc(percent.to_f64())
}

/// The same of a kept percentage.
#[must_use]
pub fn arc(percent: f64) -> Option<String> {
    let share = percent.clamp(0.0, 100.0) / 100.0;
    if share <= 0.0 {
        return None;
    }
    let angle = std::f64::consts::PI * (1.0 - share);
    let (x, y) = (100.0 + 80.0 * angle.cos(), 100.0 - 80.0 * angle.sin());
    Some(format!("M20 100A80 80 0 0 1 {x:.2} {y:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_points_end_at_the_top() {
        assert_eq!(filled_arc(&Points::whole(50)).as_deref(), Some("M20 100A80 80 0 0 1 100.00 20.00"));
        assert_eq!(filled_arc(&Points::whole(100)).as_deref(), Some("M20 100A80 80 0 0 1 180.00 100.00"));
        assert_eq!(filled_arc(&Points::zero()), None);
    }
}
