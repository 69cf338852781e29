//! The known word that a mistyped one was probably meant to be.

/// The candidate that differs least from `word`, when it differs little enough to be a slip.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    if word.chars().count() > 80 {
        return None;
    }
    let allowed = 1 + word.chars().count() / 4;
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A hint that names the probable word, or lists what there is when the list is short.
pub(crate) fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(word, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    (candidates.len() <= 30).then(|| format!("known: {}", candidates.join(", ")))
}

/// The same for a column of a table, where the list would be long.
pub(crate) fn column_hint<'a>(word: &str, columns: impl IntoIterator<Item = &'a str>) -> String {
    hint(word, columns).unwrap_or_else(|| "the reference page of the table lists all columns".to_owned())
}

/// Levenshtein's distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = line;
        let mut last = line + 1;
        if let Some(first) = row.first_mut() {
            *first = last;
        }
        for (to, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let changed = diagonal + usize::from(from != *to);
            diagonal = *cell;
            last = changed.min(last + 1).min(diagonal + 1);
            *cell = last;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_and_a_stranger_finds_none() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(nearest("mfa_registred", ["mfa_registered", "mfa_capable"]), Some("mfa_registered"));
        assert_eq!(nearest("shoe_size", ["mfa_registered", "mfa_capable"]), None);
    }
}
