//! Proxies and benchmarks crossed.

use std::collections::BTreeMap;

use super::Listed;
use super::card::Card;
use crate::benchmarks::{self, Benchmark};
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
        let mut columns = Vec::new();
        let mut filled: Vec<BTreeMap<String, GridCell>> = Vec::new();
        // The reports come in the order of their benchmarks; what has no benchmark of this workspace comes last.
        for benchmark in benchmarks::ALL {
            let mine: Vec<&Listed> = listed.iter().filter(|report| benchmark.spaces.contains(&report.card.space.as_str())).collect();
            for report in &mine {
                push_report(report, &mine, &mut columns, &mut filled);
            }
            push_paper(benchmark, &mine, &mut columns, &mut filled);
        }
        let others: Vec<&Listed> = listed.iter().filter(|report| benchmarks::of_space(&report.card.space).is_none()).collect();
        for report in &others {
            push_report(report, &others, &mut columns, &mut filled);
        }
        for column in &mut filled {
            column.retain(|_, cell| cell.tau_b.is_some() || cell.paper.is_some());
        }
        Self::crossed(columns, &filled)
    }

    /// The datasets of one report only, with links within its page.
    pub(crate) fn of_report(card: &Card) -> Self {
        let listed = Listed { card: card.clone(), folder: String::new(), name: String::new() };
        let (mut columns, mut filled) = (Vec::new(), Vec::new());
        push_report(&listed, &[&listed], &mut columns, &mut filled);
        for (column, dataset) in columns.iter_mut().zip(&card.datasets) {
            column.link = Some(format!("#{}", dataset.anchor));
        }
        // Proxies that only the paper has are left to the index.
        let scored = |name: &String| card.datasets.iter().any(|dataset| dataset.proxies.iter().any(|proxy| proxy.proxy == *name));
        for column in &mut filled {
            column.retain(|name, _| scored(name));
        }
        Self::crossed(columns, &filled)
    }

    fn crossed(columns: Vec<GridColumn>, filled: &[BTreeMap<String, GridCell>]) -> Self {
        let proxies = order(filled);
        let cells =
            proxies.iter().map(|proxy| filled.iter().map(|column| column.get(proxy).copied().unwrap_or_default()).collect()).collect();
        Self { columns, proxies, cells }
    }
}

/// Columns of a report. A dataset without values has none if another of `reports` has values for it.
fn push_report(report: &Listed, reports: &[&Listed], columns: &mut Vec<GridColumn>, filled: &mut Vec<BTreeMap<String, GridCell>>) {
    let card = &report.card;
    let alone = reports.iter().filter(|other| other.card.space == card.space).count() == 1;
    let group = if alone { card.space_title.clone() } else { format!("{} ({})", card.space_title, report.name) };
    for dataset in &card.datasets {
        let has = |other: &&&Listed| other.card.has_values && other.card.datasets.iter().any(|one| one.dataset == dataset.dataset);
        if !card.has_values && reports.iter().any(|other| has(&other)) {
            continue;
        }
        let mut cells: BTreeMap<String, GridCell> = paper_cells(&card.space, &dataset.dataset);
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
            measured: card.has_values,
            on_noise: dataset.on_noise,
        });
        filled.push(cells);
    }
}

/// Columns of the datasets of a benchmark that the paper has and none of `reports`.
fn push_paper(benchmark: &Benchmark, reports: &[&Listed], columns: &mut Vec<GridColumn>, filled: &mut Vec<BTreeMap<String, GridCell>>) {
    let Some(space) = benchmark.spaces.first() else { return };
    for dataset in benchmark.datasets {
        let reported = reports.iter().flat_map(|report| &report.card.datasets).any(|other| other.dataset == dataset.name);
        let cells = paper_cells(space, dataset.name);
        if reported || cells.is_empty() {
            continue;
        }
        let group = columns
            .last()
            .filter(|_| reports.len() == 1)
            .map_or_else(|| benchmark.title.to_owned(), |last: &GridColumn| last.group.clone());
        columns.push(GridColumn { group, title: capital(dataset.title), link: None, n: None, measured: false, on_noise: false });
        filled.push(cells);
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
