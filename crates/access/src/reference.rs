//! The plain decision of one concrete sign-in of one user, by direct reading of the policies. It shares nothing with the
//! proofs but the parsed policy, so that tests can hold the proofs against it.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use crate::access::Prepared;
use crate::location::{Kind, MFA_TRUSTED_IPS};
use crate::logic::{all, any, not};
use crate::policy::{Control, Frequency, Grant, Operator, Policy, Sides, State, Tenants, UserSide};
use crate::{
    AppExclusions, BaselineScopes, ClientApp, Condition, Demand, Flow, HighRisk, InsiderRisk, PersistentBrowser,
    Platform, Protection, Risk,
};

mod sampling;
pub use sampling::Picker;

/// One concrete sign-in.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// What it goes to.
    pub target: Target,
    /// The address it comes from.
    pub address: IpAddr,
    /// Whether the old multifactor service trusts the address; where named locations were not read, whether it is trusted.
    pub mfa_trusted_address: bool,
    /// Whether it comes through Global Secure Access.
    pub compliant_network: bool,
    /// The country of the address; `None`: unknown.
    pub country: Option<String>,
    /// The country by GPS; `None`: unknown.
    pub gps_country: Option<String>,
    /// The client.
    pub client_app: ClientApp,
    /// The platform.
    pub platform: Platform,
    /// The risk of the sign-in.
    pub sign_in_risk: Risk,
    /// The risk of the user.
    pub user_risk: Risk,
    /// The insider risk of the user.
    pub insider_risk: InsiderRisk,
    /// The flow.
    pub flow: Flow,
    /// Device filters that the device matches.
    pub matching_filters: BTreeSet<String>,
}

/// What a sign-in goes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// An app, and which suites hold it.
    App {
        /// The app id.
        id: String,
        /// Office 365 holds it.
        office: bool,
        /// The Microsoft admin portals hold it.
        admin_portals: bool,
    },
    /// A user action.
    UserAction(String),
}

