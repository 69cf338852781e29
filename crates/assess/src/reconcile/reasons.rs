//! Why the two sides of a control differ: one rule per reason, the likeliest first.
//!
//! Where a rule comes from stands with its [`ReasonKind`]: *documented* by Microsoft, *seen* in scores as Graph served them, or
//! *reported* by others. A reason is likely, not proven: Microsoft publishes neither its populations nor its rules.

use idscore_score::{MissingKind, Outcome, Set, Status};
use jiff::Timestamp;
use serde::Serialize;

use super::case::Case;
use super::shown;
use crate::result::INSIDER_RISK;

/// A likely reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// What kind.
    pub kind: ReasonKind,
    /// One sentence about this control in this tenant.
    pub says: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ReasonKind {
    /// We could not judge the control; the sentence names what would bring the data.
    NotAssessedHere,
    /// The control does not apply here: hash synchronisation in a tenant that was never synchronised. Seen: Microsoft does not
    /// list it there either.
    NotApplicableHere,
    /// Insider risk: seen as a recommendation in category identitySecureScore, never proven to be part of Microsoft's total.
    InsiderRisk,
    /// Microsoft has a profile and no score. Seen: controls of products that are not owned keep their profiles.
    NoScoreAtMicrosoft,
    /// Microsoft scores it and we have no such control.
    NoControlHere,
    /// We judge it in the extended set, which is not in our total.
    ExtendedHere,
    /// An administrator decided at Microsoft. Documented: `ThirdParty` and alternate mitigation earn full points unmeasured,
    /// an accepted risk earns none for its open part.
    DecidedAtMicrosoft,
    /// `idscore.toml` declares a resolution that Microsoft doesn't know of.
    DecidedHere,
    /// A policy changed after Microsoft's data were synchronised.
    ChangedSince,
    /// The points differ. Seen: the documentation gives blocking legacy authentication 7, Graph serves 8.
    OtherMaximum,
    /// Objects that we could not judge leave our share and not Microsoft's.
    UnknownHere,
    /// Documented: security defaults earn full points for administrators' MFA, legacy authentication and registration. Seen:
    /// registration stays proportional all the same.
    SecurityDefaults,
    /// Documented: the controls of an edition that is not owned stay in the maximum. Seen: a Free tenant with full points
    /// for both risk controls, unexplained.
    Licence,
    /// The populations differ. Seen: Microsoft counts break-glass and synchronisation accounts, unlicensed users and some
    /// guests, not disabled users, and differs from control to control inside one tenant.
    Population,
    /// Seen until about 2023: `count` is the objects that do *not* comply.
    CountMeaning,
    /// The data are not of the same age. Documented: a day, at times up to 72 hours; seen: two days.
    DataAge,
    /// Seen (inferred): report-only policies earn nothing at Microsoft either, so points there are of an earlier state.
    ReportOnly,
    /// Reported: policies of Identity Protection's own kind counted too. Graph does not show them.
    ClassicPolicy,
    /// Seen: full points for passwords that never expire, while Microsoft's own text says that they do.
    TextContradicts,
    /// The same population, and another verdict on some of it.
    OtherVerdict,
    /// No rule explains the difference.
    Unexplained,
}

