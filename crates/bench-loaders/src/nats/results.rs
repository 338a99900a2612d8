//! The handler that takes architectures out of a pickle while it is read.

use spaces::Space;

use crate::readers::pickle::{Handler, ObjectId, Problem, Store, Value};

use super::figures::{MAX_SEED, Record};
use super::training::{Training, TrainingReader};

/// What is done with an architecture as soon as it has been read.
pub type Deliver<'a> = dyn FnMut(Record) -> Result<(), Problem> + 'a;

/// Takes every training (`ResultsCount`), every set of trainings under one schedule (`ArchResults`) and every architecture
/// (the dictionary of these) out of the pickle as they close, and everything that the architecture was made of with it.
pub struct Results<'a> {
    space: &'static dyn Space,
    /// Name of a schedule in the file, and its epochs.
    schedules: &'static [(&'static str, u32)],
    reader: TrainingReader,
    trainings: Vec<Option<Training>>,
    schedules_read: Vec<Option<Scheduled>>,
    /// Index of each architecture that was delivered.
    delivered: Vec<u32>,
    deliver: &'a mut Deliver<'a>,
}

/// An `ArchResults`.
struct Scheduled {
    index: u32,
    epochs: Option<u32>,
    record: Record,
}

/// What a token stands for, in its upper bits.
const TRAINING: u32 = 0;
const SCHEDULED: u32 = 1 << 30;
const ARCHITECTURE: u32 = 2 << 30;
const NUMBER: u32 = SCHEDULED - 1;

/// Most trainings of an architecture, and most schedules.
const MAX_PARTS: usize = 1 << 10;

impl<'a> Results<'a> {
    pub fn new(
        space: &'static dyn Space,
        schedules: &'static [(&'static str, u32)],
        every_epoch: bool,
        deliver: &'a mut Deliver<'a>,
    ) -> Self {
        let reader = TrainingReader::new(every_epoch);
        Self { space, schedules, reader, trainings: Vec::new(), schedules_read: Vec::new(), delivered: Vec::new(), deliver }
    }

    /// Index of the architecture that a value was.
    pub fn delivered(&self, value: Value<'_>) -> Option<u32> {
        let token = value.token().filter(|token| token & !NUMBER == ARCHITECTURE)?;
        self.delivered.get((token & NUMBER) as usize).copied()
    }

    /// Number of architectures so far.
    pub fn count(&self) -> usize {
        self.delivered.len()
    }

    /// `ArchResults`: trainings by data set and seed.
    fn scheduled(&mut self, value: Value<'_>) -> Result<Scheduled, Problem> {
        let index = value.require("arch_index")?;
        let index = u32::try_from(index.integer()?).map_err(|_| index.wrong("an index"))?;
        let architecture = self.space.at(index).map_err(|error| Problem::wrong("an index of the space", error.to_string()))?;
        let text = value.require("arch_str")?;
        if text.text()? != architecture.text {
            return Err(text.wrong(format!("`{}`, which is number {index} of the official order", architecture.text)));
        }
        let mut scheduled = Scheduled { index, epochs: None, record: Record { index, ..Record::default() } };
        for (key, value) in value.require("all_results")?.items()? {
            let mut parts = key.sequence()?;
            let (Some(name), Some(seed), None) = (parts.next(), parts.next(), parts.next()) else {
                return Err(key.wrong("a data set and a seed"));
            };
            let number = u32::try_from(seed.integer()?).ok().filter(|number| *number <= MAX_SEED);
            let number = number.ok_or_else(|| seed.wrong("a seed"))?;
            let token = value.token().filter(|token| token & !NUMBER == TRAINING);
            let training = token.and_then(|token| self.trainings.get_mut((token & NUMBER) as usize)?.take());
            let training = training.ok_or_else(|| value.wrong("a training (and each once)"))?;
            if super::figures::dataset(name.text()?) != Some(training.dataset) {
                return Err(name.wrong(format!("{}, as in the training", super::figures::DATASETS[training.dataset as usize].0)));
            }
            if *scheduled.epochs.get_or_insert(training.epochs) != training.epochs {
                return Err(Problem::wrong("trainings of one length", format!("{} epochs", training.epochs)));
            }
            scheduled.add(training, number);
        }
        Ok(scheduled)
    }

    /// The schedules of an architecture, if that is what the dictionary holds.
    fn architecture(&mut self, value: Value<'_>) -> Result<Option<Record>, Problem> {
        let token = |value: Value<'_>| value.token().filter(|token| token & !NUMBER == SCHEDULED);
        let mut items = value.items()?;
        let Some((_, first)) = items.next() else { return Ok(None) };
        if token(first).is_none() {
            return Ok(None);
        }
        let mut whole: Option<Record> = None;
        for (key, value) in std::iter::once((value.items()?.next()).unwrap_or((value, value))).chain(items) {
            let part = token(value).and_then(|token| self.schedules_read.get_mut((token & NUMBER) as usize)?.take());
            let part = part.ok_or_else(|| value.wrong("the trainings of a schedule (and each once)"))?;
            let name = key.text()?;
            let known = self.schedules.iter().find(|(known, _)| *known == name);
            let (_, epochs) = known.ok_or_else(|| key.wrong(format!("a schedule of {}", self.space.meta().name)))?;
            if part.epochs.is_some_and(|there| there != *epochs) {
                let got = format!("{} epochs", part.epochs.unwrap_or_default());
                return Err(Problem::wrong(format!("{epochs} epochs in the schedule `{name}`"), got));
            }
            match &mut whole {
                None => whole = Some(part.record),
                Some(whole) if whole.index == part.index => whole.append(part.record),
                Some(whole) => {
                    return Err(Problem::wrong(format!("trainings of architecture {}", whole.index), format!("some of {}", part.index)));
                }
            }
        }
        let Some(mut whole) = whole else { return Ok(None) };
        whole.sort()?;
        Ok(Some(whole))
    }
}

