//! Percentages in ascending order, packed, because a year of cohorts has a hundred thousand of them and a rank needs seven.

use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Digits of one percentage in hundredths: `05286` is 52.86.
const DIGITS: usize = 5;

/// Percentages with two decimals, in ascending order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ascending(String);

impl Ascending {
    /// Packs percentages that are in ascending order already; what is outside 0 to 100 counts as the nearer end.
    #[must_use]
    pub fn of(percentages: &[f64]) -> Self {
        let digits = |percent: &f64| format!("{:05}", hundredths(*percent));
        Self(percentages.iter().map(digits).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() / DIGITS
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are less than a percentage.
    #[must_use]
    pub fn below(&self, percent: f64) -> usize {
        let (chunks, _) = self.0.as_bytes().as_chunks::<DIGITS>();
        let wanted = hundredths(percent);
        chunks.partition_point(|digits| number(digits) < wanted)
    }

    /// How many are less than a percentage or equal to it.
    #[must_use]
    pub fn up_to(&self, percent: f64) -> usize {
        let (chunks, _) = self.0.as_bytes().as_chunks::<DIGITS>();
        let wanted = hundredths(percent);
        chunks.partition_point(|digits| number(digits) <= wanted)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
fn hundredths(percent: f64) -> u32 {
    (percent.clamp(0.0, 100.0) * 100.0).round() as u32
}

fn number(digits: &[u8; DIGITS]) -> u32 {
    digits.iter().fold(0, |number, digit| 10 * number + u32::from(digit.wrapping_sub(b'0')))
}

impl Serialize for Ascending {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Ascending {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Kept)
    }
}

/// Reads the digits, or the list of numbers that older databases have.
struct Kept;

impl<'de> Visitor<'de> for Kept {
    type Value = Ascending;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("percentages in ascending order")
    }

    fn visit_str<E: serde::de::Error>(self, digits: &str) -> Result<Ascending, E> {
        if digits.len().is_multiple_of(DIGITS) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            Ok(Ascending(digits.to_owned()))
        } else {
            Err(E::custom("percentages are not five digits each"))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Ascending, A::Error> {
        let mut percentages = Vec::new();
        while let Some(percent) = numbers.next_element()? {
            percentages.push(percent);
        }
        Ok(Ascending::of(&percentages))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_those_of_the_plain_list(list in prop::collection::vec(0_u32..=10_000, 0..150), wanted in 0_u32..=10_000) {
            let mut percentages: Vec<f64> = list.iter().map(|hundredths| f64::from(*hundredths) / 100.0).collect();
            percentages.sort_by(f64::total_cmp);
            let wanted = f64::from(wanted) / 100.0;
            let packed = Ascending::of(&percentages);
            prop_assert_eq!(packed.len(), percentages.len());
            prop_assert_eq!(packed.below(wanted), percentages.iter().filter(|percent| **percent < wanted).count());
            prop_assert_eq!(packed.up_to(wanted), percentages.iter().filter(|percent| **percent <= wanted).count());
            let text = serde_json::to_string(&packed).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Ascending>(&text).unwrap(), &packed);
            let older = serde_json::to_string(&percentages).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Ascending>(&older).unwrap(), &packed);
        }
    }

    #[test]
    fn damaged_digits_are_refused() {
        assert!(
            ["\"0528\"", "\"0528x\"", "7", "\"٠٠٠\""]
                .iter()
                .all(|text| serde_json::from_str::<Ascending>(text).is_err())
        );
    }
}
