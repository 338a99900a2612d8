//! Every proxy: one file each, one line in [`ALL`].

mod az_expressivity;
mod az_progressivity;
mod az_trainability;
mod epe_nas;
mod fisher;
mod flops;
mod grad_norm;
mod grad_norm_total;
mod gradsign;
mod gradsign_sum;
mod grasp;
mod jacob_cov;
mod jacob_cov_kaiming;
mod knas;
mod l2_norm;
mod layers;
mod linear_regions;
mod live_layers;
mod lswag;
mod meco;
mod meco_containers;
mod meco_opt;
mod meco_random;
mod naswot;
mod near;
mod near_random;
mod ntk;
mod params;
mod plain;
mod snip;
mod swap;
mod swap_joined;
mod synflow;
mod synflow_bn;
mod synflow_log;
mod synflow_zen;
mod vkdnw_dim;
mod vkdnw_entropy;
mod vkdnw_single;
mod zen;
mod zico;
mod zico_accum;
mod zico_damped;
mod zico_eq15;
mod zico_floor;
mod zico_mean;
mod zico_std;

pub use az_expressivity::AzExpressivity;
pub use az_progressivity::AzProgressivity;
pub use az_trainability::AzTrainability;
pub use epe_nas::EpeNas;
pub use fisher::Fisher;
pub use flops::Flops;
pub use grad_norm::GradNorm;
pub use grad_norm_total::GradNormTotal;
pub use gradsign::GradSign;
pub use gradsign_sum::GradSignSum;
pub use grasp::Grasp;
pub use jacob_cov::JacobCov;
pub use jacob_cov_kaiming::JacobCovKaiming;
pub use knas::Knas;
pub use l2_norm::L2Norm;
pub use layers::Layers;
pub use linear_regions::LinearRegions;
pub use live_layers::LiveLayers;
pub use lswag::Lswag;
pub use meco::MeCo;
pub use meco_containers::MeCoContainers;
pub use meco_opt::MeCoOpt;
pub use meco_random::MeCoRandom;
pub use naswot::Naswot;
pub use near::Near;
pub use near_random::NearRandom;
pub use ntk::Ntk;
pub use params::Params;
pub use plain::Plain;
pub use snip::Snip;
pub use swap::Swap;
pub use swap_joined::SwapJoined;
pub use synflow::SynFlow;
pub use synflow_bn::SynFlowBn;
pub use synflow_log::SynFlowLog;
pub use synflow_zen::SynFlowZen;
pub use vkdnw_dim::VkdnwDim;
pub use vkdnw_entropy::VkdnwEntropy;
pub use vkdnw_single::VkdnwSingle;
pub use zen::Zen;
pub use zico::ZiCo;
pub use zico_accum::ZiCoAccumulated;
pub use zico_damped::ZiCoDamped;
pub use zico_eq15::ZiCoEq15;
pub use zico_floor::ZiCoFloor;
pub use zico_mean::ZiCoMean;
pub use zico_std::ZiCoStd;

use crate::{Error, Proxy};

/// Every proxy, in the order of tables and reports.
pub const ALL: &[&dyn Proxy] = &[
    &ZiCo,
    &ZiCoEq15,
    &ZiCoAccumulated,
    &ZiCoFloor,
    &ZiCoDamped,
    &ZiCoMean,
    &ZiCoStd,
    &Layers,
    &LiveLayers,
    &GradNorm,
    &GradNormTotal,
    &Snip,
    &Plain,
    &L2Norm,
    &Grasp,
    &Fisher,
    &SynFlow,
    &SynFlowLog,
    &SynFlowBn,
    &SynFlowZen,
    &JacobCov,
    &JacobCovKaiming,
    &EpeNas,
    &Knas,
    &GradSign,
    &GradSignSum,
    &Naswot,
    &LinearRegions,
    &Ntk,
    &Zen,
    &Params,
    &Flops,
    &AzExpressivity,
    &AzProgressivity,
    &AzTrainability,
    &MeCo,
    &MeCoContainers,
    &MeCoOpt,
    &MeCoRandom,
    &Swap,
    &SwapJoined,
    &Near,
    &NearRandom,
    &VkdnwEntropy,
    &VkdnwDim,
    &VkdnwSingle,
    &Lswag,
];

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
            let names_code = meta.reference.contains('@') || meta.reference.starts_with("own definition");
            assert!(meta.version > 0 && names_code, "{}", meta.name);
        }
    }

    #[test]
    fn an_unknown_name_gets_a_suggestion() {
        let error = find("zicoo").err().unwrap().to_string();
        assert!(error.contains("did you mean `zico`") && error.contains("naswot"), "{error}");
    }
}
