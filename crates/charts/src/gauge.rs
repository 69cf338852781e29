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

/// A line across the half circle where a percentage stands, as an SVG path.
#[must_use]
pub fn mark(percent: f64) -> String {
    let angle = std::f64::consts::PI * (1.0 - percent.clamp(0.0, 100.0) / 100.0);
    let at = |radius: f64| (100.0 + radius * angle.cos(), 100.0 - radius * angle.sin());
    let ((x, y), (end_x, end_y)) = (at(69.0), at(91.0));
    format!("M{x:.2} {y:.2}L{end_x:.2} {end_y:.2}")
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

    #[test]
    fn a_mark_crosses_the_half_circle_where_its_percentage_ends() {
        assert_eq!(mark(50.0), "M100.00 31.00L100.00 9.00");
        assert_eq!(mark(0.0), "M31.00 100.00L9.00 100.00");
        assert_eq!(mark(120.0), mark(100.0));
    }
}
