//! Exact numbers: points, shares and percentages are kept as fractions and rounded only where they are shown.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use serde::{Serialize, Serializer};

/// An exact number of points, or an exact percentage. Serialised as the nearest double.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(BigRational);

impl Points {
    /// No points.
    #[must_use]
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// Whole points.
    #[must_use]
    pub fn whole(points: u64) -> Self {
        Self(BigRational::from_integer(points.into()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// `self × part / whole`; nothing of nothing is zero.
    #[must_use]
    pub fn share(&self, part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Self::zero();
        }
        Self(&self.0 * BigRational::new(part.into(), whole.into()))
    }

    /// `100 × self / whole`; a percentage of nothing is zero.
    #[must_use]
    pub fn percent_of(&self, whole: &Self) -> Self {
        if whole.is_zero() {
            return Self::zero();
        }
        Self(BigRational::from_integer(100.into()) * &self.0 / &whole.0)
    }

    /// `self × factor`, where factor is itself exact.
    #[must_use]
    pub fn times(&self, factor: &Self) -> Self {
        Self(&self.0 * &factor.0)
    }

    /// `self / divisor`; nothing divided by nothing is zero.
    #[must_use]
    pub fn divided_by(&self, divisor: &Self) -> Self {
        if divisor.is_zero() { Self::zero() } else { Self(&self.0 / &divisor.0) }
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.0.to_f64().unwrap_or_default()
    }

    /// Hundredths, rounded half away from zero: how headline and impact are shown.
    #[must_use]
    pub fn rounded(&self) -> Hundredths {
        Hundredths((&self.0 * BigRational::from_integer(100.into())).round().to_integer().to_i64().unwrap_or(i64::MAX))
    }

    /// Hundredths, the next ones that are not less: how a ceiling is shown, so that it never promises less than is possible.
    #[must_use]
    pub fn rounded_up(&self) -> Hundredths {
        Hundredths((&self.0 * BigRational::from_integer(100.into())).ceil().to_integer().to_i64().unwrap_or(i64::MAX))
    }

    /// Hundredths, cut off towards zero: how a partial gain is shown, so that it never claims more than was earned.
    #[must_use]
    pub fn truncated(&self) -> Hundredths {
        Hundredths((&self.0 * BigRational::from_integer(100.into())).trunc().to_integer().to_i64().unwrap_or(i64::MAX))
    }
}

/// A number with two decimals, as a person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hundredths(i64);

impl Hundredths {
    /// The exact number that is shown.
    #[must_use]
    pub fn to_points(self) -> Points {
        Points(BigRational::new(self.0.into(), BigInt::from(100)))
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.to_points().to_f64()
    }
}

impl fmt::Display for Hundredths {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        formatter.pad(&text)
    }
}

/// A text that is not a number of points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPoints(String);

impl fmt::Display for InvalidPoints {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is not a number of points: write it like 9 or 1.5", self.0)
    }
}

impl std::error::Error for InvalidPoints {}

impl FromStr for Points {
    type Err = InvalidPoints;

    /// Reads a decimal like `9` or `1.5`, of at most 12 digits.
    fn from_str(text: &str) -> Result<Self, InvalidPoints> {
        let invalid = || InvalidPoints(text.chars().take(40).collect());
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{decimals}");
        if whole.is_empty() || digits.len() > 12 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let scale = (0..decimals.len()).fold(BigInt::from(1), |scale, _| scale * 10);
        let number = digits.parse::<BigInt>().map_err(|_| invalid())?;
        Ok(Self(BigRational::new(number, scale)))
    }
}

impl Add for &Points {
    type Output = Points;
    fn add(self, other: &Points) -> Points {
        Points(&self.0 + &other.0)
    }
}

impl Sub for &Points {
    type Output = Points;
    fn sub(self, other: &Points) -> Points {
        Points(&self.0 - &other.0)
    }
}

impl AddAssign<&Points> for Points {
    fn add_assign(&mut self, other: &Points) {
        self.0 += &other.0;
    }
}

/// A sum that is being added up. Fractions of one denominator are added as whole numbers, so that hundreds of controls need a
/// common denominator once, and not each time.
#[derive(Default)]
pub(crate) struct RunningSum {
    /// Denominator → sum of the numerators.
    numerators: BTreeMap<BigInt, BigInt>,
}