impl Prepared<'_> {
    /// Whether the policies protect one sign-in of one user; `None`: it depends on what is unknown.
    #[must_use]
    pub fn protects(&self, protection: &Protection, row: u32, sign_in: &SignIn) -> Option<bool> {
        let mut requirements: Vec<Option<bool>> = Vec::new();
        if !protection.demands.is_empty() {
            requirements.push(self.some_policy(protection, row, sign_in, &|policy| self.grants(protection, policy)));
        }
        if let Some(hours) = protection.session.sign_in_frequency_hours {
            requirements.push(self.some_policy(protection, row, sign_in, &|policy| {
                any([frequency_at_most(policy, hours), blocks(&policy.grant)])
            }));
        }
        if let Some(wanted) = protection.session.persistent_browser {
            requirements.push(self.some_policy(protection, row, sign_in, &|policy| {
                any([persistent_browser_is(policy, wanted), blocks(&policy.grant)])
            }));
        }
        let forgiven = protection.trusted_location_suffices || self.settings().trusted_location_exclusion_ok;
        let trusted = if forgiven { self.is_trusted(sign_in) } else { Some(false) };
        any([trusted, all(requirements)])
    }

    fn some_policy(
        &self,
        protection: &Protection,
        row: u32,
        sign_in: &SignIn,
        meets: &dyn Fn(&Policy) -> Option<bool>,
    ) -> Option<bool> {
        any(self.counted().into_iter().map(|(_, policy)| {
            all([
                Some(self.has_conditions(protection, policy)),
                if policy.state == State::Unknown { None } else { Some(true) },
                self.in_scope(protection, policy, row),
                self.conditions_match(policy, sign_in),
                meets(policy),
            ])
        }))
    }

    fn has_conditions(&self, protection: &Protection, policy: &Policy) -> bool {
        protection.requires_condition.iter().all(|condition| {
            let words = match condition {
                Condition::SignInRisk => &policy.sign_in_risk,
                Condition::UserRisk => &policy.user_risk,
                Condition::InsiderRisk => &policy.insider_risk,
                Condition::Flow => &policy.flows,
            };
            !words.is_empty()
                || (!self.settings().risk_requires_explicit_condition && !matches!(condition, Condition::Flow))
        })
    }

    fn in_scope(&self, protection: &Protection, policy: &Policy, row: u32) -> Option<bool> {
        if policy.targets_workloads {
            return Some(false);
        }
        let activated = self.activated(protection);
        let excluded = self.named(&policy.exclude, row, activated, protection.without_exclusions);
        all([self.named(&policy.include, row, activated, false), not(excluded)])
    }

    fn named(&self, side: &UserSide, row: u32, activated: bool, guests_only: bool) -> Option<bool> {
        let directory = self.directory();
        let guest = directory.internal_guests.contains(row)
            || directory.b2b_guests.contains(row)
            || directory.b2b_members.contains(row);
        let users = any(side.users.iter().map(|word| match word.as_str() {
            "GuestsOrExternalUsers" => Some(guest),
            _ if guests_only => Some(false),
            "All" => Some(true),
            "None" => Some(false),
            id => match directory.user_rows.get(id) {
                Some(known) => Some(*known == row),
                None if crate::json::is_keyword(id) => None,
                None => Some(false),
            },
        }));
        let groups = any(side.groups.iter().map(|group| self.is_member(group, row, false, &mut HashSet::new())));
        let roles = any(side.roles.iter().map(|role| self.holds(role, row, activated)));
        let kinds = side.guests.as_ref().map_or(Some(false), |guests| {
            any(guests.kinds.iter().map(|kind| {
                let of_kind = match kind.as_str() {
                    "internalGuest" => directory.internal_guests.contains(row),
                    "b2bCollaborationGuest" => directory.b2b_guests.contains(row),
                    "b2bCollaborationMember" => directory.b2b_members.contains(row),
                    "none" | "b2bDirectConnectUser" | "otherExternalUser" | "serviceProvider" => false,
                    _ => return if guest { None } else { Some(false) },
                };
                match (of_kind, &guests.tenants) {
                    (false, _) => Some(false),
                    (true, Tenants::All) => Some(true),
                    (true, _) => None,
                }
            }))
        });
        let unknown = if side.unknown.is_some() { None } else { Some(false) };
        if guests_only { any([users, kinds, unknown]) } else { any([users, groups, roles, kinds, unknown]) }
    }

    fn is_member(&self, group: &str, row: u32, activated: bool, seen: &mut HashSet<String>) -> Option<bool> {
        if !seen.insert(group.to_owned()) {
            return Some(false);
        }
        let directory = self.directory();
        let direct = match directory.groups.get(group) {
            Some(members) => {
                if members.users.contains(row) {
                    return Some(true);
                }
                let nested: Vec<Option<bool>> =
                    members.groups.iter().map(|inner| self.is_member(inner, row, activated, seen)).collect();
                any(nested.into_iter().chain([if members.complete { Some(false) } else { None }]))
            }
            None => match &directory.known_groups {
                Some(known) if !known.contains(group) => Some(false),
                _ => None,
            },
        };
        let may_join = directory.group_eligibility.get(group).filter(|_| activated).map(|principals| {
            let each: Vec<Option<bool>> =
                principals.iter().map(|principal| self.is_principal(principal, row, activated, seen)).collect();
            any(each)
        });
        any([direct, may_join.unwrap_or(Some(false))])
    }

    fn is_principal(&self, id: &str, row: u32, activated: bool, seen: &mut HashSet<String>) -> Option<bool> {
        match self.directory().user_rows.get(id) {
            Some(known) => Some(*known == row),
            None => self.is_member(id, row, activated, seen),
        }
    }

    fn holds(&self, role: &str, row: u32, activated: bool) -> Option<bool> {
        let directory = self.directory();
        let among = |assignments: &Option<Vec<crate::RoleAssignment>>| match assignments {
            None => None,
            Some(assignments) => any(assignments
                .iter()
                .filter(|assignment| assignment.role_template_id == role)
                .filter(|assignment| assignment.tenant_wide && assignment.built_in != Some(false))
                .map(|assignment| self.is_principal(&assignment.principal_id, row, activated, &mut HashSet::new()))),
        };
        let partly = if directory.role_assignments_are_lower_bound { None } else { Some(false) };
        let active = any([among(&directory.role_assignments), partly]);
        if activated { any([active, among(&directory.eligible_assignments)]) } else { active }
    }

    fn conditions_match(&self, policy: &Policy, sign_in: &SignIn) -> Option<bool> {
        let narrowed = if policy.unknown_conditions.is_empty() { Some(true) } else { None };
        let device =
            policy.device.as_ref().map(|device| device.matching == sign_in.matching_filters.contains(&device.rule));
        all([
            narrowed,
            self.target_matches(policy, &sign_in.target),
            client_matches(policy, sign_in.client_app),
            platform_matches(&policy.platforms, sign_in.platform),
            self.place_matches(&policy.locations, sign_in),
            level_matches(&policy.sign_in_risk, sign_in.sign_in_risk.word(), &["none", "low", "medium", "high"]),
            level_matches(&policy.user_risk, sign_in.user_risk.word(), &["none", "low", "medium", "high"]),
            level_matches(
                &policy.insider_risk,
                sign_in.insider_risk.word(),
                &["none", "minor", "moderate", "elevated"],
            ),
            level_matches(&policy.flows, sign_in.flow.word(), &["none", "deviceCodeFlow", "authenticationTransfer"]),
            Some(device.unwrap_or(true)),
        ])
    }

    fn target_matches(&self, policy: &Policy, target: &Target) -> Option<bool> {
        let apps = &policy.apps;
        let (id, office, admin_portals) = match target {
            Target::UserAction(action) => {
                return Some(apps.user_actions.iter().any(|own| own.eq_ignore_ascii_case(action)));
            }
            Target::App { id, office, admin_portals } => (id, *office, *admin_portals),
        };
        let open = |name: &Option<String>| if name.is_some() { None } else { Some(false) };
        let word_matches = |word: &String| match word.as_str() {
            "All" => Some(true),
            "None" => Some(false),
            "Office365" => Some(office),
            "MicrosoftAdminPortals" => Some(admin_portals),
            word if crate::json::is_keyword(word) => None,
            word => Some(word == id),
        };
        let everything = apps.include.iter().any(|word| word == "All");
        let settings = self.settings();
        let forgive_all = everything && settings.app_exclusions_allowed == AppExclusions::Any;
        let untold = apps.include.is_empty() && apps.user_actions.is_empty() && apps.contexts.is_empty();
        let untold = if untold && apps.unknown_include.is_none() { None } else { Some(false) };
        let listed = if apps.user_actions.is_empty() {
            any(apps.include.iter().map(word_matches))
        } else {
            any(apps.include.iter().map(|word| if word_matches(word).is_none() { None } else { Some(false) }))
        };
        let included = any([listed, open(&apps.unknown_include), untold]);
        let forgiven = |word: &&String| {
            everything
                && settings.app_exclusions_allowed == AppExclusions::Listed
                && settings.allowed_app_exclusions.contains(*word)
        };
        let mut excluded = any(apps
            .exclude
            .iter()
            .filter(|word| !forgiven(word))
            .map(word_matches)
            .chain([open(&apps.unknown_exclude)]));
        let baseline = id == "00000002-0000-0000-c000-000000000000";
        let has_exclusion = !apps.exclude.is_empty() || apps.unknown_exclude.is_some();
        if everything && settings.baseline_scopes == BaselineScopes::Legacy && has_exclusion && baseline {
            excluded = Some(true);
        }
        if forgive_all {
            excluded = Some(false);
        }
        all([included, not(excluded)])
    }

    fn place_matches(&self, sides: &Sides, sign_in: &SignIn) -> Option<bool> {
        let included = if sides.include.is_empty() && sides.unknown_include.is_none() {
            Some(true)
        } else {
            any([
                self.place_in(&sides.include, sign_in),
                if sides.unknown_include.is_some() { None } else { Some(false) },
            ])
        };
        let excluded = any([
            self.place_in(&sides.exclude, sign_in),
            if sides.unknown_exclude.is_some() { None } else { Some(false) },
        ]);
        all([included, not(excluded)])
    }

    fn place_in(&self, words: &[String], sign_in: &SignIn) -> Option<bool> {
        let locations = self.locations();
        any(words.iter().map(|word| match word.as_str() {
            "All" => Some(true),
            "AllTrusted" => self.is_trusted(sign_in),
            MFA_TRUSTED_IPS if !sign_in.mfa_trusted_address => Some(false),
            MFA_TRUSTED_IPS => {
                if locations.known {
                    Some(true)
                } else {
                    None
                }
            }
            id => match locations.list.iter().position(|location| location.id == id) {
                Some(index) => self.within(index, sign_in),
                None if locations.known && !crate::json::is_keyword(id) => Some(false),
                None => None,
            },
        }))
    }

    fn is_trusted(&self, sign_in: &SignIn) -> Option<bool> {
        let named = (0..self.locations().list.len())
            .map(|index| all([self.locations().list[index].trusted, self.within(index, sign_in)]));
        any(named.chain([Some(sign_in.mfa_trusted_address)]))
    }

    fn within(&self, index: usize, sign_in: &SignIn) -> Option<bool> {
        match &self.locations().list[index].kind {
            Kind::Ip { ranges, complete } => {
                if ranges.iter().any(|range| range.contains(sign_in.address)) {
                    Some(true)
                } else if *complete {
                    Some(false)
                } else {
                    None
                }
            }
            Kind::Country { codes, unknown, gps } => {
                let country = if *gps { &sign_in.gps_country } else { &sign_in.country };
                Some(country.as_ref().map_or(*unknown, |country| codes.contains(country)))
            }
            Kind::CompliantNetwork => Some(sign_in.compliant_network),
            Kind::Unknown => None,
        }
    }

    fn grants(&self, protection: &Protection, policy: &Policy) -> Option<bool> {
        let settings = self.settings();
        let risk = [Condition::SignInRisk, Condition::UserRisk];
        let about_risk = protection.requires_condition.iter().any(|condition| risk.contains(condition));
        let wanted: Vec<Demand> = match settings.high_risk_requires {
            HighRisk::Block if about_risk => vec![Demand::Block],
            HighRisk::PasswordChange if about_risk => {
                protection.demands.iter().copied().filter(|demand| *demand != Demand::RiskRemediation).collect()
            }
            _ => protection.demands.clone(),
        };
        let legacy_only = protection.sign_ins.client_app.as_ref().is_some_and(|clients| {
            !clients.iter().any(|client| matches!(client, ClientApp::Browser | ClientApp::MobileAppsAndDesktopClients))
        });
        let device_code_only = protection.sign_ins.flow.as_deref() == Some(&[Flow::DeviceCode]);
        let implied = |control: &Control| {
            let managed = matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice);
            let own = any(wanted.iter().map(|demand| implied(control, *demand, settings.custom_controls_count)));
            let stops_legacy = legacy_only && settings.legacy_implicit && wanted.contains(&Demand::Block);
            let stops_code =
                device_code_only && settings.device_code_device_grant_counts && wanted.contains(&Demand::Block);
            any([
                own,
                if stops_legacy { implied(control, Demand::Mfa, false) } else { Some(false) },
                Some(stops_code && managed),
            ])
        };
        let grant = &policy.grant;
        let strictly = every_way(grant, &|control| implied(control));
        if !settings.or_with_managed_device_counts_as_mfa
            || !wanted.contains(&Demand::Mfa)
            || grant.operator == Operator::And
        {
            return strictly;
        }
        let loosely = every_way(grant, &|control| {
            any([implied(control), Some(matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice))])
        });
        all([loosely, any(grant.controls.iter().map(implied))])
    }
}

