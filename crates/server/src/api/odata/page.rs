//! Rows become a page: OData 4.01 Part 1 §11.2.6 *Requesting Data*, in the order that §11.2.1 asks for.

use std::cmp::Ordering;
use std::num::NonZeroUsize;

use serde_json::Value as Json;

use super::order::{compare, keys};
use super::query::Query;
use super::skip_token::Cursor;

/// One page of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The rows, as the answer shows them.
    pub value: Vec<Json>,
    /// How many rows meet the filter, whatever `$top`, `$skip` and pages leave of them; only with `$count=true`.
    pub count: Option<u64>,
    /// The `$skiptoken` of the next page, if there is one.
    pub next: Option<String>,
}

/// Filters, orders, pages and selects.
///
/// The entity's key must be unique among the rows: two rows with equal keys at the end of a page would be one.
/// `$top` is the number of rows in all pages together, as OData 4.01 Part 2 §5.1.6 says, though some of Graph's own
/// collections take it for a page size: who asks for the newest score gets one, and no link. A page is never longer
/// than `page_size`.
/// `$count=true` counts on every page, because the link to the next page keeps the option.
pub fn apply(query: &Query, rows: impl IntoIterator<Item = Json>, page_size: NonZeroUsize) -> Page {
    let met = rows.into_iter().filter(|row| query.filter.as_ref().is_none_or(|filter| filter.matches(row)));
    let mut keyed: Vec<_> = met.map(|row| (keys(&query.order, &row), row)).collect();
    keyed.sort_by(|(left, _), (right, _)| compare(&query.order, left, right));

    let count = query.count.then(|| u64::try_from(keyed.len()).unwrap_or(u64::MAX));
    let (start, left) = match &query.cursor {
        Some(cursor) => {
            let sent = |after: Ordering| after != Ordering::Greater;
            let start = keyed.partition_point(|(keys, _)| sent(compare(&query.order, keys, &cursor.after)));
            (start, cursor.left)
        }
        None => (clamped(query.skip), query.top),
    };
    let length = left.map_or(page_size.get(), |left| clamped(left).min(page_size.get()));
    let left_after = left.map(|left| left.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX)));
    let more = start.saturating_add(length) < keyed.len() && left_after != Some(0);

    let page: Vec<_> = keyed.into_iter().skip(start).take(length).collect();
    let next = page.last().filter(|_| more).and_then(|(keys, _)| {
        let cursor = Cursor { after: keys.clone(), left: left_after };
        cursor.token(&query.question())
    });
    Page { value: page.into_iter().map(|(_, row)| query.shape(row)).collect(), count, next }
}

/// A number of rows; nobody holds more of them than memory can count.
fn clamped(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
