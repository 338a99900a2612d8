use std::collections::HashMap;
use std::path::Path;

use bench_loaders::datasets;
use shards::{Config as _, NetworkConfig};
use spaces::Head;
use tables::{ScoreTable, Status};

use super::config::{BatchConfig, RunConfig};
use crate::{Error, Proxy, Undefined};

/// Scores of a run that come out the same in another one, on a dataset of the same resolution: those of proxies that neither images
/// nor classes concern ([`Meta::depends_on_dataset`](crate::Meta::depends_on_dataset)).
#[derive(Debug, Default)]
pub struct Reused {
    /// Dataset of the run they are of, and the hash of its configuration; empty if there is none.
    pub source: String,
    /// Whose scores they are.
    pub proxies: Vec<&'static str>,
    of: HashMap<(&'static str, String), Result<f64, Undefined>>,
}

impl Reused {
    /// Reads the scores of the run in `folder` that one with the configuration `here` can take over. What evaluation failed for
    /// is not among them.
    ///
    /// # Errors
    /// [`Error::Reuse`] if no proxy of both runs is of that kind, or the runs differ in more than dataset, classes, images, proxies and
    /// architectures; [`Error::Table`] if the scores cannot be read.
    pub fn read(folder: &Path, here: &RunConfig, proxies: &[&dyn Proxy]) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Reuse { path: folder.into(), reason };
        let table = ScoreTable::read_dir(folder)?;
        let there = serde_json::from_value::<RunConfig>(table.provenance().config.clone())
            .map_err(|error| refuse(format!("its files do not hold the configuration of a run ({error})")))?;
        let alike = RunConfig {
            dataset: here.dataset.clone(),
            network: NetworkConfig { classes: here.network.classes, ..there.network.clone() },
            proxies: here.proxies.clone(),
            architectures: here.architectures.clone(),
            batches: BatchConfig { size: there.batches.size, data_seed: there.batches.data_seed, ..here.batches.clone() },
            deduplicate: here.deduplicate,
            shard_size: here.shard_size,
            ..there.clone()
        };
        let differences = alike.differences(here);
        if !differences.is_empty() {
            return Err(refuse(format!("its scores would be others here: {differences}")));
        }
        let head = |config: &RunConfig| datasets::find(&config.dataset).map_or(Head::Classifier, |dataset| dataset.head);
        if head(&there) != head(here) {
            return Err(refuse(format!("the networks of {} have another head", there.dataset)));
        }
        let names: Vec<&'static str> = proxies
            .iter()
            .map(|proxy| proxy.meta())
            .filter(|meta| !meta.depends_on_dataset())
            .filter(|meta| here.proxies.iter().any(|proxy| proxy.name == meta.name && there.proxies.contains(proxy)))
            .map(|meta| meta.name)
            .collect();
        if names.is_empty() {
            return Err(refuse("the runs share no proxy that neither images nor classes concern, in one version".into()));
        }
        let rows = table.iter().filter(|row| row.status != Status::Error);
        let of = rows.filter_map(|row| {
            let score = row.value.ok_or_else(|| Undefined { status: row.status, reason: row.reason.unwrap_or_default().into() });
            Some(((*names.iter().find(|name| **name == row.proxy)?, row.representative.unwrap_or(row.arch).to_owned()), score))
        });
        let of = of.collect();
        Ok(Self { source: format!("{} {}", there.dataset, there.hash_with([])), proxies: names, of })
    }

    /// What the proxy says about the architecture that runs.
    pub(super) fn get(&self, proxy: &'static str, arch: &str) -> Option<&Result<f64, Undefined>> {
        self.of.get(&(proxy, arch.to_owned()))
    }
}
