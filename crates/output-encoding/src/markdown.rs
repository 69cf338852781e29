//! Cells of tables in Markdown.

use std::borrow::Cow;

use crate::characters::{hidden, visible};

/// Text inside a Markdown table: on one line, with nothing that Markdown, a browser or the host of a repository would act on.
/// A word that would call somebody, link to an issue or become a link of its own stands as code, where none of it happens.
#[must_use]
pub fn markdown_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for (number, word) in text.split([' ', '\n', '\r', '\t']).enumerate() {
        if number > 0 {
            cell.push(' ');
        }
        if !acts(word) {
            cell.push_str(&escaped(word));
            continue;
        }
        let around = ['(', ')', '"', '\'', ',', ';', ':', '.', '?'];
        let inside = word.trim_matches(around);
        let before = word.find(inside).unwrap_or_default();
        let (before, rest) = word.split_at(before);
        cell.push_str(&escaped(before));
        cell.push_str(&code(inside));
        cell.push_str(&escaped(rest.strip_prefix(inside).unwrap_or_default()));
    }
    cell
}

/// Whether GitHub, GitLab or Azure DevOps makes something of a word although its characters are escaped: `@name`, an address,
/// `#12`, `!12`, `GH-12`.
fn acts(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let numbered = |mark: &str| {
        let mut after = lower.match_indices(mark).filter_map(|(at, _)| lower.get(at + mark.len()..)?.chars().next());
        after.any(|next| next.is_ascii_digit())
    };
    lower.contains('@')
        || lower.contains("://")
        || ["www.", "mailto:", "xmpp:"].iter().any(|start| lower.contains(start))
        || ["#", "!", "gh-"].iter().any(|mark| numbered(mark))
}

/// A word as code. A bar ends a cell even there.
fn code(word: &str) -> String {
    let longest = word.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if longest > 0 { " " } else { "" };
    format!("{fence}{blank}{}{blank}{fence}", visible(word).replace('|', "\\|"))
}

fn escaped(text: &str) -> String {
    text.chars().map(escaped_character).collect()
}

fn escaped_character(character: char) -> Cow<'static, str> {
    match character {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '#' | '~' => format!("\\{character}").into(),
        other if hidden(other) => "\u{fffd}".into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    #[test]
    fn a_name_cannot_leave_its_cell() {
        assert_eq!(markdown_cell("a|b\n<script> [x](y) `c`"), "a\\|b &lt;script&gt; \\[x\\](y) \\`c\\`");
        assert_eq!(markdown_cell("a\x1b\u{202e}"), "a\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_name_calls_nobody_and_links_nowhere() {
        assert_eq!(markdown_cell("ask @security now"), "ask `@security` now");
        assert_eq!(markdown_cell("ada@contoso.com"), "`ada@contoso.com`");
        assert_eq!(markdown_cell("see https://example.org/x"), "see `https://example.org/x`");
        assert_eq!(markdown_cell("WWW.example.org"), "`WWW.example.org`");
        assert_eq!(
            markdown_cell("ada@contoso.com: (see https://example.org/x)"),
            "`ada@contoso.com`: (see `https://example.org/x`)"
        );
        assert_eq!(markdown_cell("fixes #12 and !7"), "fixes `#12` and `!7`");
        assert_eq!(markdown_cell("@a|b`c"), "`` @a\\|b`c ``");
        assert_eq!(markdown_cell("Group #HR, C#"), "Group \\#HR, C\\#");
    }

    proptest! {
        #[test]
        fn whatever_a_name_holds_a_reader_finds_one_cell_of_text_or_code(text in "[a@#!1|`\\\\<>&*_ \\[\\]()~:/w.]{0,12}") {
            let table = format!("| a | b |\n| --- | --- |\n| {} | end |\n", markdown_cell(&text));
            let mut cells = 0;
            for event in Parser::new_ext(&table, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
                match event {
                    Event::Start(Tag::TableCell) => cells += 1,
                    Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow) | Event::End(_) | Event::Code(_) => {}
                    Event::Text(text) => prop_assert!(!text.contains('@') && !text.contains("://"), "{} in {table}", text),
                    other => prop_assert!(false, "{:?} in {table}", other),
                }
            }
            prop_assert_eq!(cells, 4, "{}", table);
        }
    }
}
