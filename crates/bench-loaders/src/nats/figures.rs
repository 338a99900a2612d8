//! What is measured, packed: sixteen bytes a value.

use tables::Direction;

/// A data set as the files name it and as tables do, in the order of rows.
pub const DATASETS: [(&str, &str); 4] =
    [("cifar10", "cifar10"), ("cifar10-valid", "cifar10-valid"), ("cifar100", "cifar100"), ("ImageNet16-120", "imagenet16-120")];

/// Number of classes and side of the images of each data set.
pub const IMAGES: [(usize, usize); 4] = [(10, 32), (10, 32), (100, 32), (120, 16)];

/// Splits in the order of rows.
pub const SPLITS: [&str; 4] = ["test", "train", "valid", "valtest"];
pub const TRAIN: u8 = 1;

/// What is measured.
pub struct Metric {
    pub name: &'static str,
    pub unit: &'static str,
    pub direction: Direction,
}

/// Metrics in the order of rows.
pub const METRICS: [Metric; 4] = [
    Metric { name: "accuracy", unit: "percent", direction: Direction::HigherIsBetter },
    Metric { name: "accuracy_top5", unit: "percent", direction: Direction::HigherIsBetter },
    Metric { name: "loss", unit: "nats", direction: Direction::LowerIsBetter },
    Metric { name: "time", unit: "seconds", direction: Direction::LowerIsBetter },
];
pub const ACCURACY: u8 = 0;
pub const ACCURACY_TOP5: u8 = 1;
pub const LOSS: u8 = 2;
pub const TIME: u8 = 3;

/// Number of the data set that the files call so.
pub fn dataset(official: &str) -> Option<u8> {
    DATASETS.iter().position(|(name, _)| *name == official).map(|at| at as u8)
}

/// The split that an evaluation set of a data set is: the API's meaning of valid, test and valtest.
pub fn split(dataset: u8, set: &str) -> Option<u8> {
    let halved = dataset >= 2;
    let name = match (set, halved) {
        ("x-valid", _) => "valid",
        ("x-test", true) | ("ori-test", false) => "test",
        ("ori-test", true) => "valtest",
        _ => return None,
    };
    SPLITS.iter().position(|split| *split == name).map(|at| at as u8)
}

/// What a value is of, as one number that sorts as rows do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub u64);

/// Most epochs of a training.
pub const MAX_EPOCHS: u32 = (1 << 12) - 1;
/// Largest seed.
pub const MAX_SEED: u32 = (1 << 28) - 1;

impl Key {
    /// The key of a value, of which the seed comes later.
    pub fn new(dataset: u8, split: u8, metric: u8, epochs: u32, epoch: u32) -> Self {
        let place = u64::from(dataset) << 8 | u64::from(split) << 4 | u64::from(metric);
        Self(place << 52 | u64::from(epochs & MAX_EPOCHS) << 40 | u64::from(epoch & MAX_EPOCHS) << 28)
    }

    pub fn with_seed(self, seed: u32) -> Self {
        Self(self.0 | u64::from(seed & MAX_SEED))
    }

    pub fn dataset(self) -> usize {
        (self.0 >> 60 & 3) as usize
    }

    pub fn split(self) -> usize {
        (self.0 >> 56 & 3) as usize
    }

    pub fn metric(self) -> usize {
        (self.0 >> 52 & 3) as usize
    }

    pub fn epochs(self) -> u32 {
        (self.0 >> 40) as u32 & MAX_EPOCHS
    }

    pub fn epoch(self) -> u32 {
        (self.0 >> 28) as u32 & MAX_EPOCHS
    }

    pub fn seed(self) -> u32 {
        self.0 as u32 & MAX_SEED
    }
}

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    pub key: Key,
    pub value: f64,
}

/// What the network of a training cost. NaN stands for what the file doesn't say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OfficialCost {
    /// Data set, epochs and seed.
    pub key: Key,
    pub params: f64,
    pub flops: f64,
    pub latency_ms: f64,
}

/// Everything about an architecture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Official index.
    pub index: u32,
    /// Sorted by key.
    pub figures: Vec<Figure>,
    /// Sorted by key.
    pub costs: Vec<OfficialCost>,
    /// Values that are left out since they are not finite.
    pub not_finite: u32,
}

