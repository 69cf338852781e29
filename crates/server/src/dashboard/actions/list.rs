//! The actions of a tenant: which of them an address asks for, in which order, in which groups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use idscore_catalogue::Catalogue;
use idscore_catalogue::control::Level;
use idscore_history::events::{LossReason, losses};
use idscore_history::{ActionState, KeptAssessment, RankedAction, Together, all_actions, needs_approval, together};
use idscore_store::now;
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;

use super::super::failure::PageFailure;
use super::columns::{level_word, license};
use super::query::Query;
use crate::state::Service;

/// What the list is made of.
pub(crate) struct Plan {
    pub(crate) newest: KeptAssessment,
    /// Decisions by control.
    pub(crate) decided: BTreeMap<String, ActionState>,
    /// Points lost since the data before, by control.
    lost: BTreeMap<String, f64>,
    /// The day of the data before.
    before: Option<String>,
    catalogue: Arc<Catalogue>,
}

/// An action of the list.
#[derive(Clone)]
pub(crate) struct Listed<'a> {
    pub(crate) action: RankedAction<'a>,
    /// Points lost since the data before.
    pub(crate) lost: Option<f64>,
    plan: &'a Plan,
}

/// Some actions under a heading.
pub(crate) struct Group<'a> {
    /// None where the list has no groups.
    pub(crate) heading: Option<String>,
    pub(crate) actions: Vec<Listed<'a>>,
}

impl Plan {
    /// Reads it; none where nothing was assessed yet.
    pub(crate) async fn read(service: &Service, tenant_id: &str) -> Result<Option<Self>, PageFailure> {
        let history = &service.archive.history;
        let Some(newest) = history.newest(tenant_id).await? else { return Ok(None) };
        let before = history.previous(&newest).await?;
        // Points that only went out of sight are not lost.
        let lost =
            before.iter().flat_map(|before| losses(before, &newest)).filter(|loss| loss.reason != LossReason::Sight);
        Ok(Some(Self {
            lost: lost.map(|loss| (loss.control_id.clone(), loss.before - loss.now)).collect(),
            decided: history.actions(tenant_id).await?,
            before: before.map(|before| moves::instant(before.taken_at).chars().take(10).collect()),
            catalogue: service.catalogue.clone(),
            newest,
        }))
    }

    /// Every control in the order of the ranking.
    pub(crate) fn all(&self) -> Vec<Listed<'_>> {
        let actions = all_actions(&self.newest, &self.decided, &self.catalogue, now());
        let lost = |action: &RankedAction<'_>| self.lost.get(&action.control.id).copied();
        actions.into_iter().map(|action| Listed { lost: lost(&action), action, plan: self }).collect()
    }

    /// Those that an address asks for, in its order.
    pub(crate) fn shown(&self, query: &Query) -> Vec<Listed<'_>> {
        let mut shown: Vec<_> = self.all().into_iter().filter(|listed| listed.fits(query)).collect();
        if let Some((column, down)) = query.sorted_by() {
            shown.sort_by(|one, other| column.order(one, other, down));
        }
        shown
    }

    /// What actions would win together.
    pub(crate) fn together(&self, shown: &[Listed<'_>]) -> Together {
        together(&self.newest, shown.iter().map(|listed| &listed.action))
    }

    /// Names of people who do something, in order.
    pub(crate) fn owners(&self) -> Vec<String> {
        let owners: BTreeSet<&String> = self.decided.values().map(|state| &state.owner).collect();
        owners.into_iter().filter(|owner| !owner.is_empty()).cloned().collect()
    }

    /// Tags in use, in order.
    pub(crate) fn tags(&self) -> Vec<String> {
        let tags: BTreeSet<&String> = self.decided.values().flat_map(|state| &state.tags).collect();
        tags.into_iter().cloned().collect()
    }

    /// Areas of the catalogue, in order.
    pub(crate) fn areas(&self) -> Vec<String> {
        let areas: BTreeSet<String> = self.all().iter().map(Listed::area).collect();
        areas.into_iter().filter(|area| !area.is_empty()).collect()
    }

    /// Frameworks with their names, in order.
    pub(crate) fn frameworks(&self) -> Vec<(String, String)> {
        self.catalogue.frameworks.iter().map(|framework| (framework.name.clone(), framework.full_name())).collect()
    }
}

/// Puts actions under headings.
pub(crate) fn grouped<'a>(t: Texts, shown: Vec<Listed<'a>>, by: &str) -> Vec<Group<'a>> {
    let names: fn(&Listed<'_>, Texts) -> Vec<String> = match by {
        "area" => |listed, _| vec![area_name(&listed.area())],
        "status" => |listed, _| vec![words::status_name(listed.action.status).to_owned()],
        "owner" => |listed, t| {
            let owner = &listed.action.decided.owner;
            vec![if owner.is_empty() { t.say("actions-nobody") } else { owner.clone() }]
        },
        "framework" => |listed, t| {
            let names = listed.frameworks();
            if names.is_empty() { vec![t.say("actions-no-framework")] } else { names }
        },
        _ => return vec![Group { heading: None, actions: shown }],
    };
    // Groups stand in the order in which their first action does.
    let mut groups: Vec<Group<'a>> = Vec::new();
    for listed in shown {
        for name in names(&listed, t) {
            match groups.iter_mut().find(|group| group.heading.as_deref() == Some(name.as_str())) {
                Some(group) => group.actions.push(listed.clone()),
                None => groups.push(Group { heading: Some(name), actions: vec![listed.clone()] }),
            }
        }
    }
    groups
}

