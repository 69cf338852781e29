//! Bodies that are made while they are sent, so that a large answer is never in memory as a whole.

use std::future::Future;

use axum::body::{Body, Bytes};
use idscore_store::HistoryError;
use tokio::sync::mpsc;

/// Pieces that wait at most: who reads slowly holds no more than these.
const WAITING: usize = 2;

/// Where the pieces of a body go.
pub(crate) struct Pieces(mpsc::Sender<Result<Bytes, HistoryError>>);

/// Why a body ends before its end.
pub(crate) enum Broken {
    /// The client has gone.
    Gone,
    /// What belongs into it can't be read.
    Unread(HistoryError),
}

impl From<HistoryError> for Broken {
    fn from(error: HistoryError) -> Self {
        Self::Unread(error)
    }
}

impl Pieces {
    /// Hands on a piece, once there is place for it.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub(crate) async fn send(&self, piece: String) -> Result<(), Broken> {
        self.0.send(Ok(Bytes::from(piece))).await.map_err(|_| Broken::Gone)
    }
}

/// A body of the pieces that `make` sends. Where it fails, also by a panic, the answer is cut off, so that nobody takes it for whole.
pub(crate) fn streamed<F>(make: impl FnOnce(Pieces) -> F) -> Body
where
    F: Future<Output = Result<(), Broken>> + Send + 'static,
{
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let cut_off = sender.clone();
    let made = tokio::spawn(make(Pieces(sender)));
    tokio::spawn(async move {
        let error = match made.await {
            Ok(Ok(()) | Err(Broken::Gone)) => return,
            Ok(Err(Broken::Unread(error))) => error,
            Err(panic) => HistoryError::Damaged { what: "answer", source: Box::new(panic) },
        };
        tracing::error!(%error, "an answer could not be made to its end");
        // When nobody reads any more, nobody needs to know.
        let _ = cut_off.send(Err(error)).await;
    });
    Body::from_stream(futures_util::stream::poll_fn(move |context| receiver.poll_recv(context)))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn read(body: Body) -> Result<String, axum::Error> {
        body.collect().await.map(|whole| String::from_utf8_lossy(&whole.to_bytes()).into_owned())
    }

    #[tokio::test]
    async fn pieces_arrive_in_their_order() {
        let body = streamed(|pieces| async move {
            for piece in ["one ", "two ", "three ", "four"] {
                pieces.send(piece.to_owned()).await?;
            }
            Ok(())
        });
        assert_eq!(read(body).await.unwrap(), "one two three four");
    }

    #[tokio::test]
    async fn what_fails_or_panics_in_the_middle_never_looks_whole() {
        let body = streamed(|pieces| async move {
            pieces.send("one".to_owned()).await?;
            Err(HistoryError::NotFound { what: "rest", id: String::new() }.into())
        });
        assert!(read(body).await.is_err());
        let body = streamed(|pieces| async move {
            pieces.send("one".to_owned()).await?;
            panic!("on purpose")
        });
        assert!(read(body).await.is_err());
    }

    #[tokio::test]
    async fn who_has_gone_is_made_nothing_more_for() {
        let (told, heard) = tokio::sync::oneshot::channel();
        let body = streamed(|pieces| async move {
            let ended = loop {
                if let Err(broken) = pieces.send("more".to_owned()).await {
                    break broken;
                }
            };
            told.send(matches!(ended, Broken::Gone)).ok();
            Err(ended)
        });
        drop(body);
        assert!(heard.await.unwrap());
    }
}
