use netgraph::rng::{Stream, bits};

/// Stream of the draws of a search.
const STREAM: u64 = 702;

/// The random numbers of one step: the same whatever other steps drew.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    /// Where they come from.
    pub stream: Stream,
    /// Position of the next one.
    pub counter: u64,
}

impl Draws {
    /// Those of a step of the search under this seed.
    #[must_use]
    pub const fn of_step(seed: u64, step: u64) -> Self {
        Self { stream: Stream::new(bits(seed, STREAM, step), 0), counter: 0 }
    }

    /// Evenly one of `0..bound`.
    ///
    /// # Panics
    /// If `bound` is zero.
    pub fn below(&mut self, bound: usize) -> usize {
        self.stream.below(&mut self.counter, bound as u64) as usize
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let bits = self.stream.bits(self.counter);
        self.counter = self.counter.wrapping_add(1);
        bits
    }
}
