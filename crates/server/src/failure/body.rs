//! The body of an error: *Microsoft Graph error responses and resource types*.

use jiff::Timestamp;
use serde::Serialize;

/// `{"error":{"code":…,"message":…,"innerError":{…}}}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// The only member.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for developers.
    pub message: String,
    /// Which request it was.
    #[serde(rename = "innerError")]
    pub inner_error: InnerError,
}

/// Which request an error answers, so that a client can name it to whoever reads the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InnerError {
    /// UTC without a zone, to the second, as Graph writes it.
    pub date: String,
    /// The server's id of the request.
    #[serde(rename = "request-id")]
    pub request_id: String,
    /// The client's `client-request-id`, or the server's id when it sent none.
    #[serde(rename = "client-request-id")]
    pub client_request_id: String,
}

/// How to find the request that an error answers.
#[derive(Debug, Clone, Copy)]
pub struct RequestTrace<'a> {
    /// When it was answered.
    pub at: Timestamp,
    /// The server's id.
    pub id: &'a str,
    /// The header `client-request-id`.
    pub client_id: Option<&'a str>,
}

/// The kinds of error that Graph tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400 `BadRequest`
    BadRequest,
    /// 401 `InvalidAuthenticationToken`
    InvalidAuthenticationToken,
    /// 403 `Forbidden`: how `/security` refuses a token without the permission.
    Forbidden,
    /// 403 `Authorization_RequestDenied`: how `/directory` refuses.
    AuthorizationRequestDenied,
    /// 404 `ResourceNotFound`: how `/security` misses an object.
    ResourceNotFound,
    /// 404 `Request_ResourceNotFound`: how `/directory` misses an object.
    RequestResourceNotFound,
    /// 405 `MethodNotAllowed`
    MethodNotAllowed,
    /// 408 `RequestTimeout`
    RequestTimeout,
    /// 413 `RequestEntityTooLarge`
    RequestEntityTooLarge,
    /// 415 `UnsupportedMediaType`
    UnsupportedMediaType,
    /// 429 `TooManyRequests`
    TooManyRequests,
    /// 503 `ServiceUnavailable`
    ServiceUnavailable,
    /// 500 `InternalServerError`
    InternalServerError,
}

impl ErrorKind {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::InvalidAuthenticationToken => 401,
            Self::Forbidden | Self::AuthorizationRequestDenied => 403,
            Self::ResourceNotFound | Self::RequestResourceNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::RequestEntityTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::ServiceUnavailable => 503,
            Self::InternalServerError => 500,
        }
    }

    /// The word in `code`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::InvalidAuthenticationToken => "InvalidAuthenticationToken",
            Self::Forbidden => "Forbidden",
            Self::AuthorizationRequestDenied => "Authorization_RequestDenied",
            Self::ResourceNotFound => "ResourceNotFound",
            Self::RequestResourceNotFound => "Request_ResourceNotFound",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::RequestTimeout => "RequestTimeout",
            Self::RequestEntityTooLarge => "RequestEntityTooLarge",
            Self::UnsupportedMediaType => "UnsupportedMediaType",
            Self::TooManyRequests => "TooManyRequests",
            Self::ServiceUnavailable => "ServiceUnavailable",
            Self::InternalServerError => "InternalServerError",
        }
    }
}

impl ErrorBody {
    /// An error of this kind; `message` must hold nothing that only the log may know.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>, request: &RequestTrace<'_>) -> Self {
        let inner_error = InnerError {
            date: request.at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            request_id: request.id.to_owned(),
            client_request_id: request.client_id.unwrap_or(request.id).to_owned(),
        };
        Self { error: ErrorDetail { code: kind.code(), message: message.into(), inner_error } }
    }

    /// A token that is absent, expired or not ours.
    #[must_use]
    pub fn invalid_token(request: &RequestTrace<'_>) -> Self {
        Self::new(ErrorKind::InvalidAuthenticationToken, "Access token is empty, expired or not valid.", request)
    }

    /// A token without the permission that `/security` needs.
    #[must_use]
    pub fn forbidden(permission: &str, request: &RequestTrace<'_>) -> Self {
        let message = format!(
            "Auth token does not contain valid permissions or user does not have valid roles. Required permissions: {permission}"
        );
        Self::new(ErrorKind::Forbidden, message, request)
    }

    /// A token without the permission that `/directory` needs.
    #[must_use]
    pub fn request_denied(request: &RequestTrace<'_>) -> Self {
        Self::new(ErrorKind::AuthorizationRequestDenied, "Insufficient privileges to complete the operation.", request)
    }

    /// The sentence with which Graph misses an object.
    #[must_use]
    pub fn missing(id: &str) -> String {
        format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.")
    }

    /// A failure that is ours; its cause belongs in the log.
    #[must_use]
    pub fn internal(request: &RequestTrace<'_>) -> Self {
        Self::new(ErrorKind::InternalServerError, "The server could not answer the request.", request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_has_graphs_shape() {
        let request = RequestTrace { at: "2026-07-17T10:11:12.5Z".parse().unwrap(), id: "r-1", client_id: Some("c-1") };
        assert_eq!(
            serde_json::to_value(ErrorBody::new(ErrorKind::BadRequest, "Wrong.", &request)).unwrap(),
            json!({"error": {
                "code": "BadRequest",
                "message": "Wrong.",
                "innerError": {"date": "2026-07-17T10:11:12", "request-id": "r-1", "client-request-id": "c-1"},
            }})
        );
        let unnamed = ErrorBody::internal(&RequestTrace { client_id: None, ..request });
        assert_eq!(unnamed.error.inner_error.client_request_id, "r-1");
        assert_eq!(ErrorKind::TooManyRequests.status(), 429);
    }
}
