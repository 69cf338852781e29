//! Which database, for every command that has a data folder.

use std::path::PathBuf;

use idscore_secrets::{Secret, Source};
use idscore_store::without_password;

use crate::error::CliError;

const VARIABLE: &str = "IDSCORE_DATABASE";

/// The database in place of the file `history.db` in the data folder. The address may also stand in the variable
/// `IDSCORE_DATABASE`.
#[derive(Debug, clap::Args)]
pub struct Database {
    /// The database, in place of the file `history.db` in the data folder: `postgres://USER@HOST/DATABASE`. An address with a
    /// password comes from the variable `IDSCORE_DATABASE` or a file: others see the arguments of a program.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The file that holds the address of the database; only its owner may read it.
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    database_file: Option<PathBuf>,
}

impl Database {
    /// Whether one is named, here or in the environment.
    pub fn named(&self) -> bool {
        self.database.is_some() || self.database_file.is_some() || std::env::var_os(VARIABLE).is_some()
    }

    /// Its address; none for the file in the data folder.
    pub fn address(&self) -> Result<Option<Secret>, CliError> {
        self.address_from(&|name| std::env::var(name).ok())
    }

    fn address_from(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Secret>, CliError> {
        if let Some(address) = &self.database {
            let shown = without_password(address);
            if shown != *address || address.to_ascii_lowercase().contains("password=") {
                let shown = shown.split('?').next().unwrap_or_default().to_owned();
                return Err(CliError::call(
                    format!("the address `{shown}` holds a password, and others see the arguments of a program"),
                    format!("give it as {VARIABLE}, or in a file with --database-file"),
                ));
            }
            return Ok(Some(Secret::new(address)));
        }
        if let Some(path) = &self.database_file {
            return Ok(Some(Source::File(path.clone()).read(variable)?));
        }
        Ok(variable(VARIABLE).filter(|address| !address.is_empty()).map(Secret::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(database: &str) -> Database {
        Database { database: Some(database.to_owned()), database_file: None }
    }

    #[test]
    fn a_password_is_no_argument() {
        for address in ["postgres://ada:hunter2@db/x", "postgres://ada@db/x?password=hunter2"] {
            let error = named(address).address_from(&|_| None).unwrap_err();
            assert!(!error.to_string().contains("hunter2") && error.to_string().contains("postgres://ada"), "{error}");
            assert!(error.hint().unwrap().contains("--database-file"));
        }
        let address = named("postgres://ada@db/x").address_from(&|_| None).unwrap().unwrap();
        assert_eq!(address.reveal(), "postgres://ada@db/x");
    }

    #[test]
    fn an_argument_goes_before_a_file_before_the_environment() {
        let environment = |name: &str| (name == VARIABLE).then(|| "postgres://ada:hunter2@db/x".to_owned());
        let none = Database { database: None, database_file: None };
        assert_eq!(none.address_from(&environment).unwrap().unwrap().reveal(), "postgres://ada:hunter2@db/x");
        assert!(none.address_from(&|_| None).unwrap().is_none());
        assert_eq!(named("postgres://db/y").address_from(&environment).unwrap().unwrap().reveal(), "postgres://db/y");
    }
}
