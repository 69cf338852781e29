//! Disks of their own: one that can only be read, and one that is full.
//!
//! Each is mounted in a namespace that ends with the test. Mounting takes root; whoever isn't goes through sudo, as `./test` does.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::history::Room;
use crate::program::{idscore, root};
use crate::served::Served;

const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";

/// Runs a script of the shell where it may mount what only it sees. `$IDSCORE` is the program.
fn script(script: &str, arguments: &[&Path]) -> Output {
    let root_id = Command::new("id").arg("-u").output().unwrap().stdout;
    let mut command = if root_id == b"0\n" {
        Command::new("unshare")
    } else {
        let mut command = Command::new("sudo");
        command.args(["-n", "unshare"]);
        command
    };
    let program = format!("IDSCORE={}", env!("CARGO_BIN_EXE_idscore"));
    command.args(["--mount", "--propagation", "private", "env", &program, "sh", "-eu", "-c", script, "sh"]);
    command.args(arguments).current_dir(root()).env_remove("IDSCORE_DATA").env_remove("IDSCORE_DATABASE");
    command.output().expect("unshare is needed, as util-linux has it")
}

/// Runs the program on a folder that is mounted so that it can only be read.
fn read_only(data: &Path, arguments: &str) -> Output {
    let mount = "mount --bind \"$1\" \"$1\"; mount -o remount,bind,ro \"$1\"; ";
    script(&format!("{mount} \"$IDSCORE\" {arguments} --data \"$1\""), &[data])
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_folder_that_can_only_be_read_is_read_verified_and_backed_up() {
    let room = Room::of_two_days();
    let data = room.data();
    for arguments in ["audit verify", "audit list", "trend", "plan show", "diff 2026-11-20 2026-11-21"] {
        let output = read_only(&data, arguments);
        assert!(output.status.success(), "{arguments}: {}", said(&output));
    }
    let backup = room.data().with_file_name("backup.tar.gz");
    let output = read_only(&data, &format!("backup {}", backup.display()));
    assert!(output.status.success(), "{}", said(&output));
    let restored = room.data().with_file_name("restored");
    let output =
        idscore(&["restore", backup.to_str().unwrap(), "--data", restored.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn what_would_write_to_a_folder_that_can_only_be_read_says_so() {
    let room = Room::of_one_day();
    for arguments in [
        "score tenants/risky",
        "plan set AdminMFAV2 --status planned --yes",
        "serve --listen 127.0.0.1:0",
        &format!("tenant delete {TENANT} --yes"),
    ] {
        let output = read_only(&room.data(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {}", said(&output));
        assert!(said(&output).contains("can only be read"), "{arguments}: {}", said(&output));
    }
}

#[test]
fn a_folder_as_a_running_or_killed_program_left_it_is_read_with_all_that_was_acknowledged() {
    let room = Room::of_one_day();
    let served = Served::over(&room, TENANT);
    let output = room.run(&["plan", "set", "AdminMFAV2", "--status", "planned", "--note", "in the log", "--yes"]);
    assert!(output.status.success(), "{}", said(&output));
    let data = room.data();
    assert!(fs::metadata(data.join("history.db-wal")).unwrap().len() > 0, "the service holds the log open");
    // While it runs, with log and index beside the file; and a copy of it without the index.
    let copy = data.with_file_name("copy");
    fs::create_dir(&copy).unwrap();
    for name in ["history.db", "history.db-wal"] {
        fs::copy(data.join(name), copy.join(name)).unwrap();
    }
    for folder in [&data, &copy] {
        let output = read_only(folder, "plan show --format json");
        assert!(said(&output).contains("in the log"), "{}", said(&output));
        let output = read_only(folder, "audit verify");
        assert!(output.status.success(), "{}", said(&output));
    }
    drop(served);
}

/// Fills a small disk but for some bytes, keeps a day, and goes on when there is room again.
const FULL: &str = r#"
mount -t tmpfs -o size=16m none "$1"
data="$1/data"
keep() { "$IDSCORE" score tenants/risky --taken-at "2026-11-0$1T06:00:00Z" --data "$data" >/dev/null; }
keep 1
head -c 20000000 /dev/zero > "$1/ballast" 2>/dev/null || true
truncate -s "-$2" "$1/ballast"
code=0; keep 2 || code=$?
echo "full $code"
rm "$1/ballast"
"$IDSCORE" audit verify --data "$data" >/dev/null
keep 3
"$IDSCORE" audit verify --data "$data" >/dev/null
echo "days $("$IDSCORE" trend --data "$data" --format csv | grep -c '2026-11-0')"
echo "snapshots $(ls "$data"/snapshots/* | wc -l) evidence $(ls "$data"/evidence/* | wc -l) left $(ls "$data/incoming" | wc -l)"
"#;

#[test]
fn a_full_disk_refuses_the_day_and_everything_before_and_after_is_kept() {
    let disks = std::env::var("IDSCORE_FULL_DISKS").map_or(2, |number| number.parse().unwrap());
    let mut refused = 0;
    for disk in 0..disks {
        let folder = tempfile::tempdir().unwrap();
        // From nothing to about what a day needs.
        let bytes = disk * 12_000 % 240_000;
        let output = script(FULL, &[folder.path(), Path::new(&bytes.to_string())]);
        assert!(output.status.success(), "{bytes} bytes: {}", said(&output));
        let said = said(&output);
        let full = said.contains("full 2");
        assert!(full || said.contains("full 0"), "{said}");
        refused += usize::from(full);
        if full {
            assert!(said.contains("error:"), "{said}");
        }
        let kept = if full { 2 } else { 3 };
        assert!(said.contains(&format!("snapshots {kept} evidence {kept} left 0")), "{bytes} bytes: {said}");
    }
    println!("{disks} full disks, {refused} refused a day, nothing lost");
    assert!(refused > 0, "none was full");
}
