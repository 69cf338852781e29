//! `idscore.toml`: what an organisation declares about itself. Nothing is ever guessed into an exception.

use std::fmt;
use std::path::{Path, PathBuf};

use idscore_access::{AppExclusions, EligibleAdmins, Settings, SettingsOverrides};
use idscore_score::{Profile, ScoreSettings, Status};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Everything declared, as read from `idscore.toml`; the default declares nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// How strictly to read the tenant.
    pub profile: Profile,
    /// Single settings of the profile, replaced by name.
    pub settings: SettingsOverride,
    /// Choices about points.
    pub score: ScoreSettings,
    /// Emergency accounts, or groups of them.
    pub break_glass: Vec<DeclaredObject>,
    /// Users that software signs in as.
    pub service_account: Vec<DeclaredObject>,
    /// Applications that may hold high privileges, by application (client) id or service principal id.
    pub approved_app: Vec<DeclaredObject>,
    /// Public groups that are meant to be public.
    pub approved_group: Vec<DeclaredObject>,
    /// Applications that a policy may exclude.
    pub allowed_app_exclusion: Vec<DeclaredObject>,
    /// Settings that Graph doesn't show.
    pub attestation: Vec<DeclaredControl>,
    /// What is decided about single actions.
    pub status: Vec<DeclaredStatus>,
    /// Security work that was done.
    pub review: Vec<RecordedReview>,
}

/// An object with who answers for it, why, and until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredObject {
    /// The object id.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Date,
}

/// A control that somebody vouches for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredControl {
    /// The control's id.
    pub control: String,
    /// Who vouches.
    pub owner: String,
    /// What was seen, and where.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Date,
}

/// A decision about one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredStatus {
    /// The control's id.
    pub control: String,
    /// The decision; `completed` is said by the data only.
    pub status: Status,
    /// Who decided.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts; required unless the action is planned or to address.
    pub expires: Option<Date>,
}

/// A review that somebody did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedReview {
    /// The control's id.
    pub control: String,
    /// Who reviewed.
    pub owner: String,
    /// When.
    pub at: jiff::Timestamp,
}

/// Settings of the profile that the organisation replaces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsOverride {
    /// Leave declared break-glass accounts that pass the monitored rule in the populations.
    pub break_glass_in_population: Option<bool>,
    /// Leave declared service accounts in the populations.
    pub service_accounts_in_population: Option<bool>,
    /// Leave directory-sync accounts in the populations.
    pub directory_sync_in_population: Option<bool>,
    /// Leave users without any licence out of the populations.
    pub exclude_unlicensed: Option<bool>,
    /// Settings of Conditional Access, by the names in the user guide.
    pub access: SettingsOverrides,
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// The file can't be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is no TOML, or has an unknown key or a wrong value.
    #[error("cannot use the configuration `{}`", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A declaration contradicts its own rules.
    #[error("cannot use the configuration `{}`: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to write instead.
        reason: String,
    },
}

/// What no policy may leave out, whoever allows it.
const NEVER_EXCLUDABLE: [(&str, &str); 3] = [
    ("Office365", "it is a suite that holds most of what people use"),
    ("MicrosoftAdminPortals", "it is the suite of the portals of administrators"),
    ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "it is Azure management"),
];

