//! From files to a folder: reads scores and values, writes the page, the pictures and the data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tables::BenchTable;

use crate::export::Export;
use crate::html::{Link, page};
use crate::model::{Dataset, Loaded, Model, slug};
use crate::{Error, Options, Result, plots};

/// What to report on, and where to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Score folders or files, merged. One run each; several for several datasets.
    pub scores: Vec<PathBuf>,
    /// The benchmark's table.
    pub table: PathBuf,
    /// Folder of the report. Files of an earlier report are replaced one by one, each as a whole.
    pub out: PathBuf,
    /// Further runs of the same proxies: a label, and a score folder or file. Those of one label are merged.
    pub compare: Vec<(String, PathBuf)>,
    /// Heading; by default the space's title.
    pub title: Option<String>,
    /// Choice of values and statistics.
    pub options: Options,
}

impl Settings {
    /// The report that stands in `folder`, made again from its own data folder, its comparisons included.
    ///
    /// # Errors
    /// [`Error::Io`] if the data folder cannot be listed, [`Error::NoScores`] if it has no scores.
    pub fn rebuild(folder: &Path, table: &Path) -> Result<Self> {
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
        let (table, out) = (table.into(), folder.into());
        Ok(Self { scores: vec![scores], table, out, compare, title: None, options: Options::default() })
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
/// [`Error::NoScores`] and [`Error::NoTable`] with the remedy, and whatever reading, correlating, drawing or writing brings.
pub fn build(settings: &Settings) -> Result<Summary> {
    // Everything is read before anything is written: the inputs may lie in the output folder.
    let scores = Loaded::read(&settings.scores, None)?;
    let comparisons = read_comparisons(&settings.compare)?;
    if !settings.table.exists() {
        return Err(Error::NoTable { path: settings.table.clone() });
    }
    let table = BenchTable::read(&settings.table)?;
    let model = Model::new(settings.title.as_deref(), &scores, &table, &comparisons, &settings.options)?;

    let mut export = Export::new(&settings.out);
    for dataset in &model.datasets {
        draw(dataset, &mut export)?;
    }
    export.tables(&model, &scores, &comparisons)?;
    let html = page(&model, export.links());
    let index = settings.out.join("index.html");
    tables::atomic_write(&index, |output| output.write_all(html.as_bytes()))?;
    let findings = model.datasets.iter().map(|dataset| (dataset.joined.dataset.clone(), dataset.finding.clone())).collect();
    let files = std::iter::once(index.clone()).chain(export.links().iter().map(|Link { path, .. }| settings.out.join(path))).collect();
    Ok(Summary { index, files, findings })
}

/// Comparisons in the order of their labels' first appearance.
fn read_comparisons(compare: &[(String, PathBuf)]) -> Result<Vec<Loaded>> {
    let mut by_label: BTreeMap<usize, (&str, Vec<PathBuf>)> = BTreeMap::new();
    for (label, path) in compare {
        let legal = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.');
        if slug(label) == "unnamed" || !label.chars().all(legal) {
            return Err(Error::Label { label: label.clone() });
        }
        // Labels that give one file name are one label.
        let place = by_label.iter().find(|(_, (known, _))| slug(known) == slug(label)).map_or(by_label.len(), |(place, _)| *place);
        by_label.entry(place).or_insert_with(|| (label, Vec::new())).1.push(path.clone());
    }
    by_label.into_values().map(|(label, paths)| Loaded::read(&paths, Some(label))).collect()
}

fn draw(dataset: &Dataset, export: &mut Export) -> Result<()> {
    let (slug, title) = (dataset.slug(), dataset.title());
    let charts = [
        ("tau", plots::bars(dataset, plots::PICTURE), format!("Kendall's τ-b of score and accuracy on {title}")),
        ("picks", plots::picks(dataset, plots::PICTURE), format!("What each proxy would pick on {title}")),
        ("proxies", plots::heat(dataset, plots::PICTURE), format!("Spearman's ρ of the scores of two proxies on {title}")),
    ];
    for (name, scene, heading) in charts {
        export.picture(&format!("{name}-{slug}.png"), &scene.with_title(&heading), &heading)?;
    }
    for &proxy in &dataset.order {
        let name = &dataset.joined.proxies[proxy].proxy;
        let scene = plots::scatter(dataset, proxy, plots::PICTURE);
        export.picture(&scatter_name(dataset, name), &scene, &format!("{name} against accuracy on {title}"))?;
    }
    Ok(())
}

/// File name of a proxy's scatter plot.
pub(crate) fn scatter_name(dataset: &Dataset, proxy: &str) -> String {
    format!("scatter-{}-{}.png", dataset.slug(), slug(proxy))
}
