//! The types that idscore serves, as Microsoft's public schema declares them.

use super::entity::PropertyType::{Boolean, Collection, Complex, DateTimeOffset, Double, Int32, Int64, String};
use super::entity::{EntityType, OrderBy, Property, PropertyType, StructuredType};
use super::order::Direction;

const STRINGS: PropertyType = Collection(&String);

/// `microsoft.graph.secureScore`: one assessment; newest first.
pub static SECURE_SCORE: EntityType = EntityType {
    structure: StructuredType {
        name: "microsoft.graph.secureScore",
        open: true,
        properties: &[
            Property::new("id", String),
            Property::new("azureTenantId", String),
            Property::new("createdDateTime", DateTimeOffset),
            Property::new("currentScore", Double),
            Property::new("maxScore", Double),
            Property::new("activeUserCount", Int32),
            Property::new("licensedUserCount", Int32),
            Property::new("enabledServices", STRINGS),
            Property::new("averageComparativeScores", Collection(&Complex(&AVERAGE_COMPARATIVE_SCORE))),
            Property::new("controlScores", Collection(&Complex(&CONTROL_SCORE))),
            Property::new("vendorInformation", Complex(&VENDOR_INFORMATION)),
        ],
    },
    key: "id",
    expandable: &[],
    default_order: &[OrderBy { property: "createdDateTime", direction: Direction::Descending }],
};

/// `microsoft.graph.secureScoreControlProfile`: what a control asks and what was decided about it.
pub static SECURE_SCORE_CONTROL_PROFILE: EntityType = EntityType {
    structure: StructuredType {
        name: "microsoft.graph.secureScoreControlProfile",
        open: false,
        properties: &[
            Property::new("id", String),
            Property::new("title", String),
            Property::new("azureTenantId", String),
            Property::new("actionType", String),
            Property::new("actionUrl", String),
            Property::new("controlCategory", String),
            Property::new("service", String),
            Property::new("maxScore", Double),
            Property::new("rank", Int32),
            Property::new("tier", String),
            Property::new("userImpact", String),
            Property::new("implementationCost", String),
            Property::new("threats", STRINGS),
            Property::new("deprecated", Boolean),
            Property::new("lastModifiedDateTime", DateTimeOffset),
            Property::long_text("remediation"),
            Property::long_text("remediationImpact"),
            Property::new("complianceInformation", Collection(&Complex(&COMPLIANCE_INFORMATION))),
            Property::new("controlStateUpdates", Collection(&Complex(&CONTROL_STATE_UPDATE))),
            Property::new("vendorInformation", Complex(&VENDOR_INFORMATION)),
        ],
    },
    key: "id",
    expandable: &[],
    default_order: &[],
};

/// `microsoft.graph.recommendation` (beta): an improvement action that applies to the tenant.
pub static RECOMMENDATION: EntityType = EntityType {
    structure: StructuredType {
        name: "microsoft.graph.recommendation",
        open: false,
        properties: &[
            Property::new("id", String),
            Property::new("recommendationType", String),
            Property::new("displayName", String),
            Property::new("category", String),
            Property::new("featureAreas", STRINGS),
            Property::long_text("insights"),
            Property::long_text("benefits"),
            Property::long_text("remediationImpact"),
            Property::new("actionSteps", Collection(&Complex(&ACTION_STEP))),
            Property::new("impactType", String),
            Property::new("priority", String),
            Property::new("status", String),
            Property::new("currentScore", Double),
            Property::new("maxScore", Double),
            Property::new("releaseType", String),
            Property::new("requiredLicenses", String),
            Property::new("createdDateTime", DateTimeOffset),
            Property::new("lastCheckedDateTime", DateTimeOffset),
            Property::new("lastModifiedDateTime", DateTimeOffset),
            Property::new("lastModifiedBy", String),
            Property::new("impactStartDateTime", DateTimeOffset),
            Property::new("postponeUntilDateTime", DateTimeOffset),
            Property::new("idscore", Complex(&RECOMMENDATION_EXTENSION)),
        ],
    },
    key: "id",
    expandable: &["impactedResources"],
    default_order: &[],
};

