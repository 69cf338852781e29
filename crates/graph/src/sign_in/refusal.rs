//! What Microsoft Entra ID means by its error codes, in sentences with a next step.

use serde::Deserialize;

use super::Credential;
use crate::error::CollectError;

/// The answer of a token endpoint that gives no token.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) error: String,
    #[serde(default)]
    pub(super) error_description: String,
    #[serde(default)]
    error_codes: Vec<u64>,
}

/// What a sentence about a refusal needs to know.
pub(super) struct About<'a> {
    pub(super) tenant: &'a str,
    pub(super) client_id: &'a str,
    pub(super) credential: &'a Credential,
    /// How far our clock is ahead, in seconds.
    pub(super) skew: Option<i64>,
}

/// From here on a difference of clocks is no longer the network's.
const SKEWED: i64 = 120;

impl Refusal {
    /// The first code, from the list or from the text `AADSTS7000215: …`.
    pub(super) fn code(&self) -> Option<u64> {
        let in_text = || {
            let rest = self.error_description.split_once("AADSTS")?.1;
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        };
        self.error_codes.first().copied().or_else(in_text)
    }

    /// The sentence.
    pub(super) fn sentence(&self, about: &About<'_>) -> CollectError {
        let About { tenant, client_id, credential, skew } = about;
        let sign_in = |reason: String, hint: &str| CollectError::sign_in(reason, hint);
        let secret = match credential {
            Credential::ClientSecret(_) => "client secret",
            Credential::Certificate(_) => "certificate",
            _ => "token",
        };
        match self.code() {
            Some(7_000_215) => sign_in(
                format!("the client secret of application `{client_id}` is wrong"),
                "take the secret's *value*, not its id, from \"Certificates & secrets\" of the app registration; it is shown only once, \
                 so make a new one if it is lost",
            ),
            Some(7_000_222) => sign_in(
                format!("the client secret of application `{client_id}` has expired"),
                "make a new one under \"Certificates & secrets\" of the app registration, or better, use a certificate",
            ),
            Some(90_002 | 900_023 | 900_021 | 50_020 | 900_971) => sign_in(
                format!("there is no tenant `{tenant}`"),
                "give the tenant's id or one of its domains, such as contoso.onmicrosoft.com, and --cloud if it is in a national cloud",
            ),
            Some(700_016 | 700_015) => sign_in(
                format!("tenant `{tenant}` knows no application `{client_id}`"),
                "give --client-id the \"Application (client) ID\" of the app registration; in another tenant, an administrator \
                 has to consent to it first: `idscore collect --permissions` prints the link",
            ),
            Some(700_024) => match skew {
                Some(skew) if skew.abs() >= SKEWED => CollectError::clock_skew(*skew),
                _ if matches!(credential, Credential::Federated { .. }) => sign_in(
                    "the federated token is no longer valid".to_owned(),
                    "whoever writes the token's file must renew it",
                ),
                _ => CollectError::ClockSkew { minutes: 0, direction: "not in step with" },
            },
            Some(700_027) => sign_in(
                format!("application `{client_id}` doesn't know this certificate, or it has expired"),
                "upload the certificate under \"Certificates & secrets\" of the app registration, or give the one that is there",
            ),
            Some(700_211..=700_213 | 700_021..=700_023) => sign_in(
                format!("application `{client_id}` doesn't trust the issuer or subject of the federated token"),
                "compare both with \"Federated credentials\" of the app registration",
            ),
            Some(53_000..=53_003) => sign_in(
                "a Conditional Access policy blocks this sign-in".to_owned(),
                "sign in from a place that the tenant allows, or ask an administrator to allow the application here",
            ),
            Some(65_001 | 65_004) => sign_in(
                format!("nobody has consented to application `{client_id}` yet"),
                "`idscore collect --permissions` prints the link where an administrator does",
            ),
            Some(7_000_218 | 7_000_216) => sign_in(
                format!("application `{client_id}` is no public client"),
                "for a device code, switch on \"Allow public client flows\" under \"Authentication\" of the app registration",
            ),
            Some(7_000_112..=7_000_114) => sign_in(
                format!("application `{client_id}` is disabled in tenant `{tenant}`"),
                "an administrator can enable it",
            ),
            code => {
                let what = match code {
                    Some(code) => format!("AADSTS{code}"),
                    None if self.error.is_empty() => "an answer without a reason".to_owned(),
                    None => self.error.clone(),
                };
                sign_in(
                    format!("Microsoft Entra ID doesn't take the {secret}: {what}{}", self.said()),
                    "the code is explained at https://login.microsoftonline.com/error",
                )
            }
        }
    }

    /// The first line of what it said, without trace ids.
    fn said(&self) -> String {
        let line = self.error_description.lines().next().unwrap_or_default();
        let line = line.split(" Trace ID:").next().unwrap_or_default();
        let line = line.split_once(": ").filter(|(code, _)| code.starts_with("AADSTS")).map_or(line, |(_, rest)| rest);
        if line.is_empty() {
            String::new()
        } else {
            format!(", \"{}\"", line.chars().take(300).collect::<String>().trim())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use idscore_secrets::Secret;

    fn refused(json: &str, skew: Option<i64>) -> CollectError {
        let refusal: Refusal = serde_json::from_str(json).unwrap();
        let credential = Credential::ClientSecret(Secret::new("hunter2"));
        refusal.sentence(&About { tenant: "contoso.test", client_id: "app", credential: &credential, skew })
    }

    #[test]
    fn every_usual_refusal_is_a_sentence_with_a_next_step() {
        for (code, words) in [
            (7_000_215, "client secret of application `app` is wrong"),
            (7_000_222, "has expired"),
            (90_002, "no tenant `contoso.test`"),
            (700_016, "knows no application `app`"),
            (700_027, "doesn't know this certificate"),
            (53_003, "Conditional Access policy blocks"),
            (65_001, "nobody has consented"),
            (99_999, "AADSTS99999, \"Something else.\""),
        ] {
            let json = format!(
                r#"{{"error":"invalid_client","error_description":"AADSTS{code}: Something else. Trace ID: x","error_codes":[{code}]}}"#
            );
            let error = refused(&json, None);
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!(error.kind(), Kind::Wrong);
            assert!(error.hint().is_some_and(|hint| !hint.contains("hunter2")));
        }
    }

    #[test]
    fn an_assertion_out_of_time_is_the_clocks_fault_and_says_by_how_much() {
        let json = r#"{"error":"invalid_client","error_description":"AADSTS700024: Client assertion is not within its valid time range."}"#;
        let error = refused(json, Some(-612));
        assert_eq!(error.to_string(), "cannot sign in: this machine's clock is 10 minutes behind Microsoft's");
        assert_eq!(error.kind(), Kind::Unreachable);
    }
}
