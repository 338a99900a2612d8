//! How the numbers were made, as a list of settings.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::dataset::Dataset;
use super::load::{Loaded, Run};
use super::scored::ScoredDataset;
use crate::{Options, format};

/// The protocol box.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Settings in the order they are shown.
    pub entries: Vec<Entry>,
    /// The configuration of every run, whole.
    pub configs: Vec<Value>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is set.
    pub name: String,
    /// To what.
    pub value: String,
}

/// Settings of a run in the order they are shown, with their names for people. Others follow under their own names.
const LABELS: &[(&str, &str)] = &[
    ("space", "Search space"),
    ("dataset", "Dataset"),
    ("architectures.asked", "Architectures asked for"),
    ("architectures.count", "Architectures"),
    ("architectures.sha256", "SHA-256 of the architectures"),
    ("deduplicate", "Isomorphic live graphs share one evaluation"),
    ("network.channels", "Channels of the first stage, C"),
    ("network.cells", "Cells per stage, N"),
    ("network.classes", "Classes"),
    ("network.resolution", "Image side in pixels"),
    ("batches.count", "Batches, N"),
    ("batches.size", "Batch size, B"),
    ("batches.protocol", "Batches"),
    ("batches.sha256", "SHA-256 of the batches"),
    ("batches.data_seed", "Seed of the batches"),
    ("init", "Initialisation"),
    ("mode", "Batch norm"),
    ("seed", "Seed of the weights"),
    ("dtype", "Dtype"),
    ("device", "Device"),
    ("reduced_precision", "Reduced-precision products allowed"),
    ("optimise", "Graphs rewritten before running"),
    ("shard_size", "Networks per shard"),
    ("proxies", "Proxies and versions"),
];

impl Protocol {
    /// `checksums` are those of the table's rows and of the files it was made of, if there is a table.
    pub(super) fn new(
        scores: &Loaded,
        checksums: Option<&(String, BTreeMap<String, String>)>,
        datasets: &[Dataset],
        scored: &[ScoredDataset],
        options: &Options,
    ) -> Self {
        let mut entries = Vec::new();
        let mut add = |name: &str, value: String| entries.push(Entry { name: name.into(), value });
        for (key, value) in run_entries(&scores.runs) {
            add(&label_of(&key), value);
        }
        if datasets.is_empty() {
            add("Value", "none: the accuracies were not at hand".into());
            let sizes = scored.iter().map(|dataset| (dataset.scored.dataset.as_str(), format::count(dataset.scored.architectures.len())));
            add("Architectures with a score", per_run(sizes.collect()));
        }
        let quantities = datasets.iter().map(|dataset| (dataset.joined.dataset.as_str(), dataset.joined.quantity.in_words()));
        let quantities: Vec<(&str, String)> = quantities.collect();
        if !quantities.is_empty() {
            add("Value", per_run(quantities));
        }
        let sizes = datasets.iter().map(|dataset| {
            let (n, n_table) = (dataset.joined.architectures.len(), dataset.joined.n_table);
            (dataset.joined.dataset.as_str(), format!("{} of {} in the table", format::count(n), format::count(n_table)))
        });
        let sizes: Vec<(&str, String)> = sizes.collect();
        if !sizes.is_empty() {
            add("Architectures with score and value", per_run(sizes));
        }
        add("FLOPs", "multiply-adds (MACs) of convolutions and linear layers for one image".into());
        add("Missing scores", "counted and left out; a score is a finite number or null with a reason".into());
        let percent = format::trimmed(options.confidence * 100.0, 2);
        add(
            "Intervals",
            format!(
                "{percent} % percentile bootstrap over architectures, {} resamples, seed {}",
                format::count(options.replicates as usize),
                options.seed
            ),
        );
        add("Time to score", score_time(scores));
        add("libtorch", distinct(scores.runs.iter().filter_map(|run| run.libtorch.as_deref())));
        add("Scored by", distinct(scores.runs.iter().map(|run| format!("zico {}, {}", run.version, commit(&run.git_commit)))));
        add("Reported by", format!("zico {}, {}", env!("CARGO_PKG_VERSION"), commit(&tables::git_commit())));
        // The checksum of the batches stands above, for each run its own.
        for (name, sha256) in scores.table.provenance().inputs.iter().filter(|(name, _)| scores.runs.len() == 1 || *name != "batches") {
            add(&format!("SHA-256 of input {name}"), sha256.clone());
        }
        for (name, sha256) in checksums.iter().flat_map(|(_, inputs)| inputs) {
            add(&format!("SHA-256 of the benchmark's {name}"), sha256.clone());
        }
        add("SHA-256 of the score rows", scores.table.content_sha256());
        if let Some((rows, _)) = checksums {
            add("SHA-256 of the table's rows", rows.clone());
        }
        Self { entries, configs: scores.runs.iter().map(|run| run.config.clone()).collect() }
    }
}

