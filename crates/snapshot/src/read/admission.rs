//! Which objects among Conditional Access policies are policies.

use serde_json::Value;

use super::counted;
use super::sets::Reading;
use crate::ReadError;
use crate::json::Open;
use crate::layout::DRAFT;
use crate::manifest::DataSetStatus;

/// Members that only objects of another kind have, and the kind.
const MARKS: &[(&str, &str)] = &[
    ("groupTypes", "a group"),
    ("securityEnabled", "a group"),
    ("mailEnabled", "a group"),
    ("userPrincipalName", "a user"),
    ("ipRanges", "a named location"),
    ("countriesAndRegions", "a named location"),
    ("allowedCombinations", "an authentication strength"),
    ("rolePermissions", "a role definition"),
    ("roleDefinitionId", "a role assignment"),
    ("servicePrincipalType", "a service principal"),
    ("signInAudience", "an application"),
    ("authenticationMethodConfigurations", "the policy of authentication methods"),
    ("termsExpiration", "an agreement"),
];
/// What a policy consists of.
const OF_A_POLICY: &[&str] = &["conditions", "grantControls", "sessionControls", "state"];

/// What lies among the policies beside policies.
#[derive(Debug, Default)]
pub(super) struct Admission {
    /// The file that is being read.
    pub(super) file: String,
    /// Objects of other kinds: their kind, and the file of the first.
    others: Vec<(String, String)>,
    /// Files of policies without id.
    drafts: Vec<String>,
    /// Files of objects that are nothing we know.
    damaged: Vec<String>,
}

impl Admission {
    /// Whether an object goes among the policies. Anything else is remembered.
    pub(super) fn admits(&mut self, object: &Value) -> bool {
        // Text or a list is damage of its own, told where the object is read.
        if !object.is_object() {
            return true;
        }
        let open = Open(object);
        let has = |name: &str| open.member(name).is_some();
        let is_policy = OF_A_POLICY.iter().any(|name| has(name));
        if let Some(kind) = other_kind(open, is_policy) {
            self.others.push((kind, self.file.clone()));
        } else if open.text("id").is_none() && is_policy {
            self.drafts.push(self.file.clone());
        } else if open.text("id").is_none() {
            self.damaged.push(self.file.clone());
        } else {
            if !is_policy {
                self.damaged.push(self.file.clone());
            }
            return true;
        }
        false
    }
}

/// What an object is that can't be a policy.
fn other_kind(open: Open<'_>, is_policy: bool) -> Option<String> {
    if let Some(kind) = open.text("@odata.type") {
        let name = kind.rsplit('.').next().unwrap_or_default();
        return (!name.eq_ignore_ascii_case("conditionalAccessPolicy")).then(|| format!("`{kind}`"));
    }
    if is_policy {
        return None;
    }
    let has = |name: &str| open.member(name).is_some();
    // IntuneManagement writes it beside what it exports.
    if has("objects") && (has("tenantId") || has("organization")) && !has("id") {
        return Some("a migration table".to_owned());
    }
    MARKS.iter().find(|(name, _)| has(name)).map(|(_, kind)| (*kind).to_owned())
}

impl Reading<'_> {
    /// Says what was left out, and what that means for the set. `alone`: no policy was found.
    pub(super) fn admitted(&mut self, name: &'static str, admission: Admission, alone: bool) -> Result<(), ReadError> {
        let left_out = (admission.others.len() + admission.drafts.len()) as u64;
        if let Some((kind, file)) = admission.others.first() {
            let others = counted(admission.others.len() as u64, "object");
            self.warnings
                .push(format!("`{name}`: left out, because it is no policy: {others}, {kind} in `{file}` among them"));
        }
        if let Some(record) = self.records.get_mut(name) {
            record.rows = record.rows.saturating_sub(left_out);
            if alone && admission.damaged.is_empty() && admission.drafts.is_empty() && !admission.others.is_empty() {
                record.status = DataSetStatus::Absent;
                record.message = Some("what lies there is no policy".to_owned());
            }
        }
        if let Some(file) = admission.drafts.first() {
            if alone && self.layout.data.len() == 1 && self.layout.scuba_gear.is_empty() {
                return Err(ReadError::OtherTool { file: file.clone(), what: DRAFT.what, instead: DRAFT.instead });
            }
            let drafts = counted(admission.drafts.len() as u64, "policy without id").replace("ids", "id");
            self.warnings.push(format!("`{name}`: left out, `{file}` among them, because {}: {drafts}", DRAFT.what));
            self.incomplete(name, format!("`{file}` holds a policy without id: a draft, or damage"));
        }
        if let Some(file) = admission.damaged.first() {
            self.incomplete(name, format!("`{file}` holds an object that is no whole policy"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn admission(objects: &[Value]) -> (Vec<bool>, Admission) {
        let mut admission = Admission::default();
        (objects.iter().map(|object| admission.admits(object)).collect(), admission)
    }

    #[test]
    fn marks_of_another_kind_keep_an_object_out() {
        let (admitted, admission) = admission(&[
            json!({"id": "c", "state": "enabled", "conditions": {}}),
            json!({"id": "b", "groupTypes": [], "displayName": "Sales"}),
            json!({"TenantId": "t", "Organization": "o", "Objects": []}),
            json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "d"}),
        ]);
        assert_eq!(admitted, [true, false, false, false]);
        let kinds: Vec<&str> = admission.others.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["a group", "a migration table", "`#microsoft.graph.ipNamedLocation`"]);
        assert!(admission.damaged.is_empty() && admission.drafts.is_empty());
    }

    #[test]
    fn an_object_without_marks_is_a_damaged_policy_or_a_draft() {
        let (admitted, admission) = admission(&[
            json!({"id": "c", "displayName": "CA001"}),
            json!({"displayName": "CA002"}),
            json!({"displayName": "CA003", "conditions": {}, "state": "enabled"}),
        ]);
        assert_eq!(admitted, [true, false, false]);
        assert_eq!((admission.damaged.len(), admission.drafts.len(), admission.others.len()), (2, 1, 0));
    }
}
