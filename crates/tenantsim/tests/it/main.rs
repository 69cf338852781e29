//! Tests of whole invented tenants, read back from the files as written.

mod pages;
