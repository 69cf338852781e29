//! Addresses of this site, and ways on to them.

use axum::http::header::LOCATION;
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a part of a query as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// `/sign-in` with the way back.
pub(super) fn address_with_return(uri: &Uri) -> String {
    match uri.path_and_query().map(PathAndQuery::as_str) {
        None | Some("/") => "/sign-in".to_owned(),
        Some(address) => format!("/sign-in?return={}", part(address)),
    }
}

/// A text as a part of an address.
pub(super) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// An address of this site; whatever could lead elsewhere is the start.
pub(super) fn local(address: &str) -> String {
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let local = plain && address.starts_with('/') && !address.starts_with("//");
    if local { address.to_owned() } else { "/".to_owned() }
}

/// On to another page, with GET.
pub(super) fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned())]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        for elsewhere in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "x", "/a\r\nb", "/ä", "\\\\x"]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(local("/tenants/a/actions?area=mfa"), "/tenants/a/actions?area=mfa");
        let uri: Uri = "/tenants/a/actions?x=1&y=2".parse().unwrap();
        assert_eq!(address_with_return(&uri), "/sign-in?return=/tenants/a/actions%3Fx%3D1%26y%3D2");
    }
}
