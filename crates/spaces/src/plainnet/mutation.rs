use netgraph::rng::Stream;

use super::Structure;
use super::block::{Block, EXPANSIONS, KERNELS, round_to_8};

/// Factors of channels.
const FACTORS: [f64; 9] = [2.5, 2.0, 1.5, 1.25, 1.0, 1.0 / 1.25, 1.0 / 1.5, 1.0 / 2.0, 1.0 / 2.5];
/// What is added to the number of sub-layers.
const SUB_LAYERS: [isize; 5] = [-2, -1, 0, 1, 2];

/// How the search changes a structure: `SLDGroup/ZiCo@b0fec65 SearchSpace/search_space_IDW_fixfc.py`.
///
/// # Conventions
/// One replacement draws a block but the last, each equally likely. A block of residual pairs gets one of the twelve types, each of output and
/// bottleneck channels times one of nine factors (rounded to a multiple of 8, at least 8), and -2 to 2 sub-layers more (at least 1); a
/// convolution gets output channels likewise. Each choice is independent and even, so a replacement may change nothing. The next block
/// reads the new channels; the last 1 x 1 convolution keeps its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// Number of replacements, one after the other.
    pub replacements: usize,
}

/// A structure that cannot be mutated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a structure of one block has nothing to mutate: its last block never changes")]
pub struct MutationError;

impl Mutation {
    /// A changed structure, drawn from the stream at `counter`, which moves on; blocks of too many sub-layers are split.
    ///
    /// # Errors
    /// [`MutationError`] if there is only one block.
    pub fn apply(self, structure: &Structure, stream: Stream, counter: &mut u64) -> Result<Structure, MutationError> {
        let mut child = structure.clone();
        for _ in 0..self.replacements {
            if child.blocks.len() < 2 {
                return Err(MutationError);
            }
            let mut below = |bound: usize| stream.below(counter, bound as u64) as usize;
            let place = below(child.blocks.len() - 1);
            let replaced = replace(child.blocks[place], &mut below);
            child.blocks[place] = replaced;
            let next = &mut child.blocks[place + 1];
            let (Block::Conv { c_in, .. } | Block::Residual { c_in, .. }) = next;
            *c_in = replaced.c_out();
        }
        Ok(child.split())
    }
}

fn replace(block: Block, below: &mut impl FnMut(usize) -> usize) -> Block {
    let mut scaled = |channels: usize| round_to_8(channels as f64 * FACTORS[below(FACTORS.len())]);
    match block {
        Block::Conv { kernel, c_in, c_out, stride } => Block::Conv { kernel, c_in, c_out: scaled(c_out), stride },
        Block::Residual { c_in, c_out, stride, bottleneck, sub_layers, .. } => {
            let (c_out, bottleneck) = (scaled(c_out), scaled(bottleneck));
            let sub_layers = sub_layers.saturating_add_signed(SUB_LAYERS[below(SUB_LAYERS.len())]).max(1);
            let kind = below(EXPANSIONS.len() * KERNELS.len());
            let (expansion, kernel) = (EXPANSIONS[kind / KERNELS.len()], KERNELS[kind % KERNELS.len()]);
            Block::Residual { expansion, kernel, c_in, c_out, stride, bottleneck, sub_layers }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plainnet::{INITIAL, MOST_SUB_LAYERS};

    #[test]
    fn mutants_are_structures_with_the_same_end_and_resolution() {
        let mut structure = Structure::parse(INITIAL).unwrap();
        let stream = Stream::new(3, 0);
        let mut counter = 0;
        let (mut kinds, mut stems) = (BTreeSet::new(), BTreeSet::new());
        for step in 0..3_000 {
            structure = Mutation { replacements: 2 }.apply(&structure, stream, &mut counter).unwrap();
            assert_eq!(Structure::parse(&structure.to_string()).as_ref(), Ok(&structure));
            assert_eq!((structure.stride(), structure.blocks.last().map(Block::c_out)), (32, Some(2048)));
            for block in structure.blocks() {
                match *block {
                    Block::Conv { kernel: 3, c_out, .. } => assert!(stems.insert(c_out) || c_out % 8 == 0),
                    Block::Conv { kernel, stride, .. } => assert_eq!((kernel, stride), (1, 1)),
                    Block::Residual { expansion, kernel, sub_layers, bottleneck, .. } => {
                        kinds.insert((expansion, kernel));
                        assert!((1..=MOST_SUB_LAYERS).contains(&sub_layers) && bottleneck % 8 == 0);
                    }
                }
            }
            // Without a budget a walk leads to ever larger structures.
            if step % 10 == 9 {
                structure = Structure::parse(INITIAL).unwrap();
            }
        }
        assert_eq!(kinds.len(), 12);
        assert!(stems.len() > 5);
    }

    #[test]
    fn a_mutant_follows_from_seed_and_counter_and_one_block_has_none() {
        let structure = Structure::parse(INITIAL).unwrap();
        let mutant = |seed, mut counter| Mutation { replacements: 1 }.apply(&structure, Stream::new(seed, 0), &mut counter).unwrap();
        assert_eq!(mutant(1, 5), mutant(1, 5));
        assert!((0..20).any(|counter| mutant(1, counter) != mutant(2, counter)));
        let single = Structure::parse("SuperConvK3BNRELU(3,8,2,1)").unwrap();
        assert_eq!(Mutation { replacements: 1 }.apply(&single, Stream::new(0, 0), &mut 0), Err(MutationError));
    }
}