/// Settings of all runs; where those of two datasets differ, each value under its dataset.
fn run_entries(runs: &[Run]) -> Vec<(String, String)> {
    let flat: Vec<(String, Vec<(String, String)>)> =
        runs.iter().map(|run| (run.config.get("dataset").and_then(Value::as_str).unwrap_or("").to_owned(), flatten(&run.config))).collect();
    let mut keys: Vec<&str> = Vec::new();
    for (key, _) in flat.iter().flat_map(|(_, entries)| entries) {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    keys.sort_by_key(|key| LABELS.iter().position(|(name, _)| name == key).unwrap_or(LABELS.len()));
    keys.into_iter()
        .map(|key| {
            let of_run = |entries: &[(String, String)]| {
                entries.iter().find(|(name, _)| name == key).map_or_else(|| "not set".to_owned(), |(_, value)| value.clone())
            };
            let values = of_datasets(flat.iter().map(|(dataset, entries)| (dataset.as_str(), of_run(entries))));
            let value = match key {
                // Each value would stand after itself.
                "dataset" => distinct(values.into_iter().map(|(_, dataset)| dataset)),
                // The sample of a size is always the same one, whatever the seed of the weights.
                "architectures.asked" => per_run(values.into_iter().map(|(dataset, asked)| (dataset, in_words(asked))).collect()),
                // What the spaces whose architectures say their own channels have there.
                "network.channels" if values.iter().all(|(_, channels)| channels == "0") => "given by each architecture".into(),
                _ => per_run(values),
            };
            (key.to_owned(), value)
        })
        .collect()
}

/// The values of each dataset's runs, joined: runs of one dataset differ in their proxies.
fn of_datasets<'a>(runs: impl Iterator<Item = (&'a str, String)>) -> Vec<(&'a str, String)> {
    let mut datasets: Vec<(&str, Vec<String>)> = Vec::new();
    for (dataset, value) in runs {
        match datasets.iter_mut().find(|(known, _)| *known == dataset) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => datasets.push((dataset, vec![value])),
        }
    }
    datasets.into_iter().map(|(dataset, values)| (dataset, values.join(", "))).collect()
}

/// `sample:500`, with where it comes from.
fn in_words(asked: String) -> String {
    if asked.starts_with("sample:") && !asked.contains('@') {
        format!("{asked}, drawn with seed 0 whatever the seed of the weights")
    } else {
        asked
    }
}

/// One value if all agree, otherwise each after its dataset.
pub(crate) fn per_run(values: Vec<(&str, String)>) -> String {
    let agree = values.windows(2).all(|pair| pair[0].1 == pair[1].1);
    if agree {
        return values.into_iter().next().map_or_else(String::new, |(_, value)| value);
    }
    values.into_iter().map(|(dataset, value)| format!("{dataset}: {value}")).collect::<Vec<_>>().join("; ")
}

fn commit(hash: &str) -> String {
    if hash == "unknown" { "commit not recorded".into() } else { format!("commit {hash}") }
}

