//! One page as Graph answered it: how many objects, where it goes on, and without what must never be kept.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What a page says besides its objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Page {
    pub(crate) body: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) next: Option<String>,
    pub(crate) delta: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(crate) value: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default, rename = "@odata.nextLink")]
    pub(crate) next: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "@odata.deltaLink")]
    pub(crate) delta: Option<Cow<'a, str>>,
}

/// What a data set's answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{"value": […]}`, page after page.
    Collection,
    /// The same, of which only the first page with something on it is wanted.
    FirstPage,
    /// One object.
    Single,
}

impl Page {
    /// Reads an answer of that shape; what it can't be is the reason to ask again.
    pub(crate) fn read(data_set: &str, shape: Shape, body: Vec<u8>) -> Result<Self, String> {
        let envelope: Envelope<'_> = serde_json::from_slice(&body).map_err(|error| not_json(&body, &error))?;
        let rows = match (&envelope.value, shape) {
            (Some(value), _) => value.len() as u64,
            (None, Shape::Single) => 1,
            (None, _) => return Err("Graph answered with an object where a list belongs".to_owned()),
        };
        let owned = |link: &Option<Cow<'_, str>>| link.as_deref().filter(|link| !link.is_empty()).map(str::to_owned);
        let (mut next, delta) = (owned(&envelope.next), owned(&envelope.delta));
        let mut body = match stripped(data_set, &body) {
            Cow::Owned(clean) => clean,
            Cow::Borrowed(_) => body,
        };
        if shape == Shape::FirstPage && rows > 0 && next.take().is_some() {
            // It is whole as it is: a reader must not take it for a collection that was cut off.
            body = without_next(&body);
        }
        Ok(Self { body, rows, next, delta })
    }
}

fn not_json(body: &[u8], error: &serde_json::Error) -> String {
    let start = body.trim_ascii_start();
    if start.starts_with(b"<") {
        "a gateway answered with HTML".to_owned()
    } else if error.is_eof() {
        "the answer was cut off".to_owned()
    } else {
        "the answer is no JSON".to_owned()
    }
}

/// Properties that are never kept, wherever they stand.
const NEVER: &[&str] =
    &["secretText", "hint", "mobilePhone", "businessPhones", "faxNumber", "otherMobile", "phoneNumber"];
/// Where somebody was, in reports of risk and sign-ins.
const PLACES: &[&str] = &["location", "ipAddress", "additionalInfo"];
/// The data sets whose objects tell places.
const WITH_PLACES: &[&str] = &["riskDetections", "signIns"];
/// Only in credentials: other objects have keys that are no secrets.
const IN_KEYS: &[&str] = &["key"];

/// The body without what must never be kept; unchanged, byte for byte, where it holds none of it.
pub(crate) fn stripped<'b>(data_set: &str, body: &'b [u8]) -> Cow<'b, [u8]> {
    let has = |name: &str| memmem::find(body, format!("\"{name}\"").as_bytes()).is_some();
    let places = WITH_PLACES.contains(&data_set);
    let keys = matches!(data_set, "applications" | "servicePrincipals" | "organization");
    let found = NEVER.iter().any(|name| has(name))
        || (places && PLACES.iter().any(|name| has(name)))
        || (keys && IN_KEYS.iter().any(|name| has(name)));
    if !found {
        return Cow::Borrowed(body);
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return Cow::Borrowed(body) };
    strip(&mut value, places, false);
    serde_json::to_vec(&value).map_or(Cow::Borrowed(body), Cow::Owned)
}

