//! The paper's own figures: constants that stand beside computed numbers and enter none of them.
//!
//! ZiCo: Zero-shot NAS via inverse Coefficient of Variation on Gradients (Li, Yang, Bhardwaj, Marculescu, ICLR 2023,
//! arXiv 2301.11300v3), Tables 1 to 6, 8 and 9 and Figure 3, transcribed.
//!
//! ```
//! let zico = report::paper::correlation("nb201", "cifar10", "zico").unwrap();
//! assert_eq!((zico.tau, zico.rho, zico.source), (0.61, 0.80, "Table 1 and 3"));
//! ```

/// Link to the paper.
pub const LINK: &str = "https://arxiv.org/abs/2301.11300";

const CORRELATIONS: &str = include_str!("paper_correlations.csv");

/// Names of this workspace's spaces in the figures. The topology space of NATS-Bench has the architectures of NAS-Bench-201.
const SPACES: &[(&str, &str)] = &[
    ("nb201", "nats-tss"),
    ("nats-tss", "nats-tss"),
    ("nats-sss", "nats-sss"),
    ("nb101", "nb101"),
    ("tnb101", "tnb101-micro"),
    ("tnb101-micro", "tnb101-micro"),
];

/// Proxies that are another form of one of the paper's, whose tables don't say which form they have. `GradSign`'s own paper sums over weights; its
/// mean is that of later code.
const FORMS: &[(&str, &str)] = &[("gradsign_sum", "gradsign")];

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

impl PaperCorrelation {
    /// That of minus the score.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { tau: -self.tau, rho: -self.rho, ..self }
    }
}

/// The paper's correlation of `proxy` on a space (this workspace's name) and dataset, if it has one.
pub fn correlation(space: &str, dataset: &str, proxy: &str) -> Option<PaperCorrelation> {
    let (_, paper_space) = SPACES.iter().find(|(ours, _)| *ours == space)?;
    let named = FORMS.iter().find(|(form, _)| *form == proxy).map_or(proxy, |(_, named)| named);
    let wanted = [*paper_space, dataset, named];
    CORRELATIONS.lines().skip(1).find_map(|line| {
        let mut fields = line.split(',');
        let source = fields.next()?;
        if !wanted.iter().all(|want| fields.next() == Some(want)) {
            return None;
        }
        Some(PaperCorrelation { source, tau: fields.next()?.parse().ok()?, rho: fields.next()?.parse().ok()? })
    })
}

/// Tables 4 and 6: what ZiCo leads to, in the unit of the dataset's own value; mean of five runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperPick {
    /// Space, in the paper's figures.
    pub space: &'static str,
    /// Dataset or task.
    pub dataset: &'static str,
    /// What the number is.
    pub title: &'static str,
    /// What the number is, for the legend of a chart.
    pub chart: &'static str,
    /// Metric it is of, as in tables.
    pub metric: &'static str,
    /// The number.
    pub zico: f64,
    /// Its decimals as printed.
    pub decimals: usize,
    /// The best of the space, where the paper gives it. The maximum of the seed-averaged official table of the topology
    /// space differs for CIFAR-10: 94.37.
    pub ground_truth: Option<f64>,
}

const fn first(dataset: &'static str, zico: f64, ground_truth: f64) -> PaperPick {
    let (title, chart) = ("ZiCo in the paper’s Table 4", "the paper's ZiCo pick");
    PaperPick { space: "nats-tss", dataset, title, chart, metric: "accuracy", zico, decimals: 1, ground_truth: Some(ground_truth) }
}

const fn found(dataset: &'static str, metric: &'static str, zico: f64, decimals: usize) -> PaperPick {
    let (title, chart) = ("ZiCo’s search in the paper’s Table 6", "the paper's ZiCo search");
    PaperPick { space: "tnb101-micro", dataset, title, chart, metric, zico, decimals, ground_truth: None }
}

/// Table 4 (the architecture ranked first) and Table 6 (the best found in a search) of the paper.
pub const PICKS: &[PaperPick] = &[
    first("cifar10", 94.0, 94.5),
    first("cifar100", 71.1, 73.5),
    first("imagenet16-120", 41.8, 47.3),
    found("autoencoder", "ssim", 0.48, 2),
    found("class_scene", "top1", 53.7, 1),
    found("jigsaw", "top1", 93.2, 1),
    found("normal", "ssim", 0.57, 2),
];

/// Table 8: a search for the highest `ZiCo` on the topology space; mean and standard deviation of five runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperSearch {
    /// Space, in the paper's figures.
    pub space: &'static str,
    /// Dataset.
    pub dataset: &'static str,
    /// Mean test accuracy of the architectures found, in percent.
    pub mean: f64,
    /// Its standard deviation; which divisor is not recorded with the figure.
    pub deviation: f64,
}

/// Table 8 of the paper.
pub const SEARCHES: &[PaperSearch] = &[
    PaperSearch { space: "nats-tss", dataset: "cifar10", mean: 94.15, deviation: 0.22 },
    PaperSearch { space: "nats-tss", dataset: "cifar100", mean: 72.77, deviation: 0.66 },
    PaperSearch { space: "nats-tss", dataset: "imagenet16-120", mean: 46.39, deviation: 0.23 },
];

