//! From records to rows.

use spaces::Space;
use tables::{BenchRow, CostRow};

use crate::{Result, Sink, Summary};

use super::figures::{DATASETS, IMAGES, METRICS, OfficialCost, Record, SPLITS};

/// Writes architectures, which come in the order of rows.
pub struct Writer<'a> {
    space: &'static dyn Space,
    sink: &'a mut Sink,
    summary: Summary,
    not_finite: u64,
}

impl<'a> Writer<'a> {
    pub fn new(space: &'static dyn Space, sink: &'a mut Sink) -> Self {
        Self { space, sink, summary: Summary::default(), not_finite: 0 }
    }

    /// Number of architectures so far.
    pub fn architectures(&self) -> u64 {
        self.summary.architectures
    }

    /// Writes an architecture.
    pub fn push(&mut self, record: &Record) -> Result<()> {
        let space = self.space.meta().name;
        let architecture = self.space.at(record.index)?;
        for figure in &record.figures {
            let (key, metric) = (figure.key, &METRICS[figure.key.metric()]);
            self.sink.bench.push(BenchRow {
                space,
                arch: &architecture.text,
                index: architecture.index,
                dataset: DATASETS[key.dataset()].1,
                split: SPLITS[key.split()],
                metric: metric.name,
                unit: metric.unit,
                direction: metric.direction,
                epochs: key.epochs(),
                epoch: Some(key.epoch()),
                trial: Some(key.seed()),
                value: figure.value,
            })?;
        }
        for (at, (_, dataset)) in DATASETS.iter().enumerate() {
            let mut official = record.costs.iter().filter(|cost| cost.key.dataset() == at).peekable();
            if official.peek().is_none() && !record.figures.iter().any(|figure| figure.key.dataset() == at) {
                continue;
            }
            // Half of CIFAR-10 (`cifar10-valid`) is no data set of images of its own, so the sink cannot do this.
            let (classes, resolution) = IMAGES[at];
            let network = self.space.lower(&architecture, &self.space.default_setting(classes, resolution))?;
            self.sink.cost.push(CostRow {
                space,
                arch: &architecture.text,
                index: architecture.index,
                dataset,
                origin: CostRow::COMPUTED,
                epochs: None,
                trial: None,
                params: Some(network.n_params() as f64),
                flops: Some(network.flops() as f64),
                latency_ms: None,
            })?;
            for OfficialCost { key, params, flops, latency_ms } in official {
                let known = |value: &f64| Some(*value).filter(|value| !value.is_nan());
                self.sink.cost.push(CostRow {
                    space,
                    arch: &architecture.text,
                    index: architecture.index,
                    dataset,
                    origin: CostRow::OFFICIAL,
                    epochs: Some(key.epochs()),
                    trial: Some(key.seed()),
                    params: known(params),
                    flops: known(flops),
                    latency_ms: known(latency_ms),
                })?;
            }
        }
        self.summary.architectures += 1;
        self.summary.rows += record.figures.len() as u64;
        self.not_finite += u64::from(record.not_finite);
        Ok(())
    }

    /// What was written.
    pub fn finish(mut self) -> Summary {
        if self.not_finite > 0 {
            self.summary.warnings.push(format!("{} values were left out since they are not finite", self.not_finite));
        }
        self.summary
    }
}
