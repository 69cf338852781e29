//! idscore
fn main() {}
