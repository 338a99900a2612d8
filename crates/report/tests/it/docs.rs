//! The table of values in `docs/report.md` is made from the benchmarks.

use std::fmt::Write as _;
use std::path::Path;

use report::benchmarks::{ALL, Measured};

/// The table: one line per benchmark and dataset.
fn choices() -> String {
    let mut out = String::from("| benchmark | dataset | value, the first that is there |\n|---|---|---|\n");
    for benchmark in ALL {
        for dataset in benchmark.datasets {
            let values: Vec<String> = dataset
                .choices
                .iter()
                .map(|choice| {
                    let when = match choice.measured {
                        Measured::Last => format!("after {} epochs", choice.epochs),
                        Measured::Best => format!("at its best epoch of {}", choice.epochs),
                        Measured::At(epoch) => format!("after {epoch} of {} epochs", choice.epochs),
                    };
                    format!("{} `{}` {when}", choice.split, choice.metric)
                })
                .collect();
            let _ = writeln!(out, "| {} | `{}` | {} |", benchmark.title, dataset.name, values.join("; "));
        }
    }
    out
}

#[test]
fn docs_list_the_values_of_every_benchmark() -> Result<(), Box<dyn std::error::Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/report.md");
    let text = std::fs::read_to_string(&path)?;
    let (before, rest) = text.split_once("docs` -->\n").ok_or("a mark where the table begins")?;
    let (table, after) = rest.split_once("<!-- /choices -->").ok_or("a mark where the table ends")?;
    if std::env::var_os("REPORT_BLESS").is_some() {
        std::fs::write(&path, format!("{before}docs` -->\n{}<!-- /choices -->{after}", choices()))?;
    } else {
        assert_eq!(table, choices(), "run REPORT_BLESS=1 cargo test -p report docs");
    }
    Ok(())
}
