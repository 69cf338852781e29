//! One collection: sign in, read every data set, say what is missing.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;

use crate::cloud::{Cloud, Hosts};
use crate::error::CollectError;
use crate::pace::Pace;
use crate::plan::{Reading, When};
use crate::report::{Access, Collection, REPORT};
use crate::request::{Graph, client};
use crate::retry::Patience;
use crate::run::Run;
use crate::sign_in::{Claims, Credential, Endpoint, Tokens};
use crate::state::{Known, STATE, State};
use crate::stop::Stop;
use crate::watch::Watch;

/// Who collects from where, and how.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The tenant: its id or one of its domains.
    pub tenant: String,
    /// The application's client id; empty for a managed identity of the system and for the Azure CLI.
    pub client_id: String,
    /// How to sign in.
    pub credential: Credential,
    /// The cloud.
    pub cloud: Cloud,
    /// Its hosts.
    pub hosts: Hosts,
    /// Whether to keep the documented pace.
    pub pace: Pace,
    /// How long to go on where answers don't come.
    pub patience: Patience,
    /// This machine's clock, for assertions and for the difference to Graph's.
    pub clock: fn() -> Timestamp,
}

/// What to collect, and where to.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The export's folder.
    pub out: PathBuf,
    /// Go on with what lies there.
    pub resume: bool,
    /// An earlier export of the same tenant: of users and groups, only what changed since is read.
    pub since: Option<PathBuf>,
    /// The per-user MFA state of everybody who may sign in.
    pub per_user_mfa: bool,
    /// The sign-ins of so many days.
    pub sign_in_days: Option<u32>,
    /// On-premises synchronisation, which only a person may read.
    pub on_premises_sync: bool,
}

impl Wanted {
    /// Whether a data set is asked for by default or by an option.
    pub(crate) fn wants(&self, reading: &Reading) -> bool {
        match reading.when {
            When::Always => true,
            When::WithoutRoleAssignments => false,
            When::PerUserMfa => self.per_user_mfa,
            When::SignIns => self.sign_in_days.is_some(),
            When::OnPremisesSync => self.on_premises_sync,
        }
    }

    /// What is wrong with the wish, before anybody is asked.
    pub(crate) fn check(&self, credential: &Credential) -> Result<(), CollectError> {
        if self.on_premises_sync && !credential.is_delegated() {
            return Err(CollectError::call(
                "no application may read the on-premises synchronisation, only a person",
                "sign in as a Global Administrator: --sign-in device-code",
            ));
        }
        Ok(())
    }
}

impl Connection {
    /// Signs nobody in yet.
    pub(crate) fn graph(&self) -> Result<Graph, CollectError> {
        let http = client(&self.hosts, &self.patience)?;
        let endpoint = Endpoint::new(http.clone(), self.hosts.clone(), self.tenant.clone());
        let tokens = Tokens::new(self.credential.clone(), self.client_id.clone(), endpoint, self.clock);
        Ok(Graph::new(http, self.hosts.clone(), tokens, self.pace, self.patience))
    }
}

/// Reads a tenant into an export. Data sets that can't be read are no error: the report names them and says why.
///
/// # Errors
/// When nobody can sign in, the folder is not ours to write, Graph can't be reached at all, or somebody stopped it. What
/// was read until then stays, and a later call with `resume` goes on from there.
pub async fn collect(
    connection: &Connection,
    wanted: &Wanted,
    watch: &dyn Watch,
    stop: &Stop,
) -> Result<Collection, CollectError> {
    wanted.check(&connection.credential)?;
    let known = before(wanted)?;
    let graph = connection.graph()?;
    let claims = tokio::select! {
        claims = graph.tokens.claims(watch) => claims?,
        () = stop.asked() => return Err(CollectError::Interrupted { out: wanted.out.clone() }),
    };
    same_tenant(&known, &claims, connection, &wanted.out)?;
    check_clock(&graph, watch)?;

    let state = State::open(&wanted.out)?;
    let run = Run {
        connection,
        wanted,
        graph: &graph,
        state: &state,
        watch,
        known: &known,
        reports: Mutex::new(BTreeMap::new()),
        head: Mutex::new(Collection::new(
            connection.cloud,
            claims.tid.clone().or_else(|| known.head.as_ref().and_then(|head| head.tenant_id.clone())),
            known.head.as_ref().and_then(|head| head.started_at),
            access(&claims, &known),
        )),
    };
    let done = tokio::select! {
        done = run.all() => done,
        () = stop.asked() => Err(CollectError::Interrupted { out: wanted.out.clone() }),
    };
    match done {
        Ok(()) => run.finish(None),
        Err(error) => {
            // The report of an unfinished collection says so; the error that ended it is the one to tell.
            let _ = run.finish(Some(&error));
            Err(error)
        }
    }
}

