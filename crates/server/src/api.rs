//! The REST interface.

pub mod odata;
