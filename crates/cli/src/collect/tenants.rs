//! `idscore collect --tenants FILE`: many tenants, each into a folder of its own; one that fails stops no other.

use std::path::{Path, PathBuf};

use idscore_graph::Wanted;
use idscore_secrets::settings;
use serde::Deserialize;

use super::connection::{CloudName, Connecting, Variables, Way};
use super::extent::Extent;
use super::{Arguments, one, resumes, try_it};
use crate::error::{CliError, Exit};
use crate::terminal::Terminal;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant: Vec<Entry>,
}

/// One tenant of it. What an entry leaves out, the options of the command say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Its id or one of its domains.
    id: String,
    /// The name of its folder.
    name: Option<String>,
    client_id: Option<String>,
    sign_in: Option<Way>,
    client_secret_file: Option<PathBuf>,
    client_secret_env: Option<String>,
    certificate: Option<PathBuf>,
    certificate_password_file: Option<PathBuf>,
    certificate_password_env: Option<String>,
    federated_token_file: Option<PathBuf>,
    cloud: Option<CloudName>,
    #[serde(default)]
    per_user_mfa: bool,
    sign_ins: Option<u32>,
}

impl Entry {
    fn folder(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    fn connecting(&self, common: &Connecting) -> (Connecting, Variables) {
        let or = |own: &Option<PathBuf>, common: &Option<PathBuf>| own.clone().or_else(|| common.clone());
        let usual = Variables::default();
        // A way of one's own makes the common secrets no business of this tenant.
        let own = self.sign_in.is_some()
            || self.client_secret_file.is_some()
            || self.client_secret_env.is_some()
            || self.certificate.is_some()
            || self.federated_token_file.is_some();
        let nothing = Connecting::default();
        let common_files = if own { &nothing } else { common };
        let way = self.sign_in.or(self.client_secret_env.is_some().then_some(Way::Secret)).or(common_files.sign_in);
        let connecting = Connecting {
            tenant: Some(self.id.clone()),
            client_id: self.client_id.clone().or_else(|| common.client_id.clone()),
            sign_in: way,
            client_secret_file: or(&self.client_secret_file, &common_files.client_secret_file),
            certificate: or(&self.certificate, &common_files.certificate),
            certificate_password_file: or(&self.certificate_password_file, &common_files.certificate_password_file),
            federated_token_file: or(&self.federated_token_file, &common_files.federated_token_file),
            cloud: self.cloud.or(common.cloud),
            ..common.clone()
        };
        let variables = Variables {
            secret: self.client_secret_env.clone().unwrap_or(usual.secret),
            password: self.certificate_password_env.clone().unwrap_or(usual.password),
        };
        (connecting, variables)
    }
}

fn read(file: &Path) -> Result<Vec<Entry>, CliError> {
    Ok(settings::parse(&settings::read(file)?, file, checked)?)
}

/// The tenants of a file, each with a folder of its own.
fn checked(File { tenant: entries }: File) -> Result<Vec<Entry>, String> {
    let mut folders: Vec<String> = entries.iter().map(|entry| entry.folder().to_lowercase()).collect();
    folders.sort();
    if let Some(twice) = folders.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[String]>::first) {
        return Err(format!("two tenants have the folder `{twice}`; give each a `name` of its own"));
    }
    let wrong = |folder: &&str| folder.is_empty() || folder.starts_with('.') || folder.contains(['/', '\\', ':']);
    match entries.iter().map(Entry::folder).find(wrong) {
        Some(folder) => {
            Err(format!("`{folder}` is no name for a folder; give it a `name` of letters, digits, dots and hyphens"))
        }
        None => Ok(entries),
    }
}

/// Collects every tenant of the file.
pub fn run(arguments: &Arguments, file: &Path, terminal: Terminal) -> Result<Exit, CliError> {
    let entries = read(file)?;
    let out = if arguments.dry_run { Path::new("") } else { arguments.folder()? };
    let mut failures: Vec<CliError> = Vec::new();
    for entry in &entries {
        let folder = out.join(entry.folder());
        match collect_one(arguments, entry, &folder, terminal) {
            Ok(()) => {}
            Err(error) if error.is_interrupt() => return Err(error),
            Err(error) => {
                terminal.warn(&format!("tenant `{}` failed", entry.id));
                terminal.report(&error);
                failures.push(error);
            }
        }
    }
    terminal.note(&format!("{} of {} tenants were collected", entries.len() - failures.len(), entries.len()));
    // All failures are told already; the worst of them, a wrong call, decides what a script is told.
    if failures.is_empty() {
        Ok(Exit::Done)
    } else if failures.iter().all(CliError::is_unreachable) {
        Ok(Exit::Unreached)
    } else {
        Ok(Exit::Wrong)
    }
}

fn collect_one(arguments: &Arguments, entry: &Entry, folder: &Path, terminal: Terminal) -> Result<(), CliError> {
    let (connecting, variables) = entry.connecting(&arguments.connecting);
    let connection = connecting.connection_with(&variables, terminal)?;
    let extent = Extent {
        per_user_mfa: arguments.extent.per_user_mfa || entry.per_user_mfa,
        sign_ins: entry.sign_ins.or(arguments.extent.sign_ins),
        on_premises_sync: arguments.extent.on_premises_sync,
    };
    let wanted: Wanted = extent.wanted(folder.to_owned(), resumes(folder, arguments.resume), None);
    if arguments.dry_run {
        let trial = try_it(&connection, &wanted, terminal)?;
        arguments.show_trial(&connection, &trial, terminal)?;
        return Ok(());
    }
    let collection = one(&connection, &wanted, terminal)?;
    arguments.show(&connection, &collection, folder, terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Result<Vec<Entry>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenants.toml");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_tenant_leaves_out_the_command_says() {
        let entries = entries(
            "[[tenant]]\nid = \"a.test\"\n\n[[tenant]]\nid = \"b.test\"\nname = \"b\"\nclient_id = \"own\"\nclient_secret_env = \"B_SECRET\"\n",
        )
        .unwrap();
        let common = Connecting {
            client_id: Some("common".to_owned()),
            certificate: Some("common.pem".into()),
            ..Connecting::default()
        };
        let (first, variables) = entries[0].connecting(&common);
        assert_eq!((first.client_id.as_deref(), first.certificate.is_some()), (Some("common"), true));
        assert_eq!(variables, Variables::default());
        let (second, variables) = entries[1].connecting(&common);
        assert_eq!((second.client_id.as_deref(), second.certificate.is_some()), (Some("own"), false));
        assert_eq!((second.sign_in, variables.secret.as_str()), (Some(Way::Secret), "B_SECRET"));
    }

    #[test]
    fn a_secret_in_the_file_two_tenants_in_one_folder_and_paths_are_refused() {
        let refused = entries("[[tenant]]\nid = \"a\"\nclient_secret = \"hunter2\"\n").unwrap_err();
        assert!(refused.contains("client_secret") && !refused.contains("hunter2"), "{refused}");
        assert!(entries("[[tenant]]\nid = \"a\"\n[[tenant]]\nid = \"A\"\n").unwrap_err().contains("two tenants"));
        assert!(entries("[[tenant]]\nid = \"a\"\nname = \"../a\"\n").unwrap_err().contains("no name for a folder"));
    }
}
