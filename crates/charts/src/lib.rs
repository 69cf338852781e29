//! Charts as SVG.
//!
//! They hold shapes and classes only, no colour, font or style: the style sheet of the page decides, so that one chart serves
//! light, dark and paper under a policy that forbids inline style. A chart fills its place without its text growing or
//! shrinking: positions are percentages, and only the shapes stretch.

pub mod gauge;
mod scale;
mod trend;

pub use trend::{Band, Level, Line, Marker, Trend};

/// Text between tags or inside a quoted attribute.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A number with no needless decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
