//! What planting stands on: who is judged as what.

use std::collections::HashMap;

use crate::groups::Bits;
use crate::tenant::Tenant;

/// Who belongs where; worked out once for every user.
pub(crate) struct Judged {
    pub excepted: bool,
    pub member: bool,
    pub admin: bool,
}

/// Everything there is to know while planting.
pub(crate) struct Ground<'a> {
    pub tenant: &'a Tenant,
    pub closures: HashMap<usize, Bits>,
    pub judged: Vec<Judged>,
    pub list_all: bool,
}
