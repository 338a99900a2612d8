//! Rank correlation of every proxy's scores with measured values.

use std::collections::BTreeMap;

use tables::{BenchTable, CorrelationRow, CorrelationTable, Direction, Provenance, ScoreTable};

use crate::join::{Joined, ProxyScores, join};
use crate::paper::{self, PaperCorrelation};
use crate::stats::{BootstrapOptions, PairCounts, Sample, StatsError, Ties, bootstrap, find};
use crate::values::Values;
use crate::{Error, Options, Result, aggregate};

/// A coefficient with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The coefficient, in [-1, 1].
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The three rank correlations of a proxy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficients {
    /// Kendall's tau-b.
    pub tau_b: Estimate,
    /// Kendall's tau-a.
    pub tau_a: Estimate,
    /// Spearman's rho.
    pub rho: Estimate,
}

/// A proxy on a dataset: coverage, ties, coefficients.
#[derive(Clone, Debug)]
pub struct ProxyCorrelation {
    /// Proxy.
    pub proxy: String,
    /// Its version.
    pub version: u32,
    /// Architectures with a score and a value.
    pub n: usize,
    /// Architectures with a value but no score.
    pub n_missing: usize,
    /// Scored architectures without a value.
    pub n_unmatched: usize,
    /// Ties among the scores.
    pub ties_score: Ties,
    /// Ties among the values of the scored architectures.
    pub ties_value: Ties,
    /// Mean milliseconds per evaluated architecture.
    pub wall_ms_mean: Option<f64>,
    /// The paper's figures.
    pub paper: Option<paper::PaperCorrelation>,
    /// The coefficients, or why there are none.
    pub coefficients: std::result::Result<Coefficients, StatsError>,
}

/// Correlates the scores of every dataset and proxy with the values of `table`, rows by dataset and proxy.
///
/// A proxy whose scores have no correlation (constant, too few) gets a row without coefficients and a reason.
///
/// # Errors
/// Those of [`join`]; [`Error::Statistic`] if replicates or confidence are out of range.
pub fn correlate(scores: &ScoreTable, table: &BenchTable, options: &Options) -> Result<CorrelationTable> {
    correlate_values(scores, Values::Table(table), options)
}

/// As [`correlate`], with values that may stand in a file; of a file only the needed rows are read.
///
/// # Errors
/// Those of [`correlate`] and of reading.
pub fn correlate_values(scores: &ScoreTable, values: Values<'_>, options: &Options) -> Result<CorrelationTable> {
    let options = &Options {
        lower_is_better: [options.lower_is_better.clone(), aggregate::lower_is_better(&scores.provenance().config)].concat(),
        ..options.clone()
    };
    let joined = join(scores, values, options)?;
    let correlations = joined.iter().map(|dataset| correlate_joined(dataset, options)).collect::<Result<Vec<_>>>()?;
    correlation_table(&joined, &correlations, scores, &values.checksums()?.0, options)
}

/// Correlates every proxy of one dataset, in the order of [`Joined::proxies`].
///
/// # Errors
/// [`Error::Statistic`] if replicates or confidence are out of range.
pub fn correlate_joined(joined: &Joined, options: &Options) -> Result<Vec<ProxyCorrelation>> {
    let values: Vec<f64> = joined.architectures.iter().map(|architecture| architecture.value).collect();
    joined.proxies.iter().map(|proxy| correlate_proxy(joined, proxy, &values, options)).collect()
}

fn correlate_proxy(joined: &Joined, proxy: &ProxyScores, values: &[f64], options: &Options) -> Result<ProxyCorrelation> {
    let (scored, valued): (Vec<f64>, Vec<f64>) =
        proxy.scores.iter().zip(values).filter_map(|(score, value)| Some(((*score)?, *value))).unzip();
    let coefficients = Sample::from_optional(&proxy.scores, values).and_then(|sample| coefficients(&sample, &options.bootstrap()));
    if let Err(source @ StatsError::Parameter { .. }) = coefficients {
        return Err(Error::Statistic { what: format!("confidence intervals of {}", proxy.proxy), source });
    }
    Ok(ProxyCorrelation {
        proxy: proxy.proxy.clone(),
        version: proxy.version,
        n: scored.len(),
        n_missing: proxy.n_missing(),
        n_unmatched: proxy.n_unmatched,
        ties_score: Ties::of(&scored),
        ties_value: Ties::of(&valued),
        wall_ms_mean: proxy.wall_ms_mean,
        paper: paper_correlation(&joined.space, &joined.dataset, &proxy.proxy, options),
        coefficients,
    })
}

