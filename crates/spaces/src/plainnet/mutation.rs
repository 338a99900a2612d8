use netgraph::rng::Stream;

use super::Structure;
use super::block::{Block, EXPANSIONS, KERNELS, round_to_8};

/// Factors of channels.
const FACTORS: [f64; 9] = [2.5, 2.0, 1.5, 1.25, 1.0, 1.0 / 1.25, 1.0 / 1.5, 1.0 / 2.0, 1.0 / 2.5];
/// What is added to the number of sub-layers.
const SUB_LAYERS: [isize; 5] = [-2, -1, 0, 1, 2];
const TYPES: usize = EXPANSIONS.len() * KERNELS.len();

/// How the search changes a structure: some of its blocks are replaced.
///
/// # Conventions
/// A block of residual pairs gets one of twelve types, output and bottleneck channels among the different multiples of 8 that
/// one of nine factors gives (rounded as Python does, at least 8), and -2 to 2 sub-layers more (at least 1); a convolution gets
/// output channels likewise. Each choice is independent, each value equally likely but for the type under [`Rule::Released`], so a
/// replacement may change nothing. The next block reads the new channels; a 1 x 1 convolution never changes. Last, blocks of too many
/// sub-layers are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// Number of replacements, each of another block.
    pub replacements: usize,
    /// How blocks and types are drawn, and how blocks are split.
    pub rule: Rule,
}

/// How a mutation draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As the released code does. Blocks are drawn among all, the last one too, though it never changes, and a block drawn again is left
    /// alone: a mutation may replace fewer blocks than it should. The type that stands k-th in the order E1K3, E2K3, E4K3, E6K3,
    /// E1K5, ... is 13 - k times as likely as the last one, since the code adds the candidates of a type to a list that keeps
    /// those of the types before it, and adds that whole list for every type. A block of six or more sub-layers becomes two of three:
    /// of seven, one is lost. (`idstcv/ZenNAS@ec10755 SearchSpace/search_space_IDW_fixfc.py`, `@53af65e
    /// PlainNet/SuperResIDWEXKX.py`, which `SLDGroup/ZiCo@b0fec65` took over; its `evolution_search.py`.)
    Released,
    /// Different blocks among those that can change, all types equally likely, blocks split without loss ([`Structure::split`]).
    Even,
}

/// A structure that cannot be mutated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("none of its blocks may change: 1 x 1 convolutions never do")]
pub struct MutationError;

impl Mutation {
    /// A changed structure, drawn from the stream at `counter`, which moves on.
    ///
    /// # Errors
    /// [`MutationError`] if no block can change.
    pub fn apply(self, structure: &Structure, stream: Stream, counter: &mut u64) -> Result<Structure, MutationError> {
        let mut below = |bound: usize| stream.below(counter, bound as u64) as usize;
        let mut blocks = structure.blocks.clone();
        let mut places: Vec<usize> = (0..blocks.len()).filter(|&place| may_change(&blocks[place])).collect();
        if places.is_empty() {
            return Err(MutationError);
        }
        if self.rule == Rule::Released {
            places = (0..blocks.len()).collect();
        }
        let mut drawn_before = Vec::with_capacity(self.replacements);
        for replacement in 0..self.replacements {
            let drawn = below(places.len());
            let place = match self.rule {
                Rule::Even if places.len() == 1 && replacement > 0 => break,
                Rule::Even => places.swap_remove(drawn),
                Rule::Released if drawn_before.contains(&drawn) => continue,
                Rule::Released => drawn,
            };
            drawn_before.push(place);
            if !may_change(&blocks[place]) {
                continue;
            }
            blocks[place] = replace(blocks[place], self.rule, &mut below);
            let given = blocks[place].c_out();
            if let Some(Block::Conv { c_in, .. } | Block::Residual { c_in, .. }) = blocks.get_mut(place + 1) {
                *c_in = given;
            }
        }
        Ok(match self.rule {
            Rule::Released => Structure { blocks: blocks.into_iter().flat_map(Block::halve).collect() },
            Rule::Even => Structure { blocks }.split(),
        })
    }
}

const fn may_change(block: &Block) -> bool {
    !matches!(block, Block::Conv { kernel: 1, .. })
}

