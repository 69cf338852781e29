//! Runs the program from the root of the checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the checkout, where `tenants/` lies.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The program, with an environment that doesn't depend on who runs the test.
pub fn idscore(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idscore"));
    command
        .args(arguments)
        .current_dir(root())
        .env("COLUMNS", "80")
        .env_remove("IDSCORE_DATA")
        .env_remove("IDSCORE_DATABASE")
        .env_remove("AZURE_CLIENT_ID")
        .env_remove("AZURE_CLIENT_SECRET")
        .env_remove("AZURE_CLIENT_CERTIFICATE_PATH")
        .env_remove("AZURE_FEDERATED_TOKEN_FILE")
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE");
    command
}

/// What it answers.
pub fn run(arguments: &[&str]) -> Output {
    idscore(arguments).output().unwrap()
}

/// What it prints to stdout when all goes well.
pub fn stdout(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
