//! The variable segments of a path, refused with Graph's error body where they can name nothing.

use crate::failure::Failure;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// As [`Path`], but a segment that is no text is a 400 as every other.
pub(crate) struct Segments<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        // PostgreSQL takes no NUL in a text, so no id holds one.
        if parts.uri.path().contains("%00") {
            return Err(Failure::Bad("The path holds a NUL.".to_owned()));
        }
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(segments)| Self(segments)).map_err(|error| Failure::Bad(error.body_text()))
    }
}
