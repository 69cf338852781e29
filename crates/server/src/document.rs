//! The OpenAPI document of everything that the service answers.
//!
//! It is written by hand, in small functions, because answers are JSON values in Graph's shapes and not Rust types
//! from which it could be derived. Tests hold it against the router, against answers, and against `docs/openapi.json`.

mod difference_types;
mod graph_paths;
mod operation;
mod own_paths;
mod own_types;
mod parts;
mod types;

use serde_json::{Map, Value, json};

use parts::schema;

const ABOUT: &str = "The Identity Secure Score of a tenant in Microsoft Entra ID. `/v1.0` and `/beta` answer in the \
    shapes of Microsoft Graph, so that its clients need no change; `/api/v1` has what Graph has no shape for.\n\n\
    Every request needs a token of `idscore token create`, which opens one tenant. A method that a path does not have \
    is 405 with `Allow`, a path that is not there 400, a body of more than 1 MiB 400 (an export may have more); all errors have the same body. \
    HEAD is answered wherever GET is.";

/// The whole document.
#[must_use]
pub fn document() -> Value {
    let mut paths = graph_paths::all();
    paths.extend(own_paths::all());
    let schemas: Map<String, Value> = [types::all(), own_types::all(), difference_types::all()]
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "idscore",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This service."}],
        "tags": [
            {"name": "security", "description": "As `/security` of Microsoft Graph."},
            {"name": "recommendations", "description": "As `/directory/recommendations` of Microsoft Graph."},
            {"name": "tenants", "description": "Trend, snapshots, evidence, differences, plan, reviews, comparison and the audit log."},
            {"name": "service", "description": "The service itself; no token of a tenant needed."},
        ],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": graph_paths::parameters(),
            "responses": responses(),
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "ids_…",
                "description": "A token of `idscore token create`; its scopes have the names of Graph's permissions.",
            }},
        },
    })
}

/// The headers of every answer.
fn headers() -> Value {
    let id = json!({"type": "string", "format": "uuid"});
    json!({
        "request-id": {"description": "The server's id of the request.", "required": true, "schema": id},
        "client-request-id": {"description": "As the client sent it.", "schema": {"type": "string"}},
    })
}

fn responses() -> Value {
    let error = |description: &str, code: &str, message: &str| {
        let id = "0199f3a0-0000-7000-8000-000000000000";
        let inner = json!({"date": "2026-11-20T06:00:00", "request-id": id, "client-request-id": id});
        let example = json!({"error": {"code": code, "message": message, "innerError": inner}});
        let content = json!({"application/json": {"schema": schema("error"), "example": example}});
        json!({"description": description, "headers": headers(), "content": content})
    };
    let with_header = |mut response: Value, name: &str, header: Value| {
        if let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) {
            headers.insert(name.to_owned(), header);
        }
        response
    };
    let missing = "Resource 'x' does not exist or one of its queried reference-property objects are not present.";
    let required =
        |description: &str, schema: Value| json!({"description": description, "required": true, "schema": schema});
    json!({
        "BadRequest": error(
            "The path, an option, a header or the body is not valid, or a rule of the plan forbids it.",
            "BadRequest",
            "vendorInformation with provider and vendor is required.",
        ),
        "Unauthorized": with_header(
            error(
                "There is no token, or it is not valid.",
                "InvalidAuthenticationToken",
                "Access token is empty, expired or not valid.",
            ),
            "WWW-Authenticate",
            required("The scheme.", json!({"type": "string", "pattern": "^Bearer "})),
        ),
        "Forbidden": error(
            "The token lacks the scope. Under `/beta/directory` the code is `Authorization_RequestDenied`.",
            "Forbidden",
            "Auth token does not contain valid permissions or user does not have valid roles. Required permissions: SecurityEvents.Read.All",
        ),
        "NotFound": error("There is no such object for this token.", "ResourceNotFound", missing),
        "DirectoryNotFound": error("There is no such object for this token.", "Request_ResourceNotFound", missing),
        "MethodNotAllowed": with_header(
            error(
                "The path has no such method; it comes only for methods that this document does not have.",
                "MethodNotAllowed",
                "The method is not supported by this resource.",
            ),
            "Allow",
            required("The methods that the path has.", json!({"type": "string"})),
        ),
        "RequestTimeout": error("The body arrived too slowly.", "RequestTimeout", "The body arrived too slowly."),
        "TooLarge": error(
            "The export has more bytes than `idscore serve --max-upload` takes.",
            "RequestEntityTooLarge",
            "The export has more than 256 MiB, the most that is taken here.",
        ),
        "UnsupportedMediaType": error(
            "The body is of another type than is read here.",
            "UnsupportedMediaType",
            "The body is of another type than is read here; Content-Type must be application/zip, application/gzip (a .tar.gz) or application/json.",
        ),
        "UriTooLong": {"description": "The address has more than 65,534 bytes; there is no body."},
        "HeadersTooLarge": {"description": "There are more than 100 headers, or too many bytes of them; there is no body."},
        "TooManyRequests": with_header(
            error("The token or the address asks too often, or other uploads are being read.", "TooManyRequests", "Too many requests; see Retry-After."),
            "Retry-After",
            required("Seconds to wait.", json!({"type": "integer", "minimum": 1})),
        ),
        "ServiceUnavailable": with_header(
            error("The database is at work for others and nothing was changed, or the answer took too long.", "ServiceUnavailable", "The service is busy; nothing was changed. See Retry-After."),
            "Retry-After",
            required("Seconds to wait.", json!({"type": "integer", "minimum": 1})),
        ),
        "InternalServerError": error(
            "The server failed; its log has the cause under the request's id.",
            "InternalServerError",
            "The server could not answer the request.",
        ),
        "MisdirectedRequest": {"description": "The host is not one that is served here; the body is a text."},
    })
}
