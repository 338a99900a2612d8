//! From histories to a folder: page, pictures, data.

use std::path::PathBuf;

use super::diagram::{Drawn, diagram};
use super::html::{finding, page};
use super::load::{load, summary_path};
use super::model::{Model, Section};
use super::{columns, methods, plots};
use crate::export::Export;
use crate::html::Link;
use crate::index::other::Other;
use crate::model::slug;
use crate::plots::PICTURE;
use crate::values::Values;
use crate::{Error, Options, Result, Summary, benchmarks};

/// Which searches to make a page of, and where to.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSettings {
    /// Histories: files, folders with a `history.parquet`, or data folders of such a page. All of one space.
    pub runs: Vec<PathBuf>,
    /// Score folders or files of the space, one run each, for the first picks out of it; they need `table`.
    pub scores: Vec<PathBuf>,
    /// Table with the trained values of the space, if it has one.
    pub table: Option<PathBuf>,
    /// Folder of the page. Files of an earlier page are replaced one by one, each as a whole.
    pub out: PathBuf,
    /// Heading; by default the space's title.
    pub title: Option<String>,
    /// Choice of values and confidence of the intervals.
    pub options: Options,
}

/// Builds the page of one or several searches.
///
/// # Errors
/// [`Error::NoSearch`], [`Error::EmptySearch`], [`Error::SearchConfig`], [`Error::SearchSummary`], [`Error::SeveralSearched`],
/// [`Error::SameSearch`], [`Error::SearchArchitecture`], [`Error::NotInTable`], and those of choosing values and of writing.
pub fn build_search(settings: &SearchSettings) -> Result<Summary> {
    // Everything is read before anything is written: the inputs may lie in the output folder.
    let runs = load(&settings.runs)?;
    if let Some(path) = settings.table.as_ref().filter(|path| !path.exists()) {
        let space = runs.first().map_or("", |run| run.config.space.as_str());
        let benchmark = benchmarks::of_space(space).map_or(space, |benchmark| benchmark.name);
        return Err(Error::NoTable { path: path.clone(), benchmark: benchmark.into() });
    }
    let table = settings.table.as_deref().map(Values::File);
    let model = Model::new(runs, table, &settings.scores, settings.title.as_deref(), &settings.options)?;

    let mut export = Export::new(&settings.out);
    for section in &model.sections {
        draw(section, &mut export)?;
    }
    data(&model, &mut export)?;
    let findings: Vec<(String, String)> = model.sections.iter().map(|section| (section.title(), finding(section, &model))).collect();
    export.other(&Other::new(&model.title, &findings))?;
    let html = page(&model, export.links())?;
    let index = settings.out.join("index.html");
    tables::atomic_write(&index, |output| output.write_all(html.as_bytes()))?;
    let files = export.links().iter().map(|Link { path, .. }| settings.out.join(path));
    Ok(Summary { files: std::iter::once(index.clone()).chain(files).collect(), index, findings })
}

fn draw(section: &Section, export: &mut Export) -> Result<()> {
    let (slug, title) = (section.slug(), section.title());
    let valued = section.runs().any(|run| run.evaluated.iter().any(|evaluated| evaluated.value.is_some()));
    if valued {
        let heading = format!("Best {title} so far");
        export.picture(&format!("curve-{slug}.png"), &plots::curves(section, PICTURE).with_title(&heading), &heading)?;
        let heading = format!("FLOPs and {title}");
        export.picture(&format!("flops-{slug}.png"), &plots::front(section, PICTURE).with_title(&heading), &heading)?;
        if let Some(pool) = &section.pool {
            let heading = format!("Pool of {}, seed {}: {title}", methods::title(&pool.method), pool.seed);
            export.picture(&format!("pool-{slug}.png"), &plots::pool(pool, section, PICTURE).with_title(&heading), &heading)?;
        }
    }
    let Some(found) = &section.found else { return Ok(()) };
    let config = section.runs().find(|run| run.config.method == found.method && run.config.seed == found.seed).map(|run| &run.config);
    let drawn = Drawn {
        space: &section.space,
        arch: &found.evaluated.arch,
        resolution: config.and_then(|config| config.resolution),
        classes: config.and_then(|config| config.classes),
    };
    if let Some(scene) = diagram(drawn, PICTURE)? {
        let heading = format!("Found by {}, seed {}, for {title}", methods::title(&found.method), found.seed);
        export.picture(&format!("architecture-{slug}.png"), &scene.with_title(&heading), &heading)?;
    }
    Ok(())
}

fn data(model: &Model, export: &mut Export) -> Result<()> {
    export.table("found", &columns::found(model)?, "what each search found")?;
    export.table("curve", &columns::curve(model), "best value so far")?;
    export.table("front", &columns::front(model), "Pareto front of FLOPs and score")?;
    if model.sections.iter().any(|section| !section.comparisons.is_empty()) {
        export.table("comparisons", &columns::comparisons(model), "methods against random search, seed by seed")?;
    }
    if !model.published.is_empty() {
        export.table("published", &columns::published(model), "published structures and those found")?;
    }
    if !model.picks.is_empty() {
        export.table("picks", &columns::picks(model), "first of all scored architectures")?;
    }
    for section in &model.sections {
        for run in section.runs() {
            // The method keeps its dashes and the objective may be long: the number of the seed closes the name.
            let name = slug(&format!("{}-{}-{}", run.config.dataset, run.config.objective.name, run.config.method));
            let history = PathBuf::from(format!("data/history-{name}-seed{}.parquet", run.config.seed));
            let title = format!("{}, {}, seed {}", section.title(), methods::title(&run.config.method), run.config.seed);
            export.parquet(&history, &run.table, &format!("history: {title}"))?;
            if let Some(summary) = &run.summary {
                export.file(&summary_path(&history), format!("{summary:#}\n").as_bytes(), &format!("summary: {title}"))?;
            }
        }
    }
    Ok(())
}
