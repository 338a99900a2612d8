use spaces::plainnet::{Mutation, Rule, Structure, Variant};

use crate::{Cost, Domain, Draws, Error};

/// Most replacements between the initial structure and a random one.
const RANDOM_REPLACEMENTS: usize = 20;

/// The space of the paper's search on `ImageNet`.
///
/// # Conventions
/// * FLOPs and parameters are those of [`Structure::cost`] with residual links, and without squeeze-and-excitation unless asked for, as in
///   `SLDGroup/ZiCo@b0fec65 evolution_search.py`; layers are sub-layers.
/// * A random structure is the initial one after 1 to 20 replacements (each number equally likely): the space has no other
///   distribution, since channels have no bound.
#[derive(Clone, Debug)]
pub struct Plainnet {
    /// Where the search begins.
    pub initial: Structure,
    /// How mutations draw.
    pub rule: Rule,
    /// Side of an image in pixels.
    pub resolution: usize,
    /// Number of classes.
    pub classes: usize,
    /// Whether what is counted has squeeze-and-excitation.
    pub squeeze: bool,
}

impl Plainnet {
    fn changed(&self, structure: &Structure, replacements: usize, draws: &mut Draws) -> Result<Structure, Error> {
        let mutation = Mutation { replacements, rule: self.rule };
        mutation
            .apply(structure, draws.stream, &mut draws.counter)
            .map_err(|error| Error::Space { text: structure.to_string(), source: Box::new(error) })
    }
}

impl Domain for Plainnet {
    type Candidate = Structure;

    fn initial(&self) -> &Structure {
        &self.initial
    }

    fn mutate(&self, parent: &Structure, replacements: usize, draws: &mut Draws) -> Result<Structure, Error> {
        self.changed(parent, replacements, draws)
    }

    fn random(&self, draws: &mut Draws) -> Result<Structure, Error> {
        // One after the other, so that a block may change again.
        let replacements = 1 + draws.below(RANDOM_REPLACEMENTS);
        (0..replacements).try_fold(self.initial.clone(), |structure, _| self.changed(&structure, 1, draws))
    }

    fn cost(&self, candidate: &Structure) -> Result<Cost, Error> {
        let cost = candidate.cost(self.resolution, self.classes, Variant { squeeze: self.squeeze, ..Variant::COUNTED });
        Ok(Cost { flops: cost.flops, params: cost.size, layers: candidate.layers() as u32 })
    }

    fn text(&self, candidate: &Structure) -> String {
        candidate.to_string()
    }
}
