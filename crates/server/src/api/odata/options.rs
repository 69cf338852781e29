//! The query string as options: OData 4.01 Part 2 §5.1 *System Query Options*.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::error::ODataError;

/// The longest option that is read; the skip token has a bound of its own.
const MAX_CHARACTERS: usize = 4_000;

/// A system query option that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SystemOption {
    Filter,
    Select,
    OrderBy,
    Top,
    Skip,
    Count,
    SkipToken,
    Expand,
    Format,
    Search,
}

impl SystemOption {
    const ALL: [Self; 10] = [
        Self::Filter,
        Self::Select,
        Self::OrderBy,
        Self::Top,
        Self::Skip,
        Self::Count,
        Self::SkipToken,
        Self::Expand,
        Self::Format,
        Self::Search,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Filter => "$filter",
            Self::Select => "$select",
            Self::OrderBy => "$orderby",
            Self::Top => "$top",
            Self::Skip => "$skip",
            Self::Count => "$count",
            Self::SkipToken => "$skiptoken",
            Self::Expand => "$expand",
            Self::Format => "$format",
            Self::Search => "$search",
        }
    }

    /// The option of this name, with or without `$`, in any case: OData 4.01 asks for both.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let bare = name.strip_prefix('$').unwrap_or(name);
        Self::ALL.into_iter().find(|option| option.name().trim_start_matches('$').eq_ignore_ascii_case(bare))
    }
}

/// One `name=value` of a query string, still encoded.
pub(crate) fn pairs(raw_query: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = raw_query.strip_prefix('?').unwrap_or(raw_query).split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// The system options of a query string, decoded. Other parameters are the client's own and are left alone.
///
/// # Errors
///
/// When an option is unknown, given twice, too long, or not UTF-8.
pub(crate) fn system_options(raw_query: &str) -> Result<Vec<(SystemOption, String)>, ODataError> {
    let mut found: Vec<(SystemOption, String)> = Vec::new();
    for (name, value) in pairs(raw_query) {
        let name = decode(name)?;
        let Some(option) = SystemOption::named(&name) else {
            if name.starts_with('$') {
                return Err(ODataError::new(format!("The query parameter '{name}' is not supported.")));
            }
            continue;
        };
        if found.iter().any(|(earlier, _)| *earlier == option) {
            return Err(ODataError::new(format!(
                "Query option '{}' was specified more than once, but it must be specified at most once.",
                option.name()
            )));
        }
        let value = decode(value)?;
        if option != SystemOption::SkipToken && value.chars().count() > MAX_CHARACTERS {
            let name = option.name();
            return Err(ODataError::new(format!(
                "The query option '{name}' is longer than {MAX_CHARACTERS} characters."
            )));
        }
        found.push((option, value));
    }
    Ok(found)
}

/// Percent-decoded, and `+` as a space as forms write it.
fn decode(text: &str) -> Result<String, ODataError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map(Cow::into_owned);
    decoded.map_err(|_| ODataError::new("The query string is not valid UTF-8."))
}

/// The same, for a query string that was understood before.
pub(crate) fn decode_lossy(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The names of a property path.
pub(crate) fn names(path: &str) -> Result<Vec<String>, ODataError> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|part| part.is_alphanumeric() || part == '_');
    if path.split('/').all(is_name) {
        return Ok(path.split('/').map(str::to_owned).collect());
    }
    Err(ODataError::new(format!("Syntax error: '{path}' is not a property path.")))
}
