//! Licences that Microsoft lists, by id and by part number: which edition of Microsoft Entra ID each brings.
//!
//! For exports that name a licence without its service plans. A licence that is not in the list may bring anything.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The edition that a licence brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    /// Neither P1 nor P2.
    Free,
    P1,
    /// With P1.
    P2,
}

/// Microsoft's list.
const LIST: &str = include_str!("skus.tsv");

/// By id and by part number, as [`key`] writes them.
static SKUS: LazyLock<HashMap<String, Edition>> = LazyLock::new(|| {
    let rows = LIST.lines().filter(|line| !line.starts_with('#')).filter_map(row);
    rows.flat_map(|(name, id, edition)| [(key(name), edition), (key(id), edition)]).collect()
});

fn row(line: &str) -> Option<(&str, &str, Edition)> {
    let mut cells = line.split('\t');
    let (name, id) = (cells.next()?, cells.next()?);
    let edition = match cells.next()? {
        "P2" => Edition::P2,
        "P1" => Edition::P1,
        "-" => Edition::Free,
        _ => return None,
    };
    Some((name, id, edition))
}

/// Case says nothing, and Microsoft's list has blanks in some part numbers.
fn key(text: &str) -> String {
    text.chars().filter(|one| !one.is_whitespace()).map(|one| one.to_ascii_lowercase()).collect()
}

/// The edition that a licence brings, by its id, else by its part number; None where Microsoft's list has neither.
pub(crate) fn edition(sku_id: Option<&str>, part_number: Option<&str>) -> Option<Edition> {
    let listed = |text: &str| SKUS.get(&key(text)).copied();
    sku_id.and_then(listed).or_else(|| part_number.and_then(listed))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_row_of_the_list_is_read_and_no_name_or_id_brings_two_editions() {
        let lines: Vec<&str> = LIST.lines().filter(|line| !line.starts_with('#')).collect();
        let rows: Vec<_> = lines.iter().filter_map(|line| row(line)).collect();
        assert_eq!(rows.len(), lines.len());
        let mut known: HashMap<String, Edition> = HashMap::new();
        for (name, id, edition) in rows {
            for text in [name, id] {
                assert_eq!(*known.entry(key(text)).or_insert(edition), edition, "{text}");
            }
        }
    }

    #[test]
    fn a_licence_is_known_by_its_id_or_by_its_part_number() {
        for (id, name, expected) in [
            (Some("06EBC4EE-1bb5-47dd-8120-11324bc54e06"), None, Some(Edition::P2)),
            (None, Some("SPE_E5"), Some(Edition::P2)),
            (None, Some("spe_e3"), Some(Edition::P1)),
            (None, Some("SPB"), Some(Edition::P1)),
            (None, Some("ENTERPRISEPACK"), Some(Edition::Free)),
            (None, Some("FLOW_FREE"), Some(Edition::Free)),
            (Some("unheard"), Some("AAD_PREMIUM_P2"), Some(Edition::P2)),
            (None, Some("Microsoft_365_Business_Premium_(no Teams)"), Some(Edition::P1)),
            (Some("unheard"), Some("LICENCE_OF_THE_FUTURE"), None),
            (None, None, None),
        ] {
            assert_eq!(edition(id, name), expected, "{id:?} {name:?}");
        }
    }
}
