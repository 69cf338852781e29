//! A form with a file, read part by part: nothing of it is written before its first part proves that a page of this
//! session sent it.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body::{Frame, SizeHint};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use multer::{Constraints, Field, Multipart, SizeLimit};
use tokio::time::timeout;

use super::DRAINING;
use crate::dashboard::failure::PageFailure;
use crate::dashboard::form::from_here;
use crate::dashboard::visitor::Visitor;
use crate::failure::Failure;
use crate::uploads::keep::{Arriving, believable};

/// The most bytes of a field beside the file.
const SMALL: usize = 256;
/// How much more is read of a form that is refused.
const DRAINED: usize = 64 << 20;

/// A form on its way in.
pub(super) struct Form {
    parts: Multipart<'static>,
    file: Option<Field<'static>>,
    bytes: Option<u64>,
}

impl Form {
    /// A form of that kind; another is refused.
    pub(super) fn new(headers: &HeaderMap, body: Body) -> Result<Self, PageFailure> {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(kind);
        let boundary = boundary.map_err(|_| PageFailure::Bad("The form is of an unknown kind.".to_owned()))?;
        let small = SMALL as u64;
        let limits = SizeLimit::new().for_field("token", small).for_field("takenAt", small);
        let stream = Body::new(OneAtATime { body, given: false }).into_data_stream();
        let parts = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(limits));
        let bytes = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        Ok(Self { parts, file: None, bytes })
    }

    /// Refuses what no page of the visitor's session sent: its token is the first part.
    pub(super) async fn admitted(&mut self, visitor: &Visitor, headers: &HeaderMap) -> Result<(), PageFailure> {
        if !from_here(headers) {
            return Err(PageFailure::Forged);
        }
        let first = self.parts.next_field().await.ok().flatten().ok_or(PageFailure::Forged)?;
        let named = first.name() == Some("token");
        let token = first.text().await.map_err(|_| PageFailure::Forged)?;
        if named && visitor.token().fits(&token) { Ok(()) } else { Err(PageFailure::Forged) }
    }

    /// Goes on to the file: by which name it is read, when it was collected if the form says so, and how many bytes it has
    /// at most.
    pub(super) async fn file(&mut self) -> Result<(&'static str, Option<Timestamp>, Option<u64>), Failure> {
        let mut taken_at = None;
        while let Some(field) = self.parts.next_field().await.map_err(broken)? {
            match field.name() {
                Some("takenAt") => taken_at = collected(field.text().await.map_err(broken)?.trim())?,
                Some("export") => {
                    let name = field.file_name().map(str::to_ascii_lowercase).unwrap_or_default();
                    if name.is_empty() {
                        return Err(Failure::Bad("Choose a file first.".to_owned()));
                    }
                    let name = known(&name).ok_or(Failure::MediaType(""))?;
                    self.file = Some(field);
                    // What stands around the file is small; what is exactly too much is seen while it arrives.
                    return Ok((name, taken_at, self.bytes.map(|bytes| bytes.saturating_sub(4 * SMALL as u64))));
                }
                _ => {}
            }
        }
        Err(Failure::Bad("Choose a file first.".to_owned()))
    }

    /// Reads what is still sent, within bounds.
    pub(super) async fn drain(&mut self) {
        let rest = async {
            let mut left = DRAINED;
            loop {
                let Some(field) = &mut self.file else {
                    self.file = self.parts.next_field().await.ok().flatten();
                    if self.file.is_none() {
                        return;
                    }
                    continue;
                };
                match field.chunk().await {
                    Ok(Some(part)) => {
                        let Some(less) = left.checked_sub(part.len()) else { return };
                        left = less;
                    }
                    Ok(None) => self.file = None,
                    Err(_) => return,
                }
            }
        };
        // What does not come in time is not waited for.
        let _ = timeout(DRAINING, rest).await;
    }
}

impl Arriving for Form {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match &mut self.file {
            Some(file) => file.chunk().await.map_err(broken),
            None => Ok(None),
        }
    }
}

fn broken(error: multer::Error) -> Failure {
    Failure::Bad(match error {
        multer::Error::FieldSizeExceeded { .. } => "A field of the form is too long.".to_owned(),
        _ => "The form ended before it was whole.".to_owned(),
    })
}

/// The name that says to the reader what a file is; the content decides when it is read.
fn known(name: &str) -> Option<&'static str> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".zip"]) {
        Some("export.zip")
    } else if ends(&[".tar.gz", ".tgz", ".tar"]) {
        Some("export.tar.gz")
    } else if ends(&[".json"]) {
        Some("export.json")
    } else {
        None
    }
}

/// An instant of the form, in UTC; nothing where the field was left empty.
fn collected(text: &str) -> Result<Option<Timestamp>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let plain = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    let instant = text.parse::<Timestamp>().ok().or_else(plain);
    let wrong = || Failure::Bad("The day and time of collecting can't be read; write 2026-11-20T06:00.".to_owned());
    let instant = instant.ok_or_else(wrong)?;
    believable(instant.as_microsecond(), "say it in the form").map_err(Failure::Bad)?;
    Ok(Some(instant))
}

/// A body that gives one part and then lets others have their turn: whoever reads parts of a form takes as much as is there,
/// and a quick sender would fill the memory.
struct OneAtATime {
    body: Body,
    given: bool,
}

impl http_body::Body for OneAtATime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.given {
            self.given = false;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.given = polled.is_ready();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_sent_and_another_is_not_taken() {
        for (name, read) in [
            ("june.zip", Some("export.zip")),
            ("june.tar.gz", Some("export.tar.gz")),
            ("june.tgz", Some("export.tar.gz")),
            ("providersettingsexport.json", Some("export.json")),
            ("june.xlsx", None),
            ("zip", None),
            ("", None),
        ] {
            assert_eq!(known(name), read, "{name}");
        }
    }

    #[test]
    fn an_instant_of_the_form_is_in_utc_and_never_in_the_future() {
        let of = |text| collected(text).ok().map(|instant| instant.map(|instant| instant.to_string()));
        assert_eq!(of(""), Some(None));
        assert_eq!(of("2026-11-20T06:00"), Some(Some("2026-11-20T06:00:00Z".to_owned())));
        assert_eq!(of("2026-11-20T06:00:00+02:00"), Some(Some("2026-11-20T04:00:00Z".to_owned())));
        assert_eq!([of("yesterday"), of("2999-01-01T00:00"), of("1950-01-01T00:00")], [None, None, None]);
    }
}
