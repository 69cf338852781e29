//! What every command prints, word for word. After a change that is meant: `TRYCMD=overwrite cargo test -p idscore`.

use std::path::Path;

use crate::program::root;

#[test]
fn transcripts_of_every_command_hold() {
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
    trycmd::TestCases::new()
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .env("PATH", path.to_str().unwrap())
        .case(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/transcripts/*.trycmd"))
        .run();
}
