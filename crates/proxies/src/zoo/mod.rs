//! Every proxy: one file each, one line in [`ALL`].

mod flops;
mod grad_norm;
mod naswot;
mod params;
mod snip;
mod synflow;
mod zico;

pub use flops::Flops;
pub use grad_norm::GradNorm;
pub use naswot::Naswot;
pub use params::Params;
pub use snip::Snip;
pub use synflow::SynFlow;
pub use zico::ZiCo;

use crate::{Error, Proxy};

/// Every proxy, in the order of tables and reports.
pub const ALL: &[&dyn Proxy] = &[&ZiCo, &GradNorm, &Snip, &SynFlow, &Naswot, &Params, &Flops];

/// The proxy of that name.
///
/// # Errors
/// [`Error::UnknownProxy`] with the nearest name, if there is one.
pub fn find(name: &str) -> Result<&'static dyn Proxy, Error> {
    let names = || ALL.iter().map(|p| p.meta().name);
    ALL.iter().copied().find(|p| p.meta().name == name).ok_or_else(|| Error::UnknownProxy {
        name: name.into(),
        suggestion: spaces::suggest(name, names()),
        known: names().collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_proxy_fills_its_metadata_and_has_a_name_of_its_own() {
        let mut names: Vec<_> = ALL.iter().map(|p| p.meta().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for meta in ALL.iter().map(|p| p.meta()) {
            for field in [meta.name, meta.title, meta.formula, meta.paper, meta.reference, meta.unit, meta.conventions] {
                assert!(!field.is_empty(), "{}", meta.name);
            }
            assert!(meta.version > 0 && meta.reference.contains('@'), "{}", meta.name);
        }
    }

    #[test]
    fn an_unknown_name_gets_a_suggestion() {
        let error = find("zicoo").err().unwrap().to_string();
        assert!(error.contains("did you mean `zico`") && error.contains("naswot"), "{error}");
    }
}
