//! Cells of CSV files and workbooks.

use crate::characters::visible;

/// What begins a formula, for Excel, LibreOffice and Google Sheets; the wide forms count where Japanese is written.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// What a reader may take for the end of a cell, whatever the file separates by.
const SEPARATORS: [char; 2] = [',', ';'];

/// A cell that a spreadsheet shows instead of running it: where it, or a part of it that a reader with another separator would
/// take for a cell, begins like a formula, an apostrophe stands before.
#[must_use]
pub fn spreadsheet_safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut begins = true;
    // Not the visible form, where a tab that a reader skips would no longer be one.
    for character in text.chars() {
        if begins && FORMULA.contains(&character) {
            safe.push('\'');
        }
        begins = SEPARATORS.contains(&character)
            || matches!(character, '\t' | '\r' | '\n')
            || begins && (character.is_whitespace() || character == '"');
        safe.push(character);
    }
    visible(&safe)
}

/// A line of a CSV file as RFC 4180 has it, from cells of which none becomes a formula; numbers below zero are none.
#[must_use]
pub fn csv_line(cells: &[String]) -> String {
    let quoted = |cell: &String| {
        let safe = if cell.parse::<f64>().is_ok() { cell.clone() } else { spreadsheet_safe(cell) };
        if safe.contains([',', ';', '"']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_looks_like_a_formula_is_only_text() {
        for text in ["=1+1", "+49", "-2", "@SUM(A1)", "＝1+1"] {
            assert_eq!(spreadsheet_safe(text), format!("'{text}"));
        }
        assert_eq!(spreadsheet_safe("\t=1"), "\u{fffd}'=1");
        assert_eq!(spreadsheet_safe("anna@contoso.com"), "anna@contoso.com");
        assert_eq!(spreadsheet_safe("not met; 5 - 3"), "not met; 5 - 3");
    }

    #[test]
    fn a_formula_behind_a_semicolon_is_only_text_too() {
        assert_eq!(spreadsheet_safe("Finance;=1+1"), "Finance;'=1+1");
        assert_eq!(spreadsheet_safe("Finance; \"=1+1"), "Finance; \"'=1+1");
    }

    #[test]
    fn a_cell_cannot_become_a_formula_or_leave_its_place() {
        let line = |cells: &[&str]| csv_line(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
        assert_eq!(line(&["a", "=1+1", "-3.5", "-x"]), "a,'=1+1,-3.5,'-x\r\n");
        assert_eq!(line(&["a,b", "say \"x\"", "@f(1,2)"]), "\"a,b\",\"say \"\"x\"\"\",\"'@f(1,2)\"\r\n");
    }

    /// The cells that a reader finds.
    fn read(line: &str, separator: u8) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(line.as_bytes());
        reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    proptest! {
        #[test]
        fn no_cell_is_a_formula_whatever_the_reader_separates_by(cells in prop::collection::vec("[a=+@,;\"\t \n-]{0,8}", 1..4)) {
            let cells: Vec<String> = cells.into_iter().filter(|cell| cell.parse::<f64>().is_err()).collect();
            prop_assume!(!cells.is_empty());
            let line = csv_line(&cells);
            for separator in [b',', b';', b'\t'] {
                for cell in read(&line, separator) {
                    prop_assert!(!cell.trim_start().starts_with(FORMULA), "{:?} in {line:?}", cell);
                }
            }
            let comma = read(&line, b',');
            prop_assert!(comma.len() == cells.len() || cells.iter().all(String::is_empty), "{:?}", comma);
        }
    }
}
