//! What `idscore serve` refuses to do before it answers anybody, and a tenant that goes.

use std::process::Output;

use crate::history::Room;
use crate::program::idscore;

const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";
const SIGN_IN: &str = "issuer = 'https://login.example.org'\nclient_id = 'idscore'\nclient_secret_env = 'CLIENT_SECRET'\n\
                       public_address = 'https://score.example.org'\n";

/// Runs `serve` on an address that can't be listened on: what gets past every check ends there.
fn serve(room: &Room, listen: &str, options: &[&str]) -> Output {
    let mut command = idscore(&["serve", "--listen", listen]);
    command.args(options).env("IDSCORE_DATA", room.data()).env("CLIENT_SECRET", "x".repeat(20)).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn beyond_loopback_it_wants_tls_and_a_way_to_sign_in() {
    let room = Room::of_one_day();
    // An address of documentation: no machine has it.
    let beyond = "192.0.2.1:8080";
    let listens = "cannot listen on";
    for (options, said) in [
        (vec![], "tokens would travel in clear"),
        (vec!["--api-only"], "tokens would travel in clear"),
        (vec!["--behind-tls-proxy"], "nobody could sign in to the dashboard"),
        (vec!["--trusted-proxy", "192.0.2.0/24"], "nobody could sign in to the dashboard"),
        (vec!["--behind-tls-proxy", "--api-only"], listens),
        (vec!["--trusted-proxy", "192.0.2.9", "--api-only"], listens),
        (vec!["--trusted-proxy", "everybody"], "a proxy is written like"),
        (vec!["--host", "https://score.example.org"], "a name is written like"),
        (vec!["--host", "score.example.org:8443"], "a name is written like"),
        (vec!["--host", "score.example.org", "--host", "[::1]", "--behind-tls-proxy", "--api-only"], listens),
    ] {
        let output = serve(&room, beyond, &options);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(stderr(&output).contains(said), "{options:?}: {}", stderr(&output));
    }
    std::fs::write(room.data().join("sign-in.toml"), SIGN_IN).unwrap();
    let output = serve(&room, beyond, &["--trusted-proxy", "192.0.2.0/24"]);
    assert!(stderr(&output).contains(listens), "{}", stderr(&output));
    let output = serve(&room, beyond, &[]);
    assert!(stderr(&output).contains("travel in clear"), "{}", stderr(&output));
}

#[test]
fn a_folder_without_a_history_is_served_only_where_a_new_one_is_wanted() {
    let room = Room::empty();
    let output = serve(&room, "192.0.2.1:8080", &["--api-only", "--behind-tls-proxy"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("there is no history in") && said.contains("add --create"), "{said}");
    assert!(!room.data().exists());
}

#[cfg(unix)]
#[test]
fn a_folder_of_somebody_is_neither_used_nor_closed() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::empty();
    std::fs::create_dir_all(room.data()).unwrap();
    std::fs::write(room.data().join("letter.txt"), "Dear Ada").unwrap();
    std::fs::set_permissions(room.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
    for output in [serve(&room, "127.0.0.1:0", &["--create"]), room.run(&["score", "tenants/risky"])] {
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("is no data folder, and holds `letter.txt`"), "{}", stderr(&output));
    }
    assert_eq!(std::fs::metadata(room.data()).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(std::fs::read_dir(room.data()).unwrap().count(), 1);
}

#[test]
fn a_mistake_in_the_files_of_signing_in_and_tls_is_told_at_once() {
    let room = Room::of_one_day();
    std::fs::write(room.data().join("sign-in.toml"), SIGN_IN.replace("https://login", "http://login")).unwrap();
    let output = serve(&room, "192.0.2.1:8080", &["--behind-tls-proxy"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`issuer` is http, which is for loopback only; use https"), "{}", stderr(&output));
    let unset = idscore(&["serve", "--sign-in"])
        .arg(room.data().join("sign-in.toml"))
        .env("IDSCORE_DATA", room.data())
        .output();
    assert_eq!(unset.unwrap().status.code(), Some(2));

    let missing = room.data().join("none.pem");
    let missing = missing.to_str().unwrap();
    let output = serve(&room, "127.0.0.1:0", &["--tls-cert", missing, "--tls-key", missing]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot read the certificate"), "{}", stderr(&output));
}

#[test]
fn a_tenant_is_deleted_when_somebody_agrees() {
    let room = Room::of_one_day();
    let asked = room.run(&["tenant", "delete", TENANT]);
    assert_eq!(asked.status.code(), Some(2));
    assert!(stderr(&asked).contains("add --yes to delete it"), "{}", stderr(&asked));
    assert!(room.run(&["trend"]).status.success(), "nothing went");
    let unknown = room.run(&["tenant", "delete", "nobody", "--yes"]);
    assert!(stderr(&unknown).contains("there is no tenant `nobody`"), "{}", stderr(&unknown));

    let gone = room.run(&["tenant", "delete", TENANT, "--yes", "--actor", "ada"]);
    assert!(gone.status.success(), "{}", stderr(&gone));
    assert!(stderr(&gone).contains("backups still hold the tenant"), "{}", stderr(&gone));
    assert!(stderr(&room.run(&["trend"])).contains("the store knows no tenant yet"));
    assert!(
        !room.data().join("snapshots").join(TENANT).exists() && !room.data().join("evidence").join(TENANT).exists()
    );
    let verified = room.run(&["audit", "verify"]);
    assert!(verified.status.success());
    let said = String::from_utf8(verified.stdout).unwrap();
    assert!(said.contains("emptied when their tenant was deleted"), "{said}");
    let listed = String::from_utf8(room.run(&["audit", "list", "--format", "json"]).stdout).unwrap();
    assert!(listed.contains("tenant.delete") && listed.contains("\"ada\"") && !listed.contains("Fabrikam"), "{listed}");
}
