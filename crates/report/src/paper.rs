//! The paper's own figures: constants that stand beside computed numbers and enter none of them.
//!
//! ZiCo: Zero-shot NAS via inverse Coefficient of Variation on Gradients (Li, Yang, Bhardwaj, Marculescu, ICLR 2023,
//! arXiv 2301.11300v3), Tables 1, 3, 4, 5 and Figure 3, transcribed.
//!
//! ```
//! let zico = report::paper::correlation("nb201", "cifar10", "zico").unwrap();
//! assert_eq!((zico.tau, zico.rho, zico.source), (0.61, 0.80, "Table 1 and 3"));
//! ```

/// Link to the paper.
pub const LINK: &str = "https://arxiv.org/abs/2301.11300";

const CORRELATIONS: &str = include_str!("paper_correlations.csv");

/// Names of this workspace's spaces in the figures. The topology space of NATS-Bench has the architectures of NAS-Bench-201.
const SPACES: &[(&str, &str)] =
    &[("nb201", "nats-tss"), ("nats-tss", "nats-tss"), ("nats-sss", "nats-sss"), ("nb101", "nb101"), ("tnb101", "tnb101-micro")];

/// A pair of rank correlations as the paper prints it, to two digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperCorrelation {
    /// Table or figure.
    pub source: &'static str,
    /// Kendall's tau; how ties were counted is not recorded with the figure.
    pub tau: f64,
    /// Spearman's rho.
    pub rho: f64,
}

/// The paper's correlation of `proxy` on a space (this workspace's name) and dataset, if it has one.
pub fn correlation(space: &str, dataset: &str, proxy: &str) -> Option<PaperCorrelation> {
    let (_, paper_space) = SPACES.iter().find(|(ours, _)| *ours == space)?;
    let wanted = [*paper_space, dataset, proxy];
    CORRELATIONS.lines().skip(1).find_map(|line| {
        let mut fields = line.split(',');
        let source = fields.next()?;
        if !wanted.iter().all(|want| fields.next() == Some(want)) {
            return None;
        }
        Some(PaperCorrelation { source, tau: fields.next()?.parse().ok()?, rho: fields.next()?.parse().ok()? })
    })
}

/// Table 4: accuracy in percent of the architecture a proxy ranks first on the topology space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperPick {
    /// Dataset.
    pub dataset: &'static str,
    /// ZiCo's pick, mean of five runs.
    pub zico: f64,
    /// The best of the space as the paper gives it. The maximum of the seed-averaged official table differs for CIFAR-10:
    /// 94.37.
    pub ground_truth: f64,
}

/// Table 4 of the paper.
pub const PICKS: &[PaperPick] = &[
    PaperPick { dataset: "cifar10", zico: 94.0, ground_truth: 94.5 },
    PaperPick { dataset: "cifar100", zico: 71.1, ground_truth: 73.5 },
    PaperPick { dataset: "imagenet16-120", zico: 41.8, ground_truth: 47.3 },
];

/// What others measured for ZiCo on the topology space, as they published it (tau, rho).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reproduction {
    /// Who.
    pub source: &'static str,
    /// Under which protocol.
    pub protocol: &'static str,
    /// CIFAR-10, CIFAR-100, ImageNet16-120.
    pub figures: [&'static str; 3],
}

/// Published reproductions of ZiCo on NAS-Bench-201, in the order of their figures.
pub const REPRODUCTIONS: &[Reproduction] = &[
    Reproduction {
        source: "ZiCo paper",
        protocol: "15,625 architectures, test accuracy, N = 2, B = 128",
        figures: [".61 / .80", ".61 / .81", ".60 / .79"],
    },
    Reproduction { source: "VKDNW", protocol: "code of AZ-NAS, B = 64, 5 runs", figures: [".607 / .802", ".614 / .809", ".587 / .779"] },
    Reproduction {
        source: "L-SWAG",
        protocol: "1,000 architectures, validation accuracy, B = 64",
        figures: ["– / .75", "– / .80", "– / .78"],
    },
    Reproduction { source: "Deeplite, PR 323", protocol: "500 architectures", figures: ["–", ".538 / –", "–"] },
];

/// The paper's Table 4 for a dataset of the topology space.
pub fn pick(space: &str, dataset: &str) -> Option<&'static PaperPick> {
    PICKS.iter().find(|pick| matches!(space, "nb201" | "nats-tss") && pick.dataset == dataset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_figures_can_be_looked_up() {
        let (mut found, mut last) = (0, 0.0);
        for line in CORRELATIONS.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let ours = SPACES.iter().find(|(_, paper)| *paper == fields[1]).unwrap_or_else(|| panic!("{line}"));
            let value = correlation(ours.0, fields[2], fields[3]).unwrap_or_else(|| panic!("{line}"));
            assert!(value.tau.abs() <= 1.0 && value.rho.abs() <= 1.0, "{line}");
            (found, last) = (found + 1, value.rho);
        }
        assert_eq!((found, last), (131, 0.68));
    }

    #[test]
    fn what_the_paper_does_not_have_is_none() {
        assert_eq!(correlation("nb201", "cifar10", "meco"), None);
        assert_eq!(correlation("nb201", "svhn", "zico"), None);
        assert_eq!(pick("nb101", "cifar10"), None);
    }
}