/// As whom everything is read: of a collection that goes on, the earlier part counts too.
fn access(claims: &Claims, known: &Known) -> Access {
    let before = known.head.as_ref().map(|head| head.access);
    match (claims.is_delegated(), before) {
        (true, None | Some(Some(Access::Delegated))) => Access::Delegated,
        _ => Access::Application,
    }
}

/// Whether the folder may be written to, and what is known of an earlier run.
fn before(wanted: &Wanted) -> Result<Known, CollectError> {
    let out = &wanted.out;
    let mut entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Known::default()),
        Err(error) => return Err(CollectError::file("read the folder", out, error)),
    };
    if entries.next().is_none() {
        return Ok(Known::default());
    }
    match Known::read(out)? {
        Some(known) if wanted.resume => Ok(known),
        Some(_) => Err(CollectError::call(
            format!("`{}` holds a collection already", out.display()),
            "go on with it: --resume; or give another folder with --out",
        )),
        None => Err(CollectError::call(
            format!("`{}` is not empty, and no collection", out.display()),
            "give a new folder with --out",
        )),
    }
}

fn same_tenant(known: &Known, claims: &Claims, connection: &Connection, out: &Path) -> Result<(), CollectError> {
    let Some(head) = &known.head else { return Ok(()) };
    let other = match (&head.tenant_id, &claims.tid) {
        (Some(before), Some(now)) if !before.eq_ignore_ascii_case(now) => Some(format!("of tenant `{before}`")),
        _ if head.graph != connection.hosts.resource() => Some(format!("from `{}`", head.graph)),
        _ => None,
    };
    other.map_or(Ok(()), |other| {
        Err(CollectError::call(
            format!("`{}` holds a collection {other}", out.display()),
            "give another folder with --out",
        ))
    })
}

/// Clocks that differ by so many seconds are worth a word.
const SKEWED: i64 = 120;
/// With clocks that differ by so many seconds, nobody knows the day of the export.
const DAY: i64 = 24 * 3600;

pub(crate) fn check_clock(graph: &Graph, watch: &dyn Watch) -> Result<(), CollectError> {
    let Some(skew) = graph.tokens.skew().filter(|skew| skew.abs() >= SKEWED) else { return Ok(()) };
    let apart = CollectError::clock_skew(skew);
    if skew.abs() >= DAY {
        return Err(apart);
    }
    if let CollectError::ClockSkew { minutes, direction } = apart {
        watch.notes(&format!(
            "this machine's clock is {minutes} minutes {direction} Microsoft's; the export is dated by Microsoft's"
        ));
    }
    Ok(())
}

/// Whether a folder holds a collection, finished or not.
#[must_use]
pub fn is_collection(folder: &Path) -> bool {
    folder.join(STATE).is_file() || folder.join(REPORT).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Head;

    #[test]
    fn a_collection_is_a_persons_only_if_all_of_it_is() {
        let person = Claims { scp: Some("User.Read.All".to_owned()), ..Claims::default() };
        let application = Claims { roles: vec!["User.Read.All".to_owned()], ..Claims::default() };
        let after = |access: Option<Access>| Known {
            head: Some(Head {
                collection: 1,
                tenant_id: None,
                graph: "https://graph.microsoft.com".to_owned(),
                started_at: None,
                access,
            }),
            ..Known::default()
        };
        assert_eq!(access(&person, &Known::default()), Access::Delegated);
        assert_eq!(access(&application, &Known::default()), Access::Application);
        assert_eq!(access(&person, &after(Some(Access::Delegated))), Access::Delegated);
        for earlier in [None, Some(Access::Application)] {
            assert_eq!(access(&person, &after(earlier)), Access::Application, "{earlier:?}");
        }
        assert_eq!(access(&application, &after(Some(Access::Delegated))), Access::Application);
    }
}
