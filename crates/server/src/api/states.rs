//! Statuses as Graph's `controlStateUpdates` spell them.

use idscore_history::ActionState;
use idscore_history::instants::rfc3339;
use idscore_score::Status;
use serde_json::{Value, json};

/// The state of a status. Graph's PATCH has no word for `planned`; clients read unknown words as they are.
pub(crate) fn state(status: Status) -> &'static str {
    match status {
        Status::ToAddress | Status::Completed => "Default",
        Status::Planned => "Planned",
        Status::RiskAccepted => "Ignored",
        Status::ThirdParty => "ThirdParty",
        Status::AlternateMitigation => "Reviewed",
    }
}

/// The status of a state, in any case.
pub(crate) fn status(state: &str) -> Option<Status> {
    [Status::ToAddress, Status::Planned, Status::RiskAccepted, Status::ThirdParty, Status::AlternateMitigation]
        .into_iter()
        .find(|status| self::state(*status).eq_ignore_ascii_case(state))
}

/// The history of a control; one entry "Default" where nothing was ever said.
pub(crate) fn updates(history: &[ActionState]) -> Value {
    if history.is_empty() {
        return json!([{"assignedTo": null, "comment": null, "state": "Default", "updatedBy": null, "updatedDateTime": null}]);
    }
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let entries = history.iter().map(|update| {
        json!({
            "assignedTo": some(&update.owner),
            "comment": some(&update.note),
            "state": state(update.status),
            "updatedBy": some(&update.updated_by),
            "updatedDateTime": rfc3339(update.updated_at),
        })
    });
    Value::Array(entries.collect())
}
