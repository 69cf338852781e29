//! The style sheet, scripts and icon that pages load, from the program itself.
//!
//! A file's address holds the hash of its content, so that browsers keep it for ever and never show an old one.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::IntoResponse;
use sha2::{Digest, Sha256};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Name, kind and content of every file.
const FILES: &[(&str, &str, &str)] = &[
    ("access.css", STYLE, include_str!("assets/access.css")),
    ("actions.css", STYLE, include_str!("assets/actions.css")),
    ("dashboard.css", STYLE, include_str!("assets/dashboard.css")),
    ("comparison.css", STYLE, include_str!("assets/comparison.css")),
    ("history.css", STYLE, include_str!("assets/history.css")),
    ("reviews.css", STYLE, include_str!("assets/reviews.css")),
    ("tenants.css", STYLE, include_str!("assets/tenants.css")),
    ("dashboard.js", SCRIPT, include_str!("assets/dashboard.js")),
    ("settings.css", STYLE, include_str!("assets/settings.css")),
    ("collection.css", STYLE, include_str!("assets/collection.css")),
    ("upload.css", STYLE, include_str!("assets/upload.css")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// `/assets/dashboard-0123456789abcdef.css` of `dashboard.css`.
pub(crate) fn address(name: &str) -> String {
    let address = addresses().iter().find(|(known, _)| *known == name);
    address.map(|(_, address)| format!("/assets/{address}")).unwrap_or_default()
}

fn addresses() -> &'static [(&'static str, String)] {
    static ADDRESSES: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    ADDRESSES.get_or_init(|| FILES.iter().map(|(name, _, content)| (*name, hashed(name, content))).collect())
}

fn hashed(name: &str, content: &str) -> String {
    let hash: String = Sha256::digest(content.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (stem, kind) = name.split_once('.').unwrap_or((name, ""));
    format!("{stem}-{hash}.{kind}")
}

pub(super) async fn file(Path(asked): Path<String>) -> Result<impl IntoResponse, StatusCode> {
    let known = addresses().iter().find(|(_, address)| *address == asked).map(|(name, _)| *name);
    let file = FILES.iter().find(|(name, _, _)| Some(*name) == known);
    let (_, kind, content) = file.ok_or(StatusCode::NOT_FOUND)?;
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(kind)), (CACHE_CONTROL, kept)], *content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_has_another_address() {
        assert_ne!(hashed("a.css", "x"), hashed("a.css", "y"));
        assert!(hashed("a.css", "x").starts_with("a-") && hashed("a.css", "x").ends_with(".css"));
        assert_eq!(address("none.css"), "");
    }

    #[test]
    fn files_load_nothing_from_elsewhere_and_make_no_markup() {
        for (name, _, content) in FILES {
            for never in ["@import", "url(", "innerHTML", "insertAdjacentHTML", "document.write", "eval(", "://"] {
                let allowed = *name == "icon.svg" && never == "://";
                assert!(allowed || !content.contains(never), "{name} has {never}");
            }
        }
    }
}
