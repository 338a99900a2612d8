//! One `ResultsCount` of a file: a training of an architecture on a data set.

use crate::readers::pickle::{Problem, Value};

use super::figures::{ACCURACY, ACCURACY_TOP5, Figure, Key, LOSS, MAX_EPOCHS, OfficialCost, TIME, TRAIN, dataset, split};

/// A training, of which the seed is known from what holds it.
#[derive(Debug)]
pub struct Training {
    pub dataset: u8,
    pub epochs: u32,
    /// Without seeds, in no order.
    pub figures: Vec<Figure>,
    pub cost: OfficialCost,
    pub not_finite: u32,
}

/// Reads trainings; remembers what the keys of evaluations mean.
#[derive(Debug)]
pub struct TrainingReader {
    every_epoch: bool,
    /// By number of the key's text: what it says, as far as it has been looked at.
    keys: Vec<Option<SetEpoch>>,
}

/// `x-valid@11`.
#[derive(Clone, Copy, Debug)]
struct SetEpoch {
    set: Set,
    epoch: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Valid,
    Test,
    Original,
}

const SETS: [(&str, Set); 3] = [("x-valid", Set::Valid), ("x-test", Set::Test), ("ori-test", Set::Original)];

/// Everything that a series of one split is about.
#[derive(Clone, Copy)]
struct Series {
    dataset: u8,
    split: u8,
    epochs: u32,
}

impl TrainingReader {
    pub fn new(every_epoch: bool) -> Self {
        Self { every_epoch, keys: Vec::new() }
    }

    /// Whether a dictionary is a training: it has this key among not many.
    pub fn is_training(value: Value<'_>) -> Result<bool, Problem> {
        Ok(value.items()?.len() <= 64 && value.get("net_state_dict")?.is_some())
    }

    /// Reads a training.
    pub fn read(&mut self, value: Value<'_>) -> Result<Training, Problem> {
        let name = value.require("name")?;
        let dataset = dataset(name.text()?).ok_or_else(|| name.wrong("cifar10-valid, cifar10, cifar100 or ImageNet16-120"))?;
        let epochs = value.require("epochs")?;
        let epochs = u32::try_from(epochs.integer()?)
            .ok()
            .filter(|n| (1..=MAX_EPOCHS).contains(n))
            .ok_or_else(|| epochs.wrong(format!("1 to {MAX_EPOCHS} epochs")))?;
        let mut training = Training { dataset, epochs, figures: Vec::new(), cost: cost(value, dataset, epochs)?, not_finite: 0 };
        let train = Series { dataset, split: TRAIN, epochs };
        for (field, metric) in [("train_acc1es", ACCURACY), ("train_acc5es", ACCURACY_TOP5), ("train_losses", LOSS)] {
            self.by_epoch(value.require(field)?, field, train, metric, &mut training)?;
        }
        self.by_epoch(value.require("train_times")?, "train_times", train, TIME, &mut training)?;
        for (field, metric) in [("eval_acc1es", ACCURACY), ("eval_losses", LOSS), ("eval_times", TIME)] {
            self.by_set(value.require(field)?, field, train, metric, &mut training)?;
        }
        Ok(training)
    }

    /// `{epoch: value}`.
    fn by_epoch(&self, value: Value<'_>, field: &str, series: Series, metric: u8, training: &mut Training) -> Result<(), Problem> {
        if value.is_none() {
            return Ok(());
        }
        let mut times = (metric == TIME).then(|| vec![f64::NAN; series.epochs as usize]);
        for (key, value) in value.items()? {
            let epoch = key.integer()?;
            let epoch = u32::try_from(epoch).ok().filter(|epoch| *epoch < series.epochs).ok_or_else(|| too_late(field, epoch, series))?;
            self.value(value, field, series, metric, epoch, times.as_deref_mut(), training)?;
        }
        self.sums(times.as_deref().unwrap_or_default(), series, training);
        Ok(())
    }

    /// `{'set@epoch': value}`.
    fn by_set(&mut self, value: Value<'_>, field: &str, train: Series, metric: u8, training: &mut Training) -> Result<(), Problem> {
        if value.is_none() {
            return Ok(());
        }
        let mut times: [Vec<f64>; 3] = Default::default();
        for (key, value) in value.items()? {
            let SetEpoch { set, epoch } = self.set_epoch(key)?;
            let name = SETS[set as usize].0;
            let split = split(train.dataset, name).ok_or_else(|| key.wrong("an evaluation set of the data set"))?;
            if epoch >= train.epochs {
                return Err(too_late(field, epoch.into(), train));
            }
            let times = (metric == TIME).then(|| {
                let times = &mut times[set as usize];
                times.resize(train.epochs as usize, f64::NAN);
                times.as_mut_slice()
            });
            self.value(value, field, Series { split, ..train }, metric, epoch, times, training)?;
        }
        for ((name, _), times) in SETS.iter().zip(&times) {
            if let Some(split) = split(train.dataset, name) {
                self.sums(times, Series { split, ..train }, training);
            }
        }
        Ok(())
    }

