//! Authentication strengths, judged by their combinations and never by their name.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::Names;
use crate::json::{get, normal_id, text, texts};

/// What is known of one strength.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strength {
    pub(crate) id: String,
    /// Every combination is multifactor authentication.
    pub(crate) mfa: Option<bool>,
    /// Every combination resists phishing.
    pub(crate) phishing_resistant: Option<bool>,
}

/// The strengths of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Strengths {
    by_id: HashMap<String, Strength>,
    /// Empty where not all strengths were read, because then a name may be another's too.
    names: Names,
}

/// Ids of Microsoft's own strengths: zeros with these ends.
const BUILT_IN: [(&str, &[&str]); 3] = [
    ("00000000-0000-0000-0000-000000000002", &MULTIFACTOR),
    ("00000000-0000-0000-0000-000000000003", &PASSWORDLESS),
    ("00000000-0000-0000-0000-000000000004", &PHISHING_RESISTANT),
];

const MULTIFACTOR: [&str; 17] = [
    "windowsHelloForBusiness",
    "fido2",
    "x509CertificateMultiFactor",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
    "voice,federatedSingleFactor",
];

const PASSWORDLESS: [&str; 4] = ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush"];

const PHISHING_RESISTANT: [&str; 3] = ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"];

/// Multifactor by themselves, or together with anything.
const STRONG: [&str; 7] = [
    "windowsHelloForBusiness",
    "fido2",
    "x509CertificateMultiFactor",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "federatedMultiFactor",
];

/// A first factor that one of `SECOND` makes multifactor.
const FIRST: [&str; 2] = ["password", "federatedSingleFactor"];

const SECOND: [&str; 6] =
    ["microsoftAuthenticatorPush", "softwareOath", "hardwareOath", "sms", "voice", "x509CertificateSingleFactor"];

/// One factor when it stands alone.
const ALONE: [&str; 2] = ["email", "qrCodePin"];

impl Strengths {
    /// Reads data set 12.
    pub(crate) fn read(values: &[Value]) -> Strengths {
        let mut names = Names::default();
        for value in values {
            if let (Some(name), Some(id)) = (text(value, "displayName"), text(value, "id")) {
                names.add(name, &normal_id(id));
            }
        }
        let by_id = values.iter().filter_map(own).map(|strength| (strength.id.clone(), strength)).collect();
        Strengths { by_id, names }
    }

    /// The strength that a policy carries or names.
    pub(crate) fn resolve(&self, value: &Value) -> Strength {
        if let Some(strength) = own(value)
            && (strength.mfa.is_some() || strength.phishing_resistant.is_some())
        {
            return strength;
        }
        let id = value.as_str().or_else(|| text(value, "id")).map(normal_id).unwrap_or_default();
        // Whoever writes names in place of ids writes those of this tenant; a name of our own is never compared.
        let named = || self.names.id_of(&id).and_then(|id| self.by_id.get(id));
        if let Some(strength) = self.by_id.get(&id).or_else(named) {
            return strength.clone();
        }
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == id).map(|(_, combinations)| *combinations);
        let combinations: Vec<BTreeSet<String>> = built_in.unwrap_or_default().iter().map(|text| parts(text)).collect();
        judge(id, &combinations, None)
    }
}

/// The strength that an object states by itself; `None` when the object has no id.
fn own(value: &Value) -> Option<Strength> {
    let id = normal_id(text(value, "id")?);
    let combinations: Vec<BTreeSet<String>> =
        texts(get(value, "allowedCombinations")).iter().map(|text| parts(text)).collect();
    Some(judge(id, &combinations, text(value, "requirementsSatisfied")))
}

/// A combination is a set: `"password,sms"` equals `"sms, password"`.
fn parts(text: &str) -> BTreeSet<String> {
    text.split(',').map(|part| part.trim().to_ascii_lowercase()).filter(|part| !part.is_empty()).collect()
}

