//! What holds for every export, tried on thousands of damaged ones. There is nothing in here but tests, apart because they
//! need the judging crates optimised.
