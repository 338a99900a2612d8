use spaces::{Architecture, Features};

use super::finding;
use super::matrix::Matrix;
use super::sets::{ArchitectureSet, SetRow, sets};
use super::top::TopRow;
use crate::Options;
use crate::correlate::ProxyCorrelation;
use crate::join::Joined;

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
    /// Sets of architectures for [`Dataset::set_rows`].
    pub sets: Vec<ArchitectureSet>,
    /// Tau-b over each set, in the order the proxies are shown.
    pub set_rows: Vec<SetRow>,
    /// The result in a sentence or two.
    pub finding: String,
}

impl Dataset {
    pub(super) fn new(joined: Joined, correlations: Vec<ProxyCorrelation>, options: &Options) -> Self {
        let features = features(&joined);
        let tau = |proxy: usize| correlations[proxy].coefficients.as_ref().ok().map(|c| c.tau_b.value);
        let mut order: Vec<usize> = (0..joined.proxies.len()).collect();
        // `None` is below every number, so proxies without a tau come last.
        order.sort_by(|&a, &b| {
            let key = |proxy| tau(proxy).unwrap_or(f64::NEG_INFINITY);
            key(b).total_cmp(&key(a))
        });
        let top = order.iter().map(|&proxy| TopRow::new(&joined, proxy, options.direction(&joined.proxies[proxy].proxy))).collect();
        let matrix = Matrix::new(&joined, &order);
        let (sets, set_rows) = sets(&joined, &features, &order);
        let finding = finding::finding(&joined, &correlations, &order, options);
        Self { joined, features, order, correlations, top, matrix, sets, set_rows, finding }
    }

    /// Correlations in the order they are shown.
    pub fn shown(&self) -> impl Iterator<Item = &ProxyCorrelation> {
        self.order.iter().map(|&proxy| &self.correlations[proxy])
    }

    /// Places of the architectures whose input cannot reach the output.
    pub fn disconnected(&self) -> Vec<usize> {
        (0..self.features.len()).filter(|&place| self.features[place].is_some_and(|features| !features.connected)).collect()
    }

    /// Name of the dataset for people.
    pub fn title(&self) -> String {
        title(&self.joined.dataset)
    }

    /// Part of file names and anchors: lower-case letters, digits and dashes.
    pub fn slug(&self) -> String {
        slug(&self.joined.dataset)
    }
}

fn features(joined: &Joined) -> Vec<Option<Features>> {
    let Ok(space) = spaces::find(&joined.space) else { return vec![None; joined.architectures.len()] };
    let of = |valued: &crate::join::Valued| space.features(&Architecture { index: valued.index, text: valued.arch.clone() }).ok();
    joined.architectures.iter().map(of).collect()
}

/// Names of datasets as their papers write them; others stay as they are.
fn title(dataset: &str) -> String {
    const TITLES: &[(&str, &str)] = &[("cifar10", "CIFAR-10"), ("cifar100", "CIFAR-100"), ("imagenet16-120", "ImageNet16-120")];
    TITLES.iter().find(|(name, _)| name.eq_ignore_ascii_case(dataset)).map_or_else(|| dataset.to_owned(), |(_, title)| (*title).to_owned())
}

/// Lower-case letters, digits and single dashes; never empty.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "unnamed".into() } else { slug.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_safe_in_file_names() {
        assert_eq!(slug("ImageNet16-120"), "imagenet16-120");
        assert_eq!(slug("../other run!"), "other-run");
        assert_eq!(slug("é"), "unnamed");
    }
}
