//! `idscore collect` and `idscore score --tenant`, against a Microsoft Graph on this machine.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use idscore_graph_server::{Options, Script, Server};
use idscore_tenantsim::{Edition, generate};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
use tempfile::TempDir;

use crate::program::idscore;

const SECRET: &str = "hush-hush-7Q~client-secret";
const CLIENT: &str = "11111111-0000-4000-8000-0000000000aa";

struct Tenant {
    folder: TempDir,
    export: PathBuf,
}

impl Tenant {
    fn of(users: u32, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("tenant");
        let options = idscore_tenantsim::Options {
            users,
            seed,
            edition: Some(Edition::P2),
            declare: false,
            ..Default::default()
        };
        generate(&options, &export).unwrap();
        Self { folder, export }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn unlimited() -> Options {
    Options { throttle: None, ..Options::default() }
}

/// The command against a server, with the secret in the environment.
fn against(server: &Server, command: &str, arguments: &[&str]) -> Command {
    let mut all = vec![command, "--tenant", "contoso.test", "--client-id", CLIENT];
    all.extend(["--graph-url", server.url(), "--login-url", server.url(), "--pace", "unlimited"]);
    all.extend(arguments);
    let mut command = idscore(&all);
    command.env("AZURE_CLIENT_SECRET", SECRET);
    command
}

fn collect(server: &Server, out: &Path, arguments: &[&str]) -> Output {
    against(server, "collect", &[&["--out", out.to_str().unwrap()], arguments].concat()).output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The score of an export, whenever it was taken.
fn score(export: &Path) -> serde_json::Value {
    let output =
        idscore(&["score", export.to_str().unwrap(), "--format", "json", "--taken-at", "2026-11-20T06:00:00Z"])
            .output()
            .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut score: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    score.as_object_mut().unwrap().remove("takenAtSource");
    score
}

/// Every page of an export but the report of the run.
fn pages(export: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else if path.extension().is_some_and(|end| end == "json") && !path.ends_with("collection.json") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(export, export, &mut found);
    found
}

#[test]
fn killed_at_fifty_moments_and_resumed_it_is_the_same_export() {
    let tenant = Tenant::of(200, 17);
    let faults =
        Script::parse("[[fault]]\nclass = \"DIR\"\ndelay_ms = 4\n[[fault]]\ndata_set = \"users\"\npage_size = 9\n")
            .unwrap();
    let server = Server::start(&tenant.export, Options { faults, ..unlimited() }).unwrap();
    let whole = tenant.beside("whole");
    assert_eq!(collect(&server, &whole, &[]).status.code(), Some(0));
    let (expected, judged) = (score(&tenant.export), score(&whole));
    assert_eq!(expected, judged);
    let (mut kills, mut folders, mut moment) = (0, 0, 7_u64);
    while kills < 50 {
        folders += 1;
        let out = tenant.beside(&format!("killed-{folders}"));
        let mut resume: &[&str] = &[];
        loop {
            let arguments = [&["--out", out.to_str().unwrap()], resume].concat();
            let mut child =
                against(&server, "collect", &arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            // Somewhere in the run, by a small generator of chance.
            moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            std::thread::sleep(Duration::from_millis(30 + (moment >> 33) % 320));
            if let Some(status) = child.try_wait().unwrap() {
                let mut why = String::new();
                child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
                assert!(status.success(), "{why}");
                break;
            }
            // SIGKILL: nothing can be tidied up.
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            resume = if out.join("collection.state").exists() { &["--resume"] } else { &[] };
            if kills >= 50 {
                let output = collect(&server, &out, resume);
                assert_eq!(output.status.code(), Some(0), "{output:?}");
                break;
            }
        }
        assert_eq!(pages(&whole).keys().collect::<Vec<_>>(), pages(&out).keys().collect::<Vec<_>>());
        assert_eq!(score(&out), expected);
    }
}

#[test]
fn refused_data_sets_are_0_and_the_page_says_what_to_do() {
    let tenant = Tenant::of(60, 3);
    let without = vec!["AuditLog.Read.All".to_owned()];
    let server = Server::start(&tenant.export, Options { without, ..unlimited() }).unwrap();
    let out = tenant.beside("collected");
    let mut wide = against(&server, "collect", &["--out", out.to_str().unwrap()]);
    let (code, page, _) = said(&wide.env("COLUMNS", "140").output().unwrap());
    assert_eq!(code, Some(0));
    assert!(page.contains("38 of 40 data sets are complete"), "{page}");
    assert!(page.contains("Grant `AuditLog.Read.All`, then run the same command again with --resume."), "{page}");
    assert!(page.contains("userRegistrationDetails  needs AuditLog.Read.All  not assessed:"), "{page}");
    assert!(page.contains(&format!("adminconsent?client_id={CLIENT}")), "{page}");
    let (code, trial, _) = said(&against(&server, "collect", &["--dry-run", "--format", "json"]).output().unwrap());
    assert_eq!(code, Some(0));
    let trial: serde_json::Value = serde_json::from_str(&trial).unwrap();
    let refused: Vec<_> =
        trial["dataSets"].as_array().unwrap().iter().filter(|set| set["status"] == "refused").collect();
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|set| set["grant"] == "AuditLog.Read.All"));
    assert!(
        refused.iter().any(|set| set["controlsNotAssessed"].as_array().unwrap().contains(&"MFARegistrationV2".into()))
    );
    // Granted, the rest comes, and only the rest.
    server_with_all_rights(&tenant, &out);
}

/// Another server stands for the same tenant after the permission was granted: the state knows the address, so it is told.
fn server_with_all_rights(tenant: &Tenant, out: &Path) {
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let state = out.join("collection.state");
    let text = std::fs::read_to_string(&state).unwrap();
    let old = text.split("\"graph\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    std::fs::write(&state, text.replace(&old, server.url())).unwrap();
    let (code, page, errors) = said(&collect(&server, out, &["--resume"]));
    assert_eq!(code, Some(0), "{errors}");
    assert!(page.contains("40 of 40 data sets are complete"), "{page}");
    assert_eq!(score(out), score(&tenant.export));
    let asked = server.statistics().data_sets;
    assert!(asked.contains_key("userRegistrationDetails") && !asked.contains_key("policies"), "{asked:?}");
}

#[test]
fn a_wrong_secret_an_unknown_tenant_and_a_full_folder_are_2() {
    let tenant = Tenant::of(40, 4);
    let mut options = unlimited();
    options.sign_in.client_secret = Some("another".to_owned());
    let server = Server::start(&tenant.export, options).unwrap();
    let (code, _, errors) = said(&collect(&server, &tenant.beside("a"), &[]));
    assert_eq!(code, Some(2));
    assert!(
        errors.contains(&format!("error: cannot sign in: the client secret of application `{CLIENT}` is wrong")),
        "{errors}"
    );
    assert!(errors.contains("hint: take the secret's *value*") && !errors.contains(SECRET), "{errors}");
    let mut options = unlimited();
    options.sign_in.tenants = vec!["fabrikam.test".to_owned()];
    let server = Server::start(&tenant.export, options).unwrap();
    let (code, _, errors) = said(&collect(&server, &tenant.beside("a"), &[]));
    assert_eq!(code, Some(2));
    assert!(errors.contains("there is no tenant `contoso.test`"), "{errors}");
    let (code, _, errors) = said(&collect(&server, &tenant.export, &[]));
    assert_eq!(code, Some(2));
    assert!(errors.contains("is not empty, and no collection"), "{errors}");
    assert!(!tenant.beside("a").exists());
}

/// A file with a certificate that is good in those years, and its key.
fn certificate(tenant: &Tenant, from: i32, until: i32) -> PathBuf {
    let key = include_str!("../../../graph/tests/it/key-one.pem");
    let key = KeyPair::from_pkcs8_pem_and_sign_algo(key, &PKCS_RSA_SHA256).unwrap();
    let mut params = CertificateParams::new(vec!["idscore".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    let file = tenant.beside("app.pem");
    let pem = format!("{}{}", params.self_signed(&key).unwrap().pem(), key.serialize_pem());
    std::fs::write(&file, pem).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    file
}

#[test]
fn an_expired_certificate_is_2_and_a_clock_that_is_off_is_3() {
    let tenant = Tenant::of(40, 4);
    let by_certificate = |skew: i64, from: i32, until: i32| {
        let server = Server::start(&tenant.export, Options { clock_skew_seconds: skew, ..unlimited() }).unwrap();
        let file = certificate(&tenant, from, until);
        let output = collect(&server, &tenant.beside("a"), &["--certificate", file.to_str().unwrap()]);
        let (code, _, errors) = said(&output);
        (code, errors)
    };
    let (code, errors) = by_certificate(0, 2020, 2021);
    assert_eq!(code, Some(2));
    assert!(errors.contains("it expired on 2021-01-01") && errors.contains("hint: make a new one"), "{errors}");
    let (code, errors) = by_certificate(1_200, 2020, 2090);
    assert_eq!(code, Some(3));
    assert!(errors.contains("clock is 20 minutes behind Microsoft's"), "{errors}");
    assert!(errors.contains("hint: set this machine's clock"), "{errors}");
    assert!(!tenant.beside("a").exists());
    assert_eq!(by_certificate(0, 2020, 2090).0, Some(0), "the same certificate signs in when both are right");
}

/// A token as the server's sign-in gives it.
fn token(server: &Server) -> String {
    let address = server.url().trim_start_matches("http://");
    let body = "grant_type=client_credentials&client_id=x&client_secret=y";
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /contoso.test/oauth2/v2.0/token HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}&scope={}/.default",
        body.len() + "&scope=/.default".len() + server.url().len(),
        server.url()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split("\"access_token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Signs in in a way of Azure, and reads.
fn by_azure(server: &Server, out: &Path, way: &str, variables: &[(&str, &str)]) -> Output {
    let arguments = ["--tenant", "contoso.test", "--graph-url", server.url(), "--login-url", server.url()];
    let more = ["--pace", "unlimited", "--sign-in", way, "--out", out.to_str().unwrap()];
    let mut command = idscore(&[&["collect"], &arguments[..], &more[..]].concat());
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn whoever_is_signed_in_to_the_azure_cli_collects() {
    let tenant = Tenant::of(40, 4);
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    // Stands in for Azure's own `az`: it notes how it was called, and says a token as that one does.
    let (programs, calls) = (tenant.beside("programs"), tenant.beside("calls"));
    std::fs::create_dir(&programs).unwrap();
    let said = format!(
        r#"{{"accessToken":"{}","expiresOn":"2090-01-01 00:00:00.000000","expires_on":3786912000,"tenant":"t","tokenType":"Bearer"}}"#,
        token(&server)
    );
    let az = programs.join("az");
    std::fs::write(&az, format!("#!/bin/sh\necho \"$@\" >> {}\necho '{said}'\n", calls.display())).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o700)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output = by_azure(&server, &tenant.beside("a"), "azure-cli", &[("PATH", &path)]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(score(&tenant.beside("a")), score(&tenant.export));
    let calls = std::fs::read_to_string(calls).unwrap();
    let scope = format!("--scope {}/.default --tenant contoso.test", server.url());
    assert!(calls.starts_with("account get-access-token") && calls.contains(&scope), "{calls}");
}

#[test]
fn a_managed_identity_collects() {
    let tenant = Tenant::of(40, 4);
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    // Stands in for the endpoint that Azure gives to an app service.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/msi", listener.local_addr().unwrap());
    let body = format!(
        r#"{{"access_token":"{}","expires_on":"3786912000","resource":"r","token_type":"Bearer"}}"#,
        token(&server)
    );
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = vec![0; 4_096];
        let read = stream.read(&mut asked).unwrap();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        String::from_utf8_lossy(&asked[..read]).to_lowercase()
    });
    let variables = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "of-this-machine")];
    let output = by_azure(&server, &tenant.beside("a"), "managed-identity", &variables);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(score(&tenant.beside("a")), score(&tenant.export));
    let asked = answering.join().unwrap();
    assert!(asked.starts_with("get /msi?") && asked.contains("x-identity-header: of-this-machine"), "{asked}");
}

#[test]
fn calls_that_can_not_work_are_2_and_say_what_is_missing() {
    for (arguments, words) in [
        (&["collect", "--out", "x"][..], "nothing says which tenant"),
        (&["collect", "--tenant", "contoso.test", "--out", "x"], "nothing says how to sign in"),
        (&["collect", "--tenant", "a/b", "--sign-in", "azure-cli", "--out", "x"], "`a/b` is no tenant"),
        (
            &["collect", "--tenant", "a", "--client-id", "b", "--sign-in", "device-code"],
            "nothing says where the export goes",
        ),
        (&["collect", "--tenant", "a", "--sign-in", "device-code", "--out", "x"], "as which application"),
        (&["collect", "--tenant", "a", "--client-secret-file", "no-such", "--out", "x"], "cannot read `no-such`"),
        (
            &["collect", "--tenant", "a", "--graph-url", "http://graph.example.org", "--out", "x"],
            "unencrypted over a network",
        ),
        (&["score", "tenants/risky", "--tenant", "a"], "exclude each other"),
        (&["score"], "nothing says what to score"),
    ] {
        let (code, _, errors) = said(&idscore(arguments).output().unwrap());
        assert_eq!(code, Some(2), "{arguments:?}: {errors}");
        assert!(
            errors.contains(words) && errors.contains("hint: ") || words.contains("cannot read"),
            "{arguments:?}: {errors}"
        );
    }
}

#[test]
fn no_network_and_a_proxy_that_refuses_are_3() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x");
    let call = |login: &str| {
        let mut command = idscore(&[
            "collect",
            "--tenant",
            "contoso.test",
            "--client-id",
            CLIENT,
            "--out",
            out.to_str().unwrap(),
            "--login-url",
            login,
        ]);
        command.env("AZURE_CLIENT_SECRET", SECRET);
        command
    };
    let (code, _, errors) = said(&call(&format!("https://{nobody}")).output().unwrap());
    assert_eq!(code, Some(3), "{errors}");
    assert!(
        errors.contains("error: cannot reach `127.0.0.1`") && errors.contains("hint: check the network"),
        "{errors}"
    );
    // A proxy that lets nobody through, and hears nothing but a host.
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let mut heard = String::new();
        for _ in 0..3 {
            let (mut stream, _) = proxy.accept().unwrap();
            let mut request = [0; 2048];
            let count = stream.read(&mut request).unwrap();
            heard.push_str(&String::from_utf8_lossy(&request[..count]));
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        }
        heard
    });
    let mut command = call("https://login.microsoftonline.com");
    command.env("HTTPS_PROXY", format!("http://{address}"));
    let (code, _, errors) = said(&command.output().unwrap());
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("hint: the proxy of HTTPS_PROXY doesn't let it through"), "{errors}");
    let heard = heard.join().unwrap();
    assert!(heard.starts_with("CONNECT login.microsoftonline.com:443") && !heard.contains(SECRET), "{heard}");
    assert!(!out.exists());
}