fn judge(id: String, combinations: &[BTreeSet<String>], satisfied: Option<&str>) -> Strength {
    let stated = satisfied.is_some_and(|word| word.eq_ignore_ascii_case("mfa"));
    let all = |test: fn(&BTreeSet<String>) -> Option<bool>| {
        if combinations.is_empty() { None } else { crate::logic::all(combinations.iter().map(test)) }
    };
    Strength { id, mfa: if stated { Some(true) } else { all(is_mfa) }, phishing_resistant: all(resists_phishing) }
}

fn among(word: &str, list: &[&str]) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn is_known(word: &str) -> bool {
    [&STRONG[..], &FIRST, &SECOND, &ALONE].iter().any(|list| among(word, list))
}

fn is_mfa(combination: &BTreeSet<String>) -> Option<bool> {
    let has = |list: &[&str]| combination.iter().any(|word| among(word, list));
    if has(&STRONG) || (has(&FIRST) && has(&SECOND)) {
        return Some(true);
    }
    match combination.iter().next() {
        Some(only) if combination.len() == 1 && is_known(only) => Some(false),
        _ => None,
    }
}

fn resists_phishing(combination: &BTreeSet<String>) -> Option<bool> {
    match combination.iter().next() {
        Some(only) if combination.len() == 1 && among(only, &PHISHING_RESISTANT) => Some(true),
        _ if !combination.is_empty() && combination.iter().all(|word| is_known(word)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resolve(value: Value) -> Strength {
        Strengths::default().resolve(&value)
    }

    #[test]
    fn a_combination_is_a_set_of_methods() {
        let strength = resolve(json!({"id": "x", "allowedCombinations": ["sms, password", "voice,password"]}));
        assert_eq!((strength.mfa, strength.phishing_resistant), (Some(true), Some(false)));
    }

    #[test]
    fn a_built_in_strength_is_known_by_its_id_alone() {
        let strength = resolve(json!({"id": "00000000-0000-0000-0000-000000000004"}));
        assert_eq!((strength.mfa, strength.phishing_resistant), (Some(true), Some(true)));
        let strength = resolve(json!({"id": "00000000-0000-0000-0000-000000000003"}));
        assert_eq!((strength.mfa, strength.phishing_resistant), (Some(true), Some(false)));
    }

    #[test]
    fn a_name_in_place_of_an_id_is_looked_up_among_the_strengths_of_the_tenant() {
        let own = json!({"id": "5a6b", "displayName": "Keys", "allowedCombinations": ["fido2"]});
        let strengths = Strengths::read(std::slice::from_ref(&own));
        assert_eq!(strengths.resolve(&json!("keys")).phishing_resistant, Some(true));
        assert_eq!(strengths.resolve(&json!({"id": "Keys"})).phishing_resistant, Some(true));
        let twice =
            Strengths::read(&[own, json!({"id": "7c8d", "displayName": "Keys", "allowedCombinations": ["sms"]})]);
        assert_eq!(twice.resolve(&json!("Keys")).phishing_resistant, None);
    }

    #[test]
    fn without_combinations_a_custom_strength_is_unknown_unless_the_server_calls_it_mfa() {
        let strength = resolve(json!({"id": "5a6b"}));
        assert_eq!((strength.mfa, strength.phishing_resistant), (None, None));
        let strength = resolve(json!({"id": "5a6b", "requirementsSatisfied": "mfa"}));
        assert_eq!((strength.mfa, strength.phishing_resistant), (Some(true), None));
    }

    #[test]
    fn a_single_factor_is_no_mfa_and_a_method_that_we_do_not_know_is_unknown() {
        assert_eq!(resolve(json!({"id": "x", "allowedCombinations": ["fido2", "password"]})).mfa, Some(false));
        assert_eq!(resolve(json!({"id": "x", "allowedCombinations": ["fido2", "unknownFutureValue"]})).mfa, None);
    }
}
