//! One function per derived column, each with its rule and its cases from Graph's JSON.

pub(crate) mod consent;
pub(crate) mod credentials;
pub(crate) mod domains;
pub(crate) mod licences;
pub(crate) mod permissions;
pub(crate) mod registration;
pub(crate) mod roles;
pub(crate) mod settings;
pub(crate) mod skus;
pub(crate) mod users;
