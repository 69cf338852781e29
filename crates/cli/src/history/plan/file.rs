//! Decisions as a TOML file: one `[[action]]` table per control.

use std::path::Path;

use idscore_history::{ActionChange, ActionState};
use idscore_score::Status;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::CliError;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    action: Vec<Action>,
}

/// What is left out stays as it is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    control: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Date>,
}

/// The decisions in a file.
pub fn read(path: &Path) -> Result<Vec<ActionChange>, CliError> {
    let wrong = |why: String| {
        CliError::call(
            format!("cannot read decisions from `{}`: {why}", path.display()),
            "`idscore plan export` writes such a file",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|error| wrong(format!("\n{}", error.to_string().trim_end())))?;
    let mut changes: Vec<ActionChange> = vec![];
    for action in file.action {
        if changes.iter().any(|change| change.control_id == action.control) {
            return Err(wrong(format!("`{}` is there twice", action.control)));
        }
        changes.push(ActionChange {
            control_id: action.control,
            status: action.status,
            note: action.note,
            owner: action.owner,
            tags: action.tags,
            due: action.due,
            clear_due: false,
            approver: action.approver,
            reason: action.reason,
            expires: action.expires,
        });
    }
    Ok(changes)
}

/// The file of these decisions.
pub fn write<'a>(actions: impl Iterator<Item = &'a ActionState>) -> Result<String, CliError> {
    let text = |text: &String| (!text.is_empty()).then(|| text.clone());
    let action = |state: &ActionState| Action {
        control: state.control_id.clone(),
        status: Some(state.status),
        owner: text(&state.owner),
        due: state.due,
        note: text(&state.note),
        tags: (!state.tags.is_empty()).then(|| state.tags.clone()),
        approver: text(&state.approver),
        reason: text(&state.reason),
        expires: state.expires,
    };
    let file = File { action: actions.map(action).collect() };
    let intro = "# Decisions about improvement actions; `idscore plan import FILE` applies them, all or none.\n";
    if file.action.is_empty() {
        return Ok(intro.to_owned());
    }
    let tables = toml::to_string(&file).map_err(|error| {
        CliError::call(format!("cannot write the decisions: {error}"), "this is a bug; please report it")
    })?;
    Ok(format!("{intro}\n{tables}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exported_is_read_back_the_same() {
        let state = ActionState {
            control_id: "AdminMFAV2".to_owned(),
            status: Status::RiskAccepted,
            owner: "Nora \"N\" Stein".to_owned(),
            due: Some("2027-01-31".parse().unwrap()),
            tags: vec!["q1".to_owned()],
            approver: "Greta".to_owned(),
            reason: "no P2\nyet".to_owned(),
            expires: Some("2027-06-30".parse().unwrap()),
            ..ActionState::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, write([&state].into_iter()).unwrap()).unwrap();
        let [change] = read(&path).unwrap().try_into().unwrap();
        assert_eq!((change.status, change.owner, change.due), (Some(state.status), Some(state.owner), state.due));
        assert_eq!((change.reason, change.expires, change.note), (Some(state.reason), state.expires, None));
    }

    #[test]
    fn a_misspelled_key_and_a_control_named_twice_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        for text in [
            "[[action]]\ncontrol = 'a'\nstatsu = 'planned'\n",
            "[[action]]\ncontrol = 'a'\n[[action]]\ncontrol = 'a'\n",
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(read(&path).is_err(), "{text}");
        }
    }
}
