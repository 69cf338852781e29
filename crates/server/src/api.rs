//! The REST interface.
//!
//! `v1.0` and `beta` have Microsoft Graph's shapes; `own` is `/api/v1`. `access` decides who may do what, `answer` writes
//! bodies, `odata` holds the rules of query options.

mod access;
mod answer;
mod beside;
mod control_profiles;
pub(crate) mod graph_words;
mod impacted_resources;
pub mod odata;
mod own;
mod recommendation;
mod recommendations;
mod secure_scores;
mod segments;
mod snapshots;
mod states;

pub use access::{Scope, scope_names};
pub(crate) use segments::Segments;

use axum::routing::{MethodRouter, get};

use crate::state::Service;

/// A path, as the OpenAPI document names it, with its methods.
pub(crate) type Route = (String, MethodRouter<Service>);

/// All routes of the API.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    for version in ["v1.0", "beta"] {
        let security = |rest: &str| format!("/{version}/security/{rest}");
        routes.extend([
            (security("secureScores"), get(secure_scores::list)),
            (security("secureScores/{id}"), get(secure_scores::one)),
            (security("secureScoreControlProfiles"), get(control_profiles::list)),
            (security("secureScoreControlProfiles/{id}"), get(control_profiles::one).patch(control_profiles::change)),
        ]);
    }
    let directory = |rest: &str| format!("/beta/directory/recommendations{rest}");
    routes.extend([
        (directory(""), get(recommendations::list)),
        (directory("/tenantSecureScores"), get(secure_scores::tenant_scores)),
        (directory("/{id}"), get(recommendations::one)),
        (directory("/{id}/impactedResources"), get(impacted_resources::resources)),
        (directory("/{id}/impactedResources/{resource}"), get(impacted_resources::resource)),
    ]);
    for verb in recommendations::VERBS {
        let name = verb.name();
        routes.push((directory(&format!("/{{id}}/{name}")), recommendations::verb(verb)));
        let of_resource = directory(&format!("/{{id}}/impactedResources/{{resource}}/{name}"));
        routes.push((of_resource, recommendations::verb_of_resource(verb)));
    }
    routes.extend(own::routes());
    routes.extend(beside::routes());
    routes
}

/// Routes whose bodies have a limit of their own.
pub(crate) fn upload_routes() -> Vec<Route> {
    snapshots::routes()
}