fn strip(value: &mut Value, places: bool, in_keys: bool) {
    match value {
        Value::Object(object) => {
            object.retain(|name, _| {
                let name = name.as_str();
                !(NEVER.contains(&name) || (places && PLACES.contains(&name)) || (in_keys && IN_KEYS.contains(&name)))
            });
            for (name, value) in object {
                strip(value, places, name == "keyCredentials");
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| strip(value, places, in_keys)),
        _ => {}
    }
}

fn without_next(body: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    if let Some(object) = value.as_object_mut() {
        object.remove("@odata.nextLink");
    }
    serde_json::to_vec(&value).unwrap_or_else(|_| body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data_set: &str, shape: Shape, body: &str) -> Result<Page, String> {
        Page::read(data_set, shape, body.as_bytes().to_vec())
    }

    #[test]
    fn a_page_tells_its_rows_and_where_it_goes_on() {
        let page = read(
            "users",
            Shape::Collection,
            r#"{"value":[{"id":"a"},{"id":"b"}],"@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=\u0041"}"#,
        )
        .unwrap();
        assert_eq!((page.rows, page.delta), (2, None));
        assert_eq!(page.next.as_deref(), Some("https://graph.microsoft.com/v1.0/users?$skiptoken=A"));
        let empty = read("users", Shape::Collection, r#"{"value":[],"@odata.nextLink":"x"}"#).unwrap();
        assert_eq!((empty.rows, empty.next.is_some()), (0, true));
    }

    #[test]
    fn what_is_no_page_is_asked_for_again_and_says_why() {
        let why = |body| read("users", Shape::Collection, body).unwrap_err();
        assert_eq!(why("<html><body>502</body></html>"), "a gateway answered with HTML");
        assert_eq!(why(r#"{"value":[{"id":"a"}"#), "the answer was cut off");
        assert_eq!(why(r#"{"id":"a"}"#), "Graph answered with an object where a list belongs");
        assert_eq!(why("nonsense"), "the answer is no JSON");
    }

    #[test]
    fn a_setting_is_one_object_or_a_list_of_one() {
        assert_eq!(read("authorizationPolicy", Shape::Single, r#"{"id":"authorizationPolicy"}"#).unwrap().rows, 1);
        assert_eq!(
            read("authorizationPolicy", Shape::Single, r#"{"value":[{"id":"authorizationPolicy"}]}"#).unwrap().rows,
            1
        );
    }

    #[test]
    fn the_newest_score_alone_is_whole() {
        let page = read("secureScores", Shape::FirstPage, r#"{"value":[{"id":"a"}],"@odata.nextLink":"x"}"#).unwrap();
        assert_eq!(page.next, None);
        assert_eq!(page.body, br#"{"value":[{"id":"a"}]}"#);
    }

    #[test]
    fn secrets_keys_phones_and_places_are_never_kept() {
        let application = r#"{"value":[{"id":"a","passwordCredentials":[{"keyId":"k","hint":"abc","secretText":"s"}],
            "keyCredentials":[{"keyId":"k","key":"AAAA","type":"AsymmetricX509Cert"}],"tags":["key"]}]}"#;
        let page = read("applications", Shape::Collection, application).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&page.body).unwrap(),
            serde_json::json!({"value": [{"id": "a", "passwordCredentials": [{"keyId": "k"}],
                "keyCredentials": [{"keyId": "k", "type": "AsymmetricX509Cert"}], "tags": ["key"]}]})
        );
        let detection =
            r#"{"value":[{"id":"a","location":{"city":"X"},"ipAddress":"203.0.113.9","riskLevel":"high"}]}"#;
        let page = read("riskDetections", Shape::Collection, detection).unwrap();
        assert_eq!(page.body, br#"{"value":[{"id":"a","riskLevel":"high"}]}"#);
        let user = r#"{"value":[{"id":"a","mobilePhone":"+49 1","businessPhones":["+49 2"]}]}"#;
        assert_eq!(read("users", Shape::Collection, user).unwrap().body, br#"{"value":[{"id":"a"}]}"#);
    }

    #[test]
    fn whatever_holds_nothing_of_it_is_kept_byte_for_byte() {
        let body = "{\n \"value\": [ {\"id\" : \"a\", \"location\": 1e2} ]}";
        assert_eq!(read("namedLocations", Shape::Collection, body).unwrap().body, body.as_bytes());
    }
}