/// Whether every way through the grant has a control that passes the test.
fn every_way(grant: &Grant, test: &dyn Fn(&Control) -> Option<bool>) -> Option<bool> {
    if grant.controls.is_empty() {
        return Some(false);
    }
    let together = any(grant.controls.iter().map(test));
    let each_alone = all(grant.controls.iter().map(test));
    match grant.operator {
        Operator::And => together,
        Operator::Or => each_alone,
        Operator::Unknown if together == each_alone => together,
        Operator::Unknown => None,
    }
}

fn blocks(grant: &Grant) -> Option<bool> {
    every_way(grant, &|control| implied(control, Demand::Block, false))
}

fn implied(control: &Control, demand: Demand, custom_counts: bool) -> Option<bool> {
    match (control, demand) {
        (Control::Unknown(_), _) => None,
        (Control::Block, _)
        | (Control::Mfa | Control::PasswordChange | Control::RiskRemediation, Demand::Mfa)
        | (Control::PasswordChange, Demand::PasswordChange)
        | (Control::RiskRemediation, Demand::RiskRemediation)
        | (Control::CompliantDevice | Control::DomainJoinedDevice, Demand::ManagedDevice) => Some(true),
        (Control::Strength(strength), Demand::Mfa) => strength.mfa,
        (Control::Strength(strength), Demand::PhishingResistant) => strength.phishing_resistant,
        (Control::Custom, Demand::Mfa) => Some(custom_counts),
        _ => Some(false),
    }
}