/// "Conditional access" of `conditional-access`.
pub(crate) fn area_name(area: &str) -> String {
    super::super::shown::first_upper(&area.replace('-', " "))
}

impl Listed<'_> {
    pub(crate) fn id(&self) -> &str {
        &self.action.control.id
    }

    /// The folder of the control.
    pub(crate) fn area(&self) -> String {
        self.action.known.map(|known| known.area.clone()).unwrap_or_default()
    }

    pub(crate) fn effort(&self) -> Option<Level> {
        self.action.known.map(|known| known.effort)
    }

    pub(crate) fn user_impact(&self) -> Option<Level> {
        self.action.known.map(|known| known.user_impact)
    }

    /// The names of the frameworks that speak of it.
    pub(crate) fn frameworks(&self) -> Vec<String> {
        let sections = self.plan.catalogue.sections_of(self.id());
        let mut names: Vec<String> = sections.iter().map(|(framework, _)| framework.full_name()).collect();
        names.dedup();
        names
    }

    /// Who loses the points, and how many of them have no method; nothing where the tenant itself is judged.
    pub(crate) fn people(&self, t: Texts) -> (String, String) {
        let control = self.action.control;
        let (Some(table), Some(open)) = (self.action.table, self.action.open) else {
            return (t.say("actions-people-tenant"), String::new());
        };
        if control.score.is_none() && control.total == 0 {
            return (t.say("actions-none"), String::new());
        }
        let unit = words::unit(table);
        let many = if open == 1 { unit.to_owned() } else { format!("{unit}s") };
        let without = control.without_method.filter(|without| *without > 0);
        let without = without.map(|without| t.with("actions-people-without", &[("count", without.into())]));
        let unknown =
            (control.unknown > 0).then(|| t.with("actions-people-unknown", &[("count", control.unknown.into())]));
        let below: Vec<String> = without.into_iter().chain(unknown).collect();
        (format!("{} {many}", words::thousands(open)), below.join(", "))
    }

    /// What it lost since the data before, in words.
    pub(crate) fn regressed(&self, t: Texts) -> Option<String> {
        let lost = self.lost?;
        let since = self.plan.before.as_deref().unwrap_or_default();
        Some(t.with("actions-regressed", &[("points", lost.into()), ("since", since.into())]))
    }

    /// What would bring what is missing.
    pub(crate) fn missing(&self, t: Texts) -> String {
        let control = self.action.control;
        if control.outcome != idscore_score::Outcome::NotAssessed {
            return String::new();
        }
        let remedies: Vec<String> =
            control.missing.iter().map(|missing| words::remedy(missing).replace('`', "")).collect();
        if remedies.is_empty() { t.say("overview-missed-why") } else { remedies.join(", ") }
    }

    /// Until when a decision counts.
    pub(crate) fn until(&self, t: Texts) -> String {
        let decided = &self.action.decided;
        let expires = decided.expires.filter(|_| needs_approval(self.action.status));
        expires.map(|day| t.with("actions-until", &[("day", (&day.to_string()).into())])).unwrap_or_default()
    }

    fn fits(&self, query: &Query) -> bool {
        let (action, control) = (&self.action, self.action.control);
        let any = |wanted: &[String], is: &str| wanted.is_empty() || wanted.iter().any(|one| one == is);
        let level = |wanted: &[String], is: Option<Level>| any(wanted, is.map_or("", level_word));
        let license = match (license(self).is_some(), action.license_owned) {
            (false, _) => "none",
            (true, Some(true)) => "owned",
            (true, Some(false)) => "missing",
            (true, None) => "unknown",
        };
        let owner = if action.decided.owner.is_empty() { "-" } else { &action.decided.owner };
        let in_framework = |name: &String| {
            self.plan.catalogue.sections_of(self.id()).iter().any(|(framework, _)| framework.name == *name)
        };
        any(&query.status, words::status_key(action.status))
            && any(&query.outcome, words::outcome_key(control.outcome))
            && any(&query.area, &self.area())
            && any(&query.set, words::set(control.set))
            && any(&query.license, license)
            && any(&query.owner, owner)
            && level(&query.user_impact, self.user_impact())
            && level(&query.effort, self.effort())
            && query.least_impact().is_none_or(|least| control.max_score.is_some() && action.impact_percent >= least)
            && (query.tag.is_empty() || query.tag.iter().any(|tag| action.decided.tags.contains(tag)))
            && (query.framework.is_empty() || query.framework.iter().any(in_framework))
            && (query.regressed.is_empty() || self.lost.is_some())
            && self.says(&query.q)
    }

    /// Whether every word of a search stands somewhere in it.
    fn says(&self, search: &str) -> bool {
        let decided = &self.action.decided;
        let mut text =
            [&self.action.control.title, &self.action.control.id, &decided.owner, &decided.note, &decided.reason]
                .map(|text| text.to_lowercase())
                .join("\n");
        text.push_str(&format!("\n{}\n{}", self.area(), decided.tags.join("\n").to_lowercase()));
        search.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}
