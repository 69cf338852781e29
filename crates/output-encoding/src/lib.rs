//! Text from a tenant, made harmless for where it goes: a terminal, a log, mail, a card of Teams, Markdown, a spreadsheet, and
//! the lines that runners of pipelines read as commands.
//!
//! Whoever may name a group or a device in a tenant chooses what stands in reports about it. So nothing that a name holds may
//! hide, move the cursor, turn the direction of a line, begin another line, run in a spreadsheet, call somebody or command a
//! runner. What would is shown as U+FFFD, quoted, or broken up; nothing is left out in silence.

mod characters;
mod markdown;
mod spreadsheet;
mod workflow;

pub use characters::{hidden, one_line, visible, visible_lines};
pub use markdown::markdown_cell;
pub use spreadsheet::{csv_line, spreadsheet_safe};
pub use workflow::{WithoutCommands, without_commands};