fn frequency_at_most(policy: &Policy, hours: u32) -> Option<bool> {
    match policy.session.frequency {
        None => Some(false),
        Some(Frequency::EveryTime) => Some(true),
        Some(Frequency::Hours(own)) => Some(own <= u64::from(hours)),
        Some(Frequency::Unknown) => None,
    }
}

fn persistent_browser_is(policy: &Policy, wanted: PersistentBrowser) -> Option<bool> {
    match (policy.session.persistent_browser.as_deref(), wanted) {
        (None, _) | (Some("never"), PersistentBrowser::Always) | (Some("always"), PersistentBrowser::Never) => {
            Some(false)
        }
        (Some("never"), PersistentBrowser::Never) | (Some("always"), PersistentBrowser::Always) => Some(true),
        (Some(_), _) => None,
    }
}

fn client_matches(policy: &Policy, client: ClientApp) -> Option<bool> {
    if policy.client_apps.is_empty() {
        return Some(true);
    }
    any(policy.client_apps.iter().map(|word| match word.as_str() {
        "all" => Some(true),
        "browser" | "mobileAppsAndDesktopClients" | "exchangeActiveSync" | "other" => Some(word == client.word()),
        "easSupported" if client != ClientApp::ExchangeActiveSync => Some(false),
        _ => None,
    }))
}

fn platform_matches(sides: &Sides, platform: Platform) -> Option<bool> {
    let among = |words: &[String]| {
        any(words.iter().map(|word| match word.as_str() {
            "all" => Some(true),
            "android" | "iOS" | "windows" | "windowsPhone" | "macOS" | "linux" => Some(word == platform.word()),
            _ => None,
        }))
    };
    let included = if sides.include.is_empty() && sides.unknown_include.is_none() {
        Some(true)
    } else {
        any([among(&sides.include), if sides.unknown_include.is_some() { None } else { Some(false) }])
    };
    let excluded = any([among(&sides.exclude), if sides.unknown_exclude.is_some() { None } else { Some(false) }]);
    all([included, not(excluded)])
}

fn level_matches(words: &[String], level: &str, known: &[&str]) -> Option<bool> {
    if words.is_empty() {
        return Some(true);
    }
    any(words.iter().map(|word| if known.contains(&word.as_str()) { Some(word == level) } else { None }))
}
