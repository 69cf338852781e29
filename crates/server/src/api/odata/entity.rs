//! What a client may name: the static description of a type.

use super::error::ODataError;
use super::order::Direction;

/// A kind of row that a collection serves.
#[derive(Debug)]
pub struct EntityType {
    /// Its name and properties.
    pub structure: StructuredType,
    /// The property that is unique within a collection; it decides between rows that are equal otherwise.
    pub key: &'static str,
    /// Members that appear only when a client asks with `$expand`.
    pub expandable: &'static [&'static str],
    /// The order of rows when a client asks for none, before the key.
    pub default_order: &'static [OrderBy],
}

/// One property and direction of a default order.
#[derive(Debug)]
pub struct OrderBy {
    /// A property of the entity itself.
    pub property: &'static str,
    /// Its direction.
    pub direction: Direction,
}

/// The name and the properties of an entity or of a complex value.
#[derive(Debug)]
pub struct StructuredType {
    /// The full name, such as `microsoft.graph.secureScore`.
    pub name: &'static str,
    /// Whether rows carry members beyond the declared ones. A client may name those too; one that is absent is null.
    pub open: bool,
    /// The declared properties.
    pub properties: &'static [Property],
}

/// A declared property.
#[derive(Debug)]
pub struct Property {
    /// Its name, as sent.
    pub name: &'static str,
    /// Its type.
    pub of: PropertyType,
    /// Whether `$filter` and `$orderby` may name it. Long texts are not: they would have to travel in the skip token.
    pub filterable: bool,
}

impl Property {
    /// A property that `$filter` and `$orderby` may name.
    #[must_use]
    pub const fn new(name: &'static str, of: PropertyType) -> Self {
        Self { name, of, filterable: true }
    }

    /// A long text, which can only be selected.
    #[must_use]
    pub const fn long_text(name: &'static str) -> Self {
        Self { name, of: PropertyType::String, filterable: false }
    }
}

/// The type of a property.
#[derive(Debug, Clone, Copy)]
pub enum PropertyType {
    /// `Edm.String`; also the members of an enumeration, which Graph sends as strings.
    String,
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Int32`
    Int32,
    /// `Edm.Int64`
    Int64,
    /// `Edm.Double`
    Double,
    /// `Edm.DateTimeOffset`
    DateTimeOffset,
    /// A value with properties of its own.
    Complex(&'static StructuredType),
    /// A list.
    Collection(&'static PropertyType),
}

impl PropertyType {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::String => "Edm.String".to_owned(),
            Self::Boolean => "Edm.Boolean".to_owned(),
            Self::Int32 => "Edm.Int32".to_owned(),
            Self::Int64 => "Edm.Int64".to_owned(),
            Self::Double => "Edm.Double".to_owned(),
            Self::DateTimeOffset => "Edm.DateTimeOffset".to_owned(),
            Self::Complex(structure) => structure.name.to_owned(),
            Self::Collection(of) => format!("Collection({})", of.name()),
        }
    }

    /// The type of a member of this value; `None` for an undeclared member of an open type.
    pub(crate) fn member(&self, name: &str) -> Result<Option<&'static Property>, ODataError> {
        match self {
            Self::Complex(structure) => structure.member(name),
            Self::Collection(_) => Err(ODataError::new(format!(
                "The parent value for a property access of a property '{name}' is not a single value. Property access can only be applied to a single value."
            ))),
            _ => Err(not_found(name, &self.name())),
        }
    }
}

impl StructuredType {
    /// The declared property of this name; `None` for an undeclared member of an open type.
    ///
    /// An exact match wins; otherwise case is ignored, as OData 4.01 Part 2 §2 asks and Graph does, because people
    /// write `Get-MgSecuritySecureScore -Property CurrentScore`.
    pub(crate) fn member(&self, name: &str) -> Result<Option<&'static Property>, ODataError> {
        let exact = self.properties.iter().find(|property| property.name == name);
        let found = exact.or_else(|| self.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name)));
        if found.is_none() && !self.open {
            return Err(not_found(name, self.name));
        }
        Ok(found)
    }
}

fn not_found(name: &str, of: &str) -> ODataError {
    ODataError::new(format!("Could not find a property named '{name}' on type '{of}'."))
}
