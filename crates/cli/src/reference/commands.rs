//! One page per command and their list, from the same definitions that `--help` prints.

use clap::{Command, CommandFactory};

use super::Pages;

/// Adds a page for every command that is not hidden.
pub fn add(pages: &mut Pages) {
    let root = crate::Arguments::command().term_width(100);
    let mut list = "# Commands\n\n| Command | What it does |\n| --- | --- |\n".to_owned();
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        if command.get_name() == "help" {
            continue;
        }
        let name = format!("idscore {}", command.get_name());
        let mut page = format!("# `{name}`\n\n{}", usage(command, &name));
        for nested in command.get_subcommands().filter(|nested| nested.get_name() != "help") {
            let name = format!("{name} {}", nested.get_name());
            page.push_str(&format!("\n## `{name}`\n\n{}", usage(nested, &name)));
        }
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        list.push_str(&format!("| [`{name}`](commands/{}.md) | {about} |\n", command.get_name()));
        pages.insert(format!("commands/{}.md", command.get_name()), page);
    }
    pages.insert("commands.md".to_owned(), list);
}

fn usage(command: &Command, name: &str) -> String {
    let help = command.clone().bin_name(name).term_width(100).render_long_help().to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    format!("```text\n{}\n```\n", lines.join("\n").trim())
}
