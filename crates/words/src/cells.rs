//! Text from a tenant, made harmless for where it goes.

use crate::domain::{hidden, visible};

/// A cell that a spreadsheet shows instead of running it: names like `=cmd|…` get an apostrophe in front.
#[must_use]
pub fn spreadsheet_safe(text: &str) -> String {
    let shown = visible(text);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{shown}") } else { shown }
}

/// Text inside a Markdown table: on one line, with nothing that Markdown or a browser would act on.
#[must_use]
pub fn markdown_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '#' | '~' => {
                cell.push('\\');
                cell.push(character);
            }
            '\n' | '\r' | '\t' => cell.push(' '),
            other if hidden(other) => cell.push('\u{fffd}'),
            other => cell.push(other),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_formula_is_only_text() {
        for text in ["=1+1", "+49", "-2", "@SUM(A1)"] {
            assert_eq!(spreadsheet_safe(text), format!("'{text}"));
        }
        assert_eq!(spreadsheet_safe("\t=1"), "'\u{fffd}=1");
        assert_eq!(spreadsheet_safe("anna@contoso.com"), "anna@contoso.com");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(spreadsheet_safe("a\x1b[2J"), "a\u{fffd}[2J");
        assert_eq!(markdown_cell("a\x1b\u{202e}"), "a\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_name_cannot_leave_its_markdown_cell() {
        assert_eq!(markdown_cell("a|b\n<script> [x](y) `c`"), "a\\|b &lt;script&gt; \\[x\\](y) \\`c\\`");
    }
}
