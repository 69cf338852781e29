//! Evaluates predicates over a frame with SQL's three-valued logic, a column at a time.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Datum, Float64Array, Int64Array, ListArray, Scalar, StringArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::{boolean, cmp};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use idscore_catalogue::predicate::{Comparison, Expression, Literal, State};
use idscore_catalogue::tables::Kind;

use crate::frame::{Frame, FrameColumn, unknown};

/// Answers predicates over one frame; equal parts of different predicates are answered once.
pub struct Evaluator<'frame, 'expression> {
    frame: &'frame Frame,
    taken_at: i64,
    /// Answers by place in memory: the expressions outlive the evaluator, so a place is one expression.
    by_place: HashMap<usize, BooleanArray>,
    /// Answers by meaning.
    by_meaning: HashMap<String, BooleanArray>,
    expressions: PhantomData<&'expression Expression>,
}

/// Why a predicate could not be evaluated: a column of another type than the catalogue declares.
#[derive(Debug, thiserror::Error)]
#[error("cannot evaluate `{expression}`: {reason}")]
pub struct EvaluateError {
    expression: String,
    reason: String,
}

impl<'frame, 'expression> Evaluator<'frame, 'expression> {
    /// An evaluator for a frame of a snapshot taken at that instant, in microseconds since 1970 UTC.
    #[must_use]
    pub fn new(frame: &'frame Frame, taken_at: i64) -> Self {
        Self { frame, taken_at, by_place: HashMap::new(), by_meaning: HashMap::new(), expressions: PhantomData }
    }

    /// TRUE, FALSE or NULL for each row.
    ///
    /// # Errors
    /// When a column has another type than the expression was checked against.
    pub fn evaluate(&mut self, expression: &'expression Expression) -> Result<BooleanArray, EvaluateError> {
        let place = std::ptr::from_ref(expression).addr();
        if let Some(answer) = self.by_place.get(&place) {
            return Ok(answer.clone());
        }
        let answer = match expression {
            Expression::And(operands) => self.fold(operands, true, boolean::and_kleene)?,
            Expression::Or(operands) => self.fold(operands, false, boolean::or_kleene)?,
            Expression::Not(operand) => {
                let operand = self.evaluate(operand)?;
                boolean::not(&operand).map_err(|error| failed(expression, &error))?
            }
            Expression::Literal(Literal::Boolean(value)) => constant(*value, self.frame.rows()),
            Expression::Literal(_) => BooleanArray::new_null(self.frame.rows()),
            leaf => {
                let meaning = format!("{leaf:?}");
                match self.by_meaning.get(&meaning) {
                    Some(answer) => answer.clone(),
                    None => {
                        let answer = self.leaf(leaf)?;
                        self.by_meaning.insert(meaning, answer.clone());
                        answer
                    }
                }
            }
        };
        self.by_place.insert(place, answer.clone());
        Ok(answer)
    }

    fn fold(
        &mut self,
        operands: &'expression [Expression],
        start: bool,
        join: impl Fn(&BooleanArray, &BooleanArray) -> Result<BooleanArray, ArrowError>,
    ) -> Result<BooleanArray, EvaluateError> {
        let mut answer = constant(start, self.frame.rows());
        for operand in operands {
            let next = self.evaluate(operand)?;
            answer = join(&answer, &next).map_err(|error| failed(operand, &error))?;
        }
        Ok(answer)
    }

