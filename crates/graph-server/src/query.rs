//! The query of a request: OData's options, read once and checked for their form.

use std::borrow::Cow;

/// OData's options, as far as Graph has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub select: Option<Vec<String>>,
    pub expand: Vec<Expand>,
    pub filter: Option<String>,
    pub top: Option<usize>,
    pub count: bool,
    pub skip: bool,
    pub order_by: Option<String>,
    pub search: bool,
    pub skip_token: Option<String>,
    pub delta_token: Option<String>,
    /// Every option as it came, without the page token: what a next link repeats.
    pub repeated: Vec<(String, String)>,
}

/// `owners($select=id)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expand {
    pub name: String,
    pub select: Option<Vec<String>>,
    pub expand: Vec<Self>,
}

/// What is wrong with an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadQuery(pub String);

/// How deep options stand in options, and how long one is at most.
const DEEPEST: usize = 4;
const LONGEST: usize = 16 * 1024;

impl Query {
    /// Reads the text behind the question mark.
    pub fn parse(text: &str) -> Result<Self, BadQuery> {
        if text.len() > LONGEST {
            return Err(BadQuery("The request URI is too long.".to_owned()));
        }
        let mut query = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            query.option(&name, &value)?;
            if !matches!(name.as_ref(), "$skiptoken" | "$deltatoken") {
                query.repeated.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(query)
    }

    fn option(&mut self, name: &str, value: &str) -> Result<(), BadQuery> {
        match name {
            "$select" => self.select = Some(names(value)?),
            "$expand" => self.expand = expands(value, 0)?,
            "$filter" => self.filter = Some(value.to_owned()),
            "$top" => {
                let top = value.parse().ok().filter(|top| *top > 0);
                self.top =
                    Some(top.ok_or_else(|| BadQuery(format!("Invalid value '{value}' for $top query option.")))?);
            }
            "$count" => self.count = value.eq_ignore_ascii_case("true"),
            "$skip" => self.skip = true,
            "$orderby" | "$orderBy" => self.order_by = Some(value.to_owned()),
            "$search" => self.search = true,
            "$skiptoken" | "$skipToken" => self.skip_token = Some(value.to_owned()),
            "$deltatoken" | "$deltaToken" => self.delta_token = Some(value.to_owned()),
            // As Graph does, what isn't an option of OData is ignored.
            _ if !name.starts_with('$') => {}
            "$format" => {}
            _ => return Err(BadQuery(format!("Unrecognized query option '{name}'."))),
        }
        Ok(())
    }

    /// Whether `$select` names this property.
    pub fn selects(&self, name: &str) -> bool {
        self.select.as_ref().is_some_and(|names| names.iter().any(|selected| selected == name))
    }

    /// The options, encoded, for a next link.
    pub fn repeated(&self) -> String {
        let pairs: Vec<String> =
            self.repeated.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        pairs.join("&")
    }
}

/// Without `%xx` and `+`.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    let plain = percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
    Cow::Owned(plain)
}

const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',')
    .remove(b'(')
    .remove(b')')
    .remove(b'$');

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

fn names(value: &str) -> Result<Vec<String>, BadQuery> {
    let mut names = Vec::new();
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'@' | b'.')) {
            return Err(BadQuery(format!("Term '{name}' is not valid in a $select or $expand expression.")));
        }
        // `owner/id` chooses within a property; the property is what we can give.
        let name = name.split('/').next().unwrap_or(name).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Err(BadQuery("$select names no property.".to_owned()));
    }
    Ok(names)
}

fn expands(value: &str, depth: usize) -> Result<Vec<Expand>, BadQuery> {
    if depth >= DEEPEST {
        return Err(BadQuery(format!("$expand is nested more than {DEEPEST} deep.")));
    }
    parts(value, ',')?.into_iter().filter(|part| !part.trim().is_empty()).map(|part| one(part.trim(), depth)).collect()
}

fn one(text: &str, depth: usize) -> Result<Expand, BadQuery> {
    let bad = || BadQuery(format!("Term '{text}' is not valid in a $select or $expand expression."));
    let (name, options) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')').ok_or_else(bad)?),
        None => (text, ""),
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(bad());
    }
    let mut expand = Expand { name: name.to_owned(), select: None, expand: Vec::new() };
    for option in parts(options, ';')?.into_iter().map(str::trim).filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("$select", value)) => expand.select = Some(names(value)?),
            Some(("$expand", value)) => expand.expand = expands(value, depth + 1)?,
            Some(("$levels" | "$top", _)) => {}
            _ => return Err(bad()),
        }
    }
    Ok(expand)
}

/// Splits where no bracket is open.
fn parts(text: &str, separator: char) -> Result<Vec<&str>, BadQuery> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0usize, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| BadQuery(format!("Found an unbalanced bracket expression at position {at}.")))?;
            }
            _ if character == separator && depth == 0 => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_decoded_and_repeated_without_the_page_token() {
        let query =
            Query::parse("$select=id,%20userPrincipalName,id&%24top=5&$filter=a%20eq%20'b%26c'&$skiptoken=X&plain=1")
                .unwrap();
        assert_eq!(query.select.as_deref().unwrap(), ["id", "userPrincipalName"]);
        assert_eq!((query.top, query.filter.as_deref()), (Some(5), Some("a eq 'b&c'")));
        assert_eq!(query.skip_token.as_deref(), Some("X"));
        let again = Query::parse(&query.repeated()).unwrap();
        assert_eq!(again, Query { skip_token: None, ..query });
    }

    #[test]
    fn what_is_expanded_may_have_options_of_its_own() {
        let query = Query::parse("$expand=owners($select=id,displayName),policy($expand=rules;$select=id)").unwrap();
        let [owners, policy] = query.expand.as_slice() else { panic!("{query:?}") };
        assert_eq!((owners.name.as_str(), owners.select.as_deref().unwrap().len()), ("owners", 2));
        assert_eq!((policy.name.as_str(), policy.expand[0].name.as_str()), ("policy", "rules"));
    }

    #[test]
    fn what_is_malformed_is_refused_with_its_term() {
        for text in
            ["$top=0", "$top=x", "$select=", "$select=a%20b", "$expand=a(", "$expand=a)", "$expand=(b)", "$nonsense=1"]
        {
            assert!(Query::parse(text).is_err(), "{text}");
        }
        let deep = format!("$expand={}a{}", "a($expand=".repeat(50), ")".repeat(50));
        assert!(Query::parse(&deep).is_err());
    }
}