fn replace(block: Block, rule: Rule, below: &mut impl FnMut(usize) -> usize) -> Block {
    match block {
        Block::Conv { kernel, c_in, c_out, stride } => Block::Conv { kernel, c_in, c_out: scaled(c_out, below), stride },
        Block::Residual { c_in, c_out, stride, bottleneck, sub_layers, .. } => {
            let kind = match rule {
                Rule::Even => below(TYPES),
                Rule::Released => repeated(below(TYPES * (TYPES + 1) / 2)),
            };
            let (kernel, expansion) = (KERNELS[kind / EXPANSIONS.len()], EXPANSIONS[kind % EXPANSIONS.len()]);
            let (c_out, bottleneck) = (scaled(c_out, below), scaled(bottleneck, below));
            let possible = SUB_LAYERS.iter().filter(|&&more| sub_layers.saturating_add_signed(more) > 0).count();
            // Those that are left out stand first.
            let sub_layers = sub_layers.saturating_add_signed(SUB_LAYERS[SUB_LAYERS.len() - possible + below(possible)]);
            Block::Residual { expansion, kernel, c_in, c_out, stride, bottleneck, sub_layers }
        }
    }
}

/// One of the different multiples of 8 that the factors give.
fn scaled(channels: usize, below: &mut impl FnMut(usize) -> usize) -> usize {
    let mut values = FACTORS.map(|factor| round_to_8(channels as f64 * factor));
    values.sort_unstable();
    let mut different = 0;
    for k in 0..values.len() {
        if different == 0 || values[different - 1] != values[k] {
            values[different] = values[k];
            different += 1;
        }
    }
    values[below(different)]
}

/// Type of entry `drawn` of the lists 0; 0 1; 0 1 2; ... one after the other.
fn repeated(mut drawn: usize) -> usize {
    let mut length = 1;
    while drawn >= length {
        drawn -= length;
        length += 1;
    }
    drawn
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
            let rule = if step % 20 < 10 { Rule::Released } else { Rule::Even };
            structure = Mutation { replacements: 2, rule }.apply(&structure, stream, &mut counter).unwrap();
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
    fn a_mutant_follows_from_seed_and_counter_and_a_1x1_convolution_has_none() {
        let structure = Structure::parse(INITIAL).unwrap();
        let mutant = |seed, mut counter| {
            Mutation { replacements: 1, rule: Rule::Even }.apply(&structure, Stream::new(seed, 0), &mut counter).unwrap()
        };
        assert_eq!(mutant(1, 5), mutant(1, 5));
        assert!((0..20).any(|counter| mutant(1, counter) != mutant(2, counter)));
        let single = Structure::parse("SuperConvK1BNRELU(3,8,2,1)").unwrap();
        for rule in [Rule::Even, Rule::Released] {
            assert_eq!(Mutation { replacements: 1, rule }.apply(&single, Stream::new(0, 0), &mut 0), Err(MutationError));
        }
    }

    #[test]
    fn the_released_code_prefers_the_first_types_and_replaces_blocks_in_vain() {
        let structure = Structure::parse(INITIAL).unwrap();
        let draws = 40_000;
        let (mut kinds, mut unchanged) = ([0_u32; TYPES], 0);
        let (stream, mut counter) = (Stream::new(5, 0), 0);
        for _ in 0..draws {
            let child = Mutation { replacements: 1, rule: Rule::Released }.apply(&structure, stream, &mut counter).unwrap();
            let changed = structure.blocks().iter().zip(child.blocks()).find(|(a, b)| a != b);
            match changed {
                Some((_, Block::Residual { expansion, kernel, .. })) => {
                    let place = |all: &[usize], of: &usize| all.iter().position(|one| one == of).unwrap();
                    kinds[place(&KERNELS, kernel) * EXPANSIONS.len() + place(&EXPANSIONS, expansion)] += 1;
                }
                Some(_) => {}
                None => unchanged += 1,
            }
        }
        // A sixth falls on the last block, half of another one leaves the stem at its 8 channels (of 8 or 16).
        assert!((f64::from(unchanged) / f64::from(draws) - (1.0 + 1.0 / 2.0) / 6.0).abs() < 0.02, "{unchanged}");
        let share = |kind: usize| f64::from(kinds[kind]) / f64::from(kinds.iter().sum::<u32>());
        for (kind, weight) in [(0, 12.0), (1, 11.0), (5, 7.0), (11, 1.0)] {
            assert!((share(kind) - weight / 78.0).abs() < 0.01, "{kinds:?}");
        }
    }

    #[test]
    fn the_released_code_makes_two_blocks_of_three_of_a_long_one() {
        let block = |sub_layers| Block::Residual { expansion: 1, kernel: 3, c_in: 8, c_out: 16, stride: 2, bottleneck: 8, sub_layers };
        let pieces = |sub_layers| block(sub_layers).halve().iter().map(|b| (b.c_in(), b.stride(), b.sub_layers())).collect::<Vec<_>>();
        assert_eq!(pieces(5), [(8, 2, 5)]);
        assert_eq!(pieces(6), [(8, 2, 3), (16, 1, 3)]);
        assert_eq!(pieces(7), pieces(6));
    }
}