/// `microsoft.graph.impactedResource` (beta): an object that a recommendation is about; top rank first.
pub static IMPACTED_RESOURCE: EntityType = EntityType {
    structure: StructuredType {
        name: "microsoft.graph.impactedResource",
        open: false,
        properties: &[
            Property::new("id", String),
            Property::new("subjectId", String),
            Property::new("recommendationId", String),
            Property::new("resourceType", String),
            Property::new("displayName", String),
            Property::new("owner", String),
            Property::new("rank", Int32),
            Property::new("portalUrl", String),
            Property::new("apiUrl", String),
            Property::new("status", String),
            Property::new("addedDateTime", DateTimeOffset),
            Property::new("lastModifiedDateTime", DateTimeOffset),
            Property::new("lastModifiedBy", String),
            Property::new("postponeUntilDateTime", DateTimeOffset),
            Property::new("additionalDetails", Collection(&Complex(&KEY_VALUE))),
        ],
    },
    key: "id",
    expandable: &[],
    default_order: &[OrderBy { property: "rank", direction: Direction::Ascending }],
};

/// `microsoft.graph.tenantSecureScore` (beta): the identity score of one day; newest first. It has no id.
pub static TENANT_SECURE_SCORE: EntityType = EntityType {
    structure: StructuredType {
        name: "microsoft.graph.tenantSecureScore",
        open: false,
        properties: &[
            Property::new("createDateTime", DateTimeOffset),
            Property::new("tenantScore", Int64),
            Property::new("tenantMaxScore", Int64),
        ],
    },
    key: "createDateTime",
    expandable: &[],
    default_order: &[OrderBy { property: "createDateTime", direction: Direction::Descending }],
};

static AVERAGE_COMPARATIVE_SCORE: StructuredType = StructuredType {
    name: "microsoft.graph.averageComparativeScore",
    open: true,
    properties: &[Property::new("averageScore", Double), Property::new("basis", String)],
};

static CONTROL_SCORE: StructuredType = StructuredType {
    name: "microsoft.graph.controlScore",
    open: true,
    properties: &[
        Property::new("controlCategory", String),
        Property::new("controlName", String),
        Property::long_text("description"),
        Property::new("score", Double),
    ],
};

static VENDOR_INFORMATION: StructuredType = StructuredType {
    name: "microsoft.graph.securityVendorInformation",
    open: false,
    properties: &[
        Property::new("provider", String),
        Property::new("providerVersion", String),
        Property::new("subProvider", String),
        Property::new("vendor", String),
    ],
};

static COMPLIANCE_INFORMATION: StructuredType = StructuredType {
    name: "microsoft.graph.complianceInformation",
    open: false,
    properties: &[
        Property::new("certificationName", String),
        Property::new("certificationControls", Collection(&Complex(&CERTIFICATION_CONTROL))),
    ],
};

static CERTIFICATION_CONTROL: StructuredType = StructuredType {
    name: "microsoft.graph.certificationControl",
    open: false,
    properties: &[Property::new("name", String), Property::new("url", String)],
};

static CONTROL_STATE_UPDATE: StructuredType = StructuredType {
    name: "microsoft.graph.secureScoreControlStateUpdate",
    open: false,
    properties: &[
        Property::new("assignedTo", String),
        Property::new("comment", String),
        Property::new("state", String),
        Property::new("updatedBy", String),
        Property::new("updatedDateTime", DateTimeOffset),
    ],
};

static ACTION_STEP: StructuredType = StructuredType {
    name: "microsoft.graph.actionStep",
    open: false,
    properties: &[
        Property::new("stepNumber", Int64),
        Property::long_text("text"),
        Property::new("actionUrl", Complex(&ACTION_URL)),
    ],
};

static ACTION_URL: StructuredType = StructuredType {
    name: "microsoft.graph.actionUrl",
    open: false,
    properties: &[Property::new("displayName", String), Property::new("url", String)],
};

/// Ours, as Graph's schema extensions look: one member of that name, with what Graph has no words for.
static RECOMMENDATION_EXTENSION: StructuredType = StructuredType {
    name: "idscore.recommendationExtension",
    open: false,
    properties: &[Property::new("controlId", String), Property::new("area", String)],
};

static KEY_VALUE: StructuredType = StructuredType {
    name: "microsoft.graph.keyValue",
    open: false,
    properties: &[Property::new("key", String), Property::new("value", String)],
};
