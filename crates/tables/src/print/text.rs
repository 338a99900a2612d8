use std::fmt::Write as _;

use arrow::array::RecordBatch;

use super::value::{Value, columns};
use crate::Result;

/// The first `limit` rows (all, without a limit) aligned for a terminal, under a line of column names. Columns are two
/// spaces apart, numbers to the right; null is `-`; a number has at most six digits behind the point, or an exponent where
/// it is very large or small. Control characters in texts are escaped. A last line says how many rows are left out.
///
/// # Errors
/// [`crate::Error::Print`] for a column type that cannot be printed.
pub fn to_text(batch: &RecordBatch, limit: Option<usize>) -> Result<String> {
    let columns = columns(batch)?;
    let shown = batch.num_rows().min(limit.unwrap_or(usize::MAX));
    let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|column| escaped(column.name)).collect()];
    lines.extend((0..shown).map(|row| columns.iter().map(|column| short(&column.value(row))).collect()));
    let widths: Vec<usize> = (0..columns.len()).map(|k| lines.iter().map(|line| line[k].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        let mut out = String::new();
        for ((cell, &width), column) in line.iter().zip(&widths).zip(&columns) {
            out.push_str(if out.is_empty() { "" } else { "  " });
            // Writing to a String cannot fail.
            let _ = if column.is_number() { write!(out, "{cell:>width$}") } else { write!(out, "{cell:<width$}") };
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    let left = batch.num_rows() - shown;
    if left > 0 {
        let _ = writeln!(text, "... and {left} more rows");
    }
    Ok(text)
}

fn short(value: &Value<'_>) -> String {
    match value {
        Value::Null => "-".into(),
        Value::Text(text) => escaped(text),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => short_number(*number),
        Value::Bool(truth) => truth.to_string(),
    }
}

fn short_number(number: f64) -> String {
    let size = number.abs();
    if number == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e12).contains(&size) {
        return format!("{number:.6e}");
    }
    format!("{number:.6}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, DictionaryArray, Float64Array, ListArray, StringArray, UInt32Array};
    use arrow::datatypes::Int32Type;

    use super::*;
    use crate::{to_csv, to_json};

    fn example() -> RecordBatch {
        let names: DictionaryArray<Int32Type> = vec![Some("a,\"b\""), None, Some("tab\t")].into_iter().collect();
        RecordBatch::try_from_iter_with_nullable([
            ("name", Arc::new(names) as ArrayRef, true),
            ("plain", Arc::new(StringArray::from(vec![Some(""), Some("x"), None])), true),
            ("count", Arc::new(UInt32Array::from(vec![Some(1), None, Some(300)])), true),
            ("value", Arc::new(Float64Array::from(vec![Some(0.1 + 0.2), Some(-1e-30), None])), true),
            ("sure", Arc::new(BooleanArray::from(vec![true, false, true])), true),
            (
                "list",
                Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1), Some(2)]), None, Some([None, Some(3)])])),
                true,
            ),
        ])
        .unwrap()
    }

    #[test]
    fn text_is_aligned_and_says_what_it_leaves_out() {
        let text = to_text(&example(), Some(2)).unwrap();
        let expected = "\
name   plain  count          value  sure   list
a,\"b\"             1            0.3  true   [1, 2]
-      x          -  -1.000000e-30  false  -
... and 1 more rows
";
        assert_eq!(text, expected);
        assert!(to_text(&example(), None).unwrap().contains("tab\\t"));
        assert!(to_text(&example().slice(0, 0), None).unwrap().starts_with("name"));
    }

    #[test]
    fn csv_quotes_and_keeps_every_digit() {
        let mut out = Vec::new();
        to_csv(&example(), &mut out).unwrap();
        let expected = "name,plain,count,value,sure,list\n\"a,\"\"b\"\"\",\"\",1,0.30000000000000004,true,\"[1, 2]\"\n,x,,-1e-30,false,\ntab\t,,300,,true,\"[, 3]\"\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn json_parses_back() {
        let mut out = Vec::new();
        to_json(&example(), &mut out).unwrap();
        let parsed: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(parsed[0]["value"].as_f64(), Some(0.1 + 0.2));
        assert_eq!(
            parsed[1],
            serde_json::json!({ "name": null, "plain": "x", "count": null, "value": -1e-30, "sure": false, "list": null })
        );
        let mut empty = Vec::new();
        to_json(&example().slice(0, 0), &mut empty).unwrap();
        assert_eq!(empty, b"[]\n");
    }
}
