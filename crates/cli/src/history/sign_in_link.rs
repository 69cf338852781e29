//! `idscore sign-in-link`

use idscore_server::new_link;

use super::{Store, operator, print, wait};
use crate::error::{CliError, Exit};
use crate::terminal::Terminal;

/// Prints a link that signs you in to the dashboard as an administrator, once and within ten minutes.
///
/// Who may read the data folder may do all of that already; the audit log names who asked.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore sign-in-link --data data\n  xdg-open \"$(idscore sign-in-link --data data)\""
)]
pub struct Arguments {
    #[command(flatten)]
    store: Store,
    /// Where the service is reached.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    address: String,
}

/// Makes a link and prints it.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let address = arguments.address.trim_end_matches('/');
    if !["http://", "https://"].iter().any(|scheme| address.starts_with(scheme)) {
        return Err(CliError::call(
            format!("`{address}` is no address of a service"),
            "write it as http://127.0.0.1:8080",
        ));
    }
    wait(async {
        let archive = arguments.store.open().await?;
        let operator = operator();
        let path = new_link(&archive.history, &operator, operator.name()).await?;
        archive.history.close().await;
        print(&format!("{address}{path}\n"), None, terminal)?;
        Ok(Exit::Done)
    })
}
