use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bench_loaders::datasets;
use shards::{Config as _, NetworkConfig};
use spaces::Head;
use tables::{ScoreTable, Status};

use super::config::{BatchConfig, RunConfig};
use crate::{Error, Proxy, Undefined};

/// Scores of other runs that come out the same in this one: all of a run on the same images, and of one on another dataset of the same
/// resolution those of proxies that neither images nor classes concern
/// ([`Meta::depends_on_dataset`](crate::Meta::depends_on_dataset)).
#[derive(Debug, Default)]
pub struct Reused {
    /// What they were read from in words, each with the SHA-256 of it.
    pub sources: Vec<(String, String)>,
    /// Whose scores they are.
    pub proxies: Vec<&'static str>,
    scores: HashMap<(&'static str, String), Result<f64, Undefined>>,
}

impl Reused {
    /// Reads the scores of the runs in `folders`, finished or not, that one with the configuration `here` can take over; of several for
    /// the same, those of the folder named first. What evaluation failed for, or gave no finite number for, is not among them.
    ///
    /// # Errors
    /// [`Error::Reuse`] if a run shares no such proxy with this one, or they differ in more than dataset, classes, images, proxies and
    /// architectures; [`Error::Table`] if the scores cannot be read.
    pub fn read(folders: &[PathBuf], here: &RunConfig, proxies: &[&dyn Proxy]) -> Result<Self, Error> {
        let mut reused = Self::default();
        for folder in folders {
            reused.add(folder, here, proxies)?;
        }
        Ok(reused)
    }

    fn add(&mut self, folder: &Path, here: &RunConfig, proxies: &[&dyn Proxy]) -> Result<(), Error> {
        let refuse = |reason: String| Error::Reuse { path: folder.into(), reason };
        let table = ScoreTable::read_dir(folder)?;
        let provenance = table.provenance();
        let there = serde_json::from_value::<RunConfig>(provenance.config.clone())
            .map_err(|error| refuse(format!("its files do not hold the configuration of a run ({error})")))?;
        // Of the batches, their size and the seed matter to noise.
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
        let libtorch = engine::libtorch_version();
        if let Some(other) = provenance.libtorch.as_deref().filter(|other| *other != libtorch) {
            return Err(refuse(format!("they are of libtorch {other}, this is {libtorch}")));
        }
        let batches = |config: &RunConfig| (config.batches.sha256.clone(), config.batches.count, config.batches.size);
        let on_the_same = there.dataset == here.dataset && there.network == here.network && batches(&there) == batches(here);
        let names: Vec<&'static str> = proxies
            .iter()
            .map(|proxy| proxy.meta())
            .filter(|meta| on_the_same || !meta.depends_on_dataset())
            .filter(|meta| here.proxies.iter().any(|proxy| proxy.name == meta.name && there.proxies.contains(proxy)))
            .map(|meta| meta.name)
            .collect();
        if names.is_empty() {
            let which = if on_the_same { "no proxy" } else { "no proxy that neither images nor classes concern" };
            return Err(refuse(format!("the runs share {which}, in one version and with the same settings")));
        }
        for row in table.iter().filter(|row| !matches!(row.status, Status::Error | Status::NonFinite)) {
            let Some(&name) = names.iter().find(|name| **name == row.proxy) else { continue };
            let score = row.value.ok_or_else(|| Undefined { status: row.status, reason: row.reason.unwrap_or_default().into() });
            self.scores.entry((name, row.representative.unwrap_or(row.arch).to_owned())).or_insert(score);
        }
        let words = format!("scores of {} ({}, program {})", there.dataset, there.hash_with([]), provenance.git_commit);
        self.sources.push((words, table.content_sha256()));
        for name in names {
            if !self.proxies.contains(&name) {
                self.proxies.push(name);
            }
        }
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.scores.len()
    }

    /// What the proxy says about the architecture that runs.
    pub(super) fn get(&self, proxy: &'static str, arch: &str) -> Option<&Result<f64, Undefined>> {
        self.scores.get(&(proxy, arch.to_owned()))
    }
}
