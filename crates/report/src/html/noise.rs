//! The score's own noise.

use super::markup::{escape, table};
use crate::format;
use crate::model::{Comparison, Model, NoiseRow};

pub(super) fn section(model: &Model) -> String {
    let intro = "<section id=\"noise\"><h2>The score’s own noise</h2>\n";
    if model.comparisons.is_empty() {
        return format!("{intro}<p>No second run was given: add one with <code>--compare LABEL=DIR</code>.</p></section>\n");
    }
    let body: String = model.comparisons.iter().map(|comparison| one(comparison, model)).collect();
    format!(
        "{intro}<p>The same architectures and proxies, scored again with other settings. A rank correlation with accuracy cannot be more certain than the score’s agreement with itself.</p>\n{body}\
         <p class=\"note\">Relative difference of two scores a and b: |a − b| / max(|a|, |b|), and 0 where both are 0. τ-b with the measured values is over the same architectures in both runs.</p></section>\n"
    )
}

fn one(comparison: &Comparison, model: &Model) -> String {
    let changed = if comparison.differences.is_empty() {
        "The configurations do not differ.".to_owned()
    } else {
        format!("Changed: {}.", comparison.differences.join("; "))
    };
    let several = model.columns().count() > 1;
    let heads = [
        "Proxy",
        "n",
        "τ-b of the runs",
        "ρ of the runs",
        "median difference",
        "largest difference",
        "equal scores",
        "τ-b with values, base",
        "τ-b with values, other",
    ];
    let rows: Vec<Vec<String>> = comparison.rows.iter().map(|row| cells(row, several)).collect();
    let body = if rows.is_empty() { "<p>Nothing was scored in both runs.</p>".to_owned() } else { table("noise", &heads, &rows) };
    format!("<h3>{}</h3><p>{}</p>\n{body}", escape(&comparison.label), escape(&changed))
}

fn cells(row: &NoiseRow, several: bool) -> Vec<String> {
    let name = if several { format!("{}<small>{}</small>", escape(&row.proxy), escape(&row.dataset)) } else { escape(&row.proxy) };
    let tau = |tau: Option<f64>| tau.map_or("–".into(), |tau| format::fixed(tau, 3));
    match &row.agreement {
        Ok(a) => {
            let null = if row.n_null > 0 { format!("<small>{} without a score</small>", format::count(row.n_null)) } else { String::new() };
            vec![
                name,
                format::count(a.n) + &null,
                format!("<b>{}</b>", format::fixed(a.tau_b, 4)),
                format::fixed(a.rho, 4),
                relative(a.median_relative),
                relative(a.max_relative),
                format::count(a.equal),
                tau(row.base_tau),
                tau(row.other_tau),
            ]
        }
        Err(reason) => {
            let mut cells = vec![name, format!("–<small>{}</small>", escape(&reason.to_string()))];
            cells.extend((0..5).map(|_| "–".to_owned()));
            cells.extend([tau(row.base_tau), tau(row.other_tau)]);
            cells
        }
    }
}

/// A fraction as percent where that reads well.
fn relative(fraction: f64) -> String {
    if fraction == 0.0 {
        "0".into()
    } else if fraction < 1e-4 {
        format!("{fraction:.1e}").replace('-', "−")
    } else {
        format!("{} %", format::fixed(fraction * 100.0, 2))
    }
}
