//! The only place that prints.

use std::io::{self, Write as _};

use clap::ValueEnum;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For reading.
    Table,
    /// For programs: numbers with 17 significant digits, null where there is none.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Prints a result to stdout. A reader that went away (`zico show ... | head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") })
        .and_then(|()| out.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Says something to the person at the terminal.
#[expect(clippy::print_stderr, reason = "the talk channel")]
pub fn say(text: &str) {
    eprintln!("{text}");
}

/// Prints JSON, pretty.
pub fn print_json(value: &serde_json::Value) -> io::Result<()> {
    print(&format!("{value:#}\n"))
}

/// Prints columns; `limit` bounds the rows of a table for reading.
pub fn print_batch(batch: &tables::RecordBatch, format: Format, limit: Option<usize>) -> anyhow::Result<()> {
    let mut text = Vec::new();
    match format {
        Format::Table => text = tables::to_text(batch, limit)?.into_bytes(),
        Format::Json => tables::to_json(batch, &mut text)?,
        Format::Csv => tables::to_csv(batch, &mut text)?,
    }
    print(&String::from_utf8_lossy(&text))?;
    Ok(())
}

/// Lines up columns; the first row is the head.
pub fn columns(rows: &[Vec<String>]) -> String {
    let n = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |k: usize| rows.iter().filter_map(|r| r.get(k)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().enumerate().map(|(k, cell)| format!("{cell:<width$}", width = widths[k])).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Rows of strings in a format.
pub fn print_rows(rows: &[Vec<String>], format: Format) -> anyhow::Result<()> {
    match format {
        Format::Table => print(&columns(rows))?,
        Format::Csv => {
            let quoted =
                |cell: &String| if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() };
            let lines: Vec<String> = rows.iter().map(|r| r.iter().map(quoted).collect::<Vec<_>>().join(",")).collect();
            print(&lines.join("\n"))?;
        }
        Format::Json => {
            let (head, body) = rows.split_first().map_or((&[][..], &[][..]), |(h, b)| (h.as_slice(), b));
            let object = |row: &Vec<String>| {
                head.iter().cloned().zip(row.iter().cloned().map(serde_json::Value::String)).collect::<serde_json::Map<_, _>>()
            };
            print_json(&serde_json::Value::Array(body.iter().map(|r| serde_json::Value::Object(object(r))).collect()))?;
        }
    }
    Ok(())
}