impl RunningSum {
    pub(crate) fn total(self) -> Points {
        let parts = self.numerators.into_iter().map(|(denominator, sum)| BigRational::new(sum, denominator));
        Points(parts.fold(BigRational::zero(), |total, part| total + part))
    }
}

impl AddAssign<&Points> for RunningSum {
    fn add_assign(&mut self, other: &Points) {
        match self.numerators.get_mut(other.0.denom()) {
            Some(sum) => *sum += other.0.numer(),
            None => _ = self.numerators.insert(other.0.denom().clone(), other.0.numer().clone()),
        }
    }
}

impl<'a> Sum<&'a Points> for Points {
    fn sum<I: Iterator<Item = &'a Points>>(points: I) -> Self {
        let mut sum = RunningSum::default();
        points.for_each(|points| sum += points);
        sum.total()
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Points>>(points: I) -> Self {
        let mut sum = RunningSum::default();
        points.for_each(|points| sum += &points);
        sum.total()
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_f64())
    }
}

impl Points {
    /// Whether this is more than nothing.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.0.is_positive()
    }
}

/// Points as an exact fraction, `3/2`, where they are kept rather than shown.
pub(crate) mod exact {
    use super::Points;
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use num_traits::Zero;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(points: &Points, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&fraction(points))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Points, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no exact number of points such as 3/2")))
    }

    pub(super) fn fraction(points: &Points) -> String {
        if points.0.is_integer() {
            points.0.numer().to_string()
        } else {
            format!("{}/{}", points.0.numer(), points.0.denom())
        }
    }

    pub(super) fn parse(text: &str) -> Option<Points> {
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let number = |text: &str| (text.len() <= 400).then(|| text.parse::<BigInt>().ok()).flatten();
        let (numerator, denominator) = (number(numerator)?, number(denominator)?);
        (!denominator.is_zero()).then(|| Points(BigRational::new(numerator, denominator)))
    }
}

/// The parts of a graded control, their points as exact fractions.
pub(crate) mod exact_parts {
    use super::{Points, exact};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Part = (Points, Option<bool>);

    pub(crate) fn serialize<S: Serializer>(parts: &[Part], serializer: S) -> Result<S::Ok, S::Error> {
        let written: Vec<(String, Option<bool>)> =
            parts.iter().map(|(points, met)| (exact::fraction(points), *met)).collect();
        written.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Part>, D::Error> {
        let read = Vec::<(String, Option<bool>)>::deserialize(deserializer)?;
        let parts = read.into_iter().map(|(points, met)| Some((exact::parse(&points)?, met))).collect();
        let parts: Option<Vec<Part>> = parts;
        parts.ok_or_else(|| D::Error::custom("a part has no exact number of points such as 3/2"))
    }
}

/// How many decimals two numbers need so that a reader can tell them apart: two, and more where these would be the same.
#[must_use]
pub fn decimals_apart(one: f64, other: f64) -> usize {
    const MOST: usize = 9;
    let same = |decimals: &usize| format!("{one:.decimals$}") == format!("{other:.decimals$}");
    (2..=MOST).find(|decimals| !same(decimals)).unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_differ_are_shown_with_the_decimals_that_tell_them_apart() {
        assert_eq!(decimals_apart(2.442, 2.439), 3);
        assert_eq!(decimals_apart(5.06, 4.5), 2);
        assert_eq!(decimals_apart(0.1 + 0.2, 0.3), 2, "what a double rounds is no difference");
    }

    #[test]
    fn shown_numbers_have_two_decimals_rounded_half_up_or_cut_off() {
        let points = |text: &str| text.parse::<Points>().unwrap();
        assert_eq!(points("0.125").rounded().to_string(), "0.13");
        assert_eq!(points("0.129").truncated().to_string(), "0.12");
        assert_eq!(points("100").rounded().to_string(), "100.00");
        assert_eq!(Points::whole(3).share(1, 3).to_f64(), 1.0);
    }

    #[test]
    fn a_text_that_is_no_plain_decimal_is_refused() {
        for text in ["", "-1", "1e3", "1.2.3", "9999999999999", "NaN", ".5"] {
            assert!(text.parse::<Points>().is_err(), "{text}");
        }
    }
}
