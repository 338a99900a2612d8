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

/// Setting that lists the proxies of a run.
const PROXIES: &str = "proxies";

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
            for ours in base.runs_of(columns.dataset) {
                for difference in other.runs_of(columns.dataset).flat_map(|theirs| differences_of(&ours.config, &theirs.config)) {
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

/// Settings that differ between two runs; none if no proxy is in both.
fn differences_of(base: &Value, other: &Value) -> Vec<String> {
    let (Some(base), Some(other)) = (with_proxies_unlike(base, other), with_proxies_unlike(other, base)) else { return Vec::new() };
    let (base, other) = (flatten(&base), flatten(&other));
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

/// The configuration with those of its proxies that the other one has differently; none if no proxy is in both.
fn with_proxies_unlike(config: &Value, other: &Value) -> Option<Value> {
    let others = other.get(PROXIES)?.as_array()?;
    let twin = |proxy: &Value| others.iter().find(|other| other.get("name") == proxy.get("name"));
    let mut config = config.clone();
    let proxies = config.get_mut(PROXIES)?.as_array_mut()?;
    if !proxies.iter().any(|proxy| twin(proxy).is_some()) {
        return None;
    }
    proxies.retain(|proxy| twin(proxy).is_some_and(|other| other != proxy));
    proxies.sort_by_key(|proxy| proxy.get("name").map(Value::to_string));
    Some(config)
}

/// A checksum's first digits tell two of them apart.
fn shortened(value: &str) -> String {
    let checksum = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if checksum { format!("{}…", &value[..10]) } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn runs_are_compared_on_the_proxies_both_have() {
        let run = |proxies: &[(&str, u32)], dtype: &str| {
            let proxies: Vec<Value> = proxies.iter().map(|(name, version)| json!({ "name": name, "version": version })).collect();
            json!({ "dataset": "cifar10", "dtype": dtype, "proxies": proxies, "shard_size": proxies.len() })
        };
        let base = run(&[("zico", 1), ("snip", 1)], "f32");
        assert_eq!(differences_of(&base, &run(&[("zico", 1)], "f64")), ["Dtype: f32 → f64"]);
        assert_eq!(differences_of(&base, &run(&[("naswot", 1), ("zico", 1)], "f32")), Vec::<String>::new());
        assert_eq!(differences_of(&base, &run(&[("naswot", 1)], "f64")), Vec::<String>::new());
        let [other] = differences_of(&base, &run(&[("snip", 2), ("zico", 1)], "f32")).try_into().unwrap();
        assert!(other.starts_with("Proxies and versions: snip v1") && other.contains("→ snip v2") && !other.contains("zico"), "{other}");
    }
}