#[test]
fn over_tls_a_certificate_must_be_trusted() {
    let tenant = Tenant::of(40, 6);
    let server = Server::start(&tenant.export, Options { https: true, ..unlimited() }).unwrap();
    let (code, _, errors) = said(&collect(&server, &tenant.beside("a"), &[]));
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("hint: the certificate of the other side isn't trusted here"), "{errors}");
    let authority = tenant.beside("authority.pem");
    std::fs::write(&authority, server.certificate().unwrap()).unwrap();
    let mut command = against(&server, "collect", &["--out", tenant.beside("b").to_str().unwrap()]);
    let (code, _, errors) = said(&command.env("SSL_CERT_FILE", &authority).output().unwrap());
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(score(&tenant.beside("b")), score(&tenant.export));
}

#[test]
fn a_secret_comes_from_a_private_file_or_a_pipe_and_is_shown_nowhere() {
    let tenant = Tenant::of(40, 7);
    let mut options = unlimited();
    options.sign_in.client_secret = Some(SECRET.to_owned());
    let server = Server::start(&tenant.export, options).unwrap();
    let file = tenant.beside("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let run = |out: &str, arguments: &[&str], input: &str| {
        let out = tenant.beside(out);
        let all = [&["--out", out.to_str().unwrap()], arguments].concat();
        let mut command = against(&server, "collect", &all);
        command.env_remove("AZURE_CLIENT_SECRET").env("RUST_LOG", "trace");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Who reads no secret from there may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        said(&child.wait_with_output().unwrap())
    };
    let name = file.to_str().unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, errors) = run("a", &["--client-secret-file", name], "");
    assert_eq!(code, Some(2));
    assert!(errors.contains("others may read the secret") && errors.contains("hint: chmod 600"), "{errors}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    for (out, arguments, input) in
        [("b", ["--client-secret-file", name], ""), ("c", ["--client-secret-file", "-"], &*format!("{SECRET}\n"))]
    {
        let (code, page, errors) = run(out, &arguments, input);
        assert_eq!(code, Some(0), "{errors}");
        assert!(!page.contains(SECRET) && !errors.contains(SECRET));
        let found = pages(&tenant.beside(out));
        assert!(!found.is_empty() && found.values().all(|page| !String::from_utf8_lossy(page).contains(SECRET)));
        assert!(!std::fs::read_to_string(tenant.beside(out).join("collection.state")).unwrap().contains(SECRET));
    }
}

