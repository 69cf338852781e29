//! Tests that are run more often where figures are wanted.

/// How often something is done: few times without a word, as often as a variable says where figures are wanted.
pub fn repeated(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |number| number.parse().expect("a number"))
}
