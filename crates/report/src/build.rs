//! From files to a folder: reads scores and values, writes the page, the pictures and the data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::aggregate::with_aggregates;
use crate::benchmarks;
use crate::export::Export;
use crate::html::{Link, page};
use crate::index::card::Card;
use crate::model::{Dataset, Loaded, Model, ScoredDataset, slug};
use crate::values::Values;
use crate::{Error, Options, Result, plots};

/// What to report on, and where to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Score folders or files, merged. One run each; several for several datasets.
    pub scores: Vec<PathBuf>,
    /// The benchmark's table.
    pub table: TableChoice,
    /// Folder of the report; `reports/SPACE` if it is none. Files of an earlier report are replaced one by one, each as a whole.
    pub out: Option<PathBuf>,
    /// Further runs of the same proxies: a label, and a score folder or file. Those of one label are merged.
    pub compare: Vec<(String, PathBuf)>,
    /// Heading; by default the space's title.
    pub title: Option<String>,
    /// Choice of values and statistics.
    pub options: Options,
}

/// Where the measured values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableChoice {
    /// In this file, which must be there.
    File(PathBuf),
    /// Where `zico ingest` puts them: `data/tables/BENCHMARK.parquet`. If they are not there, the report does without; a report
    /// that had values already is not replaced by one without.
    Ingested,
    /// Nowhere: the report shows what the scores alone show.
    None,
}

/// Where `zico ingest` puts a benchmark's table.
const TABLES: &str = "data/tables";

impl Settings {
    /// The report that stands in `folder`, made again from its own data folder, its comparisons included.
    ///
    /// # Errors
    /// [`Error::Io`] if the data folder cannot be listed, [`Error::NoScores`] if it has no scores.
    pub fn rebuild(folder: &Path, table: TableChoice) -> Result<Self> {
        let data = folder.join("data");
        let scores = data.join("scores.parquet");
        if !scores.exists() {
            return Err(Error::NoScores { path: scores });
        }
        let failed = |source| Error::Io { action: "list", path: data.clone(), source };
        let mut compare = Vec::new();
        for entry in std::fs::read_dir(&data).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.strip_prefix("compare-"));
            if let Some(stem) = stem.filter(|_| path.extension().is_some_and(|extension| extension == "parquet")) {
                // The file itself knows the label it was given; its name is what is left of it.
                let label = Loaded::read(std::slice::from_ref(&path), None)?.label.unwrap_or_else(|| stem.to_owned());
                compare.push((label, path));
            }
        }
        compare.sort();
        Ok(Self { scores: vec![scores], table, out: Some(folder.into()), compare, title: None, options: Options::default() })
    }
}

/// What was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The page.
    pub index: PathBuf,
    /// Every file, the page first.
    pub files: Vec<PathBuf>,
    /// The result of each dataset: its name and a sentence.
    pub findings: Vec<(String, String)>,
}

/// Builds a report.
///
/// # Errors
/// [`Error::NoScores`] and [`Error::NoTable`] with the remedy, [`Error::SeveralSpaces`], and whatever reading, correlating,
/// drawing or writing brings.
pub fn build(settings: &Settings) -> Result<Summary> {
    // Everything is read before anything is written: the inputs may lie in the output folder.
    let mut scores = Loaded::read(&settings.scores, None)?;
    scores.table = with_aggregates(&scores.table, &settings.options.aggregates)?;
    let comparisons = read_comparisons(&settings.compare)?;
    let spaces: BTreeSet<&str> = scores.table.iter().map(|row| row.space).collect();
    if spaces.len() > 1 {
        return Err(Error::SeveralSpaces { spaces: spaces.into_iter().collect::<Vec<_>>().join(", ") });
    }
    let space = spaces.first().copied().unwrap_or_default();
    let out = settings.out.clone().unwrap_or_else(|| Path::new("reports").join(slug(space)));
    let table = find_table(&settings.table, space, &out)?;
    let values = table.as_deref().map(Values::File);
    let model = Model::new(settings.title.as_deref(), &scores, values, &comparisons, &settings.options)?;

    let mut export = Export::new(&out);
    for dataset in &model.datasets {
        draw(dataset, &mut export)?;
    }
    for dataset in &model.scored {
        draw_scores(dataset, &mut export)?;
    }
    export.tables(&model, &scores, &comparisons)?;
    let card = Card::new(&model, &scores);
    export.card(&card)?;
    let html = page(&model, &card, export.links());
    let index = out.join("index.html");
    tables::atomic_write(&index, |output| output.write_all(html.as_bytes()))?;
    let findings = model.findings().map(|(dataset, finding)| (dataset, finding.to_owned())).collect();
    let files = std::iter::once(index.clone()).chain(export.links().iter().map(|Link { path, .. }| out.join(path))).collect();
    Ok(Summary { index, files, findings })
}

