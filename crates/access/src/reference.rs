//! The plain decision of one concrete sign-in of one user, by direct reading of the policies. It shares nothing with the
//! proofs but the parsed policy, so that tests can hold the proofs against it.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use crate::access::Prepared;
use crate::json::is_guid;
use crate::location::{Kind, MFA_TRUSTED_IPS};
use crate::logic::{all, any, not};
use crate::policy::{
    Control, DeviceFilter, Frequency, Grant, Operator, Persistence, Policy, Sides, State, Tenants, UserSide,
};
use crate::{
    AppExclusions, BaselineScopes, Bounds, ClientApp, Condition, Demand, Flow, HighRisk, InsiderRisk,
    PersistentBrowser, Platform, Protection, Risk,
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
    /// Whether the tenant's trusted locations hold the compliant network. Where that was not read the tenant is one of two.
    pub compliant_network_trusted: bool,
    /// The country of the address; `None`: unknown.
    pub country: Option<String>,
    /// The country by GPS; `None`: unknown.
    pub gps_country: Option<String>,
    /// The client.
    pub client_app: ClientApp,
    /// Of Exchange ActiveSync: whether the platform is one that old policies call supported.
    pub eas_supported: bool,
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

/// The id that stands for an agent in [`Target::App`].
pub const AGENT: &str = "an agent";

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
            requirements
                .push(self.some_policy(protection, row, sign_in, &|policy| self.grants(protection, policy, sign_in)));
        }
        if let Some(hours) = protection.session.sign_in_frequency_hours {
            requirements.push(self.some_policy(protection, row, sign_in, &|policy| {
                any([frequency_at_most(policy, hours), blocks(&policy.grant)])
            }));
        }
        // Only browsers keep a session.
        if let Some(wanted) = protection.session.persistent_browser.filter(|_| sign_in.client_app == ClientApp::Browser)
        {
            let some = |meets: &dyn Fn(&Policy) -> Option<bool>| self.some_policy(protection, row, sign_in, meets);
            let blocked = some(&|policy| blocks(&policy.grant));
            let asked = some(&|policy| persistent_browser_is(policy, wanted));
            let opposed = some(&|policy| all([persistent_browser_is_not(policy, wanted), not(blocks(&policy.grant))]));
            let unopposed = if opposed == Some(false) { Some(true) } else { None };
            requirements.push(any([blocked, all([asked, unopposed])]));
        }
        let forgiven = protection.trusted_location_suffices || self.settings().trusted_location_exclusion_ok;
        let compliant = self.settings().trusted_location_exclusion_ok && sign_in.compliant_network;
        let trusted = if forgiven { any([self.is_trusted(sign_in), Some(compliant)]) } else { Some(false) };
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
        let activated = self.activated(protection);
        let excluded = self.named(&policy.exclude, row, activated, protection.without_exclusions);
        all([not(policy.workloads), self.named(&policy.include, row, activated, false), not(excluded)])
    }

    fn named(&self, side: &UserSide, row: u32, activated: bool, guests_only: bool) -> Option<bool> {
        let directory = self.directory();
        let among = |users: &Bounds| match (users.sure.contains(row), users.possible.contains(row)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        };
        let guest = among(&directory.guests_or_external);
        let maybe_guest = if guest == Some(false) { Some(false) } else { None };
        let users = any(side.users.iter().map(|word| match word.as_str() {
            "GuestsOrExternalUsers" => guest,
            "None" | "AllAgentIdUsers" => Some(false),
            "All" => Some(!guests_only),
            word => {
                let id =
                    if directory.user_rows.contains_key(word) { Some(word) } else { directory.user_names.id_of(word) };
                match id.and_then(|id| directory.user_rows.get(id)) {
                    Some(known) => Some(*known == row && !guests_only),
                    None if is_guid(word) => {
                        if guests_only || directory.all_users_read {
                            Some(false)
                        } else {
                            None
                        }
                    }
                    None if guests_only => maybe_guest,
                    None => None,
                }
            }
        }));
        let groups = any(side.groups.iter().map(|word| {
            let known = directory.groups.contains_key(word)
                || directory.known_groups.as_ref().is_some_and(|known| known.contains(word));
            let group = if known { word } else { directory.group_names.id_of(word).unwrap_or(word) };
            self.is_member(group, row, false, &mut HashSet::new())
        }));
        let roles = any(side.roles.iter().map(|word| match directory.role_names.id_of(word) {
            _ if is_guid(word) => self.holds(word, row, activated),
            Some(role) => self.holds(role, row, activated),
            None => None,
        }));
        let kinds = side.guests.as_ref().map_or(Some(false), |guests| {
            let all_three = ["internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember"]
                .iter()
                .all(|kind| guests.kinds.iter().any(|named| named == kind));
            let of_kinds = any(guests.kinds.iter().map(|kind| match kind.as_str() {
                "internalGuest" => among(&directory.internal_guests),
                "b2bCollaborationGuest" => among(&directory.b2b_guests),
                "b2bCollaborationMember" => among(&directory.b2b_members),
                "none" | "b2bDirectConnectUser" | "otherExternalUser" | "serviceProvider" => Some(false),
                _ => maybe_guest,
            }));
            // Whoever is a guest or external is of one of the three.
            let of_kinds = if all_three && guest == Some(true) { Some(true) } else { of_kinds };
            match (of_kinds, &guests.tenants) {
                (Some(false), _) => Some(false),
                (of_kinds, Tenants::All) => of_kinds,
                _ => None,
            }
        });
        let unknown = |reason: &Option<String>| if reason.is_some() { None } else { Some(false) };
        if guests_only {
            any([users, kinds, unknown(&side.unknown)])
        } else {
            any([users, groups, roles, kinds, unknown(&side.unknown), unknown(&side.unknown_principals)])
        }
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
                Some(known) if !known.contains(group) && is_guid(group) => Some(false),
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
        let holds = |device: &DeviceFilter| device.matching == sign_in.matching_filters.contains(&device.rule);
        let device =
            policy.devices.iter().all(holds) && (policy.any_device.is_empty() || policy.any_device.iter().any(holds));
        all([
            narrowed,
            self.target_matches(policy, &sign_in.target),
            client_matches(policy, sign_in),
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
            Some(device),
        ])
    }

    fn target_matches(&self, policy: &Policy, target: &Target) -> Option<bool> {
        let apps = &policy.apps;
        let open = |name: &Option<String>| if name.is_some() { None } else { Some(false) };
        let action = |word: &String| match word.to_ascii_lowercase().as_str() {
            known @ ("urn:user:registersecurityinfo" | "urn:user:registerdevice") => Some(known.to_owned()),
            _ => None,
        };
        let actions: Vec<Option<String>> = apps.user_actions.iter().map(action).collect();
        let (id, office, admin_portals) = match target {
            Target::UserAction(wanted) => {
                let listed = any(actions.iter().map(|own| own.as_ref().map(|own| own.eq_ignore_ascii_case(wanted))));
                return any([listed, open(&apps.unknown_actions)]);
            }
            Target::App { id, office, admin_portals } => (id, *office, *admin_portals),
        };
        // An unknown action may be one, or anything.
        let any_action = any(actions.iter().map(|own| own.as_ref().map(|_| true)).chain([open(&apps.unknown_actions)]));
        let word_matches = |word: &String| match word.as_str() {
            "All" => Some(true),
            "None" => Some(false),
            "Office365" => Some(office),
            "MicrosoftAdminPortals" => Some(admin_portals),
            "AllAgentIdResources" => Some(id == AGENT),
            word if is_guid(word) => Some(word == id),
            _ => None,
        };
        let everything = apps.include.iter().any(|word| word == "All");
        let settings = self.settings();
        let forgive_all = everything && settings.app_exclusions_allowed == AppExclusions::Any;
        let listed = any(apps.include.iter().filter_map(|word| word_matches(word).map(Some)));
        let unheard =
            apps.include.iter().any(|word| word_matches(word).is_none()) || actions.iter().any(Option::is_none);
        let included = any([
            all([listed, not(any_action)]),
            if unheard { None } else { Some(false) },
            open(&apps.unknown_include),
        ]);
        let perhaps_everything =
            apps.include.iter().any(|word| word_matches(word).is_none()) || apps.unknown_include.is_some();
        let forgivable = |word: &String| match settings.app_exclusions_allowed {
            AppExclusions::Any => true,
            AppExclusions::Listed => settings.allowed_app_exclusions.contains(word),
            AppExclusions::None => false,
        };
        let forgiven = |word: &&String| everything && forgivable(word);
        let excludes = |word: &String| match word_matches(word) {
            Some(true) if perhaps_everything && forgivable(word) => None,
            matches => matches,
        };
        let mut excluded =
            any(apps.exclude.iter().filter(|word| !forgiven(word)).map(excludes).chain([open(&apps.unknown_exclude)]));
        let baseline = id == "00000002-0000-0000-c000-000000000000";
        if settings.baseline_scopes == BaselineScopes::Legacy && !apps.exclude.is_empty() && baseline {
            if everything {
                excluded = Some(true);
            } else if perhaps_everything {
                excluded = any([excluded, None]);
            }
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
            id => {
                let named = |name: &str| {
                    let mut alike = (0..locations.list.len())
                        .filter(|index| locations.list[*index].name.eq_ignore_ascii_case(name))
                        .filter(|_| locations.known);
                    alike.next().filter(|_| alike.next().is_none())
                };
                match locations.list.iter().position(|location| location.id == id).or_else(|| named(id)) {
                    Some(index) => self.within(index, sign_in),
                    None if locations.every_one_known() && is_guid(id) => Some(false),
                    None => None,
                }
            }
        }))
    }

    fn is_trusted(&self, sign_in: &SignIn) -> Option<bool> {
        let compliant = sign_in.compliant_network && sign_in.compliant_network_trusted;
        let named = (0..self.locations().list.len())
            .filter(|index| !matches!(self.locations().list[*index].kind, Kind::CompliantNetwork))
            .map(|index| all([self.locations().list[index].trusted, self.within(index, sign_in)]));
        any(named.chain([Some(sign_in.mfa_trusted_address), Some(compliant)]))
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

    fn grants(&self, protection: &Protection, policy: &Policy, sign_in: &SignIn) -> Option<bool> {
        let settings = self.settings();
        let level = protection.requires_condition.iter().find_map(|condition| match condition {
            Condition::SignInRisk => Some(sign_in.sign_in_risk),
            Condition::UserRisk => Some(sign_in.user_risk),
            Condition::InsiderRisk | Condition::Flow => None,
        });
        let about_risk = level.is_some();
        let wanted: Vec<Demand> = match settings.high_risk_requires {
            // Strict: a block at high, at least multifactor authentication below it.
            HighRisk::Block if level == Some(Risk::High) => vec![Demand::Block],
            HighRisk::PasswordChange if about_risk => {
                protection.demands.iter().copied().filter(|demand| *demand != Demand::RiskRemediation).collect()
            }
            _ => protection.demands.clone(),
        };
        let legacy_only = protection.sign_ins.client_app.as_ref().is_some_and(|clients| {
            !clients.iter().any(|client| matches!(client, ClientApp::Browser | ClientApp::MobileAppsAndDesktopClients))
        });
        let device_code_only = protection.sign_ins.flow.as_deref() == Some(&[Flow::DeviceCode]);
        let implied = |controls: &[&Control]| {
            let managed = controls
                .iter()
                .any(|control| matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice));
            let own = any(wanted.iter().map(|demand| implied(controls, *demand, settings.custom_controls_count)));
            let stops_legacy = legacy_only && settings.legacy_implicit && wanted.contains(&Demand::Block);
            let stops_code =
                device_code_only && settings.device_code_device_grant_counts && wanted.contains(&Demand::Block);
            let legacy =
                any([implied(controls, Demand::Mfa, false), Some(controls.contains(&&Control::PasswordChange))]);
            any([own, if stops_legacy { legacy } else { Some(false) }, Some(stops_code && managed)])
        };
        let grant = &policy.grant;
        let strictly = every_way(grant, &implied);
        if !settings.or_with_managed_device_counts_as_mfa
            || !wanted.contains(&Demand::Mfa)
            || grant.operator == Operator::And
        {
            return strictly;
        }
        let loosely = every_way(grant, &|controls| {
            let managed = controls
                .iter()
                .any(|control| matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice));
            any([implied(controls), Some(managed)])
        });
        all([loosely, any(grant.controls.iter().map(|control| implied(&[control])))])
    }
}

