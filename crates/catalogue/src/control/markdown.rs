//! The parts of a control file: front matter between `+++` lines, the text before the first heading, the sections.

use crate::problem::Problems;

/// The headings that a control file may have.
pub(super) const HEADINGS: &[&str] = &["Fix", "User impact", "Limits", "Cases"];

/// A control file, cut into its parts.
#[derive(Debug, Default)]
pub(super) struct Parts<'t> {
    /// The TOML between the `+++` lines; it begins on line 2.
    pub(super) front_matter: &'t str,
    /// The text before the first heading.
    pub(super) why: Section<'t>,
    /// The others, by their heading.
    pub(super) sections: Vec<Section<'t>>,
}

/// A heading and the lines under it.
#[derive(Debug, Default, Clone)]
pub(super) struct Section<'t> {
    pub(super) heading: &'t str,
    /// The line of the heading, from 1.
    pub(super) line: usize,
    /// Line number and text of every line under it.
    pub(super) lines: Vec<(usize, &'t str)>,
}

impl Section<'_> {
    /// The text under the heading without blank lines around it.
    pub(super) fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|(_, line)| line.trim_end()).collect();
        lines.join("\n").trim().to_owned()
    }
}

/// Cuts a file into its parts.
pub(super) fn split<'t>(text: &'t str, problems: &mut Problems) -> Option<Parts<'t>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if first.trim_end() != "+++" {
        problems
            .refuse(1, "a control file begins with a line `+++`")
            .hint("TOML between two lines `+++`, then Markdown");
        return None;
    }
    let mut end = 0;
    let mut closed = None;
    let mut count = 1;
    for line in rest.split_inclusive('\n') {
        count += 1;
        if line.trim_end() == "+++" {
            closed = Some(end + line.len());
            break;
        }
        end += line.len();
    }
    let (Some(front_matter), Some(body)) = (rest.get(..end), closed.and_then(|start| rest.get(start..))) else {
        problems.refuse(1, "the front matter has no end").hint("close it with a second line `+++`");
        return None;
    };
    let mut parts = Parts { front_matter, ..Parts::default() };
    parts.why.line = count;
    let lines = body.lines().enumerate().map(|(index, line)| (count + 1 + index, line));
    let mut fenced = false;
    for (number, line) in lines {
        fenced ^= line.trim_start().starts_with("```");
        let heading = if fenced { None } else { line.strip_prefix("## ") };
        if let Some(heading) = heading {
            parts.sections.push(Section { heading: heading.trim(), line: number, lines: Vec::new() });
        } else {
            if !fenced && line.starts_with("# ") {
                problems
                    .refuse(number, "a first-level heading in a control file")
                    .hint("the title stands in the front matter");
            }
            parts.sections.last_mut().unwrap_or(&mut parts.why).lines.push((number, line));
        }
    }
    Some(parts)
}

/// The cells of a table's line, or nothing when the line is no table line. `\|` is a bar inside a cell.
pub(super) fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?;
    let mut cells = vec![String::new()];
    let mut characters = inner.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'|') => {
                characters.next();
                push(&mut cells, '|');
            }
            '|' => cells.push(String::new()),
            other => push(&mut cells, other),
        }
    }
    // The bar at the end closes the last cell.
    if cells.last().is_some_and(|cell| cell.trim().is_empty()) && cells.len() > 1 {
        cells.pop();
    }
    Some(cells.into_iter().map(|cell| cell.trim().to_owned()).collect())
}

fn push(cells: &mut [String], character: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(character);
    }
}

/// Whether the cells are those of the line under a table's head.
pub(super) fn is_rule(cells: &[String]) -> bool {
    cells.iter().all(|cell| !cell.is_empty() && cell.trim_matches(':').bytes().all(|byte| byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_in_a_cell_is_escaped_and_an_empty_cell_stays() {
        assert_eq!(cells("| a | b\\|c |  |").unwrap(), ["a", "b|c", ""]);
        assert_eq!(cells("| a | b").unwrap(), ["a", "b"]);
        assert_eq!(cells("text"), None);
        assert!(is_rule(&cells("| --- | :-: |").unwrap()));
        assert!(!is_rule(&cells("| a | - |").unwrap()));
    }

    #[test]
    fn a_heading_in_a_code_block_is_no_heading() {
        let mut problems = Problems::of("x.md");
        let parts = split("+++\na = 1\n+++\nwhy\n\n## Fix\n```\n## no\n```\n", &mut problems).unwrap();
        assert_eq!(parts.front_matter, "a = 1\n");
        assert_eq!(parts.why.text(), "why");
        assert_eq!(parts.sections.len(), 1);
        assert_eq!((parts.sections[0].heading, parts.sections[0].line), ("Fix", 6));
    }
}
