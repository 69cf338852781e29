//! The result under *compat* beside Microsoft's own score, control by control, as `idscore reconcile` says it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_assess::{ReconciledControl, Reconciliation, Verdict};
use idscore_words::reconciled;
use idscore_words::texts::Texts;

use crate::dashboard::address::part;
use crate::dashboard::failure::{PageFailure, render};
use crate::dashboard::frame::{Frame, Place};
use crate::dashboard::shown;
use crate::dashboard::visitor::AtAssessed;
use crate::state::Service;

#[derive(Template)]
#[template(path = "microsoft.html")]
struct MicrosoftPage {
    frame: Frame,
    tenant: String,
    base: String,
    /// Why there is nothing to lay beside ours.
    nothing: Option<String>,
    /// Another configuration is in force than that of the assessment.
    other: bool,
    instants: String,
    together: Vec<String>,
    rows: Vec<Row>,
    /// Both sums and their difference.
    all: [String; 3],
}

struct Row {
    id: String,
    title: String,
    /// The action, where it is one of ours.
    address: Option<String>,
    numbers: [String; 3],
    chip: &'static str,
    short: &'static str,
    reasons: Vec<String>,
}

/// `GET /tenants/{tenant}/comparison/microsoft`
pub(in crate::dashboard) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let frame = at.frame(Place::Comparison, &Texts::english().say("microsoft-title"));
    let t = frame.t;
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let tenant = shown::name(&at.tenant);
    let empty = |nothing: &str| MicrosoftPage {
        frame: at.frame(Place::Comparison, &t.say("microsoft-title")),
        tenant: tenant.clone(),
        base: base.clone(),
        nothing: Some(t.say(nothing)),
        other: false,
        instants: String::new(),
        together: vec![],
        rows: vec![],
        all: Default::default(),
    };
    let read = service.reconciliation(&newest).await?;
    let nothing = read.nothing("microsoft-no-snapshot").unwrap_or("microsoft-none");
    let Some((found, other)) = read.known() else { return render(&empty(nothing)) };
    let Some(found) = found.as_ref() else { return render(&empty("microsoft-none")) };
    render(&MicrosoftPage {
        nothing: None,
        other,
        instants: reconciled::instants(found),
        together: reconciled::together(found),
        rows: found.controls.iter().map(|control| row(&base, control)).collect(),
        all: sums(found),
        tenant,
        base,
        frame,
    })
}

fn sums(found: &Reconciliation) -> [String; 3] {
    let totals = &found.totals;
    [
        reconciled::of(totals.ours.score, totals.ours.max_score),
        reconciled::of(totals.microsoft.score, totals.microsoft.max_score),
        reconciled::all(totals),
    ]
}

fn row(base: &str, control: &ReconciledControl) -> Row {
    Row {
        id: control.id.clone(),
        title: control.title.clone().unwrap_or_default(),
        address: control.ours.as_ref().map(|_| format!("{base}/actions/{}", part(&control.id))),
        numbers: [reconciled::ours(control), reconciled::microsofts(control), reconciled::difference(control)],
        chip: match control.verdict {
            Verdict::Equal => "met",
            Verdict::Differs => "partial",
            Verdict::OnlyHere | Verdict::OnlyMicrosoft | Verdict::NotCounted => "quiet",
        },
        short: reconciled::short(control),
        reasons: control.reasons.iter().map(|reason| reconciled::capital(&reason.says)).collect(),
    }
}
