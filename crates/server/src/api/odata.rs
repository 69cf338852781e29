//! OData query options, paging and errors as clients of Microsoft Graph know them. Pure functions over JSON; no HTTP types.
//!
//! A route parses the query string with [`Query::parse`], loads its rows (helped by [`Query::equals`] and
//! [`Query::top_hint`]), lets [`apply`] filter, order, page and select, and shapes the answer with [`collection`].
//! The rules are those of *OData 4.01 Part 2: URL Conventions* and of Microsoft Graph's page *Use query parameters to
//! customize responses*; where the two differ, or leave a choice, the item concerned says what was chosen.
//!
//! The parser is our own. `odata-params` 0.4, the nearest crate, gives `and` and `or` the same
//! precedence, has no doubled quotes, property paths, lambdas or positions, and bounds neither length nor nesting.

mod answer;
mod entity;
mod error;
pub mod filter;
mod key;
mod options;
mod order;
mod page;
mod query;
mod select;
mod skip_token;
#[cfg(test)]
mod tests;
mod types;

pub use answer::{collection, next_link};
pub use entity::{EntityType, OrderBy, Property, PropertyType, StructuredType};
pub use error::ODataError;
pub use order::{Direction, OrderKey};
pub use page::{Page, apply};
pub use query::Query;
pub use types::{IMPACTED_RESOURCE, RECOMMENDATION, SECURE_SCORE, SECURE_SCORE_CONTROL_PROFILE, TENANT_SECURE_SCORE};
