//! What a client asks of a collection.

use std::num::NonZeroUsize;

use serde_json::Value as Json;

use super::entity::EntityType;
use super::error::ODataError;
use super::filter::{self, Comparison, Expression, Literal, Path, Root};
use super::options::{SystemOption, system_options};
use super::order::{self, OrderKey};
use super::select::{self, project};
use super::skip_token::Cursor;

/// The system query options of a request, understood.
#[derive(Debug, Clone)]
pub struct Query {
    pub(crate) entity: &'static EntityType,
    pub(crate) filter: Option<Expression>,
    pub(crate) select: Option<Vec<Vec<String>>>,
    pub(crate) expand: Vec<&'static str>,
    /// What the client asked for.
    pub(crate) asked_order: Vec<OrderKey>,
    /// The same, completed so that no two rows are equal.
    pub(crate) order: Vec<OrderKey>,
    pub(crate) top: Option<u64>,
    pub(crate) skip: u64,
    pub(crate) count: bool,
    pub(crate) cursor: Option<Cursor>,
}

impl Query {
    /// Reads a query string, still encoded and without the `?`.
    ///
    /// # Errors
    ///
    /// When an option is unknown, given twice, not supported, or names what the entity doesn't have. Always a 400.
    pub fn parse(raw_query: &str, entity: &'static EntityType) -> Result<Self, ODataError> {
        let mut query = Self::everything(entity);
        let mut token = None;
        for (option, text) in system_options(raw_query)? {
            match option {
                SystemOption::Filter => query.filter = Some(filter::parse(&text, entity)?),
                SystemOption::Select => query.select = select::parse_select(&text, entity)?,
                SystemOption::Expand => query.expand = select::parse_expand(&text, entity)?,
                SystemOption::OrderBy => query.asked_order = order::parse(&text, entity)?,
                SystemOption::Top => query.top = Some(natural(&text, option)?),
                SystemOption::Skip => query.skip = natural(&text, option)?,
                SystemOption::Count => query.count = truth(&text, option)?,
                SystemOption::SkipToken => token = Some(text),
                SystemOption::Format => only_json(&text)?,
                SystemOption::Search => {
                    return Err(ODataError::new("The query parameter '$search' is not supported."));
                }
            }
        }
        query.order = order::complete(&query.asked_order, entity)?;
        if let Some(token) = token {
            query.cursor = Some(Cursor::read(&token, &query.question(), query.order.len())?);
        }
        Ok(query)
    }

    /// The query of a client that asks for nothing in particular.
    fn everything(entity: &'static EntityType) -> Self {
        Self {
            entity,
            filter: None,
            select: None,
            expand: Vec::new(),
            asked_order: Vec::new(),
            order: Vec::new(),
            top: None,
            skip: 0,
            count: false,
            cursor: None,
        }
    }

    /// The parsed `$filter`.
    #[must_use]
    pub fn filter(&self) -> Option<&Expression> {
        self.filter.as_ref()
    }

    /// Whether `$expand` asks for this member.
    #[must_use]
    pub fn expands(&self, member: &str) -> bool {
        self.expand.contains(&member)
    }

    /// Whether the answer shows this member, so that a costly one need not be made in vain. `$filter` and `$orderby`
    /// may need it all the same: ask [`Query::reads`].
    #[must_use]
    pub fn shows(&self, member: &str) -> bool {
        let selected = self.select.as_ref().is_none_or(|paths| paths.iter().any(|path| begins(path, member)));
        self.expands(member) || (selected && !self.entity.expandable.contains(&member))
    }

    /// Whether a member may be put into the answer after everything else is decided: nothing looks at it, and it is shown
    /// whole or not at all.
    #[must_use]
    pub fn passes_on(&self, member: &str) -> bool {
        let parts = |path: &Vec<String>| begins(path, member) && path.len() > 1;
        !self.reads(member) && !self.select.as_ref().is_some_and(|paths| paths.iter().any(parts))
    }

    /// Whether `$filter` or the order looks at this member.
    #[must_use]
    pub fn reads(&self, member: &str) -> bool {
        self.order.iter().any(|key| begins(&key.segments, member))
            || self.filter.as_ref().is_some_and(|filter| filter.reads(member))
    }

