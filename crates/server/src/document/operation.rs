//! One operation: what is asked, who may, and every answer that can come.

use serde_json::{Map, Value, json};

use super::parts::{answer, parameter};
use crate::api::Scope;
use crate::app::MAX_BODY;

/// An operation that is being described.
pub(super) struct Operation {
    members: Map<String, Value>,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
}

impl Operation {
    /// An operation that needs a token with a scope.
    pub(super) fn new(id: &str, tag: &str, scope: Scope, summary: &str) -> Self {
        let mut operation = Self::without_token(id, tag, summary);
        let names: Vec<&str> =
            std::iter::once(scope.name()).chain((scope != scope.wider()).then(|| scope.wider().name())).collect();
        operation.put("description", format!("Scope: `{}`.", names.join("` or `")).into());
        operation.parameters.push(parameter("client-request-id"));
        // 414 and 431 come before any route is looked for.
        for (status, name) in [
            ("414", "UriTooLong"),
            ("431", "HeadersTooLarge"),
            ("400", "BadRequest"),
            ("401", "Unauthorized"),
            ("408", "RequestTimeout"),
            ("421", "MisdirectedRequest"),
            ("500", "InternalServerError"),
            ("503", "ServiceUnavailable"),
        ] {
            operation.answers.insert(status.to_owned(), answer(name));
        }
        // Since OpenAPI 3.1 the roles that a bearer token needs may stand here.
        operation.put("security", json!([{"bearer": [scope.name()]}]));
        operation.answers.insert("403".to_owned(), answer("Forbidden"));
        operation
    }

    /// An operation that anybody may call.
    pub(super) fn without_token(id: &str, tag: &str, summary: &str) -> Self {
        let mut operation = Self { members: Map::new(), parameters: Vec::new(), answers: Map::new() };
        operation.put("operationId", id.into());
        operation.put("tags", json!([tag]));
        operation.put("summary", summary.into());
        operation.put("security", json!([]));
        operation.answers.insert("429".to_owned(), answer("TooManyRequests"));
        operation
    }

    fn put(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }

    pub(super) fn taking(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    pub(super) fn body(mut self, required: bool, schema: &Value, example: &Value) -> Self {
        let content = json!({"application/json": {"schema": schema, "example": example}});
        let most = format!("At most {} KiB.", MAX_BODY >> 10);
        self.put("requestBody", json!({"required": required, "description": most, "content": content}));
        self
    }

    /// A body that must be there, of one of these media types.
    pub(super) fn takes(mut self, content: &Value) -> Self {
        self.put("requestBody", json!({"required": true, "content": content}));
        self
    }

    /// Data with a schema, perhaps with an example.
    pub(super) fn answers(self, status: &str, description: &str, schema: &Value, example: Option<Value>) -> Self {
        let mut content = json!({"schema": schema});
        if let (Some(example), Some(content)) = (example, content.as_object_mut()) {
            content.insert("example".to_owned(), example);
        }
        self.sends(status, description, &json!({"application/json": content}))
    }

    /// An answer of any media type; every answer names its request.
    pub(super) fn sends(mut self, status: &str, description: &str, content: &Value) -> Self {
        let mut sent = json!({"description": description, "headers": super::headers()});
        if let (false, Some(sent)) = (content.is_null(), sent.as_object_mut()) {
            sent.insert("content".to_owned(), content.clone());
        }
        self.answers.insert(status.to_owned(), sent);
        self
    }

    /// An answer that the document describes once.
    pub(super) fn may_be(mut self, status: &str, name: &str) -> Self {
        self.answers.insert(status.to_owned(), answer(name));
        self
    }

    /// One more header of an answer.
    pub(super) fn header(mut self, status: &str, name: &str, header: Value) -> Self {
        let headers = self.answers.get_mut(status).and_then(|answer| answer.get_mut("headers"));
        if let Some(headers) = headers.and_then(Value::as_object_mut) {
            headers.insert(name.to_owned(), header);
        }
        self
    }

    pub(super) fn done(mut self) -> Value {
        if !self.parameters.is_empty() {
            let parameters = std::mem::take(&mut self.parameters);
            self.put("parameters", parameters.into());
        }
        let answers = std::mem::take(&mut self.answers);
        self.put("responses", Value::Object(answers));
        Value::Object(self.members)
    }
}
