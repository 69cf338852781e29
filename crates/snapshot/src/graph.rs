//! Graph's objects, as far as a column needs them. All properties may be absent; names have no case (`json::Caseless`).

mod applications;
mod directory;
mod microsoft;
mod policies;
mod roles;
mod settings;
mod skus;
mod users;

pub(crate) use applications::{
    AppRoleAssignment, Application, Grant, KeyCredential, PasswordCredential, ServicePrincipal,
};
pub(crate) use directory::{Domain, FederationConfiguration, Group, Member, Organization, SubscribedSku};
pub use microsoft::{
    AverageScore, ImpactedResource, MicrosoftControlScore, MicrosoftProfile, MicrosoftRecommendation, MicrosoftScore,
    StateUpdate,
};
pub(crate) use policies::{
    ConditionalAccessPolicy, GrantConditions, Identified, PermissionClassification, PermissionGrantPolicy,
};
pub(crate) use roles::{DirectoryRole, GroupEligibilityInstance, RoleDefinition, RoleSchedule};
pub(crate) use settings::{
    AdminConsentRequestPolicy, AuthenticationMethodsPolicy, AuthorizationPolicy, GroupSetting, MethodConfiguration,
    OnPremisesSynchronization, SecureScore, SecurityDefaults,
};
pub use skus::OwnedSku;
pub(crate) use users::{ActivityRow, AssignedLicense, Registration, Requirement, RiskDetection, SignInActivity, User};