    /// The text that rows must have in this property, when the filter asks for exactly one: `id eq '…'`, alone or
    /// joined by `and`. Loading only such rows is enough; [`super::apply`] still checks the rest of the filter.
    #[must_use]
    pub fn equals(&self, property: &str) -> Option<&str> {
        let conjuncts = match self.filter.as_ref()? {
            Expression::And(all) => all.as_slice(),
            other => std::slice::from_ref(other),
        };
        conjuncts.iter().find_map(|conjunct| required_text(conjunct, property))
    }

    /// How many rows in the entity's default order are enough: `$skip` and `$top`, when nothing else decides.
    #[must_use]
    pub fn top_hint(&self) -> Option<u64> {
        let plain = self.filter.is_none() && self.asked_order.is_empty() && self.cursor.is_none() && !self.count;
        self.top.filter(|_| plain).map(|top| top.saturating_add(self.skip))
    }

    /// How many rows in the entity's default order one page needs, when nothing else decides: `$skip`, then the page and
    /// one row more, which tells whether there is a next page.
    #[must_use]
    pub fn rows_hint(&self, page_size: NonZeroUsize) -> Option<u64> {
        let plain = self.filter.is_none() && self.asked_order.is_empty() && self.cursor.is_none() && !self.count;
        let page = (page_size.get() as u64).saturating_add(1);
        plain.then(|| self.skip.saturating_add(self.top.map_or(page, |top| top.min(page))))
    }

    /// The row as the answer shows it: what `$select` and `$expand` leave. For a single object this is all there is
    /// to do.
    #[must_use]
    pub fn shape(&self, mut row: Json) -> Json {
        if let Json::Object(members) = &mut row {
            members.retain(|name, _| !self.entity.expandable.contains(&name.as_str()) || self.expands(name));
        }
        let Some(select) = &self.select else { return row };
        let expanded: Vec<[String; 1]> = self.expand.iter().map(|member| [(*member).to_owned()]).collect();
        let paths: Vec<&[String]> =
            select.iter().map(Vec::as_slice).chain(expanded.iter().map(<[String; 1]>::as_slice)).collect();
        project(row, &paths)
    }

    /// What must stay the same from page to page.
    pub(crate) fn question(&self) -> String {
        let filter = self.filter.as_ref().map(ToString::to_string).unwrap_or_default();
        let order: Vec<String> = self.order.iter().map(ToString::to_string).collect();
        format!("{}\n{filter}\n{}", self.entity.structure.name, order.join(","))
    }
}

fn begins(path: &[String], member: &str) -> bool {
    path.first().is_some_and(|first| first == member)
}

fn required_text<'a>(conjunct: &'a Expression, property: &str) -> Option<&'a str> {
    let is_property = |expression: &Expression| matches!(expression, Expression::Path(Path { root: Root::Row, segments, .. }) if segments.len() == 1 && begins(segments, property));
    match conjunct {
        Expression::Compare(Comparison::Equal, left, right) => match (left.as_ref(), right.as_ref()) {
            (path, Expression::Literal(Literal::Text(text))) | (Expression::Literal(Literal::Text(text)), path)
                if is_property(path) =>
            {
                Some(text)
            }
            _ => None,
        },
        Expression::In(path, literals) if is_property(path) => match literals.as_slice() {
            [Literal::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// `$top` and `$skip`: OData 4.01 Part 2 §5.1.6.
fn natural(text: &str, option: SystemOption) -> Result<u64, ODataError> {
    let name = option.name();
    // Counts are `Edm.Int64`.
    let number = text.trim().parse().ok().filter(|number| i64::try_from(*number).is_ok());
    number.ok_or_else(|| {
        ODataError::new(format!(
            "Invalid value '{text}' for {name} query option found. The {name} query option requires a non-negative integer value."
        ))
    })
}

/// `$count`: OData 4.01 Part 2 §5.1.7.
fn truth(text: &str, option: SystemOption) -> Result<bool, ODataError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ODataError::new(format!(
            "Invalid value '{text}' for {} query option found. Valid values are 'true' and 'false'.",
            option.name()
        ))),
    }
}

/// `$format`: OData 4.01 Part 2 §5.1.9.
fn only_json(text: &str) -> Result<(), ODataError> {
    let media_type = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "json" || media_type == "application/json" {
        return Ok(());
    }
    Err(ODataError::new(format!("The value '{text}' of $format is not supported; only 'json' is.")))
}
