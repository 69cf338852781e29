//! What templates show besides words: names, and the state of things as classes of the style sheet.

use idscore_history::Tenant;

/// A tenant's name, or its id where it has none.
pub(crate) fn name(tenant: &Tenant) -> String {
    if tenant.display_name.is_empty() { tenant.id.clone() } else { tenant.display_name.clone() }
}
