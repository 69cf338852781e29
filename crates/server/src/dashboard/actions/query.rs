//! What a list of actions shows and how, as its address says it: a link can be shared and works without scripts.

use serde::{Deserialize, Serialize};

use super::columns::Column;

/// A choice that stands in the address; a list may hold several values, any of which fits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Query {
    /// Words that all stand in title, id, notes or names of an action.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) q: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) status: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) outcome: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) area: Vec<String>,
    /// The least impact in percent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) impact: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) user_impact: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) effort: Vec<String>,
    /// `owned`, `missing`, `unknown` or `none`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) license: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) framework: Vec<String>,
    /// A name; `-` is nobody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) owner: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tag: Vec<String>,
    /// Only what lost points since the data before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) regressed: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) set: Vec<String>,
    /// `area`, `status`, `owner` or `framework`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) group: String,
    /// The word of a column; the ranking where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) sort: String,
    /// `down` or `up`; the column's own where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) order: String,
    /// The columns that are shown; the usual ones where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) column: Vec<String>,
}

impl Query {
    /// Without what a form sends for fields that nobody filled in, and without anything twice.
    pub(crate) fn cleaned(mut self) -> Self {
        self.q = self.q.trim().to_owned();
        for (_, list) in self.lists_mut() {
            let mut seen: Vec<String> = Vec::new();
            for value in list.drain(..).filter(|value| !value.is_empty()) {
                if !seen.contains(&value) {
                    seen.push(value);
                }
            }
            *list = seen;
        }
        if Column::of_word(&self.sort).is_none() {
            self.sort.clear();
            self.order.clear();
        }
        if self.least_impact().is_none() {
            self.impact.clear();
        }
        self
    }

    /// From the query of an address that a form carried along.
    pub(crate) fn of_text(text: &str) -> Self {
        serde_html_form::from_str::<Self>(text).unwrap_or_default().cleaned()
    }

    /// The query of an address, with its question mark; nothing where everything is as usual.
    pub(crate) fn text(&self) -> String {
        let text = self.bare();
        if text.is_empty() { text } else { format!("?{text}") }
    }

    /// The same without the question mark.
    pub(crate) fn bare(&self) -> String {
        // Texts and lists of texts always have this form.
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// The least impact that is asked for.
    pub(crate) fn least_impact(&self) -> Option<f64> {
        self.impact.parse::<f64>().ok().filter(|percent| percent.is_finite() && *percent > 0.0)
    }

    /// The column to sort by and whether the greatest comes first; none for the ranking.
    pub(crate) fn sorted_by(&self) -> Option<(Column, bool)> {
        let column = Column::of_word(&self.sort)?;
        let down = match self.order.as_str() {
            "down" => true,
            "up" => false,
            _ => column.greatest_first(),
        };
        Some((column, down))
    }

    /// The columns that are shown, besides the title.
    pub(crate) fn columns(&self) -> Vec<Column> {
        let chosen: Vec<Column> = Column::CHOICE
            .iter()
            .copied()
            .filter(|column| self.column.iter().any(|word| word == column.word()))
            .collect();
        if chosen.is_empty() { Column::USUAL.to_vec() } else { chosen }
    }

    /// The same list, sorted by a column: the other way round where it is sorted by it already.
    pub(crate) fn with_sort(&self, column: Column) -> Self {
        let down = match self.sorted_by() {
            Some((known, down)) if known == column => !down,
            _ => column.greatest_first(),
        };
        let order = if down { "down" } else { "up" };
        Self { sort: column.word().to_owned(), order: order.to_owned(), ..self.clone() }
    }

    /// Every filter that is set: its name, its value, and the query without it.
    pub(crate) fn set_filters(&self) -> Vec<(&'static str, String, Self)> {
        let mut found = Vec::new();
        if !self.q.is_empty() {
            found.push(("q", self.q.clone(), Self { q: String::new(), ..self.clone() }));
        }
        let mut lists = self.clone();
        for (name, list) in lists.lists_mut().into_iter().filter(|(name, _)| *name != "column") {
            for value in list.iter() {
                let mut without = self.clone();
                if let Some((_, list)) = without.lists_mut().into_iter().find(|(known, _)| *known == name) {
                    list.retain(|kept| kept != value);
                }
                found.push((name, value.clone(), without));
            }
        }
        if !self.impact.is_empty() {
            found.push(("impact", self.impact.clone(), Self { impact: String::new(), ..self.clone() }));
        }
        if !self.regressed.is_empty() {
            found.push(("regressed", String::new(), Self { regressed: String::new(), ..self.clone() }));
        }
        found
    }

    fn lists_mut(&mut self) -> [(&'static str, &mut Vec<String>); 11] {
        [
            ("status", &mut self.status),
            ("outcome", &mut self.outcome),
            ("area", &mut self.area),
            ("user_impact", &mut self.user_impact),
            ("effort", &mut self.effort),
            ("license", &mut self.license),
            ("framework", &mut self.framework),
            ("owner", &mut self.owner),
            ("tag", &mut self.tag),
            ("set", &mut self.set),
            ("column", &mut self.column),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_was_chosen_and_nothing_that_was_left_empty() {
        let query = Query::of_text("q=+mfa+&status=&status=planned&status=planned&group=&sort=win&impact=x&column=");
        assert_eq!(query.text(), "?q=mfa&status=planned&sort=win");
        assert_eq!(Query::of_text("sort=nothing&order=up").text(), "");
        assert_eq!(Query::of_text("q=%26%3D%3Cb%3E").text(), "?q=%26%3D%3Cb%3E");
    }

    #[test]
    fn a_second_sort_turns_round_and_a_filter_can_be_taken_off_alone() {
        let query = Query::of_text("status=planned&status=toAddress&q=x");
        let once = query.with_sort(Column::Win);
        assert_eq!((once.order.as_str(), once.with_sort(Column::Win).order.as_str()), ("down", "up"));
        let filters = query.set_filters();
        assert_eq!(filters.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), ["q", "status", "status"]);
        assert_eq!(filters[1].2.text(), "?q=x&status=toAddress");
    }
}
