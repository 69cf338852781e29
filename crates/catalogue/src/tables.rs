//! The judged tables: the only thing that a control can see.
//!
//! A column is declared here once, with its type, the data sets it comes from and how it needs them.
//! `crates/snapshot` fills the stored columns, `crates/assess` derives the others.

mod directory;
mod tenant;
mod users;
mod workloads;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `TRUE`, `FALSE`, or NULL for unknown.
    Boolean,
    /// A whole number.
    Integer,
    /// A number that may be known only as a range `[sure, possible]`, because a group could not be read.
    /// A comparison is decided when every value in between decides alike, else it is NULL.
    Bounds,
    /// Text.
    Text,
    /// An instant in UTC, to the microsecond.
    Timestamp,
    /// A list of texts, asked with `has(list, value)`.
    TextList,
}

/// How a column needs a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Absent or refused: controls that use the column are not assessed, before a row is looked at.
    Needs(&'static str),
    /// As `Needs`, but objects that are certain are enough although there may be more, and none are missing where the licence
    /// that brings them isn't owned: rows that are there are judged.
    NeedsSome(&'static str),
    /// Empty where `subscribedSkus` shows that the licence isn't owned, or where nothing is named that it is about; else as
    /// `Needs`. A column of type [`Kind::Bounds`] does without: its range is open above then.
    IfLicensed(&'static str),
    /// As `IfLicensed`, where the profile judges administrators with the roles that they may activate; else not needed.
    WhenEligible(&'static str),
    /// Needed by the rows and policies that name one of its objects; only those become unknown.
    WhenNamed(&'static str),
    /// The first that is there serves.
    OneOf(&'static [&'static str]),
    /// Absent: judged without, and the result says so.
    Refines(&'static str),
}

/// Who fills a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Stored in the snapshot's Parquet file.
    Snapshot,
    /// Derived when the snapshot is assessed, because it depends on profile, configuration or proofs.
    Assessment,
}

/// One column of a judged table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// The snake_case of Graph's property name, or the name of the derivation.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it can be unknown. Columns that are never NULL may choose a population.
    pub nullable: bool,
    /// Who fills it.
    pub stage: Stage,
    /// The data sets it comes from, besides the table's own.
    pub needs: &'static [Need],
    /// What it says and the rule behind it, in one or two sentences.
    pub doc: &'static str,
}

impl Column {
    const fn required(self) -> Self {
        Self { nullable: false, ..self }
    }
    const fn derived(self) -> Self {
        Self { stage: Stage::Assessment, ..self }
    }
    const fn from(self, needs: &'static [Need]) -> Self {
        Self { needs, ..self }
    }
}

const fn column(name: &'static str, kind: Kind, doc: &'static str) -> Column {
    Column { name, kind, nullable: true, stage: Stage::Snapshot, needs: &[], doc }
}
const fn boolean(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Boolean, doc)
}
const fn integer(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Integer, doc)
}
const fn bounds(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Bounds, doc)
}
const fn text(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Text, doc)
}
const fn timestamp(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Timestamp, doc)
}
const fn text_list(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::TextList, doc)
}

/// The column that says of a row that it stands for any number of rows, because the list that they come from was not read.
/// A control that may judge such a row does not know the size of its population.
pub const UNCOUNTED: &str = "uncounted";

/// One judged table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Table {
    /// Its name in `of = "…"`.
    pub name: &'static str,
    /// What one row is.
    pub doc: &'static str,
    /// The data sets that every control over this table needs.
    pub needs: &'static [Need],
    /// The column that names the object in evidence (`objectId`).
    pub key: &'static str,
    /// The column with the name that people know the object by.
    pub display: &'static str,
    /// All columns; besides them, the columns that protections add to `users`.
    pub columns: &'static [Column],
}

impl Table {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Every judged table.
pub const TABLES: &[Table] = &[
    tenant::TENANT,
    users::USERS,
    directory::GROUPS,
    directory::DOMAINS,
    directory::POLICIES,
    directory::ROLE_ASSIGNMENTS,
    workloads::APPLICATIONS,
    workloads::SERVICE_PRINCIPALS,
    workloads::CREDENTIALS,
    workloads::GRANTS,
];

/// The table of that name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// What a column that depends on Conditional Access needs; protections add their own.
pub const ACCESS_NEEDS: &[Need] = &[
    Need::Needs("policies"),
    Need::WhenNamed("groups"),
    Need::WhenNamed("members"),
    Need::WhenNamed("namedLocations"),
    Need::WhenNamed("authenticationStrengthPolicies"),
    Need::WhenNamed("roleAssignments"),
];
