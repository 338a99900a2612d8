use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bench_loaders::Batch;
use spaces::{Setting, Space};
use tables::{Provenance, ScoreRow, ScoreTable, Status, TimingRow, TimingTable};

use super::config::RunConfig;
use super::folder::Folder;
use super::work::Item;
use crate::evaluate::{check_batches, failed};
use crate::{Error, Options, Outcome, Proxy, TensorBatch, evaluate};

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
    /// Provenance of the score files.
    pub provenance: Provenance,
}

/// One of `count` processes that share the work: it takes every shard whose number is `index` modulo `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// 0 to `count - 1`.
    pub index: usize,
    /// Number of processes.
    pub count: usize,
}

impl Part {
    /// The whole run.
    pub const ALL: Self = Self { index: 0, count: 1 };

    /// Part `index` of `count`.
    ///
    /// # Errors
    /// [`Error::Part`] if there is no such part.
    pub const fn new(index: usize, count: usize) -> Result<Self, Error> {
        if index < count { Ok(Self { index, count }) } else { Err(Error::Part { index, count }) }
    }
}

/// What happens during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Before the work: networks of this part, and how many are done already.
    Planned {
        /// Networks of this part.
        networks: usize,
        /// Of these, in finished shards.
        done: usize,
    },
    /// A network was scored.
    Network,
    /// A shard was written.
    Shard,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Networks evaluated now.
    pub evaluated: usize,
    /// Of these, networks that some proxy could not be evaluated on (not: has no score by definition).
    pub failed: usize,
    /// Networks found done.
    pub found: usize,
    /// Networks left, after an interruption.
    pub left: usize,
    /// Seconds of wall time.
    pub wall_s: f64,
}

/// Outcomes of a network by proxy; `None` where the network is not there for the proxy.
type Outcomes = Vec<Option<Outcome>>;

/// A shard to do.
struct Shard<'a> {
    /// File name.
    name: String,
    items: &'a [Item],
    /// What its items have given so far.
    done: Mutex<Vec<Option<Outcomes>>>,
}

impl Shard<'_> {
    /// Keeps the outcomes of an item; gives all of them if it was the last.
    fn finish(&self, item: usize, outcomes: Outcomes) -> Option<Vec<Outcomes>> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done[item] = Some(outcomes);
        if done.iter().all(Option::is_some) { done.drain(..).collect() } else { None }
    }
}

