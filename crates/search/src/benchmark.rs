use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use spaces::{Architecture, Scope, Setting, Space};

use crate::{Cost, Domain, Draws, Error};

/// A search space of a benchmark.
///
/// # Conventions
/// FLOPs are multiply-adds of convolutions and linear layers, parameters all of the network, layers its convolutions and linear
/// layers ([`netgraph::Graph`]). A replacement is one of [`Space::mutate`]; random candidates are drawn evenly from the space.
pub struct Benchmark<'a> {
    space: &'a dyn Space,
    setting: Setting,
    initial: Architecture,
    same: Option<Scope>,
    // Networks are few and built often.
    costs: Mutex<HashMap<String, Cost>>,
    identities: Mutex<HashMap<String, String>>,
}

impl<'a> Benchmark<'a> {
    /// The space with a network around its architectures. `same` says which networks count as the same: those that are isomorphic
    /// in this scope, or only those of the same string.
    #[must_use]
    pub fn new(space: &'a dyn Space, setting: Setting, initial: Architecture, same: Option<Scope>) -> Self {
        Self { space, setting, initial, same, costs: Mutex::default(), identities: Mutex::default() }
    }
}

/// A value that is looked up, or made and kept.
fn kept<T: Clone>(store: &Mutex<HashMap<String, T>>, key: &str, make: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    if let Some(value) = store.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
        return Ok(value.clone());
    }
    let value = make()?;
    store.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), value.clone());
    Ok(value)
}

fn wrong(architecture: &Architecture) -> impl FnOnce(spaces::Error) -> Error {
    let text = architecture.text.clone();
    move |error| Error::Space { text, source: Box::new(error) }
}

impl Domain for Benchmark<'_> {
    type Candidate = Architecture;

    fn initial(&self) -> &Architecture {
        &self.initial
    }

    fn mutate(&self, parent: &Architecture, replacements: usize, draws: &mut Draws) -> Result<Architecture, Error> {
        (0..replacements)
            .try_fold(parent.clone(), |architecture, _| self.space.mutate(&architecture, draws.bits(), 0).map_err(wrong(&architecture)))
    }

    fn random(&self, draws: &mut Draws) -> Result<Architecture, Error> {
        let index = draws.below(self.space.meta().size as usize);
        self.space.at(index as u32).map_err(wrong(&self.initial))
    }

    fn cost(&self, candidate: &Architecture) -> Result<Cost, Error> {
        kept(&self.costs, &candidate.text, || {
            let graph = self.space.lower(candidate, &self.setting).map_err(wrong(candidate))?;
            let layers = graph.modules().iter().filter(|module| module.is_layer()).count();
            Ok(Cost { flops: graph.flops() as f64, params: graph.n_params() as f64, layers: layers as u32 })
        })
    }

    fn text(&self, candidate: &Architecture) -> String {
        candidate.text.clone()
    }

    fn identity(&self, candidate: &Architecture) -> Result<String, Error> {
        let Some(scope) = self.same else { return Ok(candidate.text.clone()) };
        kept(&self.identities, &candidate.text, || self.space.canonical(candidate, scope).map_err(wrong(candidate)))
    }
}
