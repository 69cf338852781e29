//! Small words from which the document is made.

use serde_json::{Map, Value, json};

use crate::lengths::{ID, OPTION, longest, most};

/// What a member may hold.
pub(super) fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

pub(super) fn number(description: &str) -> Value {
    json!({"type": "number", "format": "double", "description": description})
}

/// A count.
pub(super) fn natural(description: &str) -> Value {
    json!({"type": "integer", "format": "int64", "minimum": 0, "description": description})
}

pub(super) fn instant(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

pub(super) fn date(description: &str) -> Value {
    json!({"type": "string", "format": "date", "description": description})
}

pub(super) fn one_of(words: &[&str], description: &str) -> Value {
    json!({"type": "string", "enum": words, "description": description})
}

pub(super) fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The same, or null.
pub(super) fn or_null(mut schema: Value) -> Value {
    let Some(members) = schema.as_object_mut() else { return schema };
    if let Some(of) = members.remove("type") {
        members.insert("type".to_owned(), json!([of, "null"]));
        if let Some(Value::Array(words)) = members.get_mut("enum") {
            words.push(Value::Null);
        }
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// A schema of its own in the document.
pub(super) fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// An object with these members and no others, all of them always there.
pub(super) fn whole(properties: Value) -> Value {
    let names: Vec<String> =
        properties.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    closed(properties, &names)
}

/// An object with these members and no others.
pub(super) fn closed(properties: Value, required: &[&str]) -> Value {
    let mut members = Map::new();
    members.insert("type".to_owned(), "object".into());
    members.insert("properties".to_owned(), properties);
    members.insert("additionalProperties".to_owned(), false.into());
    if !required.is_empty() {
        members.insert("required".to_owned(), required.into());
    }
    Value::Object(members)
}

/// An object of a type that Graph leaves open.
pub(super) fn open(properties: Value) -> Value {
    with(closed(properties, &[]), "additionalProperties", true)
}

/// The same with one more member of the schema, or another in its place.
pub(super) fn with(mut schema: Value, name: &str, value: impl Into<Value>) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
    schema
}

/// The same object with its context, as it is served alone.
pub(super) fn entity(mut schema: Value) -> Value {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let context = text("Where the type is described.");
        properties.insert("@odata.context".to_owned(), with(context, "format", "uri"));
    }
    with(schema, "required", json!(["@odata.context"]))
}

/// A page of a collection of Graph's.
pub(super) fn collection(of: &str) -> Value {
    let properties = json!({
        "@odata.context": with(text("Where the type is described."), "format", "uri"),
        "@odata.count": natural("Rows that meet the filter; only with `$count=true`."),
        "@odata.nextLink": with(text("The address of the next page; absent on the last."), "format", "uri"),
        "value": list(&schema(of)),
    });
    closed(properties, &["@odata.context", "value"])
}

/// `{"value": […]}`, as `/api/v1` lists.
pub(super) fn values(of: &Value) -> Value {
    whole(json!({"value": list(of)}))
}

pub(super) fn in_path(name: &str, description: &str, example: &str) -> Value {
    json!({
        "name": name, "in": "path", "required": true, "description": description, "example": example,
        "schema": {"type": "string", "minLength": 1, "maxLength": ID},
    })
}

/// A text that a client writes into a member.
pub(super) fn said(member: &str, description: &str) -> Value {
    match longest(member) {
        Some(longest) => with(text(description), "maxLength", longest),
        None => text(description),
    }
}

/// A list that a client writes into a member.
pub(super) fn entries(member: &str, items: &Value) -> Value {
    match most(member) {
        Some(most) => with(list(items), "maxItems", most),
        None => list(items),
    }
}

pub(super) fn in_query(name: &str, description: &str, schema: Value) -> Value {
    let free = schema["type"] == "string"
        && ["format", "enum", "maxLength"].iter().all(|member| schema.get(*member).is_none());
    let schema = if free { with(schema, "maxLength", OPTION) } else { schema };
    json!({"name": name, "in": "query", "required": false, "description": description, "schema": schema})
}

pub(super) fn parameter(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

pub(super) fn answer(name: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{name}")})
}
