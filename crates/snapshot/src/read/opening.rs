//! What a file turns out to be when it is opened: a page of its data set, a refusal of Graph, or something else.

use std::io::Read;

use idscore_catalogue::data_sets::names_a_licence;
use serde::Deserialize;
use serde_json::Value;

use crate::ReadError;
use crate::json::{Caseless, Chunks, Shape};
use crate::layout::{Context, DataFile, Told};
use crate::manifest::DataSetStatus;

/// A file that was opened.
pub(super) enum Opened {
    Page { chunks: Chunks<Box<dyn Read + Send>>, heading: Heading },
    Aside(Aside),
}

/// What stands before the elements of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heading {
    /// The version of Graph that served it, where it says so.
    pub(super) version: Option<&'static str>,
    /// A list, whose file may be one of several.
    pub(super) is_list: bool,
}

/// A file in place of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Aside {
    /// Graph's error body.
    Refusal(Refusal),
    /// Objects of another collection. `sure`: nothing of this data set is missing for it.
    Elsewhere { path: String, sure: bool },
}

/// What Graph answered instead of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: Option<String>,
}

impl Refusal {
    /// Graph's error body carries no status; its code and words tell what stands in the way.
    pub(super) fn status(&self) -> DataSetStatus {
        const CODES: &[&str] = &[
            "Authorization_RequestDenied",
            "Authorization_IdentityNotFound",
            "AccessDenied",
            "Forbidden",
            "Unauthorized",
            "UnauthorizedAccess",
            "UnauthorizedAccessException",
            "InvalidAuthenticationToken",
            "PermissionScopeNotGranted",
            "InsufficientPermissions",
        ];
        const WORDS: &[&str] = &["insufficient privileges", "not authorized", "required scopes", "access denied"];
        let message = self.message.as_deref().unwrap_or_default();
        let lower = message.to_lowercase();
        if names_a_licence(&self.code, message) {
            DataSetStatus::NotLicensed
        } else if CODES.iter().any(|code| self.code.eq_ignore_ascii_case(code))
            || WORDS.iter().any(|words| lower.contains(words))
        {
            DataSetStatus::Refused
        } else {
            DataSetStatus::Failed
        }
    }

    /// Reads `{"error":{"code":…,"message":…}}`.
    fn of(body: &Value) -> Option<Self> {
        #[derive(Deserialize)]
        struct Body {
            error: Value,
        }
        #[derive(Deserialize)]
        struct Inner {
            #[serde(default)]
            code: Option<String>,
            #[serde(default)]
            message: Option<Value>,
        }
        let error = Body::deserialize(Caseless(body)).ok()?.error;
        // Signing in fails with the code alone.
        if let Value::String(code) = &error {
            let told = body.get("error_description").and_then(Value::as_str);
            return Some(Self { code: code.clone(), message: told.map(str::to_owned) });
        }
        let inner = Inner::deserialize(Caseless(&error)).ok()?;
        let message = match inner.message {
            Some(Value::String(text)) => Some(text),
            // As the old Azure AD Graph writes it.
            Some(Value::Object(parts)) => parts.get("value").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        };
        let code = inner.code.filter(|code| !code.is_empty()).unwrap_or_else(|| "unknownError".to_owned());
        Some(Self { code, message: message.filter(|text| !text.is_empty()) })
    }
}

/// Opens a file of a data set.
pub(super) fn open(data_set: &str, file: &DataFile) -> Result<Opened, ReadError> {
    let mut chunks = Chunks::open(&file.file.name, file.file.open()?, file.file.size)?;
    let sniffed = chunks.sniffed();
    let has = |key: &str| sniffed.keys.iter().any(|seen| seen.eq_ignore_ascii_case(key));
    if sniffed.shape == Shape::Single && has("error") && !has("id") {
        let chunk = chunks.next_chunk()?;
        let body = chunk.as_ref().and_then(|chunk| serde_json::from_slice::<Value>(&chunk.bytes).ok());
        if let Some(refusal) = body.as_ref().and_then(Refusal::of) {
            return Ok(Opened::Aside(Aside::Refusal(refusal)));
        }
        chunks = Chunks::open(&file.file.name, file.file.open()?, file.file.size)?;
    }
    let context = chunks.sniffed().context.as_deref().map(Context::of);
    let context = context.filter(|_| data_set != crate::layout::METHOD_CONFIGURATIONS);
    let heading = Heading {
        version: context.as_ref().and_then(|context| context.version),
        is_list: matches!(chunks.sniffed().shape, Shape::Array | Shape::Envelope),
    };
    match context.map(|context| context.told) {
        Some(Told::Elsewhere { path, sure }) => Ok(Opened::Aside(Aside::Elsewhere { path, sure })),
        Some(Told::DataSet { data_set: told, .. }) if !same(told, data_set) => {
            Ok(Opened::Aside(Aside::Elsewhere { path: told.to_owned(), sure: false }))
        }
        _ => Ok(Opened::Page { chunks, heading }),
    }
}

/// Whether pages of one data set may stand for another: users with their activity, and both directions of app roles.
fn same(told: &str, data_set: &str) -> bool {
    let one_of = |names: [&str; 2]| names.contains(&told) && names.contains(&data_set);
    told == data_set || one_of(["users", "signInActivity"]) || one_of(["appRoleAssignedTo", "appRoleAssignments"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_code_of_an_error_body_tells_what_stands_in_the_way() {
        let status = |code: &str, message: &str| {
            Refusal::of(&json!({"error": {"code": code, "message": message, "innerError": {}}})).unwrap().status()
        };
        assert_eq!(status("Authorization_RequestDenied", "Insufficient privileges"), DataSetStatus::Refused);
        assert_eq!(status("AccessDenied", ""), DataSetStatus::Refused);
        assert_eq!(status("UnknownError", "Insufficient privileges to complete"), DataSetStatus::Refused);
        assert_eq!(
            status("Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Neither tenant"),
            DataSetStatus::NotLicensed
        );
        assert_eq!(status("Forbidden", "The tenant needs a premium license."), DataSetStatus::NotLicensed);
        assert_eq!(status("TooManyRequests", "Try later"), DataSetStatus::Failed);
    }

    #[test]
    fn other_spellings_of_an_error_body_are_read() {
        let read = |body: Value| Refusal::of(&body).map(|refusal| (refusal.code, refusal.message));
        assert_eq!(
            read(json!({"error": "invalid_client", "error_description": "No secret"})),
            Some(("invalid_client".to_owned(), Some("No secret".to_owned())))
        );
        assert_eq!(read(json!({"Error": {"Code": "x"}})), Some(("x".to_owned(), None)));
        assert_eq!(read(json!({"error": 5})), None);
    }
}