impl Scheduled {
    fn add(&mut self, training: Training, seed: u32) {
        let figures = training.figures.into_iter().map(|figure| super::figures::Figure { key: figure.key.with_seed(seed), ..figure });
        self.record.figures.extend(figures);
        let cost = training.cost;
        if !(cost.params.is_nan() && cost.flops.is_nan() && cost.latency_ms.is_nan()) {
            self.record.costs.push(super::figures::OfficialCost { key: cost.key.with_seed(seed), ..cost });
        }
        self.record.not_finite += training.not_finite;
    }
}

impl Record {
    fn append(&mut self, mut other: Self) {
        self.figures.append(&mut other.figures);
        self.costs.append(&mut other.costs);
        self.not_finite += other.not_finite;
    }

    /// Puts everything in the order of rows and sees that nothing is there twice.
    fn sort(&mut self) -> Result<(), Problem> {
        self.figures.sort_unstable_by_key(|figure| figure.key);
        self.costs.sort_unstable_by_key(|cost| cost.key);
        let twice = self.figures.windows(2).find(|pair| pair[0].key == pair[1].key).map(|pair| pair[0].key);
        let twice = twice.or_else(|| self.costs.windows(2).find(|pair| pair[0].key == pair[1].key).map(|pair| pair[0].key));
        twice.map_or(Ok(()), |key| {
            let (dataset, _) = super::figures::DATASETS[key.dataset()];
            let got = format!("two of {dataset}, seed {}, {} epochs, epoch {}", key.seed(), key.epochs(), key.epoch());
            Err(Problem::wrong("one value of a kind", got))
        })
    }
}

/// The number of a new part of an architecture.
fn number<T>(parts: &mut Vec<Option<T>>, part: T) -> Result<u32, Problem> {
    if parts.len() == MAX_PARTS {
        return Err(Problem::wrong(format!("at most {MAX_PARTS} trainings of an architecture"), "more"));
    }
    parts.push(Some(part));
    Ok(parts.len() as u32 - 1)
}

impl Handler for Results<'_> {
    fn closed(&mut self, store: &mut Store, dictionary: ObjectId) -> Result<(), Problem> {
        let value = store.object_value(dictionary);
        let Some((key, _)) = value.items()?.next() else { return Ok(()) };
        // Most dictionaries are series by epoch or by set and epoch: no part of what is looked for below begins so.
        if key.integer().is_ok() || key.text().is_ok_and(|text| text.contains('@')) {
            return Ok(());
        }
        if TrainingReader::is_training(value)? {
            let training = self.reader.read(value)?;
            let token = TRAINING | number(&mut self.trainings, training)?;
            store.replace(dictionary, token);
        } else if value.items()?.len() <= MAX_PARTS && value.get("all_results")?.is_some() {
            let scheduled = self.scheduled(value)?;
            let token = SCHEDULED | number(&mut self.schedules_read, scheduled)?;
            store.replace(dictionary, token);
        } else if let Some(record) = self.architecture(value)? {
            self.trainings.clear();
            self.schedules_read.clear();
            let number = self.delivered.len() as u32;
            if number >= self.space.meta().size {
                return Err(Problem::wrong(format!("at most {} architectures", self.space.meta().size), "more"));
            }
            self.delivered.push(record.index);
            (self.deliver)(record)?;
            store.take(dictionary, ARCHITECTURE | number)?;
        }
        Ok(())
    }
}
