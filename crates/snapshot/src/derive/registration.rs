//! What registered methods are worth.

/// Methods that resist phishing, as the registration report spells them.
const PHISHING_RESISTANT: &[&str] = &[
    "passKeyDeviceBound",
    "passKeyDeviceBoundAuthenticator",
    "passKeyDeviceBoundWindowsHello",
    "passKeySynced",
    "windowsHelloForBusiness",
    "fido2",
    "fido2SecurityKey",
    "macOsSecureEnclaveKey",
];

/// Methods that are known and do not resist phishing.
const OTHERS: &[&str] = &[
    "mobilePhone",
    "alternateMobilePhone",
    "officePhone",
    "email",
    "securityQuestion",
    "microsoftAuthenticatorPush",
    "microsoftAuthenticatorPasswordless",
    "softwareOneTimePasscode",
    "hardwareOneTimePasscode",
    "temporaryAccessPass",
    "appPassword",
    "externalAuthenticationMethod",
    "qrCodePin",
    "password",
    "none",
];

/// Whether a method resists phishing; None for a word never seen.
pub(crate) fn resists_phishing(method: &str) -> Option<bool> {
    let among = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(method));
    let certificate = method.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("x509Certificate"));
    if certificate || among(PHISHING_RESISTANT) {
        Some(true)
    } else if among(OTHERS) {
        Some(false)
    } else {
        None
    }
}

/// `phishing_resistant_registered`: one of the registered methods resists phishing. A word never seen leaves it open, unless
/// another method decides.
pub(crate) fn phishing_resistant_registered<T: AsRef<str>>(methods: &[T]) -> Option<bool> {
    let mut known = true;
    for method in methods {
        match resists_phishing(method.as_ref()) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(json: &str) -> Option<bool> {
        phishing_resistant_registered(&serde_json::from_str::<Vec<String>>(json).unwrap())
    }

    #[test]
    fn keys_passkeys_hello_and_certificates_resist_phishing() {
        for methods in [
            r#"["fido2SecurityKey","microsoftAuthenticatorPush"]"#,
            r#"["windowsHelloForBusiness"]"#,
            r#"["passKeyOfTheFuture","passKeyDeviceBoundAuthenticator"]"#,
            r#"["x509CertificateMultiFactor"]"#,
        ] {
            assert_eq!(registered(methods), Some(true), "{methods}");
        }
    }

    #[test]
    fn codes_calls_and_push_do_not_and_a_word_never_seen_may() {
        let known = r#"["mobilePhone","softwareOneTimePasscode","microsoftAuthenticatorPasswordless"]"#;
        assert_eq!(registered(known), Some(false));
        assert_eq!(registered("[]"), Some(false));
        assert_eq!(registered(r#"["mobilePhone","passKeyOfTheFuture"]"#), None);
        assert_eq!(resists_phishing("passKeyOfTheFuture"), None);
    }
}
