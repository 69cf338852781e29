//! Objects of open types: any member may be missing, of another type, or written as text.

use jiff::Timestamp;
use serde_json::Value;

use super::Flag;
use crate::instant::Instant;

/// An object whose members are asked for one by one. What has an unexpected type is unknown, never an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open<'a>(pub(crate) &'a Value);

impl<'a> Open<'a> {
    /// A member, whatever the case of its name; null is as good as absent.
    pub(crate) fn member(self, name: &str) -> Option<&'a Value> {
        let object = self.0.as_object()?;
        let exact = object.get(name);
        let any_case = || object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        exact.or_else(any_case).filter(|value| !value.is_null())
    }

    /// Text that is not empty; a number is taken for its text.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        match self.member(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A number of points or percent from 0, which may be written as text. Microsoft writes −1 where it has no data.
    pub(crate) fn amount(self, name: &str) -> Option<f64> {
        // No score comes near; what does is damage, and would only fill a page with digits.
        const MOST: f64 = 1e9;
        let number = match self.member(name)? {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        (0.0..=MOST).contains(&number).then_some(number)
    }

    /// A count of objects, which may be written as text.
    pub(crate) fn count(self, name: &str) -> Option<u64> {
        match self.member(name)? {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// True or false, which may be written as text.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.member(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => Flag::parse(text),
            _ => None,
        }
    }

    /// An instant.
    pub(crate) fn instant(self, name: &str) -> Option<Timestamp> {
        let micros = Instant::parse(self.member(name)?.as_str()?)?.0?;
        Timestamp::from_microsecond(micros).ok()
    }

    /// The objects of a list; one object stands for a list of one. None where the member is not there.
    pub(crate) fn objects(self, name: &str) -> Option<Vec<Open<'a>>> {
        match self.member(name)? {
            Value::Array(items) => Some(items.iter().filter(|item| item.is_object()).map(Open).collect()),
            one @ Value::Object(_) => Some(vec![Open(one)]),
            _ => None,
        }
    }

    /// The texts of a list; one text stands for a list of one.
    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        match self.member(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }
}

/// `18.0` as 18; a fraction, or more than a double holds exactly, is no count.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let fits = (0.0..=EXACT).contains(&number) && number.fract() == 0.0;
    fits.then(|| format!("{number:.0}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Open;

    #[test]
    fn a_number_may_be_text_and_minus_one_is_no_data() {
        let value = json!({"a": 5.25, "b": "41.21", "c": -1, "d": "-1", "e": "many", "f": [], "g": 1e300, "h": "NaN"});
        let read = |name| Open(&value).amount(name);
        assert_eq!([read("a"), read("b"), read("A")], [Some(5.25), Some(41.21), Some(5.25)]);
        assert!(["c", "d", "e", "f", "g", "h", "absent"].into_iter().all(|name| read(name).is_none()));
    }

    #[test]
    fn a_count_may_be_text_and_is_never_a_fraction() {
        let value = json!({"a": "90", "b": 12, "c": 12.0, "d": 1.5, "e": -1, "f": "1.5", "g": 1e30, "h": true});
        let read = |name| Open(&value).count(name);
        assert_eq!([read("a"), read("b"), read("c")], [Some(90), Some(12), Some(12)]);
        assert!(["d", "e", "f", "g", "h"].into_iter().all(|name| read(name).is_none()));
    }

    #[test]
    fn a_member_of_another_type_is_unknown() {
        let value = json!([1, 2]);
        assert!(Open(&value).text("a").is_none() && Open(&value).objects("a").is_none());
        let value = json!({"list": "text", "instant": 5, "flag": "perhaps", "text": {}});
        let open = Open(&value);
        assert!(open.objects("list").is_none() && open.instant("instant").is_none());
        assert!(open.flag("flag").is_none() && open.text("text").is_none());
    }
}
