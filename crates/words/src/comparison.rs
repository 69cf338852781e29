//! Where the numbers of others come from, in words.

use idscore_history::comparison::{Series, Source};

/// "this store", "Microsoft, served to this tenant", "file of Contoso (invented)".
#[must_use]
pub fn source(series: &Series) -> String {
    let origin = series.origin.as_deref();
    let said = match series.source {
        Source::Store => "this store".to_owned(),
        Source::Microsoft => "Microsoft, served to this tenant".to_owned(),
        Source::Published => "Microsoft, published".to_owned(),
        Source::File => format!("file of {}", origin.unwrap_or_default()),
    };
    if series.invented { format!("{said} (invented)") } else { said }
}
