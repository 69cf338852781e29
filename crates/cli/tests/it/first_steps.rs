//! What a new user runs into on the first day.

use std::net::TcpListener;
use std::process::Output;

use crate::history::Room;
use crate::program::{idscore, run, stdout};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_instant_in_the_future_is_refused_a_day_of_clocks_apart() {
    let day = |days: i64| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
        run(&["score", "tenants/risky", "--taken-at", &at.to_string()])
    };
    let refused = day(3);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("lies in the future or before 1970"), "{}", stderr(&refused));
    let before_1970 = run(&["score", "tenants/risky", "--taken-at", "1969-12-31T00:00:00Z"]);
    assert_eq!(before_1970.status.code(), Some(2));
    assert_eq!(day(0).status.code(), Some(0), "{}", stderr(&day(0)));
}

#[test]
fn a_percentage_may_carry_its_sign() {
    for (demanded, code) in [("90%", 1), ("90 %", 1), ("1%", 0), ("101%", 2), ("%", 2), ("1%%", 2)] {
        let output = run(&["score", "tenants/risky", "--fail-under", demanded]);
        assert_eq!(output.status.code(), Some(code), "{demanded}: {}", stderr(&output));
    }
}

#[cfg(unix)]
#[test]
fn without_a_variable_the_user_of_the_operating_system_is_named() {
    let room = Room::empty();
    let kept = idscore(&["score", "tenants/risky"])
        .env("IDSCORE_DATA", room.data())
        .env_remove("USER")
        .env_remove("LOGNAME")
        .env_remove("USERNAME")
        .output()
        .unwrap();
    assert!(kept.status.success(), "{}", stderr(&kept));
    let name = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
    let log = room.json(&["audit", "list", "--format", "json"]);
    let actors: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["actor"].as_str().unwrap()).collect();
    assert!(
        !actors.is_empty() && actors.iter().all(|actor| *actor == String::from_utf8_lossy(&name).trim()),
        "{actors:?}"
    );
}

#[test]
fn a_service_that_cannot_start_leaves_no_folder() {
    let room = Room::empty();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let deep = room.data().join("deep/data");
    for (options, said) in [
        (vec!["--listen", address.as_str()], "cannot listen on"),
        (vec!["--listen", "127.0.0.1:0", "--database", "mysql://somewhere/idscore"], "is no address of a database"),
        (vec!["--listen", "127.0.0.1:0", "--database", "postgres://127.0.0.1:1/idscore"], "cannot open the database"),
    ] {
        let output = idscore(&["serve", "--create"]).args(&options).env("IDSCORE_DATA", &deep).output().unwrap();
        assert!(!output.status.success() && stderr(&output).contains(said), "{}", stderr(&output));
        assert!(!room.data().exists(), "{options:?}");
    }
    // What was there stays.
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("collect.toml"), "").unwrap();
    let output = idscore(&["serve", "--create", "--listen", &address]).env("IDSCORE_DATA", &deep).output().unwrap();
    assert!(!output.status.success());
    let left: Vec<_> = std::fs::read_dir(&deep).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["collect.toml"]);
}

#[test]
fn lint_says_what_it_looked_at() {
    let said = stdout(&["controls", "lint"]);
    let counts = ["control", "protection", "framework"].map(|what| {
        let part = said.split(&[',', ':'][..]).find(|part| part.contains(what)).unwrap_or_default();
        part.trim().split(' ').next().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0)
    });
    assert!(counts.iter().all(|count| *count > 0) && said.ends_with(": no mistakes\n"), "{said}");
}
