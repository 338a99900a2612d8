use spaces::{Architecture, Features};

use crate::benchmarks;
use crate::join::ProxyScores;

/// What a page shows of a dataset with and without values.
#[derive(Clone, Debug)]
pub(crate) struct Columns<'a> {
    pub space: &'a str,
    pub dataset: &'a str,
    /// Text and index of each architecture.
    pub architectures: Vec<(&'a str, Option<u32>)>,
    pub features: &'a [Option<Features>],
    pub proxies: &'a [ProxyScores],
    /// Numbers of the proxies in the order they are shown.
    pub order: &'a [usize],
    /// The measured value of each architecture, if there are values.
    pub values: Option<Vec<f64>>,
}

impl Columns<'_> {
    /// Name of the dataset for people.
    pub fn title(&self) -> String {
        benchmarks::dataset_title(self.space, self.dataset)
    }

    /// Part of file names and anchors: lower-case letters, digits and dashes.
    pub fn slug(&self) -> String {
        slug(self.dataset)
    }

    /// Places of the architectures whose input cannot reach the output.
    pub fn disconnected(&self) -> Vec<usize> {
        (0..self.features.len()).filter(|&place| self.features[place].is_some_and(|features| !features.connected)).collect()
    }
}

/// Properties of architectures; none for a space this workspace does not know.
pub(super) fn features(space: &str, architectures: &[Architecture]) -> Vec<Option<Features>> {
    let Ok(space) = spaces::find(space) else { return vec![None; architectures.len()] };
    architectures.iter().map(|architecture| space.features(architecture).ok()).collect()
}

/// A dataset with its benchmark, and whether its scores are those of noise: what a picture that stands alone has to say.
pub(super) fn place(space: &str, dataset: &str, on_noise: bool) -> String {
    let noise = if on_noise { " (noise instead of images)" } else { "" };
    format!("{}, {}{noise}", benchmarks::dataset_title(space, dataset), super::space_title(space))
}

/// With a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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

    #[test]
    fn a_heading_begins_with_a_capital() {
        assert_eq!(
            (capital("surface normals"), capital("CIFAR-10"), capital("")),
            ("Surface normals".into(), "CIFAR-10".into(), String::new())
        );
    }
}