fn distinct<T: Into<String>>(texts: impl Iterator<Item = T>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for text in texts.map(Into::into) {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    if seen.is_empty() { "not recorded".into() } else { seen.join("; ") }
}

/// Time of the dearest proxy, summed over the networks: proxies share passes, and each counts those it needs in full, so
/// their own times must not be added up.
fn score_time(scores: &Loaded) -> String {
    let mut dearest: HashMap<(&str, &str), f64> = HashMap::new();
    for row in scores.table.iter() {
        if let Some(wall_ms) = row.wall_ms {
            let known = dearest.entry((row.dataset, row.arch)).or_insert(0.0);
            *known = known.max(wall_ms);
        }
    }
    if dearest.is_empty() {
        return "not recorded".into();
    }
    // Summed in the order of their size, so that the text does not depend on the order of a hash table.
    let mut times: Vec<f64> = dearest.into_values().collect();
    times.sort_unstable_by(f64::total_cmp);
    let total = format::duration(times.iter().sum::<f64>() / 1000.0);
    format!("{total} at least, of one worker: the dearest proxy of each of {} evaluated networks", format::count(times.len()))
}

/// The leaves of a configuration under dotted names, in its order.
pub(crate) fn flatten(config: &Value) -> Vec<(String, String)> {
    fn walk(name: &str, value: &Value, out: &mut Vec<(String, String)>) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    walk(&name, value, out);
                }
            }
            Value::Array(items) => out.push((name.into(), items.iter().map(item_text).collect::<Vec<_>>().join(", "))),
            leaf => out.push((name.into(), leaf_text(leaf))),
        }
    }
    let mut out = Vec::new();
    walk("", config, &mut out);
    out
}

/// `zico v1 (train mode)`: name, version and whatever else an item of a list says.
fn item_text(item: &Value) -> String {
    let Value::Object(fields) = item else { return leaf_text(item) };
    let name = fields.get("name").map_or_else(String::new, leaf_text);
    let version = fields.get("version").map_or_else(String::new, |version| format!(" v{}", leaf_text(version)));
    let rest: Vec<String> = fields
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "name" | "version"))
        .map(|(key, value)| format!("{key} {}", leaf_text(value)))
        .collect();
    let rest = if rest.is_empty() { String::new() } else { format!(" ({})", rest.join(", ")) };
    format!("{name}{version}{rest}")
}

fn leaf_text(leaf: &Value) -> String {
    match leaf {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}

/// Name of a setting for people.
pub(crate) fn label_of(key: &str) -> String {
    LABELS.iter().find(|(name, _)| *name == key).map_or_else(|| key.to_owned(), |(_, label)| (*label).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_flattened_in_its_order() {
        let config = serde_json::json!({
            "space": "nb201", "batches": { "count": 2, "size": 64 }, "deduplicate": true,
            "proxies": [{ "name": "zico", "version": 1 }, { "name": "snip", "version": 2, "mode": "train" }],
        });
        let flat = flatten(&config);
        let shown: Vec<String> = flat.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            shown,
            ["space=nb201", "batches.count=2", "batches.size=64", "deduplicate=yes", "proxies=zico v1, snip v2 (mode train)"]
        );
    }

    #[test]
    fn runs_of_one_dataset_are_one_entry() {
        let run = |dataset: &str, proxies: &[&str], seed: u32| Run {
            config: serde_json::json!({ "dataset": dataset, "proxies": proxies, "seed": seed }),
            git_commit: "c".into(),
            version: "1".into(),
            libtorch: None,
            device: None,
            dtype: None,
        };
        let of = |runs: &[Run], key: &str| run_entries(runs).into_iter().find(|(name, _)| name == key).map(|(_, value)| value);
        let same = [run("cifar10", &["zico", "snip"], 0), run("cifar10", &["zen"], 0)];
        assert_eq!(of(&same, "proxies").as_deref(), Some("zico, snip, zen"));
        assert_eq!(of(&same, "seed").as_deref(), Some("0"));
        let more = [run("cifar10", &["zico"], 0), run("cifar10", &["zen"], 1), run("cifar100", &["zico"], 0)];
        assert_eq!(of(&more, "proxies").as_deref(), Some("cifar10: zico, zen; cifar100: zico"));
        assert_eq!(of(&more, "seed").as_deref(), Some("cifar10: 0, 1; cifar100: 0"));
    }

    #[test]
    fn runs_that_differ_show_each_value_with_its_dataset() {
        assert_eq!(per_run(vec![("cifar10", "f32".into()), ("cifar100", "f32".into())]), "f32");
        assert_eq!(per_run(vec![("cifar10", "a".into()), ("cifar100", "b".into())]), "cifar10: a; cifar100: b");
    }
}
