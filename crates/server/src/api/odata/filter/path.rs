//! Names become members: OData 4.01 Part 2 §5.1.1.15 *Path Expressions*.

use super::super::entity::{PropertyType, StructuredType};
use super::super::error::ODataError;
use super::typing::Kind;

/// Where a path leads.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The members as declared, whatever case the client wrote.
    pub(crate) segments: Vec<String>,
    /// The kind of the last one.
    pub(crate) kind: Kind,
    /// Whether `$filter` and `$orderby` may name it.
    pub(crate) filterable: bool,
}

/// Follows names from a structure.
pub(crate) fn bind_members(
    start: &'static StructuredType,
    names: &[String],
    through_lists: bool,
) -> Result<Bound, ODataError> {
    bind(Kind::Property(PropertyType::Complex(start)), names, through_lists)
}

/// Follows names from a value of this kind. Only `$select` reaches through a list.
pub(super) fn bind(start: Kind, names: &[String], through_lists: bool) -> Result<Bound, ODataError> {
    let mut bound = Bound { segments: Vec::with_capacity(names.len()), kind: start, filterable: true };
    for name in names {
        let property = match bound.kind {
            Kind::Property(PropertyType::Collection(of)) if through_lists => of.member(name)?,
            Kind::Property(of) => of.member(name)?,
            _ => None,
        };
        bound.segments.push(property.map_or_else(|| name.clone(), |property| property.name.to_owned()));
        bound.kind = property.map_or(Kind::Unknown, |property| Kind::Property(property.of));
        bound.filterable &= property.is_none_or(|property| property.filterable);
    }
    Ok(bound)
}