    fn leaf(&mut self, expression: &'expression Expression) -> Result<BooleanArray, EvaluateError> {
        match expression {
            Expression::Column { name, kind } => {
                let array = self.column(name, *kind);
                boolean_array(&array).ok_or_else(|| mistyped(expression, name))
            }
            Expression::Comparison { left, operator, right } => self.comparison(expression, left, *operator, right),
            Expression::Is { operand, state, negated } => {
                let asked = self.is(operand, *state)?;
                Ok(if *negated { BooleanArray::new(!asked.values(), None) } else { asked })
            }
            Expression::In { operand, list, negated } => {
                let mut found = constant(false, self.frame.rows());
                for literal in list {
                    let operand = self.operand_or_formula(operand)?;
                    let equal = self.compare(expression, operand, Comparison::Equal, constant_operand(literal))?;
                    found = boolean::or_kleene(&found, &equal).map_err(|error| failed(expression, &error))?;
                }
                negate_if(found, *negated, expression)
            }
            Expression::Like { operand, pattern, negated } => {
                let Operand::Array(text) = self.operand(operand) else { return Err(mistyped(expression, pattern)) };
                let pattern = Scalar::new(StringArray::from(vec![pattern.as_str()]));
                let like = arrow::compute::like(&text, &pattern);
                negate_if(like.map_err(|error| failed(expression, &error))?, *negated, expression)
            }
            Expression::Has { list, value } => {
                let array = self.column(list, Kind::TextList);
                let lists = array.as_any().downcast_ref::<ListArray>().ok_or_else(|| mistyped(expression, list))?;
                has(lists, value).ok_or_else(|| mistyped(expression, list))
            }
            Expression::HasOnly { list, values } => {
                let array = self.column(list, Kind::TextList);
                let lists = array.as_any().downcast_ref::<ListArray>().ok_or_else(|| mistyped(expression, list))?;
                has_only(lists, values).ok_or_else(|| mistyped(expression, list))
            }
            Expression::TakenAt { .. } => Err(mistyped(expression, "taken_at")),
            formula => self.evaluate(formula),
        }
    }

    fn is(&mut self, operand: &'expression Expression, state: State) -> Result<BooleanArray, EvaluateError> {
        if state == State::Null {
            let rows = self.frame.rows();
            return match self.operand_or_formula(operand)? {
                Operand::Array(array) => {
                    arrow::compute::is_null(array.as_ref()).map_err(|error| failed(operand, &error))
                }
                Operand::Scalar(value) => Ok(constant(value.is_null(0), rows)),
                Operand::Bounds { low, high } => {
                    let unknown = |row| low.is_null(row) || high.is_null(row) || low.value(row) != high.value(row);
                    Ok((0..rows).map(|row| Some(unknown(row))).collect())
                }
            };
        }
        let answer = self.evaluate(operand)?;
        let wanted = state == State::True;
        let values = if wanted { answer.values().clone() } else { !answer.values() };
        let known = match answer.nulls() {
            Some(nulls) => &values & nulls.inner(),
            None => values,
        };
        Ok(BooleanArray::new(known, None))
    }

    fn comparison(
        &mut self,
        whole: &Expression,
        left: &'expression Expression,
        operator: Comparison,
        right: &'expression Expression,
    ) -> Result<BooleanArray, EvaluateError> {
        let (left, right) = (self.operand_or_formula(left)?, self.operand_or_formula(right)?);
        self.compare(whole, left, operator, right)
    }

    fn compare(
        &self,
        whole: &Expression,
        left: Operand,
        operator: Comparison,
        right: Operand,
    ) -> Result<BooleanArray, EvaluateError> {
        let rows = self.frame.rows();
        if left.is_null_constant() || right.is_null_constant() {
            return Ok(BooleanArray::new_null(rows));
        }
        if left.is_range() || right.is_range() {
            let ranges = left.ranges(rows).zip(right.ranges(rows)).ok_or_else(|| mistyped(whole, "a number"))?;
            return Ok(ranges.0.zip(ranges.1).map(|(left, right)| compare_ranges(left, operator, right)).collect());
        }
        if left.is_boolean() {
            let values = left.booleans(rows).zip(right.booleans(rows)).ok_or_else(|| mistyped(whole, "a Boolean"))?;
            return Ok(values.0.zip(values.1).map(|(left, right)| Some(holds(left?.cmp(&right?), operator))).collect());
        }
        let compare = |left: &dyn Datum, right: &dyn Datum| match operator {
            Comparison::Equal => cmp::eq(left, right),
            Comparison::NotEqual => cmp::neq(left, right),
            Comparison::Less => cmp::lt(left, right),
            Comparison::LessOrEqual => cmp::lt_eq(left, right),
            Comparison::Greater => cmp::gt(left, right),
            Comparison::GreaterOrEqual => cmp::gt_eq(left, right),
        };
        let answer = match (left, right) {
            (Operand::Array(left), Operand::Array(right)) => compare(&left, &right),
            (Operand::Array(left), Operand::Scalar(right)) => compare(&left, &Scalar::new(right)),
            (Operand::Scalar(left), Operand::Array(right)) => compare(&Scalar::new(left), &right),
            (Operand::Scalar(left), Operand::Scalar(right)) => compare(&left, &right).map(|one| {
                let value = one.is_valid(0).then(|| one.value(0));
                (0..rows).map(|_| value).collect()
            }),
            (Operand::Bounds { .. }, _) | (_, Operand::Bounds { .. }) => return Err(mistyped(whole, "a number")),
        };
        answer.map_err(|error| failed(whole, &error))
    }

