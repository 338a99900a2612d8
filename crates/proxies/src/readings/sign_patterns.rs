use std::any::Any;
use std::collections::HashMap;
use std::slice;

use engine::Moment;
use netgraph::Op;
use tch::{Device, Kind, Tensor};

use crate::reading::{Cost, Demands, Extent, Reader, Reading, Setup};

/// Number of different sign patterns over the first batch among all ReLU units.
#[derive(Clone, Copy, Debug)]
pub struct SignPatterns;

/// What [`SignPatterns`] finds.
#[derive(Debug)]
pub struct Patterns {
    batch: usize,
    units: u64,
    /// Patterns so far, 64 samples at a time: level w maps (pattern of the samples before, word w) to a number, so that
    /// patterns of any length are told apart exactly. The last level holds one entry a pattern.
    levels: Vec<HashMap<(u32, u64), u32, foldhash::fast::FixedState>>,
}

impl Patterns {
    fn new(batch: usize) -> Self {
        Self { batch, units: 0, levels: vec![HashMap::default(); batch.div_ceil(64)] }
    }

    /// Number of different patterns.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.levels.last().map_or(0, HashMap::len)
    }

    /// Number of units, with multiplicity.
    #[must_use]
    pub const fn units(&self) -> u64 {
        self.units
    }

    fn push(&mut self, activation: &Tensor) {
        let units = activation.numel() / self.batch;
        // The order of units is free as long as samples share it; channels-last maps are dense as they lie.
        let dense = if activation.dim() == 4 { activation.detach().permute([0, 2, 3, 1]) } else { activation.detach() };
        let positive = dense.gt(0.0).to_kind(Kind::Uint8).to_device(Device::Cpu).contiguous();
        // SAFETY: the tensor is contiguous, of bytes and on the CPU, and outlives the slice.
        let bytes = unsafe { slice::from_raw_parts(positive.data_ptr().cast::<u8>(), positive.numel()) };
        let mut numbers = vec![0u32; units];
        let mut words = vec![0u64; units];
        for (level, samples) in self.levels.iter_mut().zip(bytes.chunks(64 * units.max(1))) {
            words.fill(0);
            for (bit, sample) in samples.chunks_exact(units.max(1)).enumerate() {
                for (word, &positive) in words.iter_mut().zip(sample) {
                    *word |= u64::from(positive) << bit;
                }
            }
            for (number, &word) in numbers.iter_mut().zip(&words) {
                let next = level.len() as u32;
                *number = *level.entry((*number, word)).or_insert(next);
            }
        }
    }
}

impl Reading for SignPatterns {
    fn name(&self) -> &'static str {
        "sign patterns of ReLU units"
    }

    fn demands(&self) -> Demands {
        Demands { extent: Extent::Relus, cost: Cost::Forwards(1.0), ..Demands::FORWARD }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        Box::new(Patterns::new(setup.batch_size))
    }
}

impl Reader for Patterns {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        if batch == 0 && moment.node.op == Op::Relu {
            self.units += (moment.output.numel() / self.batch * moment.node.multiplicity) as u64;
            self.push(moment.output);
        }
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_longer_than_a_word_are_told_apart() {
        // 70 samples, 4 units: the second differs from the first in sample 69 only, the third equals the first.
        let mut values = vec![1.0f32; 70 * 4];
        values[69 * 4 + 1] = -1.0;
        values[3] = 0.0;
        let mut patterns = Patterns::new(70);
        patterns.push(&Tensor::from_slice(&values).view([70, 4]));
        assert_eq!(patterns.distinct(), 3);
        patterns.push(&Tensor::from_slice(&values).view([70, 2, 1, 2]));
        assert_eq!(patterns.distinct(), 3);
    }
}
