//! Nothing was assessed yet: how to begin.

use askama::Template;
use axum::response::Response;

use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::visitor::AtHome;

#[derive(Template)]
#[template(path = "first_run.html")]
struct FirstRunPage {
    frame: Frame,
}

/// `GET /first-run`
pub(super) async fn page(at: AtHome) -> Result<Response, PageFailure> {
    let frame = at.frame(Place::Elsewhere, "");
    let title = frame.t.say("first-run-title");
    render(&FirstRunPage { frame: at.frame(Place::Elsewhere, &title) })
}
