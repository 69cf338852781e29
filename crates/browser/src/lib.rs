//! The dashboard in a real browser. There is nothing in here but tests, apart because their driver is slow to build.
