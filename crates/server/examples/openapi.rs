//! Writes the OpenAPI document: `cargo run -p idscore-server --example openapi > docs/openapi.json`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{:#}", idscore_server::document())
}