/// Whether every way through the grant passes the test: all controls together under AND, each alone under OR.
fn every_way(grant: &Grant, test: &dyn Fn(&[&Control]) -> Option<bool>) -> Option<bool> {
    if grant.controls.is_empty() {
        return Some(false);
    }
    let controls: Vec<&Control> = grant.controls.iter().collect();
    let together = test(&controls);
    let each_alone = all(controls.iter().map(|control| test(&[*control])));
    match grant.operator {
        Operator::And => together,
        Operator::Or => each_alone,
        Operator::Unknown if together == each_alone => together,
        Operator::Unknown => None,
    }
}

fn blocks(grant: &Grant) -> Option<bool> {
    every_way(grant, &|controls| implied(controls, Demand::Block, false))
}

/// Whether controls that stand together imply a demand.
fn implied(controls: &[&Control], demand: Demand, custom_counts: bool) -> Option<bool> {
    let some = |test: &dyn Fn(&Control) -> Option<bool>| {
        any(controls.iter().map(|control| if matches!(control, Control::Unknown(_)) { None } else { test(control) }))
    };
    let one = |wanted: &Control| some(&|control| Some(control == wanted));
    let own = match demand {
        Demand::Mfa => some(&|control| match control {
            Control::Mfa | Control::RiskRemediation => Some(true),
            Control::Strength(strength) => strength.mfa,
            Control::Custom => Some(custom_counts),
            _ => Some(false),
        }),
        Demand::PhishingResistant => some(&|control| match control {
            Control::Strength(strength) => strength.phishing_resistant,
            _ => Some(false),
        }),
        Demand::PasswordChange => all([one(&Control::PasswordChange), implied(controls, Demand::Mfa, custom_counts)]),
        Demand::RiskRemediation => one(&Control::RiskRemediation),
        Demand::ManagedDevice => any([one(&Control::CompliantDevice), one(&Control::DomainJoinedDevice)]),
        Demand::Block => Some(false),
    };
    any([own, one(&Control::Block)])
}