impl Run<'_> {
    /// Does what is left of the part with `workers` threads. `stop` makes every worker finish its network and leave; shards
    /// under way are dropped, finished ones stay.
    ///
    /// # Errors
    /// [`Error::Batches`] if a proxy needs more batches, [`Error::OtherConfiguration`] if the folder holds another run, [`Error::File`] or [`Error::Table`] if a file cannot be
    /// written: the other workers then finish their shard, and the run can be resumed.
    pub fn execute(
        &self,
        out: &Path,
        workers: usize,
        part: Part,
        stop: &AtomicBool,
        observe: &(dyn Fn(Event) + Sync),
    ) -> Result<Summary, Error> {
        let start = Instant::now();
        check_batches(self.proxies, self.batches.len())?;
        let folder = Folder::open(out, self.config)?;
        let mut todo = Vec::new();
        let (mut networks, mut found) = (0, 0);
        for (number, items) in self.items.chunks(self.config.shard_size.max(1)).enumerate().filter(|(n, _)| n % part.count == part.index) {
            let described: Vec<String> = items.iter().map(Item::describe).collect();
            let name = format!("{number:06}-{}.parquet", self.config.hash_with(described.iter().map(String::as_str)));
            networks += items.len();
            // The score file is written last, so where it stands the shard is whole.
            if folder.scores(&name).exists() {
                found += items.len();
            } else {
                todo.push(Shard { name, items, done: Mutex::new(vec![None; items.len()]) });
            }
        }
        observe(Event::Planned { networks, done: found });
        let [next, evaluated, failed] = std::array::from_fn(|_| AtomicUsize::new(0));
        let failure = Mutex::new(None);
        // Workers take networks one by one, so that none idles while another finishes a shard; whoever scores the last network
        // of a shard writes it. Networks are taken in order, so every unfinished shard has one under way: there are never
        // more of them than workers.
        let networks_todo: Vec<(usize, usize)> =
            todo.iter().enumerate().flat_map(|(s, shard)| (0..shard.items.len()).map(move |i| (s, i))).collect();
        let worker = || -> Result<(), Error> {
            engine::use_one_thread();
            let batches = TensorBatch::all(self.batches, &self.options)?;
            while let Some(&(s, i)) = networks_todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let shard: &Shard = &todo[s];
                let outcomes = self.evaluate_item(&shard.items[i], &batches);
                observe(Event::Network);
                if let Some(outcomes) = shard.finish(i, outcomes) {
                    self.write(&folder, shard, &outcomes)?;
                    evaluated.fetch_add(shard.items.len(), Ordering::Relaxed);
                    failed.fetch_add(outcomes.iter().filter(|o| has_error(o)).count(), Ordering::Relaxed);
                    observe(Event::Shard);
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            for _ in 0..workers.clamp(1, networks_todo.len().max(1)) {
                scope.spawn(|| {
                    if let Err(error) = worker() {
                        // Give the others nothing more.
                        next.store(networks_todo.len(), Ordering::Relaxed);
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                });
            }
        });
        if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let evaluated = evaluated.into_inner();
        Ok(Summary {
            evaluated,
            failed: failed.into_inner(),
            found,
            left: networks - found - evaluated,
            wall_s: start.elapsed().as_secs_f64(),
        })
    }

    /// Outcomes of the proxies an item is there for; `None` for the others.
    fn evaluate_item(&self, item: &Item, batches: &[TensorBatch]) -> Outcomes {
        let wanted: Vec<usize> = (0..self.proxies.len()).filter(|&k| !item.members(self.proxies[k].meta().scope).is_empty()).collect();
        let proxies: Vec<&dyn Proxy> = wanted.iter().map(|&k| self.proxies[k]).collect();
        let scored = catch_unwind(AssertUnwindSafe(|| -> Result<Vec<Outcome>, Error> {
            let graph = self.space.lower(&item.architecture, &self.setting)?;
            Ok(evaluate(&graph, &proxies, batches, &self.options)?.outcomes)
        }));
        let outcomes = match scored {
            Ok(Ok(outcomes)) => outcomes,
            Ok(Err(error)) => vec![failed(&error.to_string()); wanted.len()],
            Err(panic) => vec![failed(&panic_text(panic.as_ref())); wanted.len()],
        };
        let mut of_proxy = vec![None; self.proxies.len()];
        for (k, outcome) in wanted.into_iter().zip(outcomes) {
            of_proxy[k] = Some(outcome);
        }
        of_proxy
    }

    fn write(&self, folder: &Folder, shard: &Shard, outcomes: &[Outcomes]) -> Result<(), Error> {
        let (mut scores, mut timings) = (ScoreTable::builder(), TimingTable::builder());
        let RunConfig { space, dataset, seed, .. } = self.config;
        for (item, outcomes) in shard.items.iter().zip(outcomes) {
            for (proxy, outcome) in self.proxies.iter().map(|p| p.meta()).zip(outcomes) {
                let Some(outcome) = outcome else { continue };
                for member in item.members(proxy.scope) {
                    let own = *member == item.architecture;
                    let (value, status, reason) = match &outcome.score {
                        Ok(score) => (Some(score.value), Status::Ok, None),
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
                    if own {
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
        timings.finish(self.provenance.clone())?.write(&folder.timings(&shard.name))?;
        scores.finish(self.provenance.clone())?.write(&folder.scores(&shard.name))?;
        Ok(())
    }
}

fn has_error(outcomes: &[Option<Outcome>]) -> bool {
    outcomes.iter().flatten().any(|o| o.score.as_ref().is_err_and(|undefined| undefined.status == Status::Error))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let first_line = text.and_then(|t| t.lines().next()).unwrap_or("unknown");
    format!("evaluation panicked: {first_line}")
}
