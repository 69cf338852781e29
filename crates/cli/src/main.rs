//! `idscore`: the Identity Secure Score of a Microsoft Entra ID tenant, from its export, explained.

mod alerts;
mod catalogue;
mod collect;
mod completions;
mod controls;
mod database;
mod demo;
mod error;
mod explain;
mod generate;
mod graph_server;
mod history;
mod interrupt;
mod log;
mod man;
mod page;
mod reconcile;
mod reference;
mod report;
mod score;
mod serve;
mod tenant;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{CliError, Exit};
use crate::terminal::{Color, Terminal};

/// Gives memory back that other threads asked for, which the allocators of most systems keep.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The Identity Secure Score of a Microsoft Entra ID tenant, from its export, explained.
#[derive(Debug, Parser)]
#[command(name = "idscore", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 the gate failed, 2 the input or the call is wrong, 3 a service could not be reached."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Invents a tenant and its history, scores it, and opens the dashboard
    Demo(demo::Arguments),
    /// The score of an export or snapshot, and what to do about it
    Score(Box<score::Arguments>),
    /// Reads a tenant from Microsoft Graph into an export
    Collect(collect::Arguments),
    /// The evidence: who loses the points of a control, and which sign-in escapes
    Explain(explain::Arguments),
    /// The result beside Microsoft's own score, with the likely reason of each difference
    Reconcile(reconcile::Arguments),
    /// The score day by day, and what changed besides the tenant
    Trend(history::trend::Arguments),
    /// The score beside that of others: your own tenants, Microsoft's averages, files of other organisations
    Compare(history::compare::Arguments),
    /// Serves the dashboard, and answers over HTTP as Microsoft Graph does
    Serve(Box<serve::Arguments>),
    /// Prints a link that signs you in to the dashboard, once and within ten minutes
    SignInLink(history::sign_in_link::Arguments),
    /// Alerts: tries the channels, and lists what was told
    Alerts(alerts::Arguments),
    /// Tokens of the API
    Token(history::token::Arguments),
    /// What moved between two assessments, and why
    Diff(history::diff::Arguments),
    /// The action plan: who does what until when, what is accepted, and what that does to the score
    Plan(history::plan::Arguments),
    /// Reviews that people did
    Review(history::review::Arguments),
    /// The audit log: who did what, chained by hash
    Audit(history::audit::Arguments),
    /// What the store knows about a tenant besides its score
    Tenant(history::tenants::Arguments),
    /// Files in which organisations tell each other how their tenants do, without telling of any one
    Benchmark(history::benchmark::Arguments),
    /// Writes a data folder into one file
    Backup(history::backup::BackupArguments),
    /// Makes a data folder of a backup
    Restore(history::backup::RestoreArguments),
    /// The catalogue of controls
    Controls(controls::Arguments),
    /// Writes an invented tenant as an export
    Generate(generate::Arguments),
    /// Serves an export as Microsoft Graph would, for tests
    GraphServer(graph_server::Arguments),
    /// Prints the completions of a shell
    Completions(completions::Arguments),
    /// Prints the manual page, or writes one for every command
    Man(man::Arguments),
    /// Writes the reference pages, or checks them
    #[command(hide = true)]
    Reference(reference::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::detect(arguments.color);
    match run(&arguments.command, terminal) {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.report(&error);
            error.exit_code()
        }
    }
}

fn run(command: &Command, terminal: Terminal) -> Result<Exit, CliError> {
    match command {
        Command::Audit(arguments) => history::audit::run(arguments, terminal),
        Command::Backup(arguments) => history::backup::backup(arguments, terminal),
        Command::Benchmark(arguments) => history::benchmark::run(arguments, terminal),
        Command::Collect(arguments) => collect::run(arguments, terminal),
        Command::Compare(arguments) => history::compare::run(arguments, terminal),
        Command::Alerts(arguments) => alerts::run(arguments, terminal),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Controls(arguments) => controls::run(arguments, terminal),
        Command::Demo(arguments) => demo::run(arguments, terminal),
        Command::Diff(arguments) => history::diff::run(arguments, terminal),
        Command::Explain(arguments) => explain::run(arguments, terminal),
        Command::Generate(arguments) => generate::run(arguments, terminal),
        Command::GraphServer(arguments) => graph_server::run(arguments, terminal),
        Command::Man(arguments) => man::run(arguments),
        Command::Reconcile(arguments) => reconcile::run(arguments, terminal),
        Command::Plan(arguments) => history::plan::run(arguments, terminal),
        Command::Reference(arguments) => reference::run(arguments, terminal),
        Command::Restore(arguments) => history::backup::restore(arguments, terminal),
        Command::Review(arguments) => history::review::run(arguments, terminal),
        Command::Score(arguments) => score::run(arguments, terminal),
        Command::Serve(arguments) => serve::run(arguments, terminal),
        Command::SignInLink(arguments) => history::sign_in_link::run(arguments, terminal),
        Command::Tenant(arguments) => history::tenants::run(arguments, terminal),
        Command::Token(arguments) => history::token::run(arguments, terminal),
        Command::Trend(arguments) => history::trend::run(arguments, terminal),
    }
}