fn frequency_at_most(policy: &Policy, hours: u32) -> Option<bool> {
    let short = |own: u64| own <= u64::from(hours);
    match policy.session.frequency {
        None => Some(false),
        Some(Frequency::EveryTime) => Some(true),
        Some(Frequency::Hours(own)) => Some(short(own)),
        Some(Frequency::AtMost(own)) => {
            if short(own) {
                Some(true)
            } else {
                None
            }
        }
        Some(Frequency::Unknown) => None,
    }
}

fn persistent_browser_is(policy: &Policy, wanted: PersistentBrowser) -> Option<bool> {
    let own = policy.session.persistent_browser.map_or(Some(None), |own| match own {
        Persistence::Never => Some(Some(PersistentBrowser::Never)),
        Persistence::Always => Some(Some(PersistentBrowser::Always)),
        Persistence::Unknown => None,
    })?;
    Some(own == Some(wanted))
}

fn persistent_browser_is_not(policy: &Policy, wanted: PersistentBrowser) -> Option<bool> {
    if policy.session.persistent_browser.is_none() { Some(false) } else { not(persistent_browser_is(policy, wanted)) }
}

fn client_matches(policy: &Policy, sign_in: &SignIn) -> Option<bool> {
    let client = sign_in.client_app;
    let eas = client == ClientApp::ExchangeActiveSync;
    let listed = any(policy.client_apps.iter().map(|word| match word.as_str() {
        "all" => Some(true),
        "modern" => Some(client == ClientApp::MobileAppsAndDesktopClients),
        "browser" | "mobileAppsAndDesktopClients" | "exchangeActiveSync" | "other" => Some(word == client.word()),
        "easSupported" => Some(eas && sign_in.eas_supported),
        "easUnsupported" => Some(eas && !sign_in.eas_supported),
        _ => None,
    }));
    any([listed, if policy.unknown_client_apps.is_some() { None } else { Some(false) }])
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
