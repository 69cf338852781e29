//! What every command prints, word for word. After a change that is meant: `TRYCMD=overwrite cargo test -p idscore`.

use std::path::{Path, PathBuf};

use crate::program::root;

#[test]
fn transcripts_of_every_command_hold() {
    cases().case(folder().join("*.trycmd")).run();
}

/// Runs one transcript over a data folder, which it calls `[DATA]`.
pub fn hold(name: &str, data: &Path) {
    let cases = cases();
    cases.env("IDSCORE_DATA", data.to_str().unwrap()).env("USER", "ada");
    cases.insert_var("[DATA]", data.to_str().unwrap().to_owned()).unwrap();
    cases.case(folder().join(format!("{name}.trycmd"))).run();
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/transcripts")
}

fn cases() -> trycmd::TestCases {
    std::env::set_current_dir(root()).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_idscore"));
    let path = std::env::join_paths(
        program
            .parent()
            .map(Path::to_owned)
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let cases = trycmd::TestCases::new();
    cases.env("COLUMNS", "80").env("NO_COLOR", "1").env("PATH", path.to_str().unwrap());
    cases
}
