//! Proxies and benchmarks crossed.

use std::collections::{BTreeMap, BTreeSet};

use super::Listed;
use super::card::Card;
use crate::benchmarks::{self, Benchmark};
use crate::model::capital;
use crate::paper::{self, PaperCorrelation};

/// Tau-b of every proxy on every dataset, and the paper's.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Datasets, those of one report or benchmark side by side.
    pub columns: Vec<GridColumn>,
    /// Proxies: the paper's first, then by the mean of what was measured, then those that only the paper has.
    pub proxies: Vec<String>,
    /// Cells by proxy and column.
    pub cells: Vec<Vec<GridCell>>,
}

/// A dataset of a report, or one that only the paper has.
#[derive(Clone, Debug, PartialEq)]
pub struct GridColumn {
    /// Heading over the datasets of one report.
    pub group: String,
    /// Name of the dataset for people.
    pub title: String,
    /// Link to its section; none if there is no report.
    pub link: Option<String>,
    /// Architectures that count.
    pub n: Option<usize>,
    /// Whether there are correlations.
    pub measured: bool,
    /// Whether the scores were computed on noise instead of images.
    pub on_noise: bool,
}

/// A proxy on a dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GridCell {
    /// Tau-b with its interval.
    pub tau_b: Option<[f64; 3]>,
    /// The paper's tau.
    pub paper: Option<f64>,
}

impl Grid {
    /// Proxies without any number, ours or the paper's, have no row.
    pub(super) fn new(listed: &[Listed]) -> Self {
        let mut made = Columns::of(listed);
        // The reports come in the order of their benchmarks; what has no benchmark of this workspace comes last.
        for benchmark in benchmarks::ALL {
            let mine: Vec<&Listed> = listed.iter().filter(|report| benchmark.spaces.contains(&report.card.space.as_str())).collect();
            for report in &mine {
                made.push_report(report, &mine);
            }
            made.push_paper(benchmark, &mine);
        }
        let others: Vec<&Listed> = listed.iter().filter(|report| benchmarks::of_space(&report.card.space).is_none()).collect();
        for report in &others {
            made.push_report(report, &others);
        }
        made.retain(|_, cell| cell.tau_b.is_some() || cell.paper.is_some());
        made.crossed()
    }

    /// The datasets of one report only, with links within its page.
    pub(crate) fn of_report(card: &Card) -> Self {
        let listed = Listed { card: card.clone(), folder: String::new(), name: String::new() };
        let mut made = Columns::of(std::slice::from_ref(&listed));
        made.push_report(&listed, &[&listed]);
        for (column, dataset) in made.heads.iter_mut().zip(&card.datasets) {
            column.link = Some(format!("#{}", dataset.anchor));
        }
        // Proxies that only the paper has are left to the index.
        let scored = |name: &String| card.datasets.iter().any(|dataset| dataset.proxies.iter().any(|proxy| proxy.proxy == *name));
        made.retain(|name, _| scored(name));
        made.crossed()
    }
}

/// Columns of a grid: what stands over each, and its cells by proxy.
struct Columns {
    heads: Vec<GridColumn>,
    filled: Vec<BTreeMap<String, GridCell>>,
    /// Proxies whose figures of the paper have the other sign here.
    lower_is_better: BTreeSet<String>,
}

impl Columns {
    /// None yet.
    fn of(listed: &[Listed]) -> Self {
        let proxies = listed.iter().flat_map(|report| &report.card.datasets).flat_map(|dataset| &dataset.proxies);
        let lower_is_better = proxies.filter(|proxy| proxy.lower_is_better).map(|proxy| proxy.proxy.clone()).collect();
        Self { heads: Vec::new(), filled: Vec::new(), lower_is_better }
    }

    /// Columns of a report. A dataset without values has none if another of `reports` has values for it.
    fn push_report(&mut self, report: &Listed, reports: &[&Listed]) {
        let card = &report.card;
        let alone = reports.iter().filter(|other| other.card.space == card.space).count() == 1;
        let group = if alone { card.space_title.clone() } else { format!("{} ({})", card.space_title, report.name) };
        for dataset in &card.datasets {
            let has = |other: &&&Listed| other.card.has_values && other.card.datasets.iter().any(|one| one.dataset == dataset.dataset);
            if !card.has_values && reports.iter().any(|other| has(&other)) {
                continue;
            }
            let mut cells = self.paper_cells(&card.space, &dataset.dataset);
            for proxy in &dataset.proxies {
                let cell = cells.entry(proxy.proxy.clone()).or_default();
                cell.tau_b = proxy.tau_b;
                cell.paper = proxy.paper.map(|paper| paper[0]).or(cell.paper);
            }
            self.heads.push(GridColumn {
                group: group.clone(),
                title: dataset.title.clone(),
                link: Some(format!("{}index.html#{}", report.folder, dataset.anchor)),
                n: Some(dataset.n),
                measured: card.has_values,
                on_noise: dataset.on_noise,
            });
            self.filled.push(cells);
        }
    }

