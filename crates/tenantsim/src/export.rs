//! Writes pages in the layout of an export, and the report beside them.

use std::fs::{File, create_dir_all};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::GenerateError;

/// What Graph answered for one data set.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataSetReport {
    name: &'static str,
    endpoint: &'static str,
    api_version: &'static str,
    pages: u32,
    rows: u64,
    status: &'static str,
    permission: &'static str,
    error_code: Option<&'static str>,
    message: Option<&'static str>,
}

/// A data set as the collector asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub name: &'static str,
    pub endpoint: &'static str,
    pub api_version: &'static str,
    pub permission: &'static str,
    /// The words behind `$metadata#` in the pages.
    pub context: &'static str,
    /// Rows in a full page.
    pub page: u32,
}

/// The folder of an export while it is written.
pub(crate) struct Export {
    directory: PathBuf,
    reports: Vec<DataSetReport>,
}

impl Export {
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), reports: Vec::new() }
    }

    /// A collection of rows, in as many pages as it takes; one empty page where there are none.
    pub fn rows<T: Serialize>(&mut self, asked: Asked, rows: impl Iterator<Item = T>) -> Result<(), GenerateError> {
        let (pages, count) = self.folder(asked, &self.directory.join(asked.name), asked.context, rows)?;
        self.report(asked, pages, count);
        Ok(())
    }

    /// Collections that are read once per object: `<dataSet>/<owner>/<page>.json`.
    pub fn rows_per_owner<T: Serialize, R: Iterator<Item = T>>(
        &mut self,
        asked: Asked,
        owners: impl Iterator<Item = (String, R)>,
    ) -> Result<(), GenerateError> {
        let (mut pages, mut count) = (0, 0);
        for (owner, rows) in owners {
            let folder = self.directory.join(asked.name).join(&owner);
            let (owner_pages, owner_rows) = self.folder(asked, &folder, asked.context, rows)?;
            pages += owner_pages;
            count += owner_rows;
        }
        self.report(asked, pages, count);
        Ok(())
    }

    /// A single object.
    pub fn object<T: Serialize>(&mut self, asked: Asked, object: &T) -> Result<(), GenerateError> {
        let folder = self.directory.join(asked.name);
        self.single(asked, &folder, object)?;
        self.report(asked, 1, 1);
        Ok(())
    }

    /// Single objects that are read once per owner.
    pub fn objects_per_owner<T: Serialize>(
        &mut self,
        asked: Asked,
        owners: impl Iterator<Item = (String, T)>,
    ) -> Result<(), GenerateError> {
        let mut count = 0;
        for (owner, object) in owners {
            self.single(asked, &self.directory.join(asked.name).join(owner), &object)?;
            count += 1;
        }
        self.report(asked, count, u64::from(count));
        Ok(())
    }

    /// A data set that Graph refused for want of a licence.
    pub fn not_licensed(&mut self, asked: Asked, error_code: &'static str, message: &'static str) {
        self.reports.push(DataSetReport {
            name: asked.name,
            endpoint: asked.endpoint,
            api_version: asked.api_version,
            pages: 0,
            rows: 0,
            status: "notLicensed",
            permission: asked.permission,
            error_code: Some(error_code),
            message: Some(message),
        });
    }

    /// Writes `collection.json`.
    pub fn finish(self, tenant_id: &str, started_at: &str, finished_at: &str) -> Result<(), GenerateError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Collection<'a> {
            format_version: u32,
            tenant_id: &'a str,
            started_at: &'a str,
            finished_at: &'a str,
            cloud: &'a str,
            access: &'a str,
            data_sets: &'a [DataSetReport],
        }
        let collection = Collection {
            format_version: 1,
            tenant_id,
            started_at,
            finished_at,
            cloud: "global",
            access: "application",
            data_sets: &self.reports,
        };
        write_json(&self.directory.join("collection.json"), &collection)
    }

    fn report(&mut self, asked: Asked, pages: u32, rows: u64) {
        self.reports.push(DataSetReport {
            name: asked.name,
            endpoint: asked.endpoint,
            api_version: asked.api_version,
            pages,
            rows,
            status: "complete",
            permission: asked.permission,
            error_code: None,
            message: None,
        });
    }

    fn single<T: Serialize>(&self, asked: Asked, folder: &Path, object: &T) -> Result<(), GenerateError> {
        #[derive(Serialize)]
        struct Entity<'a, T> {
            #[serde(rename = "@odata.context")]
            context: String,
            #[serde(flatten)]
            object: &'a T,
        }
        make_folder(folder)?;
        let context = format!("https://graph.microsoft.com/{}/$metadata#{}/$entity", asked.api_version, asked.context);
        write_json(&folder.join("00001.json"), &Entity { context, object })
    }

    fn folder<T: Serialize>(
        &self,
        asked: Asked,
        folder: &Path,
        context: &str,
        rows: impl Iterator<Item = T>,
    ) -> Result<(u32, u64), GenerateError> {
        make_folder(folder)?;
        let mut rows = rows.peekable();
        let (mut pages, mut count) = (0u32, 0u64);
        loop {
            pages += 1;
            let path = folder.join(format!("{pages:05}.json"));
            let failed = |source| GenerateError::Write { path: path.clone(), source };
            let mut file = BufWriter::with_capacity(256 * 1024, File::create(&path).map_err(failed)?);
            let base = format!("https://graph.microsoft.com/{}", asked.api_version);
            write!(file, "{{\"@odata.context\":\"{base}/$metadata#{context}\",\"value\":[").map_err(failed)?;
            let mut in_page = 0;
            while in_page < asked.page {
                let Some(row) = rows.next() else { break };
                file.write_all(if in_page == 0 { b"\n" } else { b",\n" }).map_err(failed)?;
                serde_json::to_writer(&mut file, &row).map_err(|error| failed(error.into()))?;
                in_page += 1;
            }
            count += u64::from(in_page);
            let more = rows.peek().is_some();
            if more {
                let separator = if asked.endpoint.contains('?') { '&' } else { '?' };
                let endpoint = asked.endpoint.replace("{id}", &owner_of(folder));
                write!(
                    file,
                    "\n],\"@odata.nextLink\":\"{base}{endpoint}{separator}$skiptoken=RFNwdAoAAQ{pages:08}\"}}\n"
                )
                .map_err(failed)?;
            } else {
                file.write_all(b"\n]}\n").map_err(failed)?;
            }
            file.flush().map_err(failed)?;
            if !more {
                return Ok((pages, count));
            }
        }
    }
}

/// A data set of v1.0 with pages of a thousand rows.
pub(crate) const fn asked(name: &'static str, endpoint: &'static str, permission: &'static str) -> Asked {
    Asked { name, endpoint, api_version: "v1.0", permission, context: name, page: 999 }
}

/// What Graph says to a tenant without the licence for sign-in reports.
pub(crate) const NO_PREMIUM: (&str, &str) = (
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
);

/// What Graph says to a tenant without P2.
pub(crate) const NO_P2: (&str, &str) = (
    "AadPremiumLicenseRequired",
    "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
);

fn owner_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn make_folder(folder: &Path) -> Result<(), GenerateError> {
    create_dir_all(folder).map_err(|source| GenerateError::Write { path: folder.to_owned(), source })
}

/// Writes one value as readable JSON.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), GenerateError> {
    let failed = |source| GenerateError::Write { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    serde_json::to_writer_pretty(&mut file, value).map_err(|error| failed(error.into()))?;
    file.write_all(b"\n").map_err(failed)?;
    file.flush().map_err(failed)
}
