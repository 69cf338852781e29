//! The REST interface.
//!
//! `v1.0` and `beta` have Microsoft Graph's shapes; `own` is `/api/v1`. `access` decides who may do what, `answer` writes
//! bodies and errors, `odata` holds the rules of query options.

mod access;
mod answer;
mod control_profiles;
pub mod odata;
mod own;
mod recommendations;
mod secure_scores;
mod states;
mod throttle;

pub use access::{Scope, scope_names};
pub(crate) use answer::{Failure, no_such_path};
pub(crate) use throttle::Throttle;

use axum::Router;
use axum::routing::{get, post};

use crate::state::Service;

/// All routes of the API.
pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/v1.0/security/secureScores", get(secure_scores::list))
        .route("/v1.0/security/secureScores/{id}", get(secure_scores::one))
        .route("/beta/security/secureScores", get(secure_scores::list))
        .route("/beta/security/secureScores/{id}", get(secure_scores::one))
        .route("/v1.0/security/secureScoreControlProfiles", get(control_profiles::list))
        .route(
            "/v1.0/security/secureScoreControlProfiles/{id}",
            get(control_profiles::one).patch(control_profiles::change),
        )
        .route("/beta/security/secureScoreControlProfiles", get(control_profiles::list))
        .route(
            "/beta/security/secureScoreControlProfiles/{id}",
            get(control_profiles::one).patch(control_profiles::change),
        )
        .route("/beta/directory/recommendations", get(recommendations::list))
        .route("/beta/directory/recommendations/tenantSecureScores", get(secure_scores::tenant_scores))
        .route("/beta/directory/recommendations/{id}", get(recommendations::one))
        .route("/beta/directory/recommendations/{id}/impactedResources", get(recommendations::resources))
        .route("/beta/directory/recommendations/{id}/impactedResources/{resource}", get(recommendations::resource))
        .route("/beta/directory/recommendations/{id}/{verb}", post(recommendations::act))
        .route(
            "/beta/directory/recommendations/{id}/impactedResources/{resource}/{verb}",
            post(recommendations::act_on_resource),
        )
        .nest("/api/v1/tenants/{tenant}", own::routes())
}
