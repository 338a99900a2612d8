//! The section of a dataset whose scores have no values to be held against.

use super::markup::{escape, table, two_lines, with_reason};
use super::parts::{are_timed, chart, matrix, milliseconds, missing, of_a_set, of_milliseconds, scatter};
use super::structure;
use crate::correlate::Estimate;
use crate::format;
use crate::model::{Model, Pair, ScoredDataset, capital};
use crate::plots;

pub(super) fn section(dataset: &ScoredDataset, model: &Model) -> String {
    let (slug, title) = (dataset.slug(), escape(&capital(&dataset.title())));
    let percent = format::trimmed(model.options.confidence * 100.0, 2);
    let first = escape(dataset.matrix.proxies.first().map_or("", String::as_str));
    format!(
        "<section id=\"{slug}\" class=\"dataset\" data-slug=\"{slug}\"><h2>{title}</h2>\n\
         <p class=\"lead\">{} architectures were scored by {}. What is here needs no accuracy: how the scores are spread, how far the proxies agree, what they cost.</p>\n\
         <h3>The scores</h3>\n{}{}\n\
         <p class=\"note\">{}{}</p>\n\
         <h3>How alike the proxies rank</h3>\n{}\
         <p class=\"note\">Spearman’s ρ of the scores of two proxies over the architectures both scored.</p>\n{}\
         <p class=\"note\">Intervals: {percent} % percentile bootstrap over architectures. All pairs stand in data/proxies.csv.</p>\n\
         <h3>Every architecture: score against that of {first}</h3>\n{}\
         <h3>Disconnected and duplicate architectures</h3>\n{}</section>\n",
        format::count(dataset.scored.architectures.len()),
        format::proxies(dataset.scored.proxies.iter().map(|p| p.proxy.as_str())),
        chart(&|width| plots::spread(dataset, width)),
        scores(dataset),
        of_milliseconds(&dataset.scored.proxies),
        of_a_set(dataset.scored.proxies.iter().map(|p| p.proxy.as_str())),
        matrix(&dataset.matrix, &dataset.title()),
        agreement(dataset, &first),
        scatter(&dataset.columns()),
        structure::without_values(dataset),
    )
}

fn scores(dataset: &ScoredDataset) -> String {
    let heads = [
        "Proxy",
        "n",
        "missing",
        "different scores",
        "largest group of ties",
        "least",
        "quartile",
        "median",
        "quartile",
        "greatest",
        "ms each",
    ];
    let rows: Vec<Vec<String>> = dataset
        .spreads
        .iter()
        .zip(&dataset.order)
        .map(|(spread, &proxy)| {
            let column = &dataset.scored.proxies[proxy];
            let mut cells = vec![
                two_lines(&escape(&spread.proxy), &format!("version {}", column.version)),
                format::count(spread.n),
                with_reason(&format::count(column.n_missing()), &escape(&missing(column))),
                format::count(spread.ties.distinct as usize),
                format::count(spread.ties.largest as usize),
            ];
            match spread.quantiles {
                Some(quantiles) => cells.extend(quantiles.map(format::score)),
                None => cells.extend((0..5).map(|_| "–".to_owned())),
            }
            cells.push(column.wall_ms_mean.map_or("–".into(), milliseconds));
            cells
        })
        .collect();
    let shown = if are_timed(&dataset.scored.proxies) { heads.len() } else { heads.len() - 1 };
    table("scores", &heads[..shown], &rows.into_iter().map(|row| row[..shown].to_vec()).collect::<Vec<_>>())
}

/// The first proxy against every other, with intervals.
fn agreement(dataset: &ScoredDataset, first: &str) -> String {
    let tau = format!("τ-b with {first}");
    let rho = format!("ρ with {first}");
    let heads = ["Proxy", tau.as_str(), rho.as_str(), "n"];
    let number = |estimate: Option<Estimate>, plain: Option<f64>| match (estimate, plain) {
        (Some(e), _) => two_lines(
            &format!("<b>{}</b>", format::fixed(e.value, 3)),
            &format!("{} to {}", format::fixed(e.low, 3), format::fixed(e.high, 3)),
        ),
        (None, Some(value)) => format!("<b>{}</b>", format::fixed(value, 3)),
        (None, None) => two_lines("–", "undefined"),
    };
    let row = |(name, pair): (&String, &Pair)| {
        let (tau, rho) = (pair.estimates.map(|e| e.0), pair.estimates.map(|e| e.1));
        vec![escape(name), number(tau, pair.tau_b), number(rho, pair.rho), format::count(pair.n)]
    };
    let pairs = dataset.matrix.pairs.first().map_or(&[][..], Vec::as_slice);
    let rows: Vec<Vec<String>> = dataset.matrix.proxies.iter().zip(pairs).skip(1).map(row).collect();
    if rows.is_empty() { String::new() } else { table("agreement", &heads, &rows) }
}