#[test]
fn of_many_tenants_one_that_fails_stops_no_other() {
    let tenant = Tenant::of(40, 8);
    let mut options = unlimited();
    options.sign_in.tenants = vec!["contoso.test".to_owned(), "fabrikam.test".to_owned()];
    let server = Server::start(&tenant.export, options).unwrap();
    let file = tenant.beside("tenants.toml");
    let text = "[[tenant]]\nid = \"unknown.test\"\n\n[[tenant]]\nid = \"contoso.test\"\nname = \"contoso\"\n\n\
        [[tenant]]\nid = \"fabrikam.test\"\nclient_secret_env = \"FABRIKAM\"\n";
    std::fs::write(&file, text).unwrap();
    let out = tenant.beside("exports");
    let arguments = ["collect", "--tenants", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let call = || {
        let mut command =
            idscore(&[&arguments[..], &["--client-id", CLIENT, "--pace", "unlimited", "--resume"]].concat());
        command.args(["--graph-url", server.url(), "--login-url", server.url()]);
        command.env("AZURE_CLIENT_SECRET", SECRET).env("FABRIKAM", "their own");
        said(&command.output().unwrap())
    };
    let (code, _, errors) = call();
    assert_eq!(code, Some(2));
    assert!(
        errors.contains("warning: tenant `unknown.test` failed\nerror: cannot sign in: there is no tenant"),
        "{errors}"
    );
    assert!(errors.contains("note: 2 of 3 tenants were collected"), "{errors}");
    assert_eq!(score(&out.join("contoso")), score(&tenant.export));
    assert_eq!(score(&out.join("fabrikam.test")), score(&tenant.export));
    // Once more with --resume: what is there is there.
    assert!(call().2.contains("2 of 3 tenants were collected"));
}

#[test]
fn a_score_of_a_tenant_is_that_of_its_export() {
    let tenant = Tenant::of(60, 9);
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let kept = tenant.beside("kept");
    let passing = tenant.beside("passing");
    std::fs::create_dir(&passing).unwrap();
    let call = |arguments: &[&str]| {
        let all = [&["--format", "json", "--taken-at", "2026-11-20T06:00:00Z"], arguments].concat();
        let (code, score, errors) = said(&against(&server, "score", &all).env("TMPDIR", &passing).output().unwrap());
        assert_eq!(code, Some(0), "{errors}");
        let mut score: serde_json::Value = serde_json::from_str(&score).unwrap();
        score.as_object_mut().unwrap().remove("takenAtSource");
        score
    };
    assert_eq!(call(&[]), score(&tenant.export));
    assert_eq!(std::fs::read_dir(&passing).unwrap().count(), 0, "the passing export is gone");
    assert_eq!(call(&["--keep-export", kept.to_str().unwrap()]), score(&kept));
}

#[test]
fn permissions_are_told_to_people_programs_and_the_azure_cli() {
    let (code, page, _) = said(
        &idscore(&["collect", "--permissions", "--tenant", "contoso.test", "--client-id", CLIENT]).output().unwrap(),
    );
    assert_eq!(code, Some(0));
    assert!(page.contains("Policy.Read.All") && page.contains("MFARegistrationV2"), "{page}");
    assert!(
        page.contains(&format!("https://login.microsoftonline.com/contoso.test/adminconsent?client_id={CLIENT}")),
        "{page}"
    );
    let (_, json, _) = said(&idscore(&["collect", "--permissions", "--format", "json"]).output().unwrap());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let names = json["appRegistration"]["requiredApplicationPermissions"]["names"].as_array().unwrap();
    assert!(names.len() > 15 && names.iter().all(|name| name.as_str().unwrap().contains(".Read.")));
    let (_, script, _) = said(&idscore(&["collect", "--permissions", "--format", "script"]).output().unwrap());
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
    assert!(names.iter().all(|name| script.contains(name.as_str().unwrap())));
}
