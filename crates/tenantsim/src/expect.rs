//! What controls must answer, by direct reasoning from the invention.

use std::collections::BTreeMap;

use crate::evaluate::Verdict;
use crate::ground::{Ground, Judged};
use crate::options::{Edition, Options};
use crate::people::Person;
use crate::planted::{Expected, Planted, Tally};
use crate::roles::{GLOBAL_ADMIN, GLOBAL_READER, Held, is_privileged};
use crate::settings::{GUEST_LIMITED, GUEST_RESTRICTED};
use crate::tenant::Tenant;
use crate::workloads::Home;

/// Fills in the lists of objects and the expected answers.
pub(crate) fn fill(ground: &Ground<'_>, planted: &mut Planted, admin_mfa: &BTreeMap<u32, Verdict>, options: &Options) {
    let tenant = ground.tenant;
    let mut controls = BTreeMap::new();
    protections(tenant, planted, &mut controls);
    people(ground, planted, admin_mfa, &mut controls);
    roles(tenant, planted, &mut controls);
    settings(tenant, options, &mut controls);
    workloads(ground, planted, &mut controls);
    planted.controls = controls.into_iter().map(|(id, expected): (&str, Expected)| (id.to_owned(), expected)).collect();
}

type Controls = BTreeMap<&'static str, Expected>;

fn word(outcome: &str) -> Expected {
    Expected { outcome: outcome.to_owned(), ..Expected::default() }
}

fn yes_or_no(met: bool) -> Expected {
    word(if met { "met" } else { "notMet" })
}

/// A control that counts objects; `core` ones have full points where there is nobody.
fn counted(tally: Tally, core: bool) -> Expected {
    let Tally { covered, escaping, unknown } = tally;
    let total = covered + escaping;
    let outcome = match (total, unknown) {
        (0, 0) if core => "met",
        (0, 0) => "notApplicable",
        (0, _) => "notAssessed",
        _ if covered == total => "met",
        _ if covered == 0 => "notMet",
        _ => "partial",
    };
    Expected { outcome: outcome.to_owned(), count: Some(covered), total: Some(total), unknown: Some(unknown) }
}

fn protections(tenant: &Tenant, planted: &Planted, controls: &mut Controls) {
    let found = |name: &str| planted.protections.get(name).cloned().unwrap_or_default();
    let has_p1 = tenant.edition != Edition::Free;
    controls.insert("BlockLegacyAuthentication", counted(found("legacy_auth_blocked").members_and_guests, true));
    controls.insert("SigninRiskPolicy", counted(found("sign_in_risk_protected").members_and_guests, true));
    controls.insert("UserRiskPolicy", counted(found("user_risk_protected").members_and_guests, true));
    let insider = if tenant.edition == Edition::P2 {
        counted(found("insider_risk_protected").members_and_guests, true)
    } else {
        word("notApplicable")
    };
    controls.insert("insiderRiskPolicy", insider);
    controls.insert("mfa_enforced_all", counted(found("mfa_required").members, false));
    controls.insert("device_code_blocked", counted(found("device_code_blocked").members_and_guests, false));
    let mfa = found("mfa_required");
    let guests = Tally {
        covered: mfa.members_and_guests.covered - mfa.members.covered,
        escaping: mfa.members_and_guests.escaping - mfa.members.escaping,
        unknown: mfa.members_and_guests.unknown - mfa.members.unknown,
    };
    for (id, tally) in [
        ("mfa_phishing_resistant_all", found("phishing_resistant_required").members),
        ("aad_phishing_MFA_strength", found("admin_phishing_resistant_required").admins),
        ("aad_sign_in_freq_session_timeout", found("admin_session_limited").admins),
        ("guest_mfa", guests),
    ] {
        controls.insert(id, if has_p1 { counted(tally, false) } else { word("notApplicable") });
    }
    // A share needs its whole; with unknown people it is a range, and not predicted.
    if has_p1 && mfa.members.unknown == 0 {
        let members = planted.populations.members;
        controls.insert("ca_exclusion_share", yes_or_no(planted.mfa_escapes_by_exclusion.count * 20 <= members));
    }
}

