//! Whether a row meets a filter. The logic has three values; a row is taken only when the filter is true.

use serde_json::Value as Json;

use super::Comparison;
use super::expression::{Expression, Function, Path, Quantifier, Root};
use super::value::{Value, compare, member};

impl Expression {
    /// Whether the row meets the filter. What can't be decided, such as `contains(null,'x')`, is not met.
    #[must_use]
    pub fn matches(&self, row: &Json) -> bool {
        Scope { row, elements: Vec::new() }.value(self).truth() == Some(true)
    }
}

/// What the names of an expression stand for.
struct Scope<'a> {
    row: &'a Json,
    elements: Vec<(&'a str, &'a Json)>,
}

impl<'a> Scope<'a> {
    fn value(&mut self, expression: &'a Expression) -> Value<'a> {
        match expression {
            Expression::Literal(literal) => Value::of_literal(literal),
            Expression::Path(path) => Value::of_json(self.member(path), path.is_instant),
            Expression::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                Value::Boolean(compare(*comparison, &left, &right))
            }
            Expression::In(value, literals) => {
                let value = self.value(value);
                let mut members = literals.iter().map(Value::of_literal);
                Value::Boolean(members.any(|member| compare(Comparison::Equal, &value, &member)))
            }
            Expression::And(operands) => self.joined(operands, false),
            Expression::Or(operands) => self.joined(operands, true),
            Expression::Not(inner) => Value::of_truth(self.value(inner).truth().map(|truth| !truth)),
            Expression::Call(function, arguments) => {
                let arguments: Vec<Value<'a>> = arguments.iter().map(|argument| self.value(argument)).collect();
                call(*function, &arguments).unwrap_or(Value::Null)
            }
            Expression::Lambda { quantifier, over, predicate } => {
                Value::Boolean(self.lambda(*quantifier, over, predicate.as_ref()))
            }
        }
    }

    /// One operand that is `decisive` decides; otherwise an unknown one leaves the whole unknown.
    fn joined(&mut self, operands: &'a [Expression], decisive: bool) -> Value<'a> {
        let mut joined = Some(!decisive);
        for operand in operands {
            match self.value(operand).truth() {
                Some(truth) if truth == decisive => return Value::Boolean(decisive),
                Some(_) => {}
                None => joined = None,
            }
        }
        Value::of_truth(joined)
    }

    /// An absent collection is an empty one.
    fn lambda(
        &mut self,
        quantifier: Quantifier,
        over: &'a Path,
        predicate: Option<&'a (String, Box<Expression>)>,
    ) -> bool {
        let elements = self.member(over).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let Some((variable, predicate)) = predicate else { return !elements.is_empty() };
        let mut meets = |element: &'a Json| {
            self.elements.push((variable, element));
            let truth = self.value(predicate).truth();
            self.elements.pop();
            truth == Some(true)
        };
        match quantifier {
            Quantifier::Any => elements.iter().any(&mut meets),
            Quantifier::All => elements.iter().all(&mut meets),
        }
    }

    fn member(&self, path: &Path) -> Option<&'a Json> {
        let start = match &path.root {
            Root::Row => Some(self.row),
            Root::Variable(variable) => {
                self.elements.iter().find(|(name, _)| name == variable).map(|(_, element)| *element)
            }
        };
        member(start?, &path.segments)
    }
}

/// The result of a function; `None` is null, as for every null argument.
fn call<'a>(function: Function, arguments: &[Value<'a>]) -> Option<Value<'a>> {
    let first = arguments.first()?;
    let second = || arguments.get(1).and_then(Value::text);
    Some(match function {
        Function::StartsWith => Value::Boolean(first.text()?.starts_with(second()?)),
        Function::EndsWith => Value::Boolean(first.text()?.ends_with(second()?)),
        Function::Contains => Value::Boolean(first.text()?.contains(second()?)),
        Function::ToLower => Value::Text(first.text()?.to_lowercase().into()),
        Function::ToUpper => Value::Text(first.text()?.to_uppercase().into()),
        Function::Length => Value::Number(f64::from(u32::try_from(first.text()?.chars().count()).ok()?)),
        Function::Year => Value::Number(first.date()?.year().into()),
        Function::Month => Value::Number(first.date()?.month().into()),
        Function::Day => Value::Number(first.date()?.day().into()),
        Function::Date => Value::Date(first.date()?),
    })
}