/// The paper's search on a space (this workspace's name) and dataset, if it has one for this metric.
pub fn search(space: &str, dataset: &str, metric: &str) -> Option<&'static PaperSearch> {
    let (_, paper_space) = SPACES.iter().find(|(ours, _)| *ours == space)?;
    SEARCHES.iter().find(|search| metric == "accuracy" && (search.space, search.dataset) == (*paper_space, dataset))
}

/// A result of the paper's search on `ImageNet`: structures of `SLDGroup/ZiCo@b0fec65`, figures of Tables 2 and 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// Name after its budget.
    pub name: &'static str,
    /// Millions of FLOPs that the paper prints.
    pub printed: &'static str,
    /// Top-1 accuracy on `ImageNet` in percent, trained with distillation, where the paper has it.
    pub top1: Option<&'static str>,
    /// The structure.
    pub arch: &'static str,
}

/// The published structures, by their budgets.
pub const SEARCHED: &[Searched] = &[
    Searched {
        name: "ZiCo 450M",
        printed: "448",
        top1: Some("78.1"),
        arch: "SuperConvK3BNRELU(3,16,2,1)SuperResIDWE1K7(16,40,2,40,1)SuperResIDWE2K7(40,80,2,64,1)SuperResIDWE4K7(80,96,2,96,5)SuperResIDWE2K7(96,224,2,224,5)SuperConvK1BNRELU(224,2048,1,1)",
    },
    Searched {
        name: "ZiCo 600M",
        printed: "603",
        top1: Some("79.4"),
        arch: "SuperConvK3BNRELU(3,24,2,1)SuperResIDWE1K7(24,48,2,48,1)SuperResIDWE2K7(48,72,2,72,1)SuperResIDWE6K5(72,160,2,96,1)SuperResIDWE6K7(160,200,2,112,5)SuperResIDWE6K7(200,168,1,168,4)SuperConvK1BNRELU(168,2048,1,1)",
    },
    Searched {
        name: "ZiCo 1G",
        printed: "1005",
        top1: Some("80.5"),
        arch: "SuperConvK3BNRELU(3,48,2,1)SuperResIDWE1K7(48,48,2,72,1)SuperResIDWE1K7(48,80,2,128,1)SuperResIDWE2K7(80,160,2,144,3)SuperResIDWE4K7(160,288,2,232,4)SuperResIDWE6K5(288,232,1,208,5)SuperConvK1BNRELU(232,2048,1,1)",
    },
    Searched {
        name: "#params 450M",
        printed: "451",
        top1: None,
        arch: "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,8,2,8,1)SuperResIDWE1K3(8,8,2,8,1)SuperResIDWE1K5(8,64,2,8,1)SuperResIDWE6K5(64,1024,2,48,1)SuperConvK1BNRELU(1024,2048,1,1)",
    },
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

/// What the paper's ZiCo leads to on a space (this workspace's name) and dataset, if it says so for this metric.
pub fn pick(space: &str, dataset: &str, metric: &str) -> Option<&'static PaperPick> {
    let (_, paper_space) = SPACES.iter().find(|(ours, _)| *ours == space)?;
    PICKS.iter().find(|pick| (pick.space, pick.dataset, pick.metric) == (*paper_space, dataset, metric))
}

/// Every proxy and dataset that the paper has a correlation for on a space (this workspace's name).
pub fn all(space: &str) -> impl Iterator<Item = (&'static str, &'static str, PaperCorrelation)> {
    let paper_space = SPACES.iter().find(|(ours, _)| *ours == space).map(|(_, paper)| *paper);
    CORRELATIONS.lines().skip(1).filter_map(move |line| {
        let fields: Vec<&str> = line.split(',').collect();
        let [source, space, dataset, proxy, tau, rho] = fields[..] else { return None };
        (Some(space) == paper_space).then_some(())?;
        Some((dataset, proxy, PaperCorrelation { source, tau: tau.parse().ok()?, rho: rho.parse().ok()? }))
    })
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
        let gradsign = ["gradsign", "gradsign_sum"].map(|proxy| correlation("nb201", "cifar10", proxy));
        assert!(gradsign[0].is_some() && gradsign[0] == gradsign[1]);
    }

    #[test]
    fn each_space_has_the_papers_number_of_figures() {
        let counts = ["nb101", "nb201", "nats-sss", "tnb101", "elsewhere"].map(|space| all(space).count());
        assert_eq!(counts, [9, 39, 39, 44, 0]);
    }

    #[test]
    fn what_the_paper_does_not_have_is_none() {
        assert_eq!(correlation("nb201", "cifar10", "meco"), None);
        assert_eq!(correlation("nb201", "svhn", "zico"), None);
        assert_eq!(pick("nb101", "cifar10", "accuracy"), None);
        assert_eq!(pick("tnb101", "class_object", "top1"), None);
        assert_eq!(pick("nb201", "cifar10", "loss"), None);
    }
}
