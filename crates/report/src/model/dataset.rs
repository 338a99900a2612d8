use spaces::{Architecture, Features};

use super::columns::{Columns, features, place, slug};
use super::finding;
use super::matrix::Matrix;
use super::sets::{ArchitectureSet, SetRow, members, rows};
use super::top::TopRow;
use crate::ceiling::Ceiling;
use crate::correlate::ProxyCorrelation;
use crate::join::Joined;
use crate::{Options, benchmarks};

/// One dataset of a report.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Scores and values.
    pub joined: Joined,
    /// Properties of each architecture; none for a space this workspace does not know.
    pub features: Vec<Option<Features>>,
    /// Numbers of the proxies in the order they are shown: by tau-b, highest first, those without one last.
    pub order: Vec<usize>,
    /// Correlations, in the order of [`Joined::proxies`].
    pub correlations: Vec<ProxyCorrelation>,
    /// Picks, in the order they are shown.
    pub top: Vec<TopRow>,
    /// Proxy against proxy, in the order they are shown.
    pub matrix: Matrix,
    /// Sets of architectures for [`Dataset::set_rows`]; empty if they are all the same.
    pub sets: Vec<ArchitectureSet>,
    /// Tau-b over each set, in the order the proxies are shown.
    pub set_rows: Vec<SetRow>,
    /// How well training runs agree with each other, if there are several.
    pub ceiling: Option<Ceiling>,
    /// Whether the scores are those of noise instead of images.
    pub on_noise: bool,
    /// The result in a sentence or two.
    pub finding: String,
}

impl Dataset {
    pub(super) fn new(joined: Joined, correlations: Vec<ProxyCorrelation>, on_noise: bool, options: &Options) -> Self {
        let architectures: Vec<Architecture> =
            joined.architectures.iter().map(|valued| Architecture { index: valued.index, text: valued.arch.clone() }).collect();
        let features = features(&joined.space, &architectures);
        let tau = |proxy: usize| correlations[proxy].coefficients.as_ref().ok().map(|c| c.tau_b.value);
        let mut order: Vec<usize> = (0..joined.proxies.len()).collect();
        // `None` is below every number, so proxies without a tau come last.
        order.sort_by(|&a, &b| {
            let key = |proxy| tau(proxy).unwrap_or(f64::NEG_INFINITY);
            key(b).total_cmp(&key(a))
        });
        let top = order.iter().map(|&proxy| TopRow::new(&joined, proxy, options.direction(&joined.proxies[proxy].proxy))).collect();
        let matrix = Matrix::new(&joined.proxies, &order);
        let members = members(&joined.space, &architectures, &features);
        let set_rows = rows(&joined, &members, &order);
        let sets = members.iter().map(ArchitectureSet::of).collect();
        let finding = finding::finding(&joined, &correlations, &order, options);
        let ceiling = Ceiling::of(&joined);
        Self { joined, features, order, correlations, top, matrix, sets, set_rows, ceiling, on_noise, finding }
    }

    /// Correlations in the order they are shown.
    pub fn shown(&self) -> impl Iterator<Item = &ProxyCorrelation> {
        self.order.iter().map(|&proxy| &self.correlations[proxy])
    }

    /// Name of the dataset for people.
    pub fn title(&self) -> String {
        benchmarks::dataset_title(&self.joined.space, &self.joined.dataset)
    }

    /// The dataset with its benchmark, for a picture that stands alone.
    pub fn place(&self) -> String {
        place(&self.joined.space, &self.joined.dataset, self.on_noise)
    }

    /// Part of file names and anchors: lower-case letters, digits and dashes.
    pub fn slug(&self) -> String {
        slug(&self.joined.dataset)
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        let joined = &self.joined;
        Columns {
            space: &joined.space,
            dataset: &joined.dataset,
            architectures: joined.architectures.iter().map(|valued| (valued.arch.as_str(), valued.index)).collect(),
            features: &self.features,
            proxies: &joined.proxies,
            order: &self.order,
            values: Some(joined.architectures.iter().map(|valued| valued.value).collect()),
        }
    }
}