/// The paper's figure for the score as it is: the paper ranks by minus a score that is better lower.
pub(crate) fn paper_correlation(space: &str, dataset: &str, proxy: &str, options: &Options) -> Option<PaperCorrelation> {
    let paper = paper::correlation(space, dataset, proxy)?;
    Some(match options.direction(proxy) {
        Direction::HigherIsBetter => paper,
        Direction::LowerIsBetter => paper.negated(),
    })
}

fn coefficients(sample: &Sample, options: &BootstrapOptions) -> std::result::Result<Coefficients, StatsError> {
    let intervals = bootstrap(sample, options)?;
    let counts = PairCounts::of(sample);
    let estimate = |value, interval: crate::stats::Interval| Estimate { value, low: interval.low, high: interval.high };
    Ok(Coefficients {
        tau_b: estimate(counts.tau_b(), intervals.tau_b),
        tau_a: estimate(counts.tau_a(), intervals.tau_a),
        rho: estimate(crate::stats::rho_of(sample), intervals.rho),
    })
}

/// The table of all correlations of a report; provenance names the inputs by the checksum of their rows.
pub(crate) fn correlation_table(
    joined: &[Joined],
    correlations: &[Vec<ProxyCorrelation>],
    scores: &ScoreTable,
    table_sha256: &str,
    options: &Options,
) -> Result<CorrelationTable> {
    let mut builder = CorrelationTable::builder();
    for (dataset, rows) in joined.iter().zip(correlations) {
        for row in rows {
            push(&mut builder, dataset, row, options)?;
        }
    }
    let metrics: BTreeMap<&str, &str> =
        ["tau_b", "tau_a", "rho"].into_iter().filter_map(|name| Some((name, find(name)?.formula))).collect();
    let values: BTreeMap<&str, String> = joined.iter().map(|dataset| (dataset.dataset.as_str(), dataset.quantity.in_words())).collect();
    let config = serde_json::json!({
        "replicates": options.replicates,
        "confidence": options.confidence,
        "bootstrap_seed": options.seed,
        "split": options.split,
        "metric": options.metric,
        "epochs": options.epochs,
        "trial": options.trial,
        "values": values,
        "score_seed": options.score_seed,
        "statistics": metrics,
        "scores": scores.provenance().config,
    });
    let provenance = Provenance::new(config).with_input("scores", scores.content_sha256()).with_input("table", table_sha256);
    Ok(builder.finish(provenance)?)
}

fn push(
    builder: &mut tables::TableBuilder<tables::Correlation>,
    dataset: &Joined,
    row: &ProxyCorrelation,
    options: &Options,
) -> Result<()> {
    let coefficients = row.coefficients.as_ref().ok();
    let reason = row.coefficients.as_ref().err().map(ToString::to_string);
    let (tau_b, tau_a, rho) = (coefficients.map(|c| c.tau_b), coefficients.map(|c| c.tau_a), coefficients.map(|c| c.rho));
    builder.push(CorrelationRow {
        space: &dataset.space,
        dataset: &dataset.dataset,
        proxy: &row.proxy,
        version: row.version,
        split: &dataset.quantity.split,
        metric: &dataset.quantity.metric,
        epochs: dataset.quantity.epochs,
        trial: dataset.quantity.trial(),
        n: row.n as u32,
        n_missing: row.n_missing as u32,
        n_unmatched: row.n_unmatched as u32,
        tau_b: tau_b.map(|e| e.value),
        tau_b_low: tau_b.map(|e| e.low),
        tau_b_high: tau_b.map(|e| e.high),
        tau_a: tau_a.map(|e| e.value),
        tau_a_low: tau_a.map(|e| e.low),
        tau_a_high: tau_a.map(|e| e.high),
        rho: rho.map(|e| e.value),
        rho_low: rho.map(|e| e.low),
        rho_high: rho.map(|e| e.high),
        ties_score: row.ties_score.pairs,
        ties_value: row.ties_value.pairs,
        confidence: options.confidence,
        replicates: options.replicates,
        bootstrap_seed: options.seed,
        wall_ms_mean: row.wall_ms_mean,
        paper_tau: row.paper.map(|paper| paper.tau),
        paper_rho: row.paper.map(|paper| paper.rho),
        reason: reason.as_deref(),
    })?;
    Ok(())
}
