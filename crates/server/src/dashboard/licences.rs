//! Licences: what is paid for and not used, and what another one would bring.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_history::{LicenceUse, licence_use};
use idscore_score::Set;
use idscore_snapshot::{OwnedSku, Snapshot};
use idscore_store::now;
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;

use super::address::part;
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::AtAssessed;
use crate::state::Service;

/// Plans that bring an edition.
const P1: &str = "AAD_PREMIUM";
const P2: &str = "AAD_PREMIUM_P2";

#[derive(Template)]
#[template(path = "licences.html")]
struct LicencesPage {
    frame: Frame,
    editions: Vec<Edition>,
    skus: Vec<Sku>,
    no_skus: String,
    remedy: Option<String>,
}

struct Edition {
    id: String,
    name: String,
    owned: String,
    class: &'static str,
    said: Vec<String>,
    controls: Vec<Control>,
}

struct Control {
    address: String,
    title: String,
    set: String,
    points: String,
}

struct Sku {
    name: String,
    state: String,
    seats: String,
    assigned: String,
    free: String,
    brings: String,
}

/// `GET /tenants/{tenant}/licences`
pub(super) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let history = &service.archive.history;
    let decided = history.actions(&at.tenant.id).await?;
    let frame = at.frame(Place::Licences, &Texts::english().say("nav-licences"));
    let t = frame.t;
    let base = format!("/tenants/{}/actions", part(&at.tenant.id));
    let used = licence_use(&newest, &decided, &service.catalogue, now());
    let read = service.reading(&newest, Snapshot::owned_skus).await?;
    let no_skus = read.nothing("licences-no-snapshot").unwrap_or("licences-skus-none");
    let skus = read.known().map(|(skus, _)| skus);
    let missing = newest.has_p1.is_none().then(|| {
        let all = newest.controls.iter().flat_map(|control| &control.missing);
        all.into_iter().find(|missing| missing.data_set == "subscribedSkus")
    });
    render(&LicencesPage {
        editions: used.iter().map(|one| edition(t, &base, one)).collect(),
        no_skus: t.say(no_skus),
        skus: skus.iter().flat_map(|skus| skus.iter()).map(|one| sku(t, one)).collect(),
        remedy: missing.flatten().map(|missing| shown::first_upper(&words::remedy(missing).replace('`', ""))),
        frame,
    })
}

fn edition(t: Texts, base: &str, used: &LicenceUse<'_>) -> Edition {
    let license = format!("{:?}", used.license);
    let (owned, class) = match used.owned {
        Some(true) => ("licences-owned", "met"),
        Some(false) => ("licences-not-owned", "quiet"),
        None => ("licences-unknown", "partial"),
    };
    let points = |points: f64| moves::points(points);
    let said = match used.owned {
        Some(true) if used.unused.is_empty() => t.say("licences-unused-nothing"),
        Some(true) => t.with(
            "licences-unused",
            &[
                ("points", used.unused_core.into()),
                ("percent", (&moves::percent(used.unused_core_percent)).into()),
                ("extended", (&points(used.unused_extended)).into()),
            ],
        ),
        Some(false) if used.locked.is_empty() => t.say("licences-locked-nothing"),
        Some(false) => t.with(
            "licences-locked",
            &[("core", (&points(used.locked_core)).into()), ("extended", (&points(used.locked_extended)).into())],
        ),
        None => t.say("licences-ownership-missing"),
    };
    let control = |id: &str, title: &str, set: Set, to_win: f64| Control {
        address: format!("{base}/{}", part(id)),
        title: title.to_owned(),
        set: words::set(set).to_owned(),
        points: points(to_win),
    };
    let unused =
        used.unused.iter().map(|one| control(&one.control.id, &one.control.title, one.control.set, one.to_win));
    let locked = used.locked.iter().map(|(one, points)| control(&one.id, &one.title, one.set, *points));
    Edition {
        id: license.to_lowercase(),
        name: t.with("licences-edition", &[("license", (&license).into())]),
        owned: t.say(owned),
        class,
        said: vec![said],
        controls: unused.chain(locked).collect(),
    }
}

fn sku(t: Texts, sku: &OwnedSku) -> Sku {
    let has = |plan: &str| sku.plans.iter().any(|known| known.eq_ignore_ascii_case(plan));
    let unknown = || t.say("access-none");
    let count = |count: Option<u64>| count.map_or_else(unknown, words::thousands);
    let free = sku.seats.zip(sku.consumed).map(|(seats, consumed)| seats.saturating_sub(consumed));
    Sku {
        name: sku.name.clone().unwrap_or_else(|| t.say("licences-sku-unnamed")),
        state: sku.status.clone().unwrap_or_else(unknown),
        seats: count(sku.seats),
        assigned: count(sku.consumed),
        free: count(free),
        brings: match (has(P1), has(P2)) {
            (_, true) => "P1, P2".to_owned(),
            (true, false) => "P1".to_owned(),
            (false, false) => t.say("licences-brings-nothing"),
        },
    }
}
