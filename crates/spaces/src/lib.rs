//! Search spaces: which architectures there are, which are the same network, and what network each one is.
//!
//! A [`Space`] parses, enumerates, canonicalises, samples, mutates and *lowers* an architecture to a
//! [`netgraph::Graph`]. One file per space, one line each in [`ALL`]; [`find`] looks one up by name.
//!
//! ```
//! let nb201 = spaces::find("nb201")?;
//! let arch = nb201.parse("1462")?; // an index or the official string
//! assert_eq!(arch.text, "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|");
//! let network = nb201.lower(&arch, &nb201.default_setting(10, 32))?;
//! assert_eq!((network.n_params(), network.flops()), (1_531_546, 220_119_690));
//! # Ok::<(), spaces::Error>(())
//! ```
//!
//! [`plainnet`] is the space of the search on `ImageNet`, which has neither index nor table.
//!
//! Accuracies and files of a space's benchmark stand in `bench-loaders`, not here.

mod error;
mod four_node_cell;
pub mod nats_sss;
pub mod nb101;
pub mod nb201;
mod official_order;
pub mod plainnet;
mod space;
mod tiny_network;
pub mod tnb101;

pub use error::Error;
pub use space::{Architecture, Features, Head, Scope, Setting, Space, SpaceMeta};

/// Every space.
pub const ALL: &[&dyn Space] = &[&nb201::Nb201, &nats_sss::NatsSss, &nb101::Nb101, &tnb101::Tnb101, &tnb101::Tnb101Macro];

/// The space of that name.
///
/// # Errors
/// [`Error::UnknownSpace`] with the nearest name, if there is one.
pub fn find(name: &str) -> Result<&'static dyn Space, Error> {
    ALL.iter().copied().find(|s| s.meta().name == name).ok_or_else(|| Error::UnknownSpace {
        name: name.into(),
        suggestion: suggest(name, ALL.iter().map(|s| s.meta().name)),
        known: ALL.iter().map(|s| s.meta().name).collect::<Vec<_>>().join(", "),
    })
}

/// The candidate most like `name`, if any is like it (normalised Damerau-Levenshtein similarity of at least one half).
/// Names of more than 100 bytes are like nothing: the comparison's memory grows with their length.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if name.len() > 100 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_an_architecture_in_its_normal_form_or_refused(text in "\\PC{0,40}|[0-9]{1,3}-[0-9]{1,7}-[0-3_]{8}|[01]{9}:[a-z0-9,-]{0,40}") {
            for space in ALL {
                if let Ok(arch) = space.parse(&text) {
                    prop_assert_eq!(space.parse(&arch.text).unwrap(), arch);
                }
            }
        }
    }

    #[test]
    fn every_space_fills_its_metadata_and_has_a_name_of_its_own() {
        let mut names: Vec<_> = ALL.iter().map(|s| s.meta().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for meta in ALL.iter().map(|s| s.meta()) {
            for field in [meta.name, meta.title, meta.paper, meta.reference, meta.grammar] {
                assert!(!field.is_empty(), "{}", meta.name);
            }
            assert!(meta.reference.contains('@') && meta.size > 0);
        }
    }

    #[test]
    fn every_space_parses_and_lowers_what_it_samples() {
        for space in ALL {
            for arch in space.sample(5, 20) {
                assert_eq!(space.parse(&arch.text).unwrap(), arch);
                if let Some(index) = arch.index {
                    assert_eq!(space.parse(&index.to_string()).unwrap(), arch);
                }
                let setting = Setting { cells: 1, ..space.default_setting(7, 16) };
                assert_eq!(space.lower(&arch, &setting).unwrap().classes(), 7);
            }
        }
    }

    #[test]
    fn an_unknown_name_gets_a_suggestion() {
        let error = find("nb210").err().unwrap().to_string();
        assert!(error.contains("did you mean `nb201`"), "{error}");
        assert!(find("resnet").err().unwrap().to_string().contains("known: nb201"));
    }
}
