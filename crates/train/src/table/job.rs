use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bench_loaders::Splits;
use engine::Placement;
use serde::{Deserialize, Serialize};
use shards::{Config as _, Job};
use spaces::{Architecture, Setting, Space};
use tables::{BenchRow, BenchTable, Direction, Provenance};

use super::config::TableConfig;
use super::saved;
use crate::{Error, Measured, Teacher, Training};

/// Folder of the finished trainings.
pub const TRAININGS: &str = "trainings";
/// Folder of those under way.
pub const CHECKPOINTS: &str = "checkpoints";
/// How often a training under way is saved.
const SAVE_EVERY: Duration = Duration::from_secs(30);

/// A training to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The architecture.
    pub architecture: Architecture,
    /// The seed.
    pub seed: u32,
}

/// What was measured after an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The epoch, from 1.
    pub epoch: u32,
    /// The split.
    pub split: String,
    /// In percent.
    pub accuracy: f64,
    /// Mean cross entropy; none if it is not finite.
    pub loss: Option<f64>,
}

/// What came of a training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Everything measured.
    pub figures: Vec<Figures>,
    /// The first epoch in which a loss was not finite, if there was one.
    pub diverged: Option<u32>,
}

/// Trains every architecture of a list under every seed.
pub struct TableJob<'a> {
    config: &'a TableConfig,
    space: &'static dyn Space,
    setting: Setting,
    splits: &'a Splits,
    placement: Placement,
    items: Vec<Planned>,
    provenance: Provenance,
    out: PathBuf,
    watch: Option<Watch<'a>>,
}

/// Told of epochs of some training: how many, and whether they were found done in a checkpoint.
type Watch<'a> = &'a (dyn Fn(u32, bool) + Sync);

impl<'a> TableJob<'a> {
    /// The trainings of these architectures, in an order in which every stretch is like the whole; results go below `out`.
    ///
    /// # Errors
    /// [`Error::Images`] if the images to learn from don't fill a batch of the recipe; [`Error::Twice`] if two architectures
    /// have one name in tables; [`Error::Teacher`] if the teacher cannot teach such networks.
    pub fn new(
        config: &'a TableConfig,
        space: &'static dyn Space,
        setting: Setting,
        architectures: &[Architecture],
        splits: &'a Splits,
        placement: Placement,
        out: &Path,
    ) -> Result<Self, Error> {
        let (images, batch) = (splits.train.len(), config.recipe.batch_size);
        if images < batch {
            let reason = format!("{images} images to learn from are fewer than a batch of {batch}: choose --batch-size {images} or less");
            return Err(Error::Images { set: splits.train.name().into(), reason });
        }
        let mut keys: Vec<String> = architectures.iter().map(|a| space.table_key(a)).collect();
        keys.sort_unstable();
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::Twice { architecture: pair[0].clone() });
        }
        let order = netgraph::rng::Stream::new(0, ORDER_STREAM).sample(architectures.len(), architectures.len());
        let of = |k: usize| config.seeds.iter().map(move |&seed| Planned { architecture: architectures[k].clone(), seed });
        let items = order.into_iter().flat_map(of).collect();
        let provenance = Provenance {
            libtorch: Some(engine::libtorch_version().into()),
            device: Some(config.device.clone()),
            dtype: Some(config.dtype.clone()),
            ..Provenance::new(config.to_json())
        };
        let [train, valid, test] = &config.images.sha256;
        let mut provenance = provenance.with_input("train", train).with_input("valid", valid).with_input("test", test);
        if let Some(teacher) = &config.teacher {
            provenance = provenance.with_input("teacher", &teacher.sha256);
        }
        let job = Self { config, space, setting, splits, placement, items, provenance, out: out.into(), watch: None };
        // Whether the teacher fits shows in a network.
        if let (Some(teacher), Some(first)) = (job.teacher()?, architectures.first()) {
            Training::new(&space.lower(first, &setting)?, &config.recipe, 0, placement, Some(&teacher))?;
        }
        Ok(job)
    }

    /// The same, with somebody who is told of every epoch.
    #[must_use]
    pub fn watched(self, watch: Watch<'a>) -> Self {
        Self { watch: Some(watch), ..self }
    }

    fn teacher(&self) -> Result<Option<Teacher>, Error> {
        let taught = self.config.teacher.as_ref().zip(self.config.recipe.distillation.as_ref());
        taught.map(|(teacher, how)| Teacher::load(&teacher.path, how, self.setting.classes, self.placement)).transpose()
    }

    /// Where a training under way is saved.
    fn checkpoint(&self, item: &Planned) -> PathBuf {
        let name = self.config.hash_with([self.describe(item).as_str()]);
        self.out.join(CHECKPOINTS).join(format!("{name}.safetensors"))
    }

    /// Trains to the end, or until `stop`: then it is saved and gives `None`.
    fn train(&self, item: &Planned, teacher: Option<&Teacher>, stop: &AtomicBool) -> Result<Option<Outcome>, Error> {
        let recipe = &self.config.recipe;
        let graph = self.space.lower(&item.architecture, &self.setting)?;
        let mut training = Training::new(&graph, recipe, u64::from(item.seed), self.placement, teacher)?;
        let path = self.checkpoint(item);
        let mut outcome = match saved::read(&path)? {
            None => Outcome::default(),
            Some((checkpoint, outcome)) => {
                training.restore(&checkpoint)?;
                outcome
            }
        };
        let tell = |epochs: u32, found: bool| self.watch.iter().for_each(|watch| watch(epochs, found));
        tell(training.epoch(), true);
        let mut saved_at = Instant::now();
        while training.epoch() < recipe.epochs {
            let learnt = training.run_epoch(&self.splits.train)?;
            let epoch = training.epoch();
            if training.has_diverged() {
                outcome.diverged.get_or_insert(epoch);
            }
            let mut measured: Vec<(&str, Measured)> = learnt.map(|learnt| ("train", learnt)).into_iter().collect();
            if self.config.milestones.contains(&epoch) {
                measured.extend([("valid", training.measure(&self.splits.valid)?), ("test", training.measure(&self.splits.test)?)]);
            }
            // The last step of all may ruin the weights, which no later step would notice.
            if measured.iter().any(|(_, measured)| !measured.loss.is_finite()) {
                outcome.diverged.get_or_insert(epoch);
            }
            outcome.figures.extend(measured.into_iter().map(|(split, Measured { accuracy, loss })| Figures {
                epoch,
                split: split.into(),
                accuracy,
                loss: loss.is_finite().then_some(loss),
            }));
            tell(1, false);
            let stopped = stop.load(Ordering::Relaxed);
            if epoch < recipe.epochs && (stopped || saved_at.elapsed() > SAVE_EVERY) {
                saved::write(&path, &training.checkpoint(), &outcome)?;
                saved_at = Instant::now();
                if stopped {
                    return Ok(None);
                }
            }
        }
        Ok(Some(outcome))
    }
}

