//! `idscore token create|list|revoke`

use clap::builder::PossibleValuesParser;
use idscore_history::Tenant;
use idscore_history::instants::{DAY, rfc3339};
use idscore_store::{Archive, Token, now};

use super::{Of, operator, print, wait};
use crate::error::{CliError, Exit};
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

/// Tokens of the API. Each opens one tenant.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Makes a token and prints its secret, once
    Create(Create),
    /// Lists the tokens of a tenant, without their secrets
    List(List),
    /// Ends a token at once
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    of: Of,
    /// What the token is for. The audit log says it once, when the token is made; what the token does then stands under its id.
    #[arg(value_name = "NAME")]
    name: String,
    /// What it may do, in the names of Graph's permissions; may be given more than once.
    #[arg(long = "scope", value_name = "SCOPE", default_values = ["SecurityEvents.Read.All", "DirectoryRecommendations.Read.All"],
        value_parser = PossibleValuesParser::new(idscore_server::api::scope_names()))]
    scopes: Vec<String>,
    /// Days until it ends.
    #[arg(long, value_name = "DAYS", default_value = "90", value_parser = clap::value_parser!(u16).range(1..=730))]
    days: u16,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, clap::Args)]
struct Revoke {
    #[command(flatten)]
    of: Of,
    /// The token's name, or its id where several have the name.
    #[arg(value_name = "TOKEN")]
    token: String,
}

/// Runs one of the three.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    match &arguments.command {
        Command::Create(create) => wait(async {
            let (archive, tenant) = create.of.open().await?;
            let secret = new(&archive, &tenant, &create.name, &create.scopes, i64::from(create.days)).await?;
            archive.history.close().await;
            terminal.note(&format!("for {} days; it is shown this once", create.days));
            print(&format!("{secret}\n"), None, terminal)
        })?,
        Command::List(list) => wait(async {
            let (archive, tenant) = list.of.open().await?;
            let tokens = archive.history.tokens(&tenant.id).await?;
            archive.history.close().await;
            print(&table(&tokens, terminal), None, terminal)
        })?,
        Command::Revoke(revoke) => wait(async {
            let (archive, tenant) = revoke.of.open().await?;
            let tokens = archive.history.tokens(&tenant.id).await?;
            let token = one(&tokens, &revoke.token)?;
            archive.history.revoke_token(&operator(), &tenant.id, &token.id, now()).await?;
            archive.history.close().await;
            terminal.note(&format!("the token {} is revoked", words::visible(&token.name)));
            Ok(())
        })?,
    }
    Ok(Exit::Done)
}

/// The token of an id, or the only one of a name that is not revoked yet.
fn one<'a>(tokens: &'a [Token], asked: &str) -> Result<&'a Token, CliError> {
    if let Some(token) = tokens.iter().find(|token| token.id == asked) {
        return Ok(token);
    }
    let named: Vec<_> = tokens.iter().filter(|token| token.name == asked && token.revoked_at.is_none()).collect();
    match named.as_slice() {
        [token] => Ok(token),
        [] => Err(CliError::call(
            format!("there is no token `{asked}` that could be revoked"),
            "`idscore token list` shows names, ids and what is revoked already",
        )),
        several => {
            let ids: Vec<_> = several.iter().map(|token| format!("  {}", token.id)).collect();
            Err(CliError::call(
                format!("{} tokens are named `{asked}`", several.len()),
                format!("name one by its id:\n{}", ids.join("\n")),
            ))
        }
    }
}

/// Makes a token of a tenant; gives back its secret.
pub async fn new(
    archive: &Archive,
    tenant: &Tenant,
    name: &str,
    scopes: &[String],
    days: i64,
) -> Result<String, CliError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| CliError::Signals(std::io::Error::other(error.to_string())))?;
    let at = now();
    let token = Token {
        id: String::new(),
        tenant_id: tenant.id.clone(),
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        created_at: at,
        expires_at: at + days * DAY,
        last_used_at: None,
        revoked_at: None,
    };
    Ok(archive.history.create_token(&operator(), &token, &random).await?.secret)
}

fn table(tokens: &[Token], terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    if tokens.is_empty() {
        page.line("There is no token yet: `idscore token create NAME` makes one.");
        return page.into_text();
    }
    let at = now();
    let mut table = page.table(&["Name", "State", "Last used", "Scopes", "Id"]);
    for token in tokens {
        let state = match token.revoked_at {
            Some(revoked) => format!("revoked {}", words::instant(&rfc3339(revoked))),
            None if token.expires_at <= at => "ended".to_owned(),
            None => format!("until {}", words::instant(&rfc3339(token.expires_at))),
        };
        let used = token.last_used_at.map_or_else(|| "never".to_owned(), |at| words::instant(&rfc3339(at)));
        table.add_row(vec![
            page.cell(Tone::Strong, &words::visible(&token.name)),
            page.cell(Tone::Plain, &state),
            page.cell(Tone::Plain, &used),
            page.cell(Tone::Quiet, &token.scopes.join(", ")),
            page.cell(Tone::Quiet, &token.id),
        ]);
    }
    page.put(&table);
    page.into_text()
}
