//! What a test asks of the server itself, beside Graph.

use hyper::Method;

use crate::answer::Answer;
use crate::state::State;

/// The folder of such requests; no tenant has this name.
pub(crate) const FOLDER: &str = ".graph-server";

/// `GET statistics`, `POST next-export`, `POST reload`
pub(crate) fn answer(state: &State, method: &Method, rest: &str) -> Answer {
    let told = |changed: Result<u32, super::rows::ExportError>| match changed {
        Ok(generation) => Answer::json(200, serde_json::json!({"export": generation}).to_string().into_bytes()),
        Err(error) => Answer::json(500, serde_json::json!({"error": error.to_string()}).to_string().into_bytes()),
    };
    match (method, rest) {
        (&Method::GET, "statistics") => {
            let statistics = state.counters().so_far.clone();
            Answer::json(200, serde_json::to_vec(&statistics).unwrap_or_default())
        }
        (&Method::POST, "next-export") => told(state.next_export()),
        (&Method::POST, "reload") => told(state.change_to(state.folder().root())),
        _ => Answer::json(404, br#"{"error":"there is GET statistics, POST next-export and POST reload"}"#.to_vec()),
    }
}
