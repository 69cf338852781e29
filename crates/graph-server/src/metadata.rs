//! `$metadata`: the names of what is served, as CSDL.

use crate::answer::Answer;
use crate::endpoints::{Answered, ENDPOINTS};

/// `GET /v1.0/$metadata`
pub(crate) fn answer() -> Answer {
    let mut sets = String::new();
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.path.matches('/').count() == 1) {
        let element = if endpoint.answered == Answered::Object { "Singleton" } else { "EntitySet" };
        let kind = if element == "Singleton" { "Type" } else { "EntityType" };
        sets.push_str(&format!(
            "<{element} Name=\"{0}\" {kind}=\"microsoft.graph.{1}\"/>",
            endpoint.name, endpoint.type_name
        ));
    }
    let types: std::collections::BTreeSet<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.type_name).collect();
    let types: String = types
        .into_iter()
        .map(|name| format!("<EntityType Name=\"{name}\" OpenType=\"true\"><Key><PropertyRef Name=\"id\"/></Key><Property Name=\"id\" Type=\"Edm.String\" Nullable=\"false\"/></EntityType>"))
        .collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"microsoft.graph\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">{types}<EntityContainer Name=\"GraphService\">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    );
    Answer::of(200, "application/xml;charset=utf-8", body.into_bytes())
}
