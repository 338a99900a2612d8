//! The score's own noise: the same proxies in another run.

use std::collections::HashMap;

use serde_json::Value;

use super::columns::Columns;
use super::load::Loaded;
use super::protocol::{flatten, label_of};
use crate::stats::{Agreement, StatsError};

/// The scores of the report held against those of another run.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Name of the other run.
    pub label: String,
    /// Settings that differ, as `setting: base → other`.
    pub differences: Vec<String>,
    /// One row per dataset and proxy that both runs scored.
    pub rows: Vec<NoiseRow>,
}

/// One proxy in both runs.
#[derive(Clone, Debug)]
pub struct NoiseRow {
    /// Dataset.
    pub dataset: String,
    /// Proxy.
    pub proxy: String,
    /// Architectures in both runs of which one or both have no score.
    pub n_null: usize,
    /// Agreement over the others, or why there is none.
    pub agreement: Result<Agreement, StatsError>,
    /// Tau-b of the base scores with the measured values over the same architectures, where defined.
    pub base_tau: Option<f64>,
    /// Tau-b of the other run's scores with the measured values, where defined.
    pub other_tau: Option<f64>,
}

/// Settings that say how much was scored, and in what pieces, rather than how.
const QUANTITY_ONLY: &[&str] = &["architectures.asked", "architectures.count", "architectures.sha256", "shard_size"];

impl Comparison {
    pub(super) fn new(base: &Loaded, other: &Loaded, datasets: &[Columns<'_>]) -> Self {
        let label = other.label.clone().unwrap_or_else(|| "other run".into());
        let mut rows = Vec::new();
        let mut differences: Vec<String> = Vec::new();
        for columns in datasets {
            let mut scores: HashMap<&str, HashMap<&str, Option<f64>>> = HashMap::new();
            for row in other.table.iter().filter(|row| (row.space, row.dataset) == (columns.space, columns.dataset)) {
                // A run has one seed; of several the first in table order counts.
                scores.entry(row.proxy).or_default().entry(row.arch).or_insert(row.value);
            }
            if scores.is_empty() {
                continue;
            }
            for &proxy in columns.order {
                if let Some(others) = scores.get(columns.proxies[proxy].proxy.as_str()) {
                    rows.push(compare(columns, proxy, others));
                }
            }
            if let (Some(ours), Some(theirs)) = (base.run_of(columns.dataset), other.run_of(columns.dataset)) {
                for difference in config_differences(&ours.config, &theirs.config) {
                    if !differences.contains(&difference) {
                        differences.push(difference);
                    }
                }
            }
        }
        Self { label, differences, rows }
    }
}

fn compare(columns: &Columns<'_>, proxy: usize, others: &HashMap<&str, Option<f64>>) -> NoiseRow {
    let column = &columns.proxies[proxy];
    let (mut base, mut other, mut places, mut n_null) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (place, ((arch, _), ours)) in columns.architectures.iter().zip(&column.scores).enumerate() {
        let Some(theirs) = others.get(arch) else { continue };
        if let (Some(ours), Some(theirs)) = (*ours, *theirs) {
            base.push(ours);
            other.push(theirs);
            places.push(place);
        } else {
            n_null += 1;
        }
    }
    let values: Option<Vec<f64>> = columns.values.as_ref().map(|values| places.iter().map(|&place| values[place]).collect());
    let tau = |scores: &[f64]| values.as_ref().and_then(|values| crate::stats::tau_b(scores, values).ok());
    NoiseRow {
        dataset: columns.dataset.into(),
        proxy: column.proxy.clone(),
        n_null,
        agreement: Agreement::of(&base, &other),
        base_tau: tau(&base),
        other_tau: tau(&other),
    }
}

fn config_differences(base: &Value, other: &Value) -> Vec<String> {
    let (base, other) = (flatten(base), flatten(other));
    let find = |entries: &[(String, String)], key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let keys = base.iter().chain(other.iter().filter(|(key, _)| find(&base, key).is_none())).map(|(key, _)| key);
    let missing = || "not set".to_owned();
    keys.filter(|key| !QUANTITY_ONLY.contains(&key.as_str()))
        .filter_map(|key| {
            let (ours, theirs) = (find(&base, key).unwrap_or_else(missing), find(&other, key).unwrap_or_else(missing));
            (ours != theirs).then(|| format!("{}: {} → {}", label_of(key), shortened(&ours), shortened(&theirs)))
        })
        .collect()
}

/// A checksum's first digits tell two of them apart.
fn shortened(value: &str) -> String {
    let checksum = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if checksum { format!("{}…", &value[..10]) } else { value.to_owned() }
}
