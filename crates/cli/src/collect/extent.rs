//! What to collect besides the usual.

use std::path::PathBuf;

use idscore_graph::Wanted;

/// What to collect besides the usual.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "What to read besides")]
pub struct Extent {
    /// Read the per-user MFA state of everybody who may sign in: one call for twenty users.
    #[arg(long)]
    pub per_user_mfa: bool,
    /// Read the sign-ins of the last days [default: 7 days].
    #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "7", value_parser = clap::value_parser!(u32).range(1..=30))]
    pub sign_ins: Option<u32>,
    /// Read the on-premises synchronisation, which only a Global Administrator may: with --sign-in device-code.
    #[arg(long)]
    pub on_premises_sync: bool,
}

impl Extent {
    /// The same for the collector.
    pub fn wanted(&self, out: PathBuf, resume: bool, since: Option<PathBuf>) -> Wanted {
        Wanted {
            out,
            resume,
            since,
            per_user_mfa: self.per_user_mfa,
            sign_in_days: self.sign_ins,
            on_premises_sync: self.on_premises_sync,
        }
    }
}
