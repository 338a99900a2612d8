use std::io::Write;

use arrow::array::RecordBatch;

use super::value::{Value, columns};
use crate::{Error, Result};

/// Writes the rows as a JSON array of objects, one to a line, keys in column order. Null is `null`, as is a number that is
/// not finite (no table of this crate holds one). A number is the shortest decimal that reads back as the same number (17
/// significant digits at most).
///
/// # Errors
/// [`Error::Output`] if `output` fails, [`Error::Print`] for a column type that cannot be printed.
pub fn to_json(batch: &RecordBatch, output: &mut impl Write) -> Result<()> {
    let columns = columns(batch)?;
    let names: Vec<String> = columns.iter().map(|column| serde_json::Value::from(column.name).to_string()).collect();
    let mut put = |text: &str| output.write_all(text.as_bytes()).map_err(Error::Output);
    put("[")?;
    let mut line = String::new();
    for row in 0..batch.num_rows() {
        line.clear();
        line.push_str(if row == 0 { "\n  {" } else { ",\n  {" });
        for (k, (name, column)) in names.iter().zip(&columns).enumerate() {
            let value = match column.value(row) {
                Value::Null => "null".into(),
                Value::Text(text) => serde_json::Value::from(text).to_string(),
                Value::Integer(number) => number.to_string(),
                Value::Float(number) => serde_json::Value::from(number).to_string(),
                Value::Bool(truth) => truth.to_string(),
            };
            line.push_str(if k == 0 { "" } else { ", " });
            line.push_str(name);
            line.push_str(": ");
            line.push_str(&value);
        }
        line.push('}');
        put(&line)?;
    }
    put(if batch.num_rows() == 0 { "]\n" } else { "\n]\n" })
}
