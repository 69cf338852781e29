//! Errors as Microsoft Graph words them, each service in its own way.

use crate::endpoints::{Endpoint, Service};

/// An answer that is an error.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// Besides those of every answer.
    pub headers: Vec<(&'static str, String)>,
    /// The page of a gateway in place of an error of Graph.
    pub html: bool,
    /// `innererror` where others write `innerError`.
    pub lower_case: bool,
}

impl Failure {
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), headers: Vec::new(), html: false, lower_case: false }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn unauthenticated(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message)
    }

    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub fn no_segment(segment: &str) -> Self {
        Self::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    pub fn no_object(id: &str) -> Self {
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present."),
        )
    }

    pub fn expired_page() -> Self {
        Self::new(
            400,
            "Directory_ExpiredPageToken",
            "The specified page token value has expired and can no longer be included in your request.",
        )
    }

    /// The export can't be read: the server's own fault.
    pub fn broken(error: &super::rows::ExportError) -> Self {
        Self::new(500, "generalException", error.to_string())
    }

    /// Too many requests, in the words of the directory.
    pub fn throttled() -> Self {
        Self::new(429, "TooManyRequests", "Too many requests. Please retry after the time given, or back off.")
    }

    /// The answer to an app that lacks a permission.
    pub fn refused(endpoint: &Endpoint) -> Self {
        let least = endpoint.permissions.first().map_or_else(String::new, |all| all.join(","));
        let (code, message) = match endpoint.service {
            Service::Directory => {
                ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.".to_owned())
            }
            Service::ConditionalAccess => (
                "AccessDenied",
                "You cannot perform the requested operation, required scopes are missing in the token.".to_owned(),
            ),
            Service::IdentityProtection => ("Forbidden", "You do not have permission to call this API.".to_owned()),
            Service::Reports => (
                "Authentication_MSGraphPermissionMissing",
                format!(
                    "The principal does not have required Microsoft Graph permission(s): {least} to call this API."
                ),
            ),
            Service::Policies => ("accessDenied", "Request Authorization failed".to_owned()),
            Service::Roles => {
                ("PermissionScopeNotGranted", format!("Authorization failed due to missing permission scope {least}."))
            }
            Service::Security => (
                "UnknownError",
                "Auth token does not contain valid permissions or user does not have valid roles.".to_owned(),
            ),
        };
        Self::new(403, code, message)
    }

    /// The answer to a tenant that lacks the licence.
    pub fn not_licensed(endpoint: &Endpoint) -> Self {
        match endpoint.service {
            Service::Reports => Self::new(
                403,
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "Neither tenant is B2C or tenant doesn't have premium license",
            ),
            Service::IdentityProtection => Self::new(403, "Forbidden", "Your tenant is not licensed for this feature."),
            _ => Self::new(
                400,
                "AadPremiumLicenseRequired",
                "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
            ),
        }
    }

    /// The body, with the ids of the request.
    pub fn body(&self, instant: &str, request_id: &str, client_request_id: &str) -> Vec<u8> {
        if self.html {
            return format!(
                "<!DOCTYPE html>\r\n<html><head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1></center>\r\n<hr><center>Microsoft-Azure-Application-Gateway/v2</center>\r\n</body></html>\r\n",
                self.status,
                reason(self.status)
            )
            .into_bytes();
        }
        let inner = if self.lower_case { "innererror" } else { "innerError" };
        serde_json::json!({"error": {"code": self.code, "message": self.message, inner: {
            "date": instant, "request-id": request_id, "client-request-id": client_request_id}}})
        .to_string()
        .into_bytes()
    }
}

/// What an error without words of its own is called.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Time-out",
        509 => "Bandwidth Limit Exceeded",
        _ => "Error",
    }
}

/// The code that Graph uses for a status that the script asks for.
pub(crate) fn code(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        401 => "InvalidAuthenticationToken",
        403 => "Forbidden",
        404 => "ResourceNotFound",
        410 => "resyncRequired",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        509 => "BandwidthLimitExceeded",
        _ => "generalException",
    }
}