impl Configuration {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file can't be read, is not valid, or declares something that has no meaning.
    pub fn read(path: &Path) -> Result<Self, ConfigurationError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigurationError::Read { path: path.into(), source })?;
        Self::parse(&text, path)
    }

    /// Reads a configuration from text; `path` is named in errors.
    ///
    /// # Errors
    /// As [`Configuration::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigurationError> {
        let configuration: Self = toml::from_str(text)
            .map_err(|source| ConfigurationError::Parse { path: path.into(), source: Box::new(source) })?;
        configuration.validate().map_err(|reason| ConfigurationError::Invalid { path: path.into(), reason })?;
        Ok(configuration)
    }

    fn validate(&self) -> Result<(), String> {
        let objects = [
            &self.break_glass,
            &self.service_account,
            &self.approved_app,
            &self.approved_group,
            &self.allowed_app_exclusion,
        ];
        for object in objects.into_iter().flatten() {
            named(&object.id, "id", &object.id)?;
            named(&object.owner, "owner", &object.id)?;
            named(&object.reason, "reason", &object.id)?;
        }
        let declared = self.allowed_app_exclusion.iter().map(|object| &object.id);
        for id in declared.chain(self.settings.access.allowed_app_exclusions.iter().flatten()) {
            let id = id.trim();
            if let Some((_, what)) = NEVER_EXCLUDABLE.iter().find(|(never, _)| never.eq_ignore_ascii_case(id)) {
                return Err(format!(
                    "`{id}` cannot stand in `allowed_app_exclusion`: {what}, and leaving that out is never forgiven. Name \
                     the single apps that may be excluded by their application ids"
                ));
            }
        }
        for attestation in &self.attestation {
            named(&attestation.owner, "owner", &attestation.control)?;
            named(&attestation.reason, "reason", &attestation.control)?;
        }
        for status in &self.status {
            named(&status.owner, "owner", &status.control)?;
            match status.status {
                Status::Completed => {
                    return Err(format!(
                        "`{}` cannot be declared `completed`: the data say so by themselves. Leave the entry out",
                        status.control
                    ));
                }
                Status::RiskAccepted | Status::ThirdParty | Status::AlternateMitigation if status.expires.is_none() => {
                    return Err(format!(
                        "the status of `{}` needs `expires = \"2027-06-30\"` or the like",
                        status.control
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The same configuration under another profile.
    #[must_use]
    pub fn with_profile(&self, profile: Profile) -> Self {
        Self { profile, ..self.clone() }
    }

    /// The same declarations under *compat*, whose settings nobody overrides: what is laid beside Microsoft's numbers.
    #[must_use]
    pub fn as_compat(&self) -> Self {
        Self { settings: SettingsOverride::default(), ..self.with_profile(Profile::Compat) }
    }

    /// SHA-256 over everything that can change a result, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether declared break-glass accounts stay in the populations.
    #[must_use]
    pub fn break_glass_in_population(&self) -> bool {
        self.settings.break_glass_in_population.unwrap_or(self.profile != Profile::Standard)
    }

    /// Whether declared service accounts stay in the populations.
    #[must_use]
    pub fn service_accounts_in_population(&self) -> bool {
        self.settings.service_accounts_in_population.unwrap_or(self.profile != Profile::Standard)
    }

    /// Whether directory-sync accounts stay in the populations.
    #[must_use]
    pub fn directory_sync_in_population(&self) -> bool {
        self.settings.directory_sync_in_population.unwrap_or(self.profile != Profile::Standard)
    }

    /// Whether administrators are judged with their eligible roles taken.
    #[must_use]
    pub fn eligible_admins(&self) -> bool {
        self.access_settings(None).eligible_admins == EligibleAdmins::AsActivated
    }

    /// How Conditional Access is read under this profile; declared app exclusions count while they stand.
    #[must_use]
    pub fn access_settings(&self, taken_at: Option<jiff::Timestamp>) -> Settings {
        let profile = match self.profile {
            Profile::Compat => Settings::compat(),
            Profile::Standard => Settings::standard(),
            Profile::Strict => Settings::strict(),
        };
        let mut settings = profile.with(&self.settings.access);
        if settings.app_exclusions_allowed == AppExclusions::Listed {
            let standing = self
                .allowed_app_exclusion
                .iter()
                .filter(|declared| taken_at.is_none_or(|taken_at| stands(declared.expires, taken_at)));
            settings.allowed_app_exclusions.extend(standing.map(|declared| declared.id.to_ascii_lowercase()));
        }
        settings
    }
}

fn named(text: &str, key: &str, of: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("the entry for `{of}` needs a `{key}` that is not empty"));
    }
    Ok(())
}

/// Whether something declared until `expires` still counts at an instant: through the end of that day in UTC.
#[must_use]
pub fn stands(expires: Date, taken_at: jiff::Timestamp) -> bool {
    jiff::tz::Offset::UTC.to_datetime(taken_at).date() <= expires
}

impl fmt::Display for DeclaredObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}, until {})", self.id, self.reason, self.expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Configuration, ConfigurationError> {
        Configuration::parse(text, Path::new("idscore.toml"))
    }

    #[test]
    fn an_empty_file_declares_nothing_and_is_standard() {
        let configuration = parse("").unwrap();
        assert_eq!(configuration, Configuration::default());
        assert_eq!(configuration.profile, Profile::Standard);
    }

    #[test]
    fn a_declaration_needs_owner_reason_and_expiry() {
        let whole = "[[break_glass]]\nid = 'a'\nowner = 'IT'\nreason = 'emergency'\nexpires = '2027-01-01'\n";
        assert!(parse(whole).is_ok());
        for missing in ["owner", "reason", "expires"] {
            let text: String =
                whole.lines().filter(|line| !line.starts_with(missing)).map(|line| format!("{line}\n")).collect();
            assert!(parse(&text).is_err(), "without {missing}");
        }
        assert!(parse(&whole.replace("'IT'", "' '")).is_err(), "a blank owner is none");
    }

    #[test]
    fn a_suite_that_can_never_be_excluded_is_refused_with_the_reason() {
        let allowing = |id: &str| {
            parse(&format!(
                "[[allowed_app_exclusion]]\nid = '{id}'\nowner = 'IT'\nreason = 'r'\nexpires = '2027-01-01'\n"
            ))
        };
        assert!(allowing("11111111-1111-1111-1111-111111111111").is_ok());
        for never in ["Office365", "microsoftadminportals", "797F4846-ba00-4fd7-ba43-dac1f8f63013"] {
            let error = allowing(never).unwrap_err().to_string();
            assert!(error.contains("never forgiven"), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(parse("[[breakglass]]\nid = 'a'\n").is_err());
    }

    #[test]
    fn an_accepted_risk_needs_an_expiry_and_nobody_declares_completed() {
        let status =
            |status: &str| format!("[[status]]\ncontrol = 'X'\nstatus = '{status}'\nowner = 'o'\nreason = 'r'\n");
        assert!(parse(&status("planned")).is_ok());
        assert!(parse(&status("riskAccepted")).is_err());
        assert!(parse(&status("completed")).is_err());
    }

    #[test]
    fn a_declaration_counts_through_the_end_of_its_last_day() {
        let expires = "2026-11-23".parse().unwrap();
        assert!(stands(expires, "2026-11-23T23:59:59Z".parse().unwrap()));
        assert!(!stands(expires, "2026-11-24T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn the_hash_changes_with_anything_that_can_change_the_score() {
        let plain = Configuration::default();
        let strict = plain.with_profile(Profile::Strict);
        assert_ne!(plain.hash(), strict.hash());
        assert_eq!(plain.hash(), parse("profile = 'standard'").unwrap().hash());
    }
}