fn people(ground: &Ground<'_>, planted: &Planted, admin_mfa: &BTreeMap<u32, Verdict>, controls: &mut Controls) {
    let tenant = ground.tenant;
    let has_p1 = tenant.edition != Edition::Free;
    let tally = |belongs: &dyn Fn(&Person, &Judged) -> bool, met: &dyn Fn(u32, &Person) -> Option<bool>| {
        let mut tally = Tally::default();
        for ((user, person), judged) in tenant.numbered().zip(&ground.judged) {
            if person.enabled && !judged.excepted && belongs(person, judged) {
                match met(user, person) {
                    Some(true) => tally.covered += 1,
                    Some(false) => tally.escaping += 1,
                    None => tally.unknown += 1,
                }
            }
        }
        tally
    };
    let registered = |person: &Person| (has_p1 && person.is_reported()).then(|| person.method_set().mfa);
    let admins = tally(&|_, judged| judged.admin, &|user, person| {
        let demanded = match admin_mfa.get(&user) {
            Some(Verdict::Covered) => Some(true),
            Some(Verdict::Escapes) => Some(false),
            _ => None,
        };
        match (demanded, registered(person)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    });
    if has_p1 {
        let registration = &planted.registration;
        let members = Tally {
            covered: registration.registered.count,
            escaping: registration.not_registered.count,
            unknown: registration.not_reported.count,
        };
        controls.insert("AdminMFAV2", counted(admins, true));
        controls.insert("MFARegistrationV2", counted(members, true));
        let reset = tally(&|_, _| true, &|_, person| person.is_reported().then(|| tenant.may_reset(person)));
        controls.insert("SelfServicePasswordReset", counted(reset, true));
        controls.insert(
            "users_no_stale",
            counted(tally(&|_, judged| judged.member, &|_, person| Some(!person.is_stale())), false),
        );
        let recent = |person: &Person| {
            person.created_hours < 90 * 24
                || matches!(person.seen, crate::people::Seen::Succeeded(hours) if hours < 90 * 24)
        };
        controls.insert(
            "admins_no_stale",
            counted(tally(&|_, judged| judged.admin, &|_, person| Some(recent(person))), false),
        );
    } else {
        for id in ["AdminMFAV2", "MFARegistrationV2", "SelfServicePasswordReset"] {
            controls.insert(id, word("notAssessed"));
        }
        for id in ["users_no_stale", "admins_no_stale"] {
            controls.insert(id, word("notApplicable"));
        }
    }
    let leaked = if tenant.edition == Edition::P2 {
        counted(tally(&|_, _| true, &|user, person| Some(!tenant.has_leaked_credentials(user, person))), false)
    } else {
        word("notApplicable")
    };
    controls.insert("AATP_AccountWithLeakedCredentials", leaked);
}

fn roles(tenant: &Tenant, planted: &Planted, controls: &mut Controls) {
    controls.insert("OneAdmin", yes_or_no(planted.global_admins_active.count >= 2));
    controls.insert("ga_count_max", yes_or_no((2..=4).contains(&planted.global_admins_active_or_eligible.count)));
    let active = || {
        tenant.assignments.list.iter().filter(|assignment| {
            // Seeing everything is no administration.
            assignment.held != Held::Eligible
                && ![GLOBAL_ADMIN, GLOBAL_READER].contains(&assignment.role)
                && is_privileged(assignment.role)
        })
    };
    if active().any(|assignment| assignment.unit.is_none()) {
        controls.insert("RoleOverlap", word("met"));
    } else if active().next().is_none() {
        controls.insert("RoleOverlap", word("notMet"));
    }
}

fn settings(tenant: &Tenant, options: &Options, controls: &mut Controls) {
    let settings = &tenant.settings;
    controls.insert("PWAgePolicyNew", yes_or_no(!settings.passwords_expire));
    controls.insert("IntegratedApps", yes_or_no(settings.consent_is_narrow()));
    controls.insert("aad_third_party_apps", yes_or_no(!settings.users_create_apps));
    controls.insert("aad_admin_consent_workflow", yes_or_no(settings.admin_consent && !tenant.people.is_empty()));
    let banned =
        if tenant.edition == Edition::Free { word("notApplicable") } else { yes_or_no(settings.banned_passwords > 0) };
    controls.insert("aad_custom_banned_passwords", banned);
    let graded = |earned: usize, parts: usize| {
        word(if earned == parts {
            "met"
        } else if earned == 0 {
            "notMet"
        } else {
            "partial"
        })
    };
    controls.insert("sms_voice_email_off", graded(settings.weak_methods_off.iter().filter(|off| **off).count(), 3));
    let guest = match settings.guest_role {
        GUEST_RESTRICTED => 2,
        GUEST_LIMITED => 1,
        _ => 0,
    };
    controls.insert("guest_access_restricted", graded(guest, 2));
    let sync = match (tenant.hybrid, options.on_premises_sync, settings.password_sync) {
        (false, ..) => word("notApplicable"),
        // Without the collector's option, Microsoft's own score says it.
        (true, _, synced) => yes_or_no(synced),
    };
    controls.insert("PasswordHashSync", sync);
}

fn workloads(ground: &Ground<'_>, planted: &mut Planted, controls: &mut Controls) {
    let tenant = ground.tenant;
    let mut credentials = Tally::default();
    let mut tier0 = Tally::default();
    for (number, software) in tenant.software.iter().enumerate() {
        let with_keys = if software.home == Home::Ours { software.credentials.as_slice() } else { &[] };
        for (index, credential) in with_keys.iter().enumerate().filter(|(_, credential)| credential.is_valid()) {
            if credential.is_too_long() {
                credentials.escaping += 1;
                planted.credentials_too_long.add(true, || tenant.key_id(number, index));
            } else {
                credentials.covered += 1;
            }
        }
        if software.is_tier0() {
            planted.tier0_holders.add(true, || tenant.service_principal_id(number));
            let admins_only = software
                .owners
                .iter()
                .all(|owner| tenant.roles.get(owner).is_some_and(crate::roles::RolesOfUser::is_privileged));
            let safe = software.approved
                && tenant.declared
                && !with_keys.iter().any(|credential| credential.is_secret)
                && admins_only;
            if safe { tier0.covered += 1 } else { tier0.escaping += 1 }
        }
    }
    controls.insert("app_credentials_expiry", counted(credentials, false));
    controls.insert("high_privilege_app_roles", counted(tier0, false));
    let mut groups = Tally::default();
    for group in tenant.groups.list.iter().filter(|group| group.is_public()) {
        planted.public_groups.add(true, || group.id.clone());
        if group.is_approved() && tenant.declared { groups.covered += 1 } else { groups.escaping += 1 }
    }
    controls.insert("aad_managed_approved_public_groups_only", counted(groups, false));
}
