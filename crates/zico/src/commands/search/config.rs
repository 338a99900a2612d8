use proxies::runner::{BatchConfig, ProxyVersion};
use search::Budget;
use serde::{Deserialize, Serialize};
use shards::{Config, NetworkConfig};

use super::objective::ObjectiveConfig;

/// Everything that the way of a search depends on. It stands in `run.json` and in the metadata of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchConfig {
    /// Search space.
    pub space: String,
    /// Dataset.
    pub dataset: String,
    /// How the search goes on.
    pub method: String,
    /// What it looks for.
    pub objective: ObjectiveConfig,
    /// Seed of the draws and of the weights.
    pub seed: u64,
    /// Steps; but for the released method each is an evaluation.
    pub evaluations: u64,
    /// Most members of the pool.
    pub population: usize,
    /// Members of a tournament (regularised evolution).
    pub tournament: usize,
    /// Candidates under way at once.
    pub in_flight: u64,
    /// Limits.
    pub budget: Budget,
    /// Whether what is counted has squeeze-and-excitation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub squeeze: bool,
    /// The network around the candidates; channels and cells are 0 where the candidate has them.
    pub network: NetworkConfig,
    /// Proxies that are computed, with their versions.
    pub proxies: Vec<ProxyVersion>,
    /// Images, if there are any.
    pub batches: Option<BatchConfig>,
    /// Initialisation, if proxies are computed.
    pub init: Option<String>,
    /// Dtype, likewise.
    pub dtype: Option<String>,
    /// Kind of device, likewise.
    pub device: Option<String>,
    /// Where the search begins.
    pub initial: String,
}

impl Config for SearchConfig {}