const FIGURE: usize = 16;
const COST: usize = 32;
const HEADER: usize = 16;

impl Record {
    /// The record as bytes, for the spool.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.clear();
        for number in [self.index, self.figures.len() as u32, self.costs.len() as u32, self.not_finite] {
            out.extend(number.to_le_bytes());
        }
        for figure in &self.figures {
            out.extend(figure.key.0.to_le_bytes());
            out.extend(figure.value.to_le_bytes());
        }
        for cost in &self.costs {
            out.extend(cost.key.0.to_le_bytes());
            out.extend([cost.params, cost.flops, cost.latency_ms].into_iter().flat_map(f64::to_le_bytes));
        }
    }

    /// The record that [`Record::encode`] wrote; `None` if these are other bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let number = |at: usize| Some(u32::from_le_bytes(header.get(4 * at..4 * at + 4)?.try_into().ok()?));
        let word = |bytes: &[u8], at: usize| bytes[8 * at..8 * at + 8].try_into().map_or(0, u64::from_le_bytes);
        let (n_figures, n_costs) = (number(1)? as usize, number(2)? as usize);
        let (figures, costs) = rest.split_at_checked(n_figures.checked_mul(FIGURE)?)?;
        if costs.len() != n_costs.checked_mul(COST)? {
            return None;
        }
        let figure = |bytes: &[u8]| Figure { key: Key(word(bytes, 0)), value: f64::from_bits(word(bytes, 1)) };
        let cost = |bytes: &[u8]| {
            let float = |at| f64::from_bits(word(bytes, at));
            OfficialCost { key: Key(word(bytes, 0)), params: float(1), flops: float(2), latency_ms: float(3) }
        };
        Some(Self {
            index: number(0)?,
            figures: figures.chunks_exact(FIGURE).map(figure).collect(),
            costs: costs.chunks_exact(COST).map(cost).collect(),
            not_finite: number(3)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_rows_do_and_give_back_what_they_are_made_of() {
        assert!(DATASETS.is_sorted_by_key(|(_, name)| *name) && SPLITS.is_sorted() && METRICS.is_sorted_by_key(|metric| metric.name));
        let key = Key::new(3, 2, 1, 200, 199).with_seed(777);
        assert_eq!((key.dataset(), key.split(), key.metric(), key.epochs(), key.epoch(), key.seed()), (3, 2, 1, 200, 199, 777));
        let ordered = [
            Key::new(0, 3, 3, 200, 200).with_seed(9),
            Key::new(1, 0, 0, 12, 12).with_seed(888),
            Key::new(1, 0, 0, 200, 1).with_seed(999),
            Key::new(1, 0, 0, 200, 2).with_seed(777),
            Key::new(1, 0, 0, 200, 2).with_seed(888),
            Key::new(1, 0, 1, 12, 1),
            Key::new(1, 1, 0, 12, 1),
        ];
        assert!(ordered.is_sorted());
    }

    #[test]
    fn evaluation_sets_are_the_splits_of_the_api() {
        let of = |official: &str, set| split(dataset(official).unwrap(), set).map(|at| SPLITS[at as usize]);
        assert_eq!(of("cifar10", "ori-test"), Some("test"));
        assert_eq!(of("cifar10-valid", "x-valid"), Some("valid"));
        assert_eq!(of("cifar10-valid", "ori-test"), Some("test"));
        assert_eq!(of("cifar100", "x-test"), Some("test"));
        assert_eq!(of("ImageNet16-120", "ori-test"), Some("valtest"));
        assert_eq!(of("cifar10", "x-test"), None);
    }

    #[test]
    fn a_record_survives_the_spool() {
        let key = Key::new(1, 2, 3, 90, 90).with_seed(777);
        let cost = OfficialCost { key, params: 11_714.0, flops: 4_481_114.0, latency_ms: 13.5 };
        let record = Record { index: 5, figures: vec![Figure { key, value: 0.1 }; 3], costs: vec![cost], not_finite: 2 };
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        assert_eq!(Record::decode(&bytes), Some(record));
        assert_eq!(Record::decode(&bytes[..bytes.len() - 1]), None);
    }
}
