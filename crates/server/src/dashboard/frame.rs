//! What stands around every page: title, navigation, tenant switcher, theme, who is signed in.

use idscore_history::Tenant;
use idscore_store::{Role, Session};
use idscore_words::texts::Texts;

use super::address::part;
use super::assets;
use super::shown;
use super::theme::Theme;

/// Tenants that a list to choose from has room for; with more, the page of all tenants has a search.
const CHOICES: usize = 200;

/// Where in the dashboard a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `/tenants/{tenant}/overview`
    Overview,
    /// `/tenants/{tenant}/actions` and what is below it.
    Actions,
    /// `/tenants/{tenant}/comparison`
    Comparison,
    /// `/tenants/{tenant}/history`
    History,
    /// `/tenants/{tenant}/reviews`
    Reviews,
    /// `/tenants`
    Tenants,
    /// `/tenants/{tenant}/access`
    Access,
    /// `/tenants/{tenant}/licences`
    Licences,
    /// `/tenants/{tenant}/hygiene`
    Hygiene,
    /// `/settings`
    Settings,
    /// Somewhere that the navigation does not name.
    Elsewhere,
}

impl Place {
    /// Pages of a tenant, in the order of the navigation. A page that is added here is in the navigation.
    pub(super) const OF_TENANT: &[Self] = &[
        Self::Overview,
        Self::Actions,
        Self::History,
        Self::Comparison,
        Self::Access,
        Self::Reviews,
        Self::Licences,
        Self::Hygiene,
    ];
    /// Pages of the whole service.
    const OF_SERVICE: &[Self] = &[Self::Tenants, Self::Settings];

    /// The last part of the address.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Actions => "actions",
            Self::Comparison => "comparison",
            Self::History => "history",
            Self::Reviews => "reviews",
            Self::Tenants => "tenants",
            Self::Access => "access",
            Self::Licences => "licences",
            Self::Hygiene => "hygiene",
            Self::Settings => "settings",
            Self::Elsewhere => "",
        }
    }

    /// The key of the name.
    const fn key(self) -> &'static str {
        match self {
            Self::Overview => "nav-overview",
            Self::Actions => "nav-actions",
            Self::Comparison => "nav-comparison",
            Self::History => "nav-history",
            Self::Reviews => "nav-reviews",
            Self::Tenants => "nav-tenants",
            Self::Access => "nav-access",
            Self::Licences => "nav-licences",
            Self::Hygiene => "nav-hygiene",
            Self::Settings => "nav-settings",
            Self::Elsewhere => "",
        }
    }
}

/// The key of a role's name; of one that holds for some tenants only, where a page is of none.
const fn role_key(role: Role, everywhere: bool) -> &'static str {
    match (role, everywhere) {
        (Role::Reader, true) => "menu-role-reader",
        (Role::Operator, true) => "menu-role-operator",
        (Role::Administrator, true) => "menu-role-administrator",
        (Role::Reader, false) => "menu-role-reader-somewhere",
        (Role::Operator, false) => "menu-role-operator-somewhere",
        (Role::Administrator, false) => "menu-role-administrator-somewhere",
    }
}

/// A link of the navigation.
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) current: bool,
}

/// A tenant to choose.
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) current: bool,
}

/// A theme to choose.
pub(crate) struct ThemeChoice {
    pub(crate) word: &'static str,
    pub(crate) name: String,
    pub(crate) current: bool,
}

/// What stands around a page; the templates extend `base.html`, which shows it as `frame`.
pub(crate) struct Frame {
    /// The texts of the visitor's language.
    pub(crate) t: Texts,
    /// Of the window.
    pub(crate) title: String,
    /// `light`, `dark` or `system`.
    pub(crate) theme: Theme,
    /// The navigation; empty where nobody is signed in.
    pub(crate) links: Vec<Link>,
    /// Tenants to switch to; empty where there is nothing to choose.
    pub(crate) tenants: Vec<Choice>,
    /// Where the switcher leads: the last part of an address below a tenant.
    pub(crate) place: &'static str,
    /// Who is signed in; nobody on the page that signs in.
    pub(crate) name: Option<String>,
    /// What they may do here: on this tenant, or on pages of no tenant.
    pub(crate) role: Option<String>,
    /// This page, to come back to.
    pub(crate) address: String,
    token: String,
}

impl Frame {
    /// Around a page for somebody who is not signed in.
    pub(super) fn alone(theme: Theme) -> Self {
        Self {
            t: Texts::english(),
            title: String::new(),
            theme,
            links: vec![],
            tenants: vec![],
            place: "",
            name: None,
            role: None,
            address: "/".to_owned(),
            token: String::new(),
        }
    }

    pub(super) fn of_home(session: &Session, token: String, place: Place, theme: Theme, address: &str) -> Self {
        let roles = &session.person.roles;
        let frame = Self {
            name: Some(session.person.name.clone()),
            role: roles
                .highest()
                .map(|highest| Texts::english().say(role_key(highest, roles.everywhere_role() == Some(highest)))),
            address: address.to_owned(),
            token,
            ..Self::alone(theme)
        };
        let administers = session.person.roles.highest() == Some(Role::Administrator);
        // What would be refused is not offered.
        let open = Place::OF_SERVICE.iter().filter(|one| **one != Place::Settings || administers);
        let links = open.map(|one| frame.link(*one, format!("/{}", one.word()), place)).collect();
        Self { links, ..frame }
    }

    pub(super) fn of_tenant(
        session: &Session,
        token: String,
        tenant: &Tenant,
        tenants: &[Tenant],
        place: Place,
        theme: Theme,
        address: &str,
    ) -> Self {
        let mut frame = Self::of_home(session, token, place, theme, address);
        let role = session.person.roles.at(&tenant.id);
        frame.role = role.map(|role| frame.t.say(role_key(role, true)));
        let of_tenant = |one: &Place| {
            let address = format!("/tenants/{}/{}", part(&tenant.id), one.word());
            frame.link(*one, address, place)
        };
        let mut links: Vec<Link> = Place::OF_TENANT.iter().map(of_tenant).collect();
        links.append(&mut frame.links);
        let choice = |one: &Tenant| Choice { id: one.id.clone(), name: shown::name(one), current: one.id == tenant.id };
        let choices = if (2..=CHOICES).contains(&tenants.len()) { tenants } else { std::slice::from_ref(tenant) };
        let tenants = choices.iter().map(choice).collect();
        Self { links, tenants, place: if place == Place::Elsewhere { "overview" } else { place.word() }, ..frame }
    }

    /// The same with a title.
    pub(super) fn titled(self, title: &str) -> Self {
        let title = format!("{title} · {}", self.t.say("product"));
        Self { title, ..self }
    }

    fn link(&self, place: Place, address: String, here: Place) -> Link {
        Link { name: self.t.say(place.key()), address, current: place == here }
    }

    /// The themes to choose from.
    pub(crate) fn themes(&self) -> Vec<ThemeChoice> {
        let of = |theme: &Theme| {
            let key = match theme {
                Theme::System => "theme-system",
                Theme::Light => "theme-light",
                Theme::Dark => "theme-dark",
            };
            ThemeChoice { word: theme.word(), name: self.t.say(key), current: *theme == self.theme }
        };
        Theme::ALL.iter().map(of).collect()
    }

    /// The hidden field that every form with `method="post"` needs, as HTML.
    pub(crate) fn token_field(&self) -> String {
        // A token has no character that HTML would read.
        format!(r#"<input type="hidden" name="token" value="{}">"#, self.token)
    }

    /// The address of a file of ours.
    #[expect(clippy::unused_self, reason = "templates reach it through the frame")]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}
