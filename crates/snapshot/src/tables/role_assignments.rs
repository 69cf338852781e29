//! The table `role_assignments`.

use arrow::array::RecordBatch;

use crate::ReadError;
use crate::derive::roles::{Assignment, Roles, scope};
use crate::ids::Id;
use crate::tables::builder::TableBuilder;
use crate::tables::table;

/// All rows; `kind` tells what a principal is.
pub(crate) fn role_assignments(
    tenant_id: &str,
    assignments: &[Assignment],
    roles: &Roles,
    kind: impl Fn(&Id) -> Option<&'static str>,
) -> Result<RecordBatch, ReadError> {
    let mut row = TableBuilder::new(table("role_assignments")?);
    for assignment in assignments {
        let role = roles.get(assignment.role_definition_id.as_deref());
        row.text("tenant_id", Some(tenant_id));
        row.text("id", Some(&assignment.id));
        row.text("principal_id", assignment.principal_id.as_deref());
        row.text("role_definition_id", assignment.role_definition_id.as_deref());
        row.text("role_template_id", role.template_id.as_deref());
        row.text("role_name", role.name.as_deref());
        row.boolean("is_built_in", role.built_in);
        row.text("directory_scope_id", assignment.directory_scope_id.as_deref());
        row.text("scope", assignment.directory_scope_id.as_deref().map(scope));
        row.text("state", Some(if assignment.active { "active" } else { "eligible" }));
        row.text("assignment_type", assignment.assignment_type.as_deref());
        row.text("member_type", assignment.member_type.as_deref());
        row.timestamp("start_date_time", assignment.start);
        row.timestamp("end_date_time", assignment.end);
        let told = assignment.principal_type.as_deref().and_then(kind_of_type);
        let principal = assignment.principal_id.as_deref();
        row.text("principal_kind", told.or_else(|| kind(&Id::of(principal?))));
        row.end_row();
    }
    row.finish()
}

/// The kind that `@odata.type` of an expanded principal names.
fn kind_of_type(odata_type: &str) -> Option<&'static str> {
    let name = odata_type.rsplit('.').next().unwrap_or(odata_type);
    if name.eq_ignore_ascii_case("user") {
        Some("user")
    } else if name.eq_ignore_ascii_case("group") {
        Some("group")
    } else if name.eq_ignore_ascii_case("servicePrincipal") {
        Some("servicePrincipal")
    } else {
        None
    }
}
