use serde::{Deserialize, Serialize};
use shards::{Config, NetworkConfig, Selection};

use crate::{Meta, Options};

/// Everything that a score of the run depends on. It stands in `run.json` and in the metadata of every score file, and its
/// hash in every file name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunConfig {
    /// Search space.
    pub space: String,
    /// Dataset: number of classes, resolution and normalisation.
    pub dataset: String,
    /// Network around the cell.
    pub network: NetworkConfig,
    /// Proxies with their versions, in order.
    pub proxies: Vec<ProxyVersion>,
    /// Which architectures.
    pub architectures: Selection,
    /// Which images.
    pub batches: BatchConfig,
    /// Initialisation: a scheme, or `default` for each proxy's own.
    pub init: String,
    /// Seed of the weights.
    pub seed: u64,
    /// Dtype of weights, activations and gradients.
    pub dtype: String,
    /// Kind of device.
    pub device: String,
    /// Whether TF32 or other reduced-precision matrix products were allowed.
    pub reduced_precision: bool,
    /// Whether isomorphic networks share one evaluation.
    pub deduplicate: bool,
    /// Whether graphs are rewritten before they run.
    pub optimise: bool,
    /// Networks per shard.
    pub shard_size: usize,
}

/// A proxy and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyVersion {
    /// Name.
    pub name: String,
    /// Version.
    pub version: u32,
    /// Initialisation it was given, its own unless the run replaced it; `null` for proxies that run nothing.
    pub init: Option<String>,
    /// What batch norms did (`train`, `instance`, `eval`, `identity`); `null` likewise.
    pub mode: Option<String>,
    /// What it saw instead of the run's batches (`noise`, `one image of ones`), if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Images of each batch that it saw, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<usize>,
    /// Seeds of the weights over which it is a mean, if several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<usize>,
    /// `higher` or `lower`: which end claims the better network.
    pub direction: String,
}

impl ProxyVersion {
    /// The proxy as a run with these options evaluates it.
    #[must_use]
    pub fn new(meta: &Meta, options: &Options) -> Self {
        let state = meta.passes.first().map(|pass| pass.state);
        Self {
            name: meta.name.into(),
            version: meta.version,
            init: state.map(|s| options.init.unwrap_or(s.init).name().into()),
            mode: state.map(|s| s.norm.name().into()),
            input: state.and_then(|s| s.input.instead_of_batches()).map(Into::into),
            samples: options.samples.get(meta.name).copied(),
            repeats: options.repeats.get(meta.name).copied(),
            direction: meta.direction.as_str().into(),
        }
    }
}

/// Which images a run shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchConfig {
    /// Where they come from and how they were chosen, in words.
    pub protocol: String,
    /// SHA-256 of images and labels as they go in.
    pub sha256: String,
    /// Number of batches.
    pub count: usize,
    /// Images per batch.
    pub size: usize,
    /// Seed of the choice.
    pub data_seed: u64,
}

impl Config for RunConfig {}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> RunConfig {
        RunConfig {
            space: "nb201".into(),
            dataset: "cifar10".into(),
            network: NetworkConfig { channels: 2, cells: 1, classes: 10, resolution: 8 },
            proxies: vec![ProxyVersion::new(crate::zoo::ALL[0].meta(), &Options::default())],
            architectures: Selection::new("range:0..2", ["a", "b"]),
            batches: BatchConfig { protocol: "noise".into(), sha256: "00".into(), count: 2, size: 4, data_seed: 0 },
            init: "default".into(),
            seed: 0,
            dtype: "f32".into(),
            device: "cpu".into(),
            reduced_precision: false,
            deduplicate: false,
            optimise: true,
            shard_size: 16,
        }
    }

    #[test]
    fn every_setting_changes_the_hash_and_is_named() {
        let base = example();
        let other = RunConfig { seed: 1, ..base.clone() };
        assert_ne!(base.hash_with([]), other.hash_with([]));
        assert_ne!(base.hash_with(["a"]), base.hash_with(["b"]));
        assert_eq!(base.differences(&other), "seed (there 0, here 1)");
        assert_eq!(base.differences(&base), "");
        let other = RunConfig { batches: BatchConfig { size: 8, ..base.batches.clone() }, ..base.clone() };
        assert_eq!(base.differences(&other), "batches.size (there 4, here 8)");
    }

    #[test]
    fn a_configuration_survives_its_file() {
        let base = example();
        assert_eq!(serde_json::from_value::<RunConfig>(base.to_json()).unwrap(), base);
    }
}
