//! Proxies and benchmarks crossed.

use std::collections::BTreeMap;

use super::Listed;
use crate::benchmarks;
use crate::model::capital;
use crate::paper;

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
    pub(super) fn new(listed: &[Listed]) -> Self {
        let mut columns = Vec::new();
        let mut filled: Vec<BTreeMap<String, GridCell>> = Vec::new();
        for report in listed {
            let alone = listed.iter().filter(|other| other.card.space == report.card.space).count() == 1;
            let group = if alone { report.card.space_title.clone() } else { format!("{} ({})", report.card.space_title, report.name) };
            for dataset in &report.card.datasets {
                let mut cells: BTreeMap<String, GridCell> = paper_cells(&report.card.space, &dataset.dataset);
                for proxy in &dataset.proxies {
                    let cell = cells.entry(proxy.proxy.clone()).or_default();
                    cell.tau_b = proxy.tau_b;
                    cell.paper = proxy.paper.map(|paper| paper[0]).or(cell.paper);
                }
                columns.push(GridColumn {
                    group: group.clone(),
                    title: dataset.title.clone(),
                    link: Some(format!("{}index.html#{}", report.folder, dataset.anchor)),
                    n: Some(dataset.n),
                    measured: report.card.has_values,
                });
                filled.push(cells);
            }
            push_paper(report.card.space.as_str(), &group, listed, &mut columns, &mut filled);
        }
        for benchmark in benchmarks::ALL {
            let listed_already = listed.iter().any(|report| benchmark.spaces.contains(&report.card.space.as_str()));
            if let (false, Some(space)) = (listed_already, benchmark.spaces.first()) {
                push_paper(space, benchmark.title, listed, &mut columns, &mut filled);
            }
        }
        let proxies = order(&filled);
        let cells =
            proxies.iter().map(|proxy| filled.iter().map(|column| column.get(proxy).copied().unwrap_or_default()).collect()).collect();
        Self { columns, proxies, cells }
    }
}

/// Columns of the datasets that the paper has and no report.
fn push_paper(space: &str, group: &str, listed: &[Listed], columns: &mut Vec<GridColumn>, filled: &mut Vec<BTreeMap<String, GridCell>>) {
    let known = benchmarks::of_space(space).map_or(&[][..], |benchmark| benchmark.datasets);
    for dataset in known {
        let reports = listed.iter().filter(|report| benchmarks::of_space(&report.card.space) == benchmarks::of_space(space));
        let reported = reports.flat_map(|report| &report.card.datasets).any(|other| other.dataset == dataset.name);
        let cells = paper_cells(space, dataset.name);
        let title = capital(dataset.title);
        let column = GridColumn { group: group.into(), title, link: None, n: None, measured: false };
        if !reported && !cells.is_empty() && !columns.contains(&column) {
            columns.push(column);
            filled.push(cells);
        }
    }
}

fn paper_cells(space: &str, dataset: &str) -> BTreeMap<String, GridCell> {
    let figures = paper::all(space).filter(|(name, ..)| *name == dataset);
    figures.map(|(_, proxy, figure)| (proxy.to_owned(), GridCell { tau_b: None, paper: Some(figure.tau) })).collect()
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
