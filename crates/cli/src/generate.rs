//! `idscore generate --users N --seed S DIR`

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use idscore_tenantsim as tenantsim;

use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::Terminal;

/// Writes an invented tenant as an export, with planted.json, which says what was planted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  idscore generate --users 1000 --seed 7 invented && idscore score invented")]
pub struct Arguments {
    /// A new or an empty folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// User objects, guests and special accounts included.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=10_000_000))]
    users: u32,
    /// The source of all chance: the same options and seed give the same bytes.
    #[arg(long, value_name = "S", default_value_t = 7)]
    seed: u64,
    /// The edition of Microsoft Entra ID [default: follows from size and seed].
    #[arg(long, value_enum, value_name = "EDITION")]
    edition: Option<Edition>,
    /// How careful its administrators are [default: follows from the seed].
    #[arg(long, value_enum, value_name = "POSTURE")]
    posture: Option<Posture>,
    /// Conditional Access policies [default: follows from size and seed].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=i64::from(tenantsim::MAX_POLICIES)))]
    policies: Option<u32>,
    /// Add per-user MFA, as `collect --per-user-mfa` does.
    #[arg(long)]
    per_user_mfa: bool,
    /// Add directory synchronisation settings, as `collect --on-premises-sync` does.
    #[arg(long)]
    on_premises_sync: bool,
    /// Add sign-ins, as `collect --sign-ins` does.
    #[arg(long)]
    sign_ins: bool,
    /// The worst case for proofs: about that many users with sets of policies of their own.
    #[arg(long, value_name = "N")]
    distinct_signatures: Option<u32>,
}

/// An edition of Microsoft Entra ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Edition {
    /// Security defaults, no Conditional Access.
    Free,
    /// Conditional Access.
    P1,
    /// Risk and Privileged Identity Management besides.
    P2,
}

impl Edition {
    /// As invented tenants have it.
    pub fn invented(self) -> tenantsim::Edition {
        match self {
            Self::Free => tenantsim::Edition::Free,
            Self::P1 => tenantsim::Edition::P1,
            Self::P2 => tenantsim::Edition::P2,
        }
    }

    /// The edition that the Graph server knows by this name.
    pub fn served(self) -> idscore_graph_server::Edition {
        match self {
            Self::Free => idscore_graph_server::Edition::Free,
            Self::P1 => idscore_graph_server::Edition::P1,
            Self::P2 => idscore_graph_server::Edition::P2,
        }
    }
}

/// How careful administrators are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Posture {
    /// Alternatives, exclusions, old administrators.
    Weak,
    /// The usual policies, each with a hole.
    Average,
    /// Nearly all right.
    Strong,
}

/// Invents the tenant.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let options = tenantsim::Options {
        users: arguments.users,
        seed: arguments.seed,
        edition: arguments.edition.map(Edition::invented),
        posture: arguments.posture.map(|posture| match posture {
            Posture::Weak => tenantsim::Posture::Weak,
            Posture::Average => tenantsim::Posture::Average,
            Posture::Strong => tenantsim::Posture::Strong,
        }),
        policies: arguments.policies,
        per_user_mfa: arguments.per_user_mfa,
        on_premises_sync: arguments.on_premises_sync,
        sign_ins: arguments.sign_ins,
        distinct_signatures: arguments.distinct_signatures,
        ..tenantsim::Options::default()
    };
    invent(&arguments.folder, &options, terminal)?;
    let folder = words::shell_word(&arguments.folder.to_string_lossy());
    terminal
        .note(&format!("wrote an invented tenant of {} users to {folder}", words::thousands(arguments.users.into())));
    terminal.note(&format!("next: {} score {folder} --config {folder}/idscore.toml", words::program()));
    Ok(Exit::Done)
}

/// Writes the tenant into a folder that is new or empty.
pub fn invent(folder: &Path, options: &tenantsim::Options, terminal: Terminal) -> Result<(), CliError> {
    let _progress = terminal.progress(&format!("inventing {} users", words::thousands(options.users.into())));
    tenantsim::generate(options, folder)?;
    Ok(())
}
