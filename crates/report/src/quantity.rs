use tables::Direction;

use crate::format;

/// One measured quantity of a benchmark, down to the training run.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Split it was measured on.
    pub split: String,
    /// What was measured.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Which values are the better ones.
    pub direction: Direction,
    /// Length of the training schedule in epochs.
    pub epochs: u32,
    /// When it was measured, in epochs from 1; `None` at the best epoch by the metric itself.
    pub epoch: Option<u32>,
    /// Which training runs count.
    pub runs: Runs,
    /// The benchmark's own choice, in words, if the table lacks it and this one stands in.
    pub instead_of: Option<String>,
}

/// Which training runs of an architecture make its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// The mean over its runs, as the table has it.
    Mean,
    /// The run of this seed or number.
    One(u32),
    /// The mean over its runs, computed here since the table has the single runs only.
    Averaged {
        /// Architectures whose mean was computed here; of the others the table has it.
        architectures: usize,
        /// Runs of the architecture with the fewest.
        fewest: u32,
        /// Runs of the architecture with the most.
        most: u32,
    },
}

/// Metrics whose names in tables are not what people write.
const METRICS: &[(&str, &str)] = &[
    ("top1", "top-1 accuracy"),
    ("top5", "top-5 accuracy"),
    ("accuracy_top5", "top-5 accuracy"),
    ("acc", "pixel accuracy"),
    ("ssim", "SSIM"),
    ("miou", "mIoU"),
    ("neg_loss", "negative loss"),
    ("l1_loss", "L1 loss"),
];

impl Quantity {
    /// The training run, if it is one.
    pub fn trial(&self) -> Option<u32> {
        if let Runs::One(run) = self.runs { Some(run) } else { None }
    }

    /// What was measured, for people: accuracy, SSIM.
    pub fn metric_title(&self) -> String {
        metric_title(&self.metric)
    }

    /// With its split: test accuracy.
    pub fn title(&self) -> String {
        format!("{} {}", self.split, self.metric_title())
    }

    /// For an axis: test accuracy (percent); test loss (nats, lower is better).
    pub fn axis_title(&self) -> String {
        let lower = (self.direction == Direction::LowerIsBetter).then_some("lower is better");
        let notes: Vec<&str> = self.unit_text().into_iter().chain(lower).collect();
        if notes.is_empty() { self.title() } else { format!("{} ({})", self.title(), notes.join(", ")) }
    }

    /// The unit, unless it is a pure number.
    pub fn unit_text(&self) -> Option<&str> {
        (!matches!(self.unit.as_str(), "1" | "ratio" | "unknown" | "")).then_some(self.unit.as_str())
    }

    /// Decimals that tell two good architectures apart: percent and seconds have two, quantities around 1 have four.
    pub fn decimals(&self) -> usize {
        if matches!(self.unit.as_str(), "percent" | "seconds") { 2 } else { 4 }
    }

    /// A value with its decimals, without its unit.
    pub fn number(&self, value: f64) -> String {
        format::fixed(value, self.decimals())
    }

    /// A value with its unit.
    pub fn amount(&self, value: f64) -> String {
        let number = self.number(value);
        match self.unit_text() {
            // What was averaged is not what is counted.
            Some(unit) if unit.ends_with("error") => format!("{number} ({unit})"),
            Some(unit) => format!("{number} {unit}"),
            None => number,
        }
    }

    /// The unit of a difference of two values.
    pub fn difference_unit(&self) -> String {
        match self.unit_text() {
            Some("percent") => "percentage points".into(),
            Some(unit) => unit.into(),
            None => self.metric_title(),
        }
    }

    /// When it was measured: after 200 epochs; at its best epoch of 25.
    pub fn when(&self) -> String {
        when(self.epochs, self.epoch)
    }

