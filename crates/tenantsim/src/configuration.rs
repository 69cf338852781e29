//! The `idscore.toml` of an invented tenant: what its administrators have declared.

use std::fmt::Write;

use crate::people::Kind;
use crate::tenant::Tenant;

/// The file's text; the declarations hold for half a year after the export.
pub(crate) fn text(tenant: &Tenant) -> String {
    let mut text = format!("# What {} has declared. Everything here is printed with the score.\n", tenant.name);
    for (user, person) in tenant.numbered() {
        match person.kind {
            Kind::BreakGlass => declare(
                &mut text,
                "break_glass",
                &tenant.user_id(user),
                "Identity team",
                "Emergency access; tested every quarter",
            ),
            Kind::ServiceAccount => declare(
                &mut text,
                "service_account",
                &tenant.user_id(user),
                "Operations",
                "Signs in for software that knows no other way",
            ),
            _ => {}
        }
    }
    for (number, software) in tenant.software.iter().enumerate().filter(|(_, software)| software.approved) {
        declare(
            &mut text,
            "approved_app",
            &tenant.app_id(number),
            "Identity team",
            &format!("{} writes the directory; certificate only", software.name),
        );
    }
    if let Some(id) = &tenant.forgiven_app {
        declare(&mut text, "allowed_app_exclusion", id, "Operations", "Terminals without a keyboard; to be replaced");
    }
    for group in tenant.groups.list.iter().filter(|group| group.is_approved()) {
        declare(&mut text, "approved_group", &group.id, "Communications", "Open to everybody on purpose");
    }
    text
}

fn declare(text: &mut String, table: &str, id: &str, owner: &str, reason: &str) {
    // Writing to a string can't fail.
    let _ = write!(
        text,
        "\n[[{table}]]\nid      = \"{id}\"\nowner   = \"{owner}\"\nreason  = \"{reason}\"\nexpires = \"2027-05-31\"\n"
    );
}
