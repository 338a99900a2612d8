//! What a benchmark table holds, gathered row by row.

use std::collections::{BTreeMap, BTreeSet};

use tables::{BenchRow, Direction};

/// When the values of a group were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// At the best epoch by the metric.
    Best,
    /// Before the end; all these epochs are one group.
    Before,
    End,
}

/// What is gathered of one dataset, split, metric, schedule and moment.
#[derive(Debug)]
pub struct Group {
    pub dataset: String,
    pub split: String,
    pub metric: String,
    pub unit: String,
    pub direction: Direction,
    pub epochs: u32,
    moment: Moment,
    /// Epochs before the end at which something was measured.
    moments: BTreeSet<u32>,
    pub rows: u64,
    pub architectures: u64,
    pub trials: BTreeSet<Option<u32>>,
    /// Number of architectures by their number of runs.
    pub histogram: BTreeMap<u32, u64>,
    pub least: f64,
    pub greatest: f64,
    /// None of what was measured before the end: that is many epochs.
    pub best: Option<Best>,
    /// Index, sum and number of the values of the architecture whose rows are coming.
    current: (Option<u32>, f64, u32),
}

/// The best architecture of a group.
#[derive(Debug, PartialEq)]
pub struct Best {
    pub arch: String,
    pub index: Option<u32>,
    /// Mean over its runs.
    pub value: f64,
}

impl Group {
    fn new(row: &BenchRow<'_>, moment: Moment) -> Self {
        Self {
            dataset: row.dataset.into(),
            split: row.split.into(),
            metric: row.metric.into(),
            unit: row.unit.into(),
            direction: row.direction,
            epochs: row.epochs,
            moment,
            moments: BTreeSet::new(),
            rows: 0,
            architectures: 0,
            trials: BTreeSet::new(),
            histogram: BTreeMap::new(),
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            best: None,
            current: (None, 0.0, 0),
        }
    }

    fn is_of(&self, row: &BenchRow<'_>, moment: Moment) -> bool {
        self.moment == moment
            && self.epochs == row.epochs
            && self.metric == row.metric
            && self.split == row.split
            && self.dataset == row.dataset
    }

    /// When its values were measured, in words.
    pub fn measured(&self) -> String {
        match self.moment {
            Moment::End => "at the end".into(),
            Moment::Best => "at the best epoch".into(),
            Moment::Before => match self.moments.first() {
                Some(epoch) if self.moments.len() == 1 => format!("after {epoch} epochs"),
                _ => format!("at {} epochs before the end", self.moments.len()),
            },
        }
    }

    fn add(&mut self, row: &BenchRow<'_>) {
        self.rows += 1;
        self.least = self.least.min(row.value);
        self.greatest = self.greatest.max(row.value);
        if !self.trials.contains(&row.trial) {
            self.trials.insert(row.trial);
        }
        if self.moment == Moment::Before
            && let Some(epoch) = row.epoch
            && !self.moments.contains(&epoch)
        {
            self.moments.insert(epoch);
        }
        let (_, sum, count) = self.current;
        self.current = (row.index, sum + row.value, count + 1);
    }

    /// The rows of an architecture are complete.
    fn settle(&mut self, arch: &str) {
        let (index, sum, count) = std::mem::take(&mut self.current);
        if count == 0 {
            return;
        }
        self.architectures += 1;
        if self.moment == Moment::Before {
            return;
        }
        *self.histogram.entry(count).or_default() += 1;
        let value = sum / f64::from(count);
        // Of equals the one with the smallest index counts.
        let better = self.best.as_ref().is_none_or(|best| {
            let order = match self.direction {
                Direction::HigherIsBetter => value.total_cmp(&best.value),
                Direction::LowerIsBetter => best.value.total_cmp(&value),
            };
            order.is_gt() || (order.is_eq() && index.is_some() && index < best.index)
        });
        if better {
            self.best = Some(Best { arch: arch.into(), index, value });
        }
    }
}

/// Groups in the making. Rows come in the order of their key, so those of an architecture are together.
#[derive(Debug, Default)]
pub struct Census {
    groups: Vec<Group>,
    arch: String,
    /// The group of the last row: the next one is mostly the same or the one after.
    last: usize,
}

impl Census {
    pub fn add(&mut self, row: &BenchRow<'_>) {
        if self.arch != row.arch {
            self.settle();
            row.arch.clone_into(&mut self.arch);
        }
        let moment = match row.epoch {
            None => Moment::Best,
            Some(epoch) if epoch == row.epochs => Moment::End,
            Some(_) => Moment::Before,
        };
        let n = self.groups.len();
        let place = (0..n).map(|step| (self.last + step) % n).find(|&place| self.groups[place].is_of(row, moment));
        self.last = place.unwrap_or_else(|| {
            self.groups.push(Group::new(row, moment));
            n
        });
        self.groups[self.last].add(row);
    }

    fn settle(&mut self) {
        let Self { groups, arch, .. } = self;
        for group in groups {
            group.settle(arch);
        }
    }

    /// The groups in order.
    pub fn finish(mut self) -> Vec<Group> {
        self.settle();
        let key = |g: &Group| (g.dataset.clone(), g.split.clone(), g.metric.clone(), g.epochs, g.moment);
        self.groups.sort_by_key(key);
        self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: BenchRow<'static> = BenchRow {
        space: "nb201",
        arch: "a",
        index: Some(5),
        dataset: "cifar10",
        split: "test",
        metric: "accuracy",
        unit: "percent",
        direction: Direction::HigherIsBetter,
        epochs: 200,
        epoch: Some(200),
        trial: Some(777),
        value: 90.0,
    };

    #[test]
    fn runs_are_averaged_and_counted() {
        let mut census = Census::default();
        for row in [
            BenchRow { epoch: None, trial: None, value: 99.0, ..ROW },
            BenchRow { epoch: Some(12), value: 10.0, ..ROW },
            BenchRow { epoch: Some(100), value: 20.0, ..ROW },
            ROW,
            BenchRow { trial: Some(888), value: 92.0, ..ROW },
            BenchRow { arch: "b", index: Some(4), value: 91.0, ..ROW },
            BenchRow { arch: "c", index: Some(6), value: 91.0, ..ROW },
        ] {
            census.add(&row);
        }
        let groups = census.finish();
        let seen: Vec<_> = groups.iter().map(|g| (g.measured(), g.rows, g.architectures)).collect();
        assert_eq!(seen, [("at the best epoch".into(), 1, 1), ("at 2 epochs before the end".into(), 2, 1), ("at the end".into(), 4, 3)]);
        let end = &groups[2];
        // Of three architectures with 91 the one of index 4.
        assert_eq!(end.best, Some(Best { arch: "b".into(), index: Some(4), value: 91.0 }));
        assert_eq!((end.histogram.clone(), end.least, end.greatest), (BTreeMap::from([(1, 2), (2, 1)]), 90.0, 92.0));
        assert_eq!(end.trials, BTreeSet::from([Some(777), Some(888)]));
    }
}