    fn operand_or_formula(&mut self, expression: &'expression Expression) -> Result<Operand, EvaluateError> {
        match expression {
            Expression::Column { .. } | Expression::Literal(_) | Expression::TakenAt { .. } => {
                Ok(self.operand(expression))
            }
            formula => Ok(Operand::Array(Arc::new(self.evaluate(formula)?))),
        }
    }

    fn operand(&self, expression: &Expression) -> Operand {
        match expression {
            Expression::Column { name, kind: Kind::Bounds } => match self.frame.column(name) {
                Some(FrameColumn::Bounds { low, high }) => Operand::Bounds { low: low.clone(), high: high.clone() },
                _ => {
                    let nothing = Float64Array::new_null(self.frame.rows());
                    Operand::Bounds { low: nothing.clone(), high: nothing }
                }
            },
            Expression::Column { name, kind } => Operand::Array(self.column(name, *kind)),
            Expression::TakenAt { offset } => {
                let instant = TimestampMicrosecondArray::from(vec![self.taken_at.saturating_add(*offset)]);
                Operand::Scalar(Arc::new(instant.with_timezone("UTC")))
            }
            Expression::Literal(literal) => constant_operand(literal),
            _ => Operand::Array(Arc::new(BooleanArray::new_null(self.frame.rows()))),
        }
    }

    /// A column that the frame does not have is unknown in every row.
    fn column(&self, name: &str, kind: Kind) -> ArrayRef {
        self.frame.array(name).cloned().unwrap_or_else(|| unknown(kind, self.frame.rows()))
    }
}

/// One side of a comparison.
enum Operand {
    /// A value for each row.
    Array(ArrayRef),
    /// One value for all rows, as an array of length 1.
    Scalar(ArrayRef),
    /// A range for each row.
    Bounds { low: Float64Array, high: Float64Array },
}

fn constant_operand(literal: &Literal) -> Operand {
    Operand::Scalar(match literal {
        Literal::Null => Arc::new(BooleanArray::new_null(1)),
        Literal::Boolean(value) => Arc::new(BooleanArray::from(vec![*value])),
        Literal::Integer(value) => Arc::new(Int64Array::from(vec![*value])),
        Literal::Number(value) => Arc::new(Float64Array::from(vec![*value])),
        Literal::Text(value) => Arc::new(StringArray::from(vec![value.as_str()])),
    })
}

/// What is sure and what is possible; a missing low knows nothing, a missing high has no upper bound.
type Range = (Option<f64>, Option<f64>);

impl Operand {
    fn is_null_constant(&self) -> bool {
        matches!(self, Self::Scalar(value) if value.is_null(0))
    }

    fn is_range(&self) -> bool {
        match self {
            Self::Bounds { .. } => true,
            Self::Array(array) | Self::Scalar(array) => *array.data_type() == DataType::Float64,
        }
    }

    fn is_boolean(&self) -> bool {
        matches!(self, Self::Array(array) | Self::Scalar(array) if *array.data_type() == DataType::Boolean)
    }