    /// Columns of the datasets of a benchmark that the paper has and none of `reports`.
    fn push_paper(&mut self, benchmark: &Benchmark, reports: &[&Listed]) {
        let Some(space) = benchmark.spaces.first() else { return };
        for dataset in benchmark.datasets {
            let reported = reports.iter().flat_map(|report| &report.card.datasets).any(|other| other.dataset == dataset.name);
            let cells = self.paper_cells(space, dataset.name);
            if reported || cells.is_empty() {
                continue;
            }
            let group = self
                .heads
                .last()
                .filter(|_| reports.len() == 1)
                .map_or_else(|| benchmark.title.to_owned(), |last: &GridColumn| last.group.clone());
            self.heads.push(GridColumn { group, title: capital(dataset.title), link: None, n: None, measured: false, on_noise: false });
            self.filled.push(cells);
        }
    }

    /// The paper's figures of the scores as they are.
    fn paper_cells(&self, space: &str, dataset: &str) -> BTreeMap<String, GridCell> {
        let figures = paper::all(space).filter(|(name, ..)| *name == dataset);
        let cell = |proxy: &str, figure: PaperCorrelation| {
            let figure = if self.lower_is_better.contains(proxy) { figure.negated() } else { figure };
            GridCell { tau_b: None, paper: Some(figure.tau) }
        };
        figures.map(|(_, proxy, figure)| (proxy.to_owned(), cell(proxy, figure))).collect()
    }

    fn retain(&mut self, keeps: impl Fn(&String, &GridCell) -> bool) {
        for column in &mut self.filled {
            column.retain(|name, cell| keeps(name, cell));
        }
    }

    fn crossed(self) -> Grid {
        let proxies = order(&self.filled);
        let row = |proxy: &String| self.filled.iter().map(|column| column.get(proxy).copied().unwrap_or_default()).collect();
        Grid { cells: proxies.iter().map(row).collect(), columns: self.heads, proxies }
    }
}

fn order(filled: &[BTreeMap<String, GridCell>]) -> Vec<String> {
    let mut names: Vec<&String> = filled.iter().flat_map(BTreeMap::keys).collect();
    names.sort();
    names.dedup();
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let key = |name: &String| {
        let cells = || filled.iter().filter_map(|column| column.get(name));
        let measured = mean(cells().filter_map(|cell| Some(cell.tau_b?[0])).collect());
        let printed = mean(cells().filter_map(|cell| cell.paper).collect());
        (name == "zico", measured.is_some(), measured.or(printed).unwrap_or(-2.0))
    };
    names.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.total_cmp(&a.2))
    });
    names.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::card::{CardDataset, CardProxy};

    #[test]
    fn the_paper_counts_the_way_round_that_was_measured() {
        let proxy = |name: &str, lower_is_better: bool| CardProxy {
            proxy: name.into(),
            version: 1,
            lower_is_better,
            n: 3,
            tau_b: Some([0.1, 0.0, 0.2]),
            rho: None,
            paper: None,
            wall_ms: None,
        };
        let dataset = CardDataset {
            dataset: "cifar10".into(),
            title: "CIFAR-10".into(),
            anchor: "cifar10".into(),
            value: Some("accuracy".into()),
            n: 3,
            n_table: None,
            batches: None,
            on_noise: false,
            finding: String::new(),
            proxies: vec![proxy("zico", false), proxy("ntk", true)],
            sketch: None,
        };
        let (space, title) = ("nb201".to_owned(), "NAS-Bench-201".to_owned());
        let card = Card {
            schema: 1,
            title: title.clone(),
            space,
            space_title: title,
            confidence: 0.95,
            has_values: true,
            datasets: vec![dataset],
        };
        let grid = Grid::new(&[Listed { card, folder: "a/".into(), name: "a".into() }]);
        for (name, sign) in [("zico", 1.0), ("ntk", -1.0)] {
            let row = &grid.cells[grid.proxies.iter().position(|proxy| proxy == name).unwrap()];
            let figures: Vec<f64> = row.iter().filter_map(|cell| cell.paper).collect();
            assert!(figures.len() > 3 && figures.iter().all(|tau| tau * sign > 0.0), "{name}: {figures:?}");
        }
    }
}
