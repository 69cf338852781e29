//! Reads an export and writes a snapshot: `cargo run --release --example snapshot -- EXPORT SNAPSHOT`.

use std::path::Path;
use std::process::ExitCode;

use idscore_snapshot::{ReadOptions, write_snapshot};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that a person calls by hand")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out] = arguments.as_slice() else {
        eprintln!("usage: snapshot EXPORT SNAPSHOT");
        return ExitCode::from(2);
    };
    match write_snapshot(Path::new(input), Path::new(out), &ReadOptions::default()) {
        Ok(manifest) => {
            for set in manifest.data_sets {
                println!("{:45} {:>9} {:?} {}", set.name, set.rows, set.status, set.message.unwrap_or_default());
            }
            for warning in manifest.warnings {
                println!("warning: {warning}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                eprintln!("  {error}");
                cause = error.source();
            }
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(2)
        }
    }
}
