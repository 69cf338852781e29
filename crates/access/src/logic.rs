//! Three-valued logic: `None` is unknown.

/// True when all are true, false when one is false; true of nothing.
#[must_use]
pub fn all(values: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for value in values {
        match value {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}

/// True when one is true, false when all are false; false of nothing.
#[must_use]
pub fn any(values: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    all(values.into_iter().map(not)).map(|value| !value)
}

/// The opposite.
#[must_use]
pub fn not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}