type Rule = fn(&Case<'_>) -> Option<Reason>;

/// For a control that has a score on one side only, or on none.
const ONE_SIDED: &[Rule] = &[
    |case| case.not_assessed(),
    |case| case.insider_risk(),
    |case| case.not_applicable(),
    |case| case.no_control_here(),
    |case| case.decided_at_microsoft(),
    |case| case.no_score_at_microsoft(),
];

/// For points that differ, what is certain before what is only likely.
const DIFFERING: &[Rule] = &[
    |case| case.decided_at_microsoft(),
    |case| case.decided_here(),
    |case| case.changed_since(),
    |case| case.other_maximum(),
    |case| case.security_defaults(),
    |case| case.licence(),
    |case| case.population(),
    |case| case.unknown_here(),
    |case| case.other_verdict(),
    |case| case.text_contradicts(),
    |case| case.report_only(),
    |case| case.data_age(),
    |case| case.classic_policy(),
    |case| case.count_meaning(),
];

/// Controls that rest on a proof over every sign-in.
const PROVEN: &[&str] =
    &["AdminMFAV2", "BlockLegacyAuthentication", "SigninRiskPolicy", "UserRiskPolicy", "insiderRiskPolicy"];
/// In seconds.
const HOUR: i64 = 3600;

impl Case<'_> {
    /// The likely reasons; none where both sides agree.
    pub(super) fn reasons(&self) -> Vec<Reason> {
        let (ours, theirs) = self.scores();
        let mut found: Vec<Reason> = match (ours, theirs) {
            // The points agree all the same, but a reader of the counts would wonder.
            (Some(_), Some(_)) if self.equal() => self.count_meaning().into_iter().collect(),
            (Some(_), Some(_)) => DIFFERING.iter().filter_map(|rule| rule(self)).collect(),
            _ => ONE_SIDED.iter().filter_map(|rule| rule(self)).collect(),
        };
        if found.is_empty() && ours.zip(theirs).is_some() && !self.equal() {
            let says = "no rule explains it; compare the objects of `explain` with Microsoft's own list";
            found.push(because(ReasonKind::Unexplained, says));
        }
        // Full points without measuring need no second reason.
        let full = self.theirs.as_ref().is_some_and(|theirs| theirs.score.is_some() && theirs.score == theirs.max);
        if full && found.first().is_some_and(|reason| reason.kind == ReasonKind::DecidedAtMicrosoft) {
            found.truncate(1);
        }
        found.extend(self.extended_here());
        if !found.iter().any(|reason| reason.kind == ReasonKind::InsiderRisk) {
            found.extend(self.insider_risk());
        }
        found
    }

    fn not_assessed(&self) -> Option<Reason> {
        let result = self.ours.filter(|result| result.outcome == Outcome::NotAssessed)?;
        let missing = result.missing.iter().map(|missing| match missing.kind {
            MissingKind::Permission => format!("`{}` needs the permission {}", missing.data_set, missing.name),
            MissingKind::Licence => format!("`{}` needs the licence {}", missing.data_set, missing.name),
            MissingKind::Collection => format!("`{}` was not collected, or not whole", missing.data_set),
        });
        let missing: Vec<_> = missing.collect();
        let why = if missing.is_empty() { result.notes.join("; ") } else { missing.join(", ") };
        Some(because(ReasonKind::NotAssessedHere, format!("not assessed here: {why}")))
    }

    fn insider_risk(&self) -> Option<Reason> {
        let says = "Microsoft serves it as a recommendation; whether it is part of Microsoft's total is not settled, so it \
                    is in neither sum";
        self.id.eq_ignore_ascii_case(INSIDER_RISK).then(|| because(ReasonKind::InsiderRisk, says))
    }

    fn not_applicable(&self) -> Option<Reason> {
        let result = self.ours.filter(|result| result.outcome == Outcome::NotApplicable)?;
        let says = if result.id == "PasswordHashSync" {
            let listed = if self.scores().1.is_some() { "Microsoft lists it all the same" } else { "nor at Microsoft" };
            format!("does not apply here, since the tenant is not synchronised from on premises; {listed}")
        } else if let Some(license) = &result.needs_license {
            format!("does not apply here: the tenant does not own {license}")
        } else {
            "does not apply here".to_owned()
        };
        Some(because(ReasonKind::NotApplicableHere, says))
    }

    fn no_control_here(&self) -> Option<Reason> {
        let service = self.profile.and_then(|profile| profile.service.as_deref());
        let service = service.map(|service| format!(" (service {service})")).unwrap_or_default();
        let deprecated = self.profile.is_some_and(|profile| profile.deprecated == Some(true));
        let says = if deprecated {
            format!("Microsoft calls the control deprecated{service}, and idscore does not have it")
        } else {
            format!("Microsoft counts it as Identity{service}; idscore has no such control")
        };
        self.ours.is_none().then(|| because(ReasonKind::NoControlHere, says))
    }

    fn extended_here(&self) -> Option<Reason> {
        let says = "idscore judges it in the extended set, so it is in Microsoft's sum only";
        self.ours.filter(|result| result.set == Set::Extended).map(|_| because(ReasonKind::ExtendedHere, says))
    }

    fn no_score_at_microsoft(&self) -> Option<Reason> {
        self.ours.filter(|result| result.score.is_some() && result.id != INSIDER_RISK)?;
        let says = if self.theirs.is_some() {
            "Microsoft lists the control without points"
        } else if self.profile.is_some() {
            "Microsoft has a profile of the control and no score: it does not apply there, or its product is not owned"
        } else {
            "Microsoft's score does not list the control, and the export has no profile of it"
        };
        Some(because(ReasonKind::NoScoreAtMicrosoft, says))
    }

    fn decided_at_microsoft(&self) -> Option<Reason> {
        let state = self.decision()?;
        let same = self.ours.is_some_and(|result| match result.status {
            Status::ThirdParty => state.eq_ignore_ascii_case("ThirdParty"),
            Status::RiskAccepted => state.eq_ignore_ascii_case("Ignored") || state.eq_ignore_ascii_case("riskAccepted"),
            _ => false,
        });
        let effect = match state.to_ascii_lowercase().as_str() {
            "ignored" | "riskaccepted" | "dismissed" => "no points for the open part",
            _ => "full points without measuring",
        };
        let says = format!(
            "decided at Microsoft as `{}`: {effect}; a [[status]] in idscore.toml would say the same here",
            state.chars().take(40).collect::<String>()
        );
        (!same).then(|| because(ReasonKind::DecidedAtMicrosoft, says))
    }

    fn decided_here(&self) -> Option<Reason> {
        let result = self.ours?;
        let says = match result.status {
            Status::ThirdParty | Status::AlternateMitigation => {
                "idscore.toml declares it resolved, which earns full points"
            }
            Status::RiskAccepted => "idscore.toml accepts the risk, which earns nothing for the open part",
            Status::ToAddress | Status::Planned | Status::Completed => return None,
        };
        self.decision().is_none().then(|| because(ReasonKind::DecidedHere, says))
    }

    fn changed_since(&self) -> Option<Reason> {
        let data = self.data_of()?;
        let taken_at = self.taken_at?;
        let changed = self.policies().find(|policy| {
            !policy.report_only && policy.changed.is_some_and(|changed| changed > data && changed <= taken_at)
        })?;
        let when = changed.changed.map(day).unwrap_or_default();
        let says = format!(
            "the policy `{}` was made or changed on {when}, after Microsoft's data of {}",
            changed.name,
            day(data)
        );
        Some(because(ReasonKind::ChangedSince, says))
    }

    fn other_maximum(&self) -> Option<Reason> {
        let ours = self.ours?.max_score.as_ref().map(shown)?;
        let theirs = self.theirs.as_ref()?.max?;
        let says = format!("the control is worth {} points here and {} at Microsoft", plain(ours), plain(theirs));
        ((ours - theirs).abs() > 0.05).then(|| because(ReasonKind::OtherMaximum, says))
    }

    fn security_defaults(&self) -> Option<Reason> {
        let more = self.gap()? > 0.0;
        let says = match self.id {
            "AdminMFAV2" | "BlockLegacyAuthentication" if !more => {
                "security defaults are on: idscore credits them in full, as documented; Microsoft's data may be older"
            }
            "AdminMFAV2" | "BlockLegacyAuthentication" | "MFARegistrationV2" if more => {
                "security defaults are on, for which Microsoft documents full points; idscore counts who is covered and registered"
            }
            _ => return None,
        };
        (self.surroundings.security_defaults == Some(true)).then(|| because(ReasonKind::SecurityDefaults, says))
    }

    fn licence(&self) -> Option<Reason> {
        let license = self.ours?.needs_license.as_ref()?;
        let says = format!(
            "needs {license}, which the tenant does not own: idscore gives what is measured; Microsoft was seen giving full points"
        );
        (self.gap()? > 0.0).then(|| because(ReasonKind::Licence, says))
    }

    fn population(&self) -> Option<Reason> {
        let (ours, theirs) = self.populations()?;
        if ours == theirs {
            return None;
        }
        let (apart, more) = (ours.abs_diff(theirs), theirs > ours);
        let enabled = self.users.enabled_members + self.users.enabled_guests + self.users.agents;
        let mut groups = vec![(self.users.enabled_guests, "guests".to_owned())];
        if more {
            groups.extend(self.users.excepted.iter().map(|(kind, users)| (*users, left_out(kind))));
            groups.push((self.users.total.saturating_sub(enabled), "disabled accounts".to_owned()));
        }
        let fits = groups.into_iter().find(|(users, _)| *users == apart).map(|(_, name)| name);
        let guess = match (fits, more) {
            (Some(name), _) => format!("as many as there are {name}"),
            (None, _) if self.id == "AdminMFAV2" => {
                "compat counts active roles only; whether Microsoft counts eligible ones is not known".to_owned()
            }
            (None, true) => "Microsoft counts synchronisation accounts and some guests".to_owned(),
            (None, false) => "Microsoft leaves some guests out, and newer accounts may be missing".to_owned(),
        };
        let way = if more { "more" } else { "fewer" };
        let says = format!("Microsoft counts {theirs} objects, {apart} {way} than idscore: {guess}");
        Some(because(ReasonKind::Population, says))
    }

    fn unknown_here(&self) -> Option<Reason> {
        let unknown = self.ours?.unknown;
        let objects = if unknown == 1 { "1 object".to_owned() } else { format!("{unknown} objects") };
        let says = format!("{objects} could not be judged here and left our share");
        (unknown > 0).then(|| because(ReasonKind::UnknownHere, says))
    }

    fn other_verdict(&self) -> Option<Reason> {
        let (ours, theirs) = self.populations()?;
        let (compliant, _) = self.theirs.as_ref()?.compliant()?;
        let result = self.ours?;
        // What could not be judged here may be what complies there.
        let explained = (result.count..=result.count + result.unknown).contains(&compliant);
        let proven = PROVEN.contains(&self.id) && compliant > result.count;
        let strict = if proven { ", where one sign-in that escapes is enough to fail" } else { "" };
        let listed = self.impacted().map(|open| format!("; its recommendation lists {open} open")).unwrap_or_default();
        let says = format!(
            "of the same {ours} objects {compliant} meet the rule for Microsoft{listed}, and {} here{strict}",
            result.count
        );
        (ours == theirs && !explained).then(|| because(ReasonKind::OtherVerdict, says))
    }

    fn data_age(&self) -> Option<Reason> {
        let (data, taken_at) = (self.data_of()?, self.taken_at?);
        let hours = taken_at.duration_since(data).as_secs() / HOUR;
        let usual = if hours > 72 { "more than the documented 72 hours" } else { "Microsoft lags 24 to 72 hours" };
        let says = match hours {
            24.. => format!("Microsoft's data are of {}, {hours} hours before the export; {usual}", day(data)),
            -1 => format!("Microsoft's data are of {}, an hour after the export", day(data)),
            ..-1 => format!("Microsoft's data are of {}, {} hours after the export", day(data), hours.unsigned_abs()),
            _ => return None,
        };
        Some(because(ReasonKind::DataAge, says))
    }

    fn report_only(&self) -> Option<Reason> {
        let policy = self.policies().find(|policy| policy.report_only)?;
        let says = format!(
            "the policy `{}` is report-only, which earns nothing here nor, as far as seen, at Microsoft: it may have been enabled before",
            policy.name
        );
        (self.gap()? > 0.0).then(|| because(ReasonKind::ReportOnly, says))
    }

    fn classic_policy(&self) -> Option<Reason> {
        let risk = matches!(self.id, "SigninRiskPolicy" | "UserRiskPolicy");
        let says = "a policy of Identity Protection's own kind may count at Microsoft; Graph does not show those";
        (risk && self.gap()? > 0.0).then(|| because(ReasonKind::ClassicPolicy, says))
    }

    fn text_contradicts(&self) -> Option<Reason> {
        let passwords = self.id == "PWAgePolicyNew";
        let says = "Microsoft was seen giving full points while its own text says that passwords expire; idscore reads every domain";
        (passwords && self.gap()? > 0.0).then(|| because(ReasonKind::TextContradicts, says))
    }

    fn count_meaning(&self) -> Option<Reason> {
        let theirs = self.theirs.as_ref()?;
        let (_, flipped) = theirs.compliant()?;
        let says = format!(
            "Microsoft's count of {} means objects that do not comply, as it did until about 2023",
            theirs.count.unwrap_or_default()
        );
        flipped.then(|| because(ReasonKind::CountMeaning, says))
    }
}

fn because(kind: ReasonKind, says: impl Into<String>) -> Reason {
    Reason { kind, says: says.into() }
}

/// What is left out of our populations, in words.
fn left_out(kind: &str) -> String {
    match kind {
        "agent" => "agent users".to_owned(),
        "breakGlass" => "declared break-glass accounts".to_owned(),
        "service" => "declared service accounts".to_owned(),
        "directorySync" => "synchronisation accounts".to_owned(),
        other => format!("accounts left out as `{other}`"),
    }
}

/// `2026-11-19`.
fn day(instant: Timestamp) -> String {
    instant.to_string().chars().take(10).collect()
}

/// `8`, `7.5`.
fn plain(points: f64) -> String {
    let text = format!("{points:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