    /// One value: into the times, or a figure if it is wanted.
    #[expect(clippy::too_many_arguments, reason = "one value and everything that it is of")]
    fn value(
        &self,
        value: Value<'_>,
        field: &str,
        series: Series,
        metric: u8,
        epoch: u32,
        times: Option<&mut [f64]>,
        training: &mut Training,
    ) -> Result<(), Problem> {
        if let Some(times) = times {
            let place = &mut times[epoch as usize];
            if !place.is_nan() {
                return Err(Problem::wrong(format!("one value of {field} for an epoch"), format!("another for epoch {epoch}")));
            }
            *place = value.number()?;
            return Ok(());
        }
        if !self.every_epoch && epoch + 1 != series.epochs {
            return Ok(());
        }
        let number = value.number()?;
        if matches!(metric, ACCURACY | ACCURACY_TOP5) && !(0.0..=PERCENT).contains(&number) {
            return Err(Problem::wrong(format!("0 to 100 percent in {field}"), number.to_string()));
        }
        Self::push(series, metric, epoch, number, training);
        Ok(())
    }

    /// Times from the start up to each epoch, as long as none is missing.
    fn sums(&self, times: &[f64], series: Series, training: &mut Training) {
        let mut sum = 0.0;
        for (epoch, time) in (0..).zip(times) {
            sum += time;
            // A missing time is NaN, and so is every sum from there on: it is absent, not a value that isn't finite.
            if time.is_nan() {
                return;
            }
            if self.every_epoch || epoch + 1 == series.epochs {
                Self::push(series, TIME, epoch, sum, training);
            }
        }
    }

    fn push(series: Series, metric: u8, epoch: u32, value: f64, training: &mut Training) {
        if value.is_finite() {
            let key = Key::new(series.dataset, series.split, metric, series.epochs, epoch + 1);
            training.figures.push(Figure { key, value });
        } else {
            training.not_finite += 1;
        }
    }

    fn set_epoch(&mut self, key: Value<'_>) -> Result<SetEpoch, Problem> {
        let id = key.text_id().map_or(usize::MAX, |id| id as usize);
        if let Some(Some(known)) = self.keys.get(id) {
            return Ok(*known);
        }
        let parsed = parse(key.text()?).ok_or_else(|| key.wrong("x-valid, x-test or ori-test with @ and an epoch"))?;
        if id >= self.keys.len() {
            self.keys.resize(id + 1, None);
        }
        self.keys[id] = Some(parsed);
        Ok(parsed)
    }
}

/// A mean of percentages may exceed 100 by rounding.
const PERCENT: f64 = 100.0 + 1e-6;

fn parse(text: &str) -> Option<SetEpoch> {
    let (name, epoch) = text.split_once('@')?;
    let set = SETS.iter().find(|(known, _)| *known == name)?.1;
    let digits = !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit());
    Some(SetEpoch { set, epoch: epoch.parse().ok().filter(|_| digits)? })
}

fn too_late(field: &str, epoch: i64, series: Series) -> Problem {
    Problem::wrong(format!("epochs 0 to {} in {field}", series.epochs - 1), epoch.to_string())
}

/// Parameters (from millions), multiply-adds (from millions), latency (mean over the list, from seconds).
fn cost(value: Value<'_>, dataset: u8, epochs: u32) -> Result<OfficialCost, Problem> {
    let millions = |field: &str| -> Result<f64, Problem> {
        let value = value.require(field)?;
        if value.is_none() {
            return Ok(f64::NAN);
        }
        let millions = value.number()?;
        if !(0.0..1e12).contains(&millions) {
            return Err(value.wrong(format!("0 or more millions in {field}")));
        }
        Ok(from_millions(millions))
    };
    let latency = value.require("latency")?;
    let mut latency_ms = f64::NAN;
    if !latency.is_none() {
        let seconds = latency.sequence()?.map(Value::number).collect::<Result<Vec<_>, _>>()?;
        let mean = seconds.iter().sum::<f64>() / seconds.len() as f64;
        // The API takes nothing else for a measurement.
        if mean > 0.0 && mean.is_finite() {
            latency_ms = mean * 1e3;
        }
    }
    let key = Key::new(dataset, 0, 0, epochs, 0);
    Ok(OfficialCost { key, params: millions("params")?, flops: millions("flop")?, latency_ms })
}

/// The count that the file divided by a million, if there is one.
fn from_millions(millions: f64) -> f64 {
    let product = millions * 1e6;
    let count = product.round();
    if count / 1e6 == millions { count } else { product }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_back_from_millions() {
        assert_eq!(from_millions(0.129_306), 129_306.0);
        assert_eq!(from_millions(15.647_37), 15_647_370.0);
        assert!((1..100_000).all(|n| from_millions(f64::from(n) / 1e6) == f64::from(n)));
    }

    #[test]
    fn keys_of_evaluations_are_strict() {
        assert!(matches!(parse("x-valid@11"), Some(SetEpoch { set: Set::Valid, epoch: 11 })));
        for text in ["x-valid", "x-valid@", "x-valid@-1", "x-valid@+1", "x-valid@1@2", "y@1", "@1", "x-valid@99999999999"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
