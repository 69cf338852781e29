//! The Markdown of control files as HTML and as text for a terminal.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// HTML of a control's text. Raw HTML in it is shown as text, and only `https:` and `mailto:` links stay links:
/// an organisation's own control files are no more trusted than its data.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    let mut dropped = 0_usize;
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => None,
        // A report that is mailed loads nothing; the text behind an image says what it shows.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { ref dest_url, .. }) if !safe(dest_url) => {
            dropped += 1;
            None
        }
        Event::End(TagEnd::Link) if dropped > 0 => {
            dropped -= 1;
            None
        }
        // Headings inside a control sit below the report's own.
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Paragraph)),
        other => Some(other),
    });
    let mut text = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut text, events);
    text
}

fn safe(url: &CowStr<'_>) -> bool {
    url.starts_with("https://") || url.starts_with("mailto:")
}

/// Text of a control for a terminal: lists keep their marks, lines that belong together are joined,
/// so that the terminal's width decides where they break.
#[must_use]
pub fn to_text(markdown: &str) -> String {
    let mut lines: Vec<String> = vec![];
    let mut joined = false;
    for line in markdown.lines() {
        let line = line.trim_end();
        let own = line.is_empty() || item(line).is_some() || line.trim_start().starts_with('|');
        match lines.last_mut() {
            Some(last) if joined && !own => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            _ => lines.push(line.to_owned()),
        }
        joined = !line.is_empty() && !line.trim_start().starts_with('|');
    }
    lines.join("\n").replace('`', "")
}

/// The mark and the text of a line that starts a list item.
#[must_use]
pub fn item(line: &str) -> Option<(&str, &str)> {
    let (mark, text) = line.trim_start().split_once(' ')?;
    let number = mark
        .strip_suffix('.')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    (number || mark == "-" || mark == "*").then_some((mark, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_and_odd_links_of_a_control_file_are_only_text() {
        let html = to_html(
            "Click [here](javascript:alert(1)) or [there](https://example.com) <img src=x onerror=y>\n\n<script>z</script>\n",
        );
        assert!(!html.contains("<img") && !html.contains("<script") && !html.contains("javascript:"), "{html}");
        assert!(html.contains(r#"<a href="https://example.com">there</a>"#) && html.contains("Click here"), "{html}");
    }

    #[test]
    fn wrapped_lines_are_joined_and_list_items_stay_apart() {
        assert_eq!(to_text("One\ntwo.\n\n1. `Look`\n   here\n2. There"), "One two.\n\n1. Look here\n2. There");
    }
}
