//! What idscore answers over HTTP, in the shape of Microsoft Graph.
//!
//! For now only the rules of OData, as pure functions over JSON: [`api::odata`].

pub mod api;