    /// The number at each row as a range, if this is a number.
    fn ranges(&self, rows: usize) -> Option<Box<dyn Iterator<Item = Range> + '_>> {
        let value = |array: &ArrayRef, row: usize| -> Option<f64> {
            if array.is_null(row) {
                return None;
            }
            if let Some(numbers) = array.as_any().downcast_ref::<Float64Array>() {
                return Some(numbers.value(row));
            }
            #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
            array.as_any().downcast_ref::<Int64Array>().map(|numbers| numbers.value(row) as f64)
        };
        let numeric = |array: &ArrayRef| matches!(array.data_type(), DataType::Float64 | DataType::Int64);
        match self {
            Self::Bounds { low, high } => {
                Some(Box::new((0..rows).map(|row| {
                    (low.is_valid(row).then(|| low.value(row)), high.is_valid(row).then(|| high.value(row)))
                })))
            }
            Self::Array(array) if numeric(array) => Some(Box::new((0..rows).map(move |row| {
                let number = value(array, row);
                (number, number)
            }))),
            Self::Scalar(array) if numeric(array) => {
                let number = value(array, 0);
                Some(Box::new((0..rows).map(move |_| (number, number))))
            }
            _ => None,
        }
    }

    /// The Boolean at each row, if this is a Boolean.
    fn booleans(&self, rows: usize) -> Option<Box<dyn Iterator<Item = Option<bool>> + '_>> {
        match self {
            Self::Array(array) => Some(Box::new(array.as_any().downcast_ref::<BooleanArray>()?.iter())),
            Self::Scalar(array) => {
                let value = array.as_any().downcast_ref::<BooleanArray>()?.iter().next().flatten();
                Some(Box::new((0..rows).map(move |_| value)))
            }
            Self::Bounds { .. } => None,
        }
    }
}

/// Decides a comparison when every value in the left range against every value in the right one decides alike.
fn compare_ranges(left: Range, operator: Comparison, right: Range) -> Option<bool> {
    let (left_low, right_low) = (left.0?, right.0?);
    let (left_high, right_high) = (left.1.unwrap_or(f64::INFINITY), right.1.unwrap_or(f64::INFINITY));
    let decide = |always: bool, never: bool| match (always, never) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let apart = left_high < right_low || right_high < left_low;
    let same = left_low == left_high && right_low == right_high && left_low == right_low;
    match operator {
        Comparison::Less => decide(left_high < right_low, left_low >= right_high),
        Comparison::LessOrEqual => decide(left_high <= right_low, left_low > right_high),
        Comparison::Greater => decide(left_low > right_high, left_high <= right_low),
        Comparison::GreaterOrEqual => decide(left_low >= right_high, left_high < right_low),
        Comparison::Equal => decide(same, apart),
        Comparison::NotEqual => decide(apart, same),
    }
}

fn holds(order: Ordering, operator: Comparison) -> bool {
    match operator {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// Whether each list holds the text; NULL where the list is NULL.
fn has(lists: &ListArray, value: &str) -> Option<BooleanArray> {
    decide_lists(lists, |texts, mut items| items.any(|item| texts.is_valid(item) && texts.value(item) == value))
}

/// Whether each list holds nothing but the texts; NULL where the list is NULL.
fn has_only(lists: &ListArray, values: &[String]) -> Option<BooleanArray> {
    decide_lists(lists, |texts, mut items| {
        items.all(|item| texts.is_valid(item) && values.iter().any(|value| value == texts.value(item)))
    })
}

/// Asks each list, given as the range of its items among all texts.
fn decide_lists(
    lists: &ListArray,
    holds: impl Fn(&StringArray, std::ops::Range<usize>) -> bool,
) -> Option<BooleanArray> {
    let texts = lists.values().as_any().downcast_ref::<StringArray>()?;
    let found = lists.value_offsets().windows(2).map(|bounds| {
        let range = usize::try_from(bounds[0]).unwrap_or(0)..usize::try_from(bounds[1]).unwrap_or(0);
        holds(texts, range)
    });
    Some(BooleanArray::new(found.collect::<BooleanBuffer>(), lists.nulls().cloned()))
}

fn constant(value: bool, rows: usize) -> BooleanArray {
    let values = if value { BooleanBuffer::new_set(rows) } else { BooleanBuffer::new_unset(rows) };
    BooleanArray::new(values, None)
}

fn boolean_array(array: &ArrayRef) -> Option<BooleanArray> {
    array.as_any().downcast_ref::<BooleanArray>().cloned()
}

fn negate_if(answer: BooleanArray, negated: bool, expression: &Expression) -> Result<BooleanArray, EvaluateError> {
    if negated { boolean::not(&answer).map_err(|error| failed(expression, &error)) } else { Ok(answer) }
}

fn failed(expression: &Expression, error: &ArrowError) -> EvaluateError {
    EvaluateError { expression: format!("{expression:?}"), reason: error.to_string() }
}

fn mistyped(expression: &Expression, name: &str) -> EvaluateError {
    EvaluateError { expression: format!("{expression:?}"), reason: format!("`{name}` has another type than declared") }
}
