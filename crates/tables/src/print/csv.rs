use std::io::Write;

use arrow::array::RecordBatch;

use super::value::{Value, columns};
use crate::{Error, Result};

/// Writes the rows as CSV (RFC 4180, lines end in `\n`) under a line of column names. Null is an empty cell. A number is
/// the shortest decimal that reads back as the same number (17 significant digits at most).
///
/// # Errors
/// [`Error::Output`] if `output` fails, [`Error::Print`] for a column type that cannot be printed.
pub fn to_csv(batch: &RecordBatch, output: &mut impl Write) -> Result<()> {
    let columns = columns(batch)?;
    let mut line = String::new();
    for (k, column) in columns.iter().enumerate() {
        cell(&mut line, k, column.name);
    }
    line.push('\n');
    for row in 0..batch.num_rows() {
        output.write_all(line.as_bytes()).map_err(Error::Output)?;
        line.clear();
        for (k, column) in columns.iter().enumerate() {
            match column.value(row) {
                Value::Null if k > 0 => line.push(','),
                Value::Null => {}
                // Empty, but there.
                Value::Text(text) if text.is_empty() => cell(&mut line, k, "\"\""),
                Value::Text(text) => cell(&mut line, k, &quoted(&text)),
                Value::Integer(number) => cell(&mut line, k, &number.to_string()),
                Value::Float(number) => cell(&mut line, k, &format!("{number:?}")),
                Value::Bool(truth) => cell(&mut line, k, if truth { "true" } else { "false" }),
            }
        }
        line.push('\n');
    }
    output.write_all(line.as_bytes()).map_err(Error::Output)
}

fn cell(line: &mut String, k: usize, text: &str) {
    if k > 0 {
        line.push(',');
    }
    line.push_str(text);
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into() }
}