/// Stream of the order of the architectures, under seed 0.
const ORDER_STREAM: u64 = 711;

impl Job for TableJob<'_> {
    type Config = TableConfig;
    type Item = Planned;
    type Outcome = Outcome;
    type Worker = Option<Teacher>;
    type Error = Error;

    const FOLDERS: &'static [&'static str] = &[TRAININGS, CHECKPOINTS];

    fn config(&self) -> &TableConfig {
        self.config
    }

    fn items(&self) -> &[Planned] {
        &self.items
    }

    fn shard_size(&self) -> usize {
        1
    }

    fn describe(&self, item: &Planned) -> String {
        format!("{};{}", item.architecture.text, item.seed)
    }

    fn worker(&self) -> Result<Option<Teacher>, Error> {
        engine::use_one_thread();
        self.teacher()
    }

    fn work(&self, item: &Planned, teacher: &Option<Teacher>, stop: &AtomicBool) -> Result<Option<Outcome>, Error> {
        let failed = |reason: String| Error::Training { architecture: item.architecture.text.clone(), seed: item.seed, reason };
        let trained = catch_unwind(AssertUnwindSafe(|| self.train(item, teacher.as_ref(), stop)));
        engine::give_back_memory();
        match trained {
            Ok(Err(Error::Engine(error))) => Err(failed(error.to_string())),
            Ok(result) => result,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
                Err(failed(text.and_then(|text| text.lines().next()).unwrap_or("unknown").into()))
            }
        }
    }

    /// Whether it diverged.
    fn has_failed(outcome: &Outcome) -> bool {
        outcome.diverged.is_some()
    }

    fn write(&self, out: &Path, name: &str, items: &[Planned], outcomes: &[Outcome]) -> Result<(), Error> {
        let mut table = BenchTable::builder();
        for (item, outcome) in items.iter().zip(outcomes) {
            let arch = self.space.table_key(&item.architecture);
            let row = BenchRow {
                space: self.space.meta().name,
                arch: &arch,
                index: item.architecture.index,
                dataset: &self.config.dataset,
                split: "train",
                metric: "accuracy",
                unit: "percent",
                direction: Direction::HigherIsBetter,
                epochs: self.config.recipe.epochs,
                epoch: None,
                trial: Some(item.seed),
                value: 0.0,
            };
            for figures in &outcome.figures {
                let row = BenchRow { split: &figures.split, epoch: Some(figures.epoch), ..row };
                table.push(BenchRow { value: figures.accuracy, ..row })?;
                if let Some(loss) = figures.loss {
                    table.push(BenchRow { metric: "loss", unit: "nats", direction: Direction::LowerIsBetter, value: loss, ..row })?;
                }
            }
            if let Some(epoch) = outcome.diverged {
                let epoch_of = BenchRow { metric: "diverged", unit: "epochs", epoch: Some(epoch), ..row };
                table.push(BenchRow { value: f64::from(epoch), ..epoch_of })?;
            }
        }
        table.finish(self.provenance.clone())?.write(&out.join(TRAININGS).join(name))?;
        items.iter().try_for_each(|item| saved::remove(&self.checkpoint(item)))
    }
}
