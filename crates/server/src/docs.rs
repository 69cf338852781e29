//! The OpenAPI document as a page: Swagger UI from its crate, so that nothing of it is in this repository, and three
//! small files of our own.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::OnceLock;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

use crate::api::Segments;
use crate::failure::Failure;

const PLACE: &str = "/api/v1/docs/";
/// Only this service's own files; no inline script or style, no `eval`, no frame, no form. Pictures inside the style sheet
/// are `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types default dompurify";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Our files.
const OWN: [(&str, &str, &str); 3] = [
    ("start.js", SCRIPT, include_str!("docs/start.js")),
    ("trusted.js", SCRIPT, include_str!("docs/trusted.js")),
    ("page.css", STYLE, include_str!("docs/page.css")),
];
/// Those of Swagger UI, by their place below its own folder; its licence asks for the last two.
const THEIRS: [(&str, &str, &str); 4] = [
    ("swagger-ui-bundle.js", SCRIPT, "dist/swagger-ui-bundle.js"),
    ("swagger-ui.css", STYLE, "dist/swagger-ui.css"),
    ("LICENSE", TEXT, "LICENSE"),
    ("NOTICE", TEXT, "NOTICE"),
];

/// The names of all files.
pub(crate) fn files() -> Vec<&'static str> {
    OWN.iter().chain(&THEIRS).map(|(name, _, _)| *name).collect()
}

/// Without the last slash the page would look for its files one folder too high.
pub(crate) async fn moved() -> Response {
    (StatusCode::PERMANENT_REDIRECT, [(LOCATION, HeaderValue::from_static(PLACE))]).into_response()
}

pub(crate) async fn page() -> Response {
    let policy = (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    let html = (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    ([policy, html], include_str!("docs/index.html")).into_response()
}

pub(crate) async fn file(Segments(name): Segments<String>) -> Result<Response, Failure> {
    let sent = |kind: &'static str, bytes: &'static [u8]| {
        ([(CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response()
    };
    if let Some((_, kind, text)) = OWN.iter().find(|(own, _, _)| *own == name) {
        return Ok(sent(kind, text.as_bytes()));
    }
    let Some((_, kind, path)) = THEIRS.iter().find(|(theirs, _, _)| *theirs == name) else {
        return Err(Failure::NotFound(name));
    };
    unpacked().get(path).map(|bytes| sent(kind, bytes)).ok_or(Failure::NotFound(name))
}

/// Swagger UI's files by their place, unpacked when somebody first asks.
fn unpacked() -> &'static BTreeMap<&'static str, Vec<u8>> {
    static FILES: OnceLock<BTreeMap<&'static str, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| {
        unpack().unwrap_or_else(|error| {
            tracing::error!(%error, "Swagger UI cannot be unpacked");
            BTreeMap::new()
        })
    })
}

fn unpack() -> zip::result::ZipResult<BTreeMap<&'static str, Vec<u8>>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        // The first folder is named after the version.
        let name = entry.name()?.into_owned();
        let below = name.split_once('/').map(|(_, below)| below);
        let Some((_, _, path)) = THEIRS.iter().find(|(_, _, path)| Some(*path) == below) else { continue };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(*path, bytes);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_there() {
        let unpacked = unpack().unwrap();
        for (name, _, path) in THEIRS {
            assert!(!unpacked[path].is_empty(), "{name}");
        }
        let page = include_str!("docs/index.html");
        for name in ["trusted.js", "start.js", "page.css", "swagger-ui-bundle.js", "swagger-ui.css"] {
            assert!(page.contains(&format!("\"{name}\"")) && files().contains(&name), "{name}");
        }
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("<script>"));
    }
}
