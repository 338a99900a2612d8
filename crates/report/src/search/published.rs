//! The published results of the paper's search, counted again, and what was found here beside them.

use serde_json::Value;
use spaces::plainnet::{Cost, INITIAL, Structure, Variant};

use crate::paper::{SEARCHED, Searched};
use crate::{Error, Result};

/// Where the paper's numbers are counted.
pub const RESOLUTION: usize = 224;
/// Classes of `ImageNet`.
pub const CLASSES: usize = 1000;

/// A structure with its costs at [`RESOLUTION`] and [`CLASSES`].
#[derive(Clone, Debug)]
pub struct Counted {
    /// What it is.
    pub name: String,
    /// What the paper prints for it.
    pub paper: Option<&'static Searched>,
    /// Its string.
    pub arch: String,
    /// Sub-layers.
    pub layers: usize,
    /// Without residual links, as it is scored.
    pub bare: Cost,
    /// With residual links.
    pub linked: Cost,
    /// With residual links and squeeze-and-excitation, as it is trained.
    pub squeezed: Cost,
    /// Value of the objective on the images and weights of the search that found what is shown, where that was computed.
    pub score: Option<f64>,
}

impl Counted {
    fn new(name: String, paper: Option<&'static Searched>, arch: &str) -> Result<Self> {
        let structure = parse(arch)?;
        let cost = |residual_links, squeeze| structure.cost(RESOLUTION, CLASSES, Variant { residual_links, squeeze });
        let layers = structure.layers();
        let (bare, linked, squeezed) = (cost(false, false), cost(true, false), cost(true, true));
        Ok(Self { name, paper, arch: arch.into(), layers, bare, linked, squeezed, score: None })
    }
}

/// The published structures, what the released search starts with, and those found here under their names.
///
/// # Errors
/// [`Error::SearchArchitecture`] if one is no structure.
pub fn published(found: &[(String, String)]) -> Result<Vec<Counted>> {
    let known = SEARCHED.iter().map(|searched| Counted::new(searched.name.into(), Some(searched), searched.arch));
    let initial = std::iter::once_with(|| Counted::new("initial structure of the released search".into(), None, INITIAL));
    let ours = found.iter().map(|(name, arch)| Counted::new(name.clone(), None, arch));
    known.chain(initial).chain(ours).collect()
}

/// Gives the published structures their values of the objective: those that the search of `summary` computed at its end.
pub fn score(published: &mut [Counted], summary: &Value) {
    let known = summary.get("published").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for counted in published {
        let entry = known.iter().find(|entry| entry.get("arch").and_then(Value::as_str) == Some(&counted.arch));
        counted.score = counted.score.or_else(|| entry?.get("value")?.as_f64());
    }
}

/// A structure from its string.
///
/// # Errors
/// [`Error::SearchArchitecture`].
pub fn parse(arch: &str) -> Result<Structure> {
    Structure::parse(arch).map_err(|wrong| Error::SearchArchitecture { arch: arch.into(), reason: wrong.to_string() })
}