    /// Which runs count.
    pub fn runs_text(&self) -> String {
        match self.runs {
            Runs::Mean => "mean over training runs".into(),
            Runs::One(run) => format!("training run {run}"),
            Runs::Averaged { fewest, most, .. } if (fewest, most) == (1, 1) => "the one training run of each architecture".into(),
            Runs::Averaged { architectures, fewest, most } => {
                let runs = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
                let several = format!("mean over {runs} training runs of an architecture");
                format!("{several} (averaged here, for {} architectures)", format::count(architectures))
            }
        }
    }

    /// All of it in a sentence's words.
    pub fn in_words(&self) -> String {
        let unit = self.unit_text().map_or(String::new(), |unit| format!(" in {unit}"));
        let lower = if self.direction == Direction::LowerIsBetter { ", lower is better" } else { "" };
        let instead =
            self.instead_of.as_ref().map_or(String::new(), |own| format!("; the benchmark’s own choice, {own}, is not in the table"));
        format!("{}{unit} {}, {}{lower}{instead}", self.title(), self.when(), self.runs_text())
    }
}

/// A metric's name for people.
pub(crate) fn metric_title(metric: &str) -> String {
    METRICS.iter().find(|(name, _)| name.eq_ignore_ascii_case(metric)).map_or_else(|| metric.to_owned(), |(_, title)| (*title).to_owned())
}

/// When a value was measured, in words.
pub(crate) fn when(epochs: u32, epoch: Option<u32>) -> String {
    match epoch {
        Some(epoch) if epoch == epochs => format!("after {epochs} epochs"),
        Some(epoch) => format!("after {epoch} of {epochs} epochs"),
        None => format!("at its best epoch of {epochs}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity() -> Quantity {
        Quantity {
            split: "test".into(),
            metric: "accuracy".into(),
            unit: "percent".into(),
            direction: Direction::HigherIsBetter,
            epochs: 200,
            epoch: Some(200),
            runs: Runs::Mean,
            instead_of: None,
        }
    }

    #[test]
    fn a_quantity_is_put_into_words() {
        assert_eq!(quantity().in_words(), "test accuracy in percent after 200 epochs, mean over training runs");
        let ssim = Quantity { metric: "ssim".into(), unit: "1".into(), epochs: 30, epoch: None, runs: Runs::One(666), ..quantity() };
        assert_eq!(ssim.in_words(), "test SSIM at its best epoch of 30, training run 666");
        let loss =
            Quantity { metric: "loss".into(), unit: "nats".into(), direction: Direction::LowerIsBetter, epoch: Some(12), ..quantity() };
        assert_eq!(loss.in_words(), "test loss in nats after 12 of 200 epochs, mean over training runs, lower is better");
        let averaged = Runs::Averaged { architectures: 1200, fewest: 1, most: 3 };
        let averaged = Quantity { runs: averaged, instead_of: Some("test accuracy after 200 epochs".into()), ..quantity() }.in_words();
        assert!(
            averaged.contains("mean over 1 to 3 training runs of an architecture (averaged here, for 1,200 architectures)"),
            "{averaged}"
        );
        assert!(averaged.ends_with("; the benchmark’s own choice, test accuracy after 200 epochs, is not in the table"), "{averaged}");
    }

    #[test]
    fn units_direction_and_decimals_follow_the_metric() {
        assert_eq!((quantity().axis_title(), quantity().number(94.3712)), ("test accuracy (percent)".into(), "94.37".into()));
        let ssim = Quantity { metric: "ssim".into(), unit: "1".into(), ..quantity() };
        assert_eq!((ssim.axis_title(), ssim.amount(0.57123)), ("test SSIM".into(), "0.5712".into()));
        let loss = Quantity { metric: "loss".into(), unit: "nats".into(), direction: Direction::LowerIsBetter, ..quantity() };
        assert_eq!((loss.axis_title(), loss.amount(0.5)), ("test loss (nats, lower is better)".into(), "0.5000 nats".into()));
        let squared = Quantity { metric: "neg_loss".into(), unit: "squared error".into(), ..quantity() };
        assert_eq!(squared.amount(-1.5), "−1.5000 (squared error)");
        assert_eq!((quantity().difference_unit(), ssim.difference_unit()), ("percentage points".into(), "SSIM".into()));
    }
}
