//! Characters that nobody sees, and that change what is seen.

/// What stands for a character that would not be seen.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a character steers a terminal, turns the direction of a text, breaks a line, or has no width.
///
/// Control characters, the line and paragraph separators, and what Unicode calls *default ignorable*
/// (`DerivedCoreProperties.txt`: bidirectional marks, zero-width characters, tags, fillers, variation selectors), but for the
/// two selectors that choose between text and emoji.
#[must_use]
pub fn hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Text on one line in which every character is seen.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars().map(|character| if hidden(character) { REPLACEMENT } else { character }).collect()
}

/// The same for text of several lines, whose ends stay.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// Text on one line of at most so many characters; its own lines are joined by blanks.
#[must_use]
pub fn one_line(text: &str, longest: usize) -> String {
    let joined = text.split(['\r', '\n', '\t']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let mut shown: String = visible(&joined).chars().take(longest).collect();
    if joined.chars().nth(longest).is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_move_the_cursor_turn_its_direction_or_hide() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a�[2Jb"),
            ("gnp.exe\u{202e}", "gnp.exe�"),
            ("ad\u{200b}min", "ad�min"),
            ("ad\u{200d}min", "ad�min"),
            ("\u{feff}admin", "�admin"),
            ("admin\u{e0061}\u{e007f}", "admin��"),
            ("one\u{2028}two\u{2029}three\u{85}", "one�two�three�"),
            ("a\u{ad}b\u{3164}c\u{fe01}", "a�b�c�"),
            ("\u{61c}x\u{2066}y\u{2069}", "�x�y�"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn letters_of_all_scripts_and_emoji_stay() {
        for text in ["Zoë Müller", "山田 太郎", "عمر", "Ελένη", "प्रिया", "❤\u{fe0f} Finance", "🔑 Keys"]
        {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn a_headline_is_one_line_and_says_that_it_was_cut() {
        assert_eq!(one_line("Contoso\r\nBcc: x@example.org", 40), "Contoso Bcc: x@example.org");
        assert_eq!(one_line("Contoso", 7), "Contoso");
        assert_eq!(one_line("Contoso Ltd", 8), "Contoso…");
    }

    #[test]
    fn the_ends_of_lines_stay_where_lines_are_wanted() {
        assert_eq!(visible_lines("a\r\nb\u{7}"), "a\nb�");
    }
}
