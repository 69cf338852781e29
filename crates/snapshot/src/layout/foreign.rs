//! Files of tools whose output is no export of Microsoft Graph, told by what they are and what to give instead.

/// What a file is, and what to give in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Foreign {
    pub(crate) what: &'static str,
    pub(crate) instead: &'static str,
}

const AZURE_HOUND: Foreign = Foreign {
    what: "a collection of AzureHound, which leaves out what settings and policies say",
    instead: "collect the tenant with `idscore collect`, or export the data sets of Microsoft Graph as JSON",
};
const ROAD_RECON: Foreign = Foreign {
    what: "a database of ROADrecon, which keeps other shapes than Microsoft Graph's",
    instead: "collect the tenant with `idscore collect`, or export the data sets of Microsoft Graph as JSON",
};
const PORTAL_CSV: Foreign = Foreign {
    what: "a table in CSV, as the Entra admin centre downloads it, which leaves out most properties",
    instead: "export the same list as JSON from Microsoft Graph, or collect the tenant with `idscore collect`",
};
/// Policies that were written and never deployed.
pub(crate) const DRAFT: Foreign = Foreign {
    what: "a draft of a Conditional Access policy: it has no id, so no tenant has it in force",
    instead: "give the policies as Microsoft Graph serves them, with their ids",
};
/// A list whose name does not tell what it holds.
pub(crate) const NAMELESS: Foreign = Foreign {
    what: "a list whose name doesn't tell which data set it is",
    instead: "name it after its data set: `users.json`, `groups.json`, `policies.json`, `roleAssignments.json`, `roleDefinitions.json`, \
              `userRegistrationDetails.json`, `signInActivity.json`, `applications.json`, `servicePrincipals.json`, `domains.json`; \
              the reference lists all names",
};

/// What a file is by its name and its first bytes, before they are taken for JSON.
pub(super) fn by_bytes(name: &str, head: &[u8]) -> Option<Foreign> {
    if head.starts_with(b"SQLite format 3\0") {
        return Some(ROAD_RECON);
    }
    let ends = |end: &str| name.len() > end.len() && name.to_ascii_lowercase().ends_with(end);
    ends(".csv").then_some(PORTAL_CSV)
}

/// What an object, or the elements of a list, are by the names of their properties.
pub(super) fn by_properties(keys: &[String], head: &[u8]) -> Option<Foreign> {
    let has = |name: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(name));
    let holds = |text: &[u8]| head.windows(text.len()).any(|part| part == text);
    if has("data") && !has("id") && (holds(b"\"kind\":\"AZ") || holds(b"\"kind\": \"AZ") || holds(b"\"azure\"")) {
        return Some(AZURE_HOUND);
    }
    if has("kind") && has("data") && !has("id") && (holds(b"\"kind\":\"AZ") || holds(b"\"kind\": \"AZ")) {
        return Some(AZURE_HOUND);
    }
    // ROADrecon's own JSON has the names of the old Azure AD Graph.
    if has("objectId") && has("objectType") && !has("id") {
        return Some(ROAD_RECON);
    }
    is_draft(keys).then_some(DRAFT)
}

/// A policy without an id.
pub(super) fn is_draft(keys: &[String]) -> bool {
    let has = |name: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(name));
    !has("id") && has("conditions") && (has("grantControls") || has("sessionControls") || has("state"))
}
