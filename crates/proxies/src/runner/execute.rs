use std::path::Path;
use std::sync::atomic::AtomicBool;

use bench_loaders::Batch;
use shards::{Event, Job, Part, Summary};
use spaces::{Setting, Space};
use tables::{Provenance, ScoreRow, ScoreTable, Status, TimingRow, TimingTable};

use super::config::RunConfig;
use super::reuse::Reused;
use super::work::Item;
use crate::evaluate::check_batches;
use crate::{Error, Options, Outcome, Proxy, TensorBatch, evaluate_caught};

/// A planned run.
pub struct Run<'a> {
    /// What its scores depend on.
    pub config: &'a RunConfig,
    /// The space.
    pub space: &'a dyn Space,
    /// The network around the architectures.
    pub setting: Setting,
    /// The proxies, in the order of the configuration.
    pub proxies: &'a [&'a dyn Proxy],
    /// The images.
    pub batches: &'a [Batch],
    /// How networks are evaluated.
    pub options: Options,
    /// Networks in order of work; shards are consecutive stretches.
    pub items: &'a [Item],
    /// Scores that need not be computed.
    pub reused: &'a Reused,
    /// Provenance of the score files.
    pub provenance: Provenance,
}

/// Outcomes of a network by proxy; `None` where the network is not there for the proxy, or its score is reused.
type Outcomes = Vec<Option<Outcome>>;

impl Run<'_> {
    /// Does what is left of the part with `workers` threads. `stop` makes every worker finish its network and leave; shards
    /// under way are dropped, finished ones stay.
    ///
    /// # Errors
    /// [`Error::Batches`] if a proxy needs more batches, [`Error::Shards`] if the folder holds another run, [`Error::Shards`] or
    /// [`Error::Table`] if a file cannot be written: the other workers then finish their network, and the run can be resumed.
    pub fn execute(
        &self,
        out: &Path,
        workers: usize,
        part: Part,
        stop: &AtomicBool,
        observe: &(dyn Fn(Event) + Sync),
    ) -> Result<Summary, Error> {
        check_batches(self.proxies, self.batches.len())?;
        shards::execute(self, out, workers, part, stop, observe)
    }

    /// Outcomes of the proxies that an item is evaluated for; `None` for the others.
    fn evaluate_item(&self, item: &Item, batches: &[TensorBatch]) -> Outcomes {
        let is_wanted = |&k: &usize| {
            let meta = self.proxies[k].meta();
            !item.members(meta.scope).is_empty() && self.reused.get(meta.name, &item.architecture.text).is_none()
        };
        let wanted: Vec<usize> = (0..self.proxies.len()).filter(is_wanted).collect();
        let mut of_proxy = vec![None; self.proxies.len()];
        if wanted.is_empty() {
            return of_proxy;
        }
        let proxies: Vec<&dyn Proxy> = wanted.iter().map(|&k| self.proxies[k]).collect();
        let outcomes = evaluate_caught(|| self.space.lower(&item.architecture, &self.setting), &proxies, batches, &self.options);
        for (k, outcome) in wanted.into_iter().zip(outcomes) {
            of_proxy[k] = Some(outcome);
        }
        of_proxy
    }
}

impl Job for Run<'_> {
    type Config = RunConfig;
    type Item = Item;
    type Outcome = Outcomes;
    type Worker = Vec<TensorBatch>;
    type Error = Error;

    const FOLDERS: &'static [&'static str] = &["scores", "timings"];

    fn config(&self) -> &RunConfig {
        self.config
    }

    fn items(&self) -> &[Item] {
        self.items
    }

    fn shard_size(&self) -> usize {
        self.config.shard_size
    }

    fn describe(&self, item: &Item) -> String {
        item.describe()
    }

    fn worker(&self) -> Result<Vec<TensorBatch>, Error> {
        engine::use_one_thread();
        TensorBatch::all(self.batches, &self.options)
    }

    fn work(&self, item: &Item, batches: &Vec<TensorBatch>, _: &AtomicBool) -> Result<Option<Outcomes>, Error> {
        let outcomes = self.evaluate_item(item, batches);
        engine::give_back_memory();
        Ok(Some(outcomes))
    }

    /// Whether some proxy could not be evaluated (not: has no score by definition).
    fn has_failed(outcomes: &Outcomes) -> bool {
        outcomes.iter().flatten().any(|o| o.score.as_ref().is_err_and(|undefined| undefined.status == Status::Error))
    }

    fn write(&self, out: &Path, name: &str, items: &[Item], outcomes: &[Outcomes]) -> Result<(), Error> {
        let (mut scores, mut timings) = (ScoreTable::builder(), TimingTable::builder());
        let RunConfig { space, dataset, seed, .. } = self.config;
        for (item, outcomes) in items.iter().zip(outcomes) {
            for (proxy, outcome) in self.proxies.iter().map(|p| p.meta()).zip(outcomes) {
                let computed = outcome.as_ref().map(|outcome| outcome.score.as_ref().map(|score| score.value));
                let reused = || self.reused.get(proxy.name, &item.architecture.text).map(|score| score.as_ref().copied());
                let Some(score) = computed.or_else(reused) else { continue };
                for member in item.members(proxy.scope) {
                    let own = *member == item.architecture;
                    let (value, status, reason) = match score {
                        Ok(value) => (Some(value), Status::Ok, None),
                        Err(undefined) => (None, undefined.status, Some(undefined.reason.as_str())),
                    };
                    scores.push(ScoreRow {
                        space,
                        arch: &member.text,
                        index: member.index,
                        dataset,
                        proxy: proxy.name,
                        version: proxy.version,
                        seed: *seed,
                        value,
                        status,
                        reason,
                        representative: (!own).then_some(item.architecture.text.as_str()),
                        wall_ms: None,
                    })?;
                    if let Some(outcome) = outcome.as_ref().filter(|_| own) {
                        timings.push(TimingRow {
                            arch: &member.text,
                            dataset,
                            proxy: proxy.name,
                            seed: *seed,
                            wall_ms: outcome.wall_ms,
                        })?;
                    }
                }
            }
        }
        timings.finish(self.provenance.clone())?.write(&out.join("timings").join(name))?;
        scores.finish(self.provenance.clone())?.write(&out.join("scores").join(name))?;
        Ok(())
    }
}