/// The file of the values; none if the report has to do without.
fn find_table(choice: &TableChoice, space: &str, out: &Path) -> Result<Option<PathBuf>> {
    let benchmark = benchmarks::of_space(space).map_or(space, |benchmark| benchmark.name);
    let path = match choice {
        TableChoice::None => return Ok(None),
        TableChoice::File(path) => path.clone(),
        TableChoice::Ingested => Path::new(TABLES).join(format!("{benchmark}.parquet")),
    };
    // A report with values is worth more than one without: it is not replaced unless that was asked for.
    let had_values = || out.join("data/correlations.parquet").exists();
    match (path.exists(), choice) {
        (true, _) => Ok(Some(path)),
        (false, TableChoice::Ingested) if !had_values() => Ok(None),
        _ => Err(Error::NoTable { path, benchmark: benchmark.into() }),
    }
}

/// Comparisons in the order of the names of their files, so that a report made again from its data has the same order.
fn read_comparisons(compare: &[(String, PathBuf)]) -> Result<Vec<Loaded>> {
    let mut by_name: BTreeMap<String, (&str, Vec<PathBuf>)> = BTreeMap::new();
    for (label, path) in compare {
        let legal = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.');
        if slug(label) == "unnamed" || !label.chars().all(legal) {
            return Err(Error::Label { label: label.clone() });
        }
        // Labels that give one file name are one label.
        by_name.entry(slug(label)).or_insert_with(|| (label, Vec::new())).1.push(path.clone());
    }
    by_name.into_values().map(|(label, paths)| Loaded::read(&paths, Some(label))).collect()
}

fn draw(dataset: &Dataset, export: &mut Export) -> Result<()> {
    let (slug, title) = (dataset.slug(), dataset.title());
    let value = dataset.joined.quantity.metric_title();
    let charts = [
        ("tau", plots::bars(dataset, plots::PICTURE), format!("Kendall's τ-b of score and {value} on {title}")),
        ("picks", plots::picks(dataset, plots::PICTURE), format!("What each proxy would pick on {title}")),
        ("proxies", plots::heat(&dataset.matrix, &title, plots::PICTURE), format!("Spearman's ρ of the scores of two proxies on {title}")),
    ];
    for (name, scene, heading) in charts {
        export.picture(&format!("{name}-{slug}.png"), &scene.with_subtitle(&dataset.place()).with_title(&heading), &heading)?;
    }
    for &proxy in &dataset.order {
        let name = &dataset.joined.proxies[proxy].proxy;
        let scene = plots::scatter(dataset, proxy, plots::PICTURE);
        export.picture(&scatter_name(&slug, name), &scene, &format!("{name} against {value} on {title}"))?;
    }
    Ok(())
}

fn draw_scores(dataset: &ScoredDataset, export: &mut Export) -> Result<()> {
    let (slug, title) = (dataset.slug(), dataset.title());
    let charts = [
        ("spread", plots::spread(dataset, plots::PICTURE), format!("Scores of each proxy on {title}")),
        ("proxies", plots::heat(&dataset.matrix, &title, plots::PICTURE), format!("Spearman's ρ of the scores of two proxies on {title}")),
    ];
    for (name, scene, heading) in charts {
        export.picture(&format!("{name}-{slug}.png"), &scene.with_subtitle(&dataset.place()).with_title(&heading), &heading)?;
    }
    let first = dataset.matrix.proxies.first().map_or("", String::as_str);
    // The first against itself says nothing, unless there is no other.
    let from = usize::from(dataset.order.len() > 1);
    for (shown, name) in dataset.matrix.proxies.iter().enumerate().skip(from) {
        let scene = plots::scatter_of_scores(dataset, shown, plots::PICTURE);
        export.picture(&scatter_name(&slug, name), &scene, &format!("{name} against {first} on {title}"))?;
    }
    Ok(())
}

/// File name of a proxy's scatter plot.
pub(crate) fn scatter_name(dataset_slug: &str, proxy: &str) -> String {
    format!("scatter-{dataset_slug}-{}.png", slug(proxy))
}
