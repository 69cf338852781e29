//! What the configuration declares, printed openly with the result.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::assessment::Declared;
use crate::configuration::{Configuration, DeclaredObject, stands};
use crate::exceptions::Exceptions;
use crate::facts::UserFacts;

/// Everything declared, with what it did to this result.
pub(crate) fn declared(
    configuration: &Configuration,
    exceptions: &Exceptions,
    facts: &UserFacts,
    taken_at: Timestamp,
) -> Vec<Declared> {
    let account = |kind: &str, object: &DeclaredObject| {
        let id = object.id.to_ascii_lowercase();
        let effect = exceptions.effects.get(&object.id).cloned().unwrap_or_else(|| "none".to_owned());
        declare(kind, object, facts.name(&id).map(str::to_owned), effect)
    };
    let permission = |kind: &'static str, effect: &'static str| {
        move |object: &DeclaredObject| declare(kind, object, None, in_force(object.expires, taken_at, effect))
    };
    let mut all = Vec::new();
    all.extend(configuration.break_glass.iter().map(|object| account("breakGlass", object)));
    all.extend(configuration.service_account.iter().map(|object| account("service", object)));
    all.extend(configuration.approved_app.iter().map(permission("approvedApp", "counts as approved")));
    all.extend(configuration.approved_group.iter().map(permission("approvedGroup", "counts as approved")));
    all.extend(
        configuration
            .allowed_app_exclusion
            .iter()
            .map(permission("allowedAppExclusion", "a policy may exclude it, where the profile allows listed apps")),
    );
    all.extend(configuration.attestation.iter().map(|attestation| Declared {
        kind: "attestation".to_owned(),
        id: attestation.control.clone(),
        name: None,
        owner: attestation.owner.clone(),
        reason: attestation.reason.clone(),
        expires: Some(attestation.expires.to_string()),
        effect: in_force(attestation.expires, taken_at, "counts as met"),
    }));
    all.extend(configuration.status.iter().map(|status| Declared {
        kind: "status".to_owned(),
        id: status.control.clone(),
        name: None,
        owner: status.owner.clone(),
        reason: status.reason.clone(),
        expires: status.expires.map(|expires| expires.to_string()),
        effect: {
            let word = serde_json::to_value(status.status).ok();
            let word = word.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned();
            status.expires.map_or_else(|| word.clone(), |expires| in_force(expires, taken_at, &word))
        },
    }));
    all.extend(replaced_settings(configuration));
    all
}

/// Every setting that departs from the profile, or from the default choices about points.
fn replaced_settings(configuration: &Configuration) -> Vec<Declared> {
    let defaults = Configuration::default().with_profile(configuration.profile);
    let as_json = |configuration: &Configuration| {
        serde_json::json!({
            "settings": configuration.settings,
            "settings.access": configuration.settings.access,
            "score": configuration.score,
        })
    };
    let (ours, usual) = (as_json(configuration), as_json(&defaults));
    let mut replaced = Vec::new();
    for table in ["settings", "settings.access", "score"] {
        for (name, value) in ours[table].as_object().into_iter().flatten() {
            if name != "access" && !value.is_null() && usual[table].get(name) != Some(value) {
                replaced.push(Declared {
                    kind: "setting".to_owned(),
                    id: format!("{table}.{name}"),
                    name: None,
                    owner: "idscore.toml".to_owned(),
                    reason: "replaces a setting of the profile".to_owned(),
                    expires: None,
                    effect: format!("is {value}"),
                });
            }
        }
    }
    replaced
}

fn declare(kind: &str, object: &DeclaredObject, name: Option<String>, effect: String) -> Declared {
    Declared {
        kind: kind.to_owned(),
        id: object.id.clone(),
        name,
        owner: object.owner.clone(),
        reason: object.reason.clone(),
        expires: Some(object.expires.to_string()),
        effect,
    }
}

fn in_force(expires: Date, taken_at: Timestamp, effect: &str) -> String {
    if stands(expires, taken_at) { effect.to_owned() } else { format!("none: expired on {expires}") }
}
