//! The body of a collection, and the link to its next page: OData JSON Format 4.01 §4.5.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value as Json;

use super::options::{SystemOption, decode_lossy, pairs};
use super::page::Page;

/// What a query may hold as it is and Graph leaves readable.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b'-')
    .remove(b'.')
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'_')
    .remove(b'~');

/// The body of a collection.
#[derive(Debug, Serialize)]
pub struct Collection<R> {
    #[serde(rename = "@odata.context")]
    context: String,
    #[serde(rename = "@odata.count", skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
    next_link: Option<String>,
    value: Vec<R>,
}

/// `{"@odata.context", "@odata.count"?, "@odata.nextLink"?, "value"}`, each row as `shown` says.
///
/// `base_uri` is the absolute address of the collection without a query, `raw_query` the query of this request.
#[must_use]
pub fn collection<R>(
    context_url: &str,
    page: Page,
    base_uri: &str,
    raw_query: &str,
    shown: impl Fn(Json) -> R,
) -> Collection<R> {
    Collection {
        context: context_url.to_owned(),
        count: page.count,
        next_link: page.next.map(|token| next_link(base_uri, raw_query, &token)),
        value: page.value.into_iter().map(shown).collect(),
    }
}

/// The address of the page that starts at `token`: the client's own options in their places, without `$skip`, which
/// the token has taken in.
#[must_use]
pub fn next_link(base_uri: &str, raw_query: &str, token: &str) -> String {
    let mut options: Vec<String> = Vec::new();
    for (name, value) in pairs(raw_query) {
        let (name, value) = (decode_lossy(name), decode_lossy(value));
        if !matches!(SystemOption::named(&name), Some(SystemOption::SkipToken | SystemOption::Skip)) {
            options.push(format!("{}={}", utf8_percent_encode(&name, ENCODED), utf8_percent_encode(&value, ENCODED)));
        }
    }
    options.push(format!("$skiptoken={}", utf8_percent_encode(token, ENCODED)));
    format!("{base_uri}?{}", options.join("&"))
}
