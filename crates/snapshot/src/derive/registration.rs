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

/// Whether a method resists phishing; None for a word never seen, which counts as no.
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

/// `phishing_resistant_registered`: one of the registered methods resists phishing.
pub(crate) fn phishing_resistant_registered<T: AsRef<str>>(methods: &[T]) -> bool {
    methods.iter().any(|method| resists_phishing(method.as_ref()) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(json: &str) -> bool {
        phishing_resistant_registered(&serde_json::from_str::<Vec<String>>(json).unwrap())
    }

    #[test]
    fn keys_passkeys_hello_and_certificates_resist_phishing() {
        assert!(registered(r#"["fido2SecurityKey","microsoftAuthenticatorPush"]"#));
        assert!(registered(r#"["windowsHelloForBusiness"]"#));
        assert!(registered(r#"["passKeyDeviceBoundAuthenticator"]"#));
        assert!(registered(r#"["x509CertificateMultiFactor"]"#));
    }

    #[test]
    fn codes_calls_push_and_unseen_words_do_not() {
        assert!(!registered(r#"["mobilePhone","softwareOneTimePasscode","microsoftAuthenticatorPasswordless"]"#));
        assert!(!registered(r#"["passKeyOfTheFuture"]"#));
        assert!(!registered("[]"));
        assert_eq!(resists_phishing("passKeyOfTheFuture"), None);
    }
}
