//! Found architectures as pictures.

mod chain;
mod dag;
mod nats_sss;
mod nb101;
mod nb201;
mod plainnet;
mod tnb101;

use crate::Result;
use crate::plots::Scene;

/// What a picture of an architecture needs to know beside its string.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// Search space.
    pub space: &'a str,
    /// Official string.
    pub arch: &'a str,
    /// Side of the images in pixels, where the space leaves it open.
    pub resolution: Option<usize>,
    /// Classes, where the space leaves them open.
    pub classes: Option<usize>,
}

/// Makes the picture of an architecture; `width` in units of the scene.
type Draw = fn(Drawn<'_>, f64) -> Result<Scene>;

/// Spaces whose architectures can be drawn.
const ALL: &[(&[&str], Draw)] = &[
    (&[super::model::PLAINNET], plainnet::draw),
    (&["nb201", "nats-tss"], nb201::draw),
    (&["nats-sss"], nats_sss::draw),
    (&["nb101"], nb101::draw),
    (&["tnb101", "tnb101-macro"], tnb101::draw),
];

/// The picture; none for a space whose architectures this workspace cannot draw.
///
/// # Errors
/// [`crate::Error::SearchArchitecture`] if it is no architecture of the space.
pub fn diagram(drawn: Drawn<'_>, width: f64) -> Result<Option<Scene>> {
    ALL.iter().find(|(spaces, _)| spaces.contains(&drawn.space)).map(|(_, draw)| draw(drawn, width)).transpose()
}

/// Why an architecture cannot be drawn.
fn unreadable(arch: &str, reason: &impl ToString) -> crate::Error {
    crate::Error::SearchArchitecture { arch: arch.into(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::Item;

    /// Texts of the picture, in its order.
    fn texts(space: &str, arch: &str, width: f64) -> Vec<String> {
        let scene = diagram(Drawn { space, arch, resolution: Some(32), classes: Some(10) }, width).unwrap().unwrap();
        let inside = |x: f64, y: f64| (0.0..=scene.width).contains(&x) && (0.0..=scene.height).contains(&y);
        let text = |item: &Item| match item {
            Item::Text { x, y, text, .. } => {
                assert!(inside(*x, *y), "{text} stands outside of the picture");
                Some(text.clone())
            }
            _ => None,
        };
        scene.items.iter().filter_map(text).collect()
    }

    #[test]
    fn every_operation_of_nb201_is_named_on_its_edge() {
        use spaces::nb201::{Cell, OPS};
        for start in 0..5 {
            let cell = Cell(std::array::from_fn(|edge| OPS[(start + edge) % 5].0));
            let texts = texts("nb201", &cell.to_string(), 800.0);
            for (op, name) in OPS {
                let want = cell.0.iter().filter(|other| **other == op).count();
                let got = texts.iter().filter(|text| text.split(' ').next() == Some(name)).count();
                assert_eq!(got, want, "{name} in {cell}");
            }
        }
    }

    #[test]
    fn dead_edges_of_a_cell_are_marked() {
        let texts = texts("nb201", "|nor_conv_1x1~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|", 800.0);
        assert!(texts.contains(&"nor_conv_1x1 (dead)".to_owned()) && texts.contains(&"skip_connect".to_owned()), "{texts:?}");
    }

    #[test]
    fn the_initial_structure_shows_each_block_with_its_resolution_and_share() {
        for width in [360.0, 800.0] {
            let texts = texts("plainnet", spaces::plainnet::INITIAL, width);
            let has = |part: &str| texts.iter().any(|text| text.contains(part));
            for part in
                ["K3 convolution", "E6 K3", "3 to 8", "96 to 128", "1 × 1 convolution", "128 to 2048", "32 × 32", "1 × 1", "10 classes"]
            {
                assert!(has(part), "{part}: {texts:?}");
            }
            assert_eq!(texts.iter().filter(|text| text.contains("E6 K3")).count(), 4);
            let words: Vec<&str> = texts.iter().flat_map(|text| text.split([' ', '(', ')'])).collect();
            let percents = words.windows(2).filter(|pair| pair[1] == "%");
            let shares: f64 = percents.filter_map(|pair| pair[0].parse::<f64>().ok()).sum();
            assert!((shares - 100.0).abs() < 1.0, "{shares}");
        }
    }

    #[test]
    fn cells_and_widths_of_the_other_spaces_are_drawn() {
        let sizes = texts("nats-sss", "8:16:24:32:64", 800.0);
        for width in ["8 channels", "16 channels", "24 channels", "32 channels", "64 channels"] {
            assert!(sizes.iter().any(|text| text.contains(width)), "{width}: {sizes:?}");
        }
        let micro = texts("tnb101", "64-41414-0_12_333", 360.0);
        for op in ["none", "skip", "conv1x1", "conv3x3"] {
            assert!(micro.iter().any(|text| text.starts_with(op)), "{op}: {micro:?}");
        }
        assert_eq!(texts("tnb101-macro", "64-1114-basic", 800.0).iter().filter(|text| text.starts_with("layer")).count(), 4);
        let cell = "0111000001000010000100000:input,conv3x3-bn-relu,conv1x1-bn-relu,maxpool3x3,output";
        let vertices = texts("nb101", cell, 360.0);
        for part in ["input", "3×3", "1×1", "pool", "output"] {
            assert!(vertices.iter().any(|text| text.contains(part)), "{part}: {vertices:?}");
        }
    }

    #[test]
    fn what_is_no_architecture_is_an_error_and_an_unknown_space_has_no_picture() {
        for space in ["plainnet", "nb201", "nats-sss", "nb101", "tnb101", "tnb101-macro"] {
            let error = diagram(Drawn { space, arch: "nothing", resolution: None, classes: None }, 800.0).unwrap_err();
            assert!(error.to_string().contains("`nothing`"), "{error}");
        }
        assert_eq!(diagram(Drawn { space: "darts", arch: "x", resolution: None, classes: None }, 800.0).unwrap(), None);
    }
}
