//! The tables on standard output, which is the only place this program writes to.

use std::io::Write;

use crate::Result;

/// Prints a line.
pub fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Prints rows in columns as wide as they need; the first is a name, the others are figures.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> Result<()> {
    let length = |text: &str| text.chars().count();
    let width = |place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(String::as_str);
        cells
            .chain(head.get(place).copied())
            .map(length)
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .enumerate()
            .map(|(place, (cell, width))| match place {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    say(&line(&mut head.iter().copied()))?;
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    say(&line(&mut rules.iter().map(String::as_str)))?;
    for row in rows {
        say(&line(&mut row.iter().map(String::as_str)))?;
    }
    say("")
}
