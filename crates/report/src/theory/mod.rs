//! The page of the experiments with the paper's theorems, from the tables that `zico theory` writes.
//!
//! [`build`] reads what tables there are in the data folder of a report, and makes the page and its pictures.

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a page is put together once, from small texts; `write!` would add a result to ignore to each"
)]

mod association;
mod bounds;
mod figure_1;
mod gram;
mod networks;
mod page;
mod spread;

use std::path::{Path, PathBuf};

pub use association::{Association, partial_rho};
use tables::{GramTable, MlpTable, Provenance, StepTable};

use crate::export::Export;
use crate::index::other::Other;
use crate::plots::{self, Scene};
use crate::{Error, Result};

/// Names of the tables in the data folder.
pub const STEPS: &str = "steps.parquet";
/// Of the two-layer networks.
pub const MLP: &str = "networks.parquet";
/// Of the Gram matrices.
pub const GRAM: &str = "gram.parquet";

/// The tables that are there.
#[derive(Debug)]
struct Tables {
    steps: Option<StepTable>,
    mlp: Option<MlpTable>,
    gram: Option<GramTable>,
}

impl Tables {
    fn read(data: &Path) -> Result<Self> {
        let path = |name: &str| Some(data.join(name)).filter(|path| path.exists());
        let tables = Self {
            steps: path(STEPS).map(|path| StepTable::read(&path)).transpose()?,
            mlp: path(MLP).map(|path| MlpTable::read(&path)).transpose()?,
            gram: path(GRAM).map(|path| GramTable::read(&path)).transpose()?,
        };
        if tables.steps.is_none() && tables.mlp.is_none() && tables.gram.is_none() {
            return Err(Error::NoTheory { path: data.into() });
        }
        Ok(tables)
    }

    /// Each table's provenance, with its name.
    fn provenances(&self) -> Vec<(&'static str, &Provenance)> {
        let steps = self.steps.as_ref().map(|table| (STEPS, table.provenance()));
        let mlp = self.mlp.as_ref().map(|table| (MLP, table.provenance()));
        let gram = self.gram.as_ref().map(|table| (GRAM, table.provenance()));
        [steps, mlp, gram].into_iter().flatten().collect()
    }
}

/// A picture of the page and its file.
struct Picture {
    /// Name of its file; empty for a picture that is on the page only, since another one hardly differs from it.
    file: String,
    /// What it shows.
    title: String,
    /// The chart at a width.
    draw: plots::Xy,
}

impl Picture {
    fn new(file: impl Into<String>, title: impl Into<String>, draw: plots::Xy) -> Self {
        Self { file: file.into(), title: title.into(), draw }
    }

    fn markup(&self) -> String {
        format!("<h3>{}</h3>\n{}", crate::html::escape(&self.title), crate::html::chart(&|width| self.draw.scene(width)))
    }

    fn alone(&self) -> Scene {
        self.draw.scene(plots::PICTURE).with_title(&self.title)
    }
}

/// A part of the page.
struct Section {
    /// Its anchor.
    anchor: &'static str,
    /// Its heading.
    title: &'static str,
    /// What was found, in a sentence or two, for the top of the page; plain text.
    finding: String,
    /// What comes before the pictures.
    before: String,
    /// Its pictures.
    pictures: Vec<Picture>,
    /// What comes after them.
    after: String,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The page.
    pub index: PathBuf,
    /// The result of each experiment: its heading and a sentence.
    pub findings: Vec<(String, String)>,
}

impl Built {
    /// A line for each finding, and where the page is.
    #[must_use]
    pub fn in_words(&self) -> String {
        let findings = self.findings.iter().map(|(title, finding)| format!("{title}: {finding}"));
        findings.chain([format!("open {}", self.index.display())]).collect::<Vec<_>>().join("\n")
    }
}

/// Makes the page in `folder` from the tables in its folder `data`.
///
/// # Errors
/// [`Error::NoTheory`] if there is no table; whatever reading, correlating, drawing or writing brings.
pub fn build(folder: &Path) -> Result<Built> {
    let data = folder.join("data");
    let tables = Tables::read(&data)?;
    let mut sections: Vec<Section> = Vec::new();
    if let Some(steps) = &tables.steps {
        sections.push(figure_1::section(steps));
        sections.push(bounds::section(steps));
    }
    if let Some(mlp) = &tables.mlp {
        sections.extend(networks::sections(mlp));
    }
    if let Some(gram) = &tables.gram {
        sections.push(gram::section(gram));
        sections.push(spread::section(gram));
    }
    let mut export = Export::new(folder);
    for picture in sections.iter().flat_map(|section| &section.pictures).filter(|picture| !picture.file.is_empty()) {
        export.picture(&picture.file, &picture.alone(), &picture.title)?;
    }
    // No CSV or JSON of thousands of rows: `zico show` prints them.
    let titles = [(STEPS, "steps on the linear model"), (MLP, "two-layer networks"), (GRAM, "Gram matrices along training")];
    for (name, title) in titles.into_iter().filter(|(name, _)| data.join(name).exists()) {
        export.remember(format!("data/{name}"), title);
    }
    let findings: Vec<(String, String)> = sections.iter().map(|section| (section.title.to_owned(), section.finding.clone())).collect();
    export.other(&Other::new(page::TITLE, &findings))?;
    let html = page::page(&sections, &tables.provenances(), export.links());
    let index = folder.join("index.html");
    tables::atomic_write(&index, |output| output.write_all(html.as_bytes()))?;
    Ok(Built { index, findings })
}

/// A correlation or why there is none.
type Found = std::result::Result<Association, crate::stats::StatsError>;

/// Tau-b and rho with their intervals, for a table.
fn cells(found: &Found) -> [String; 3] {
    use crate::format::{count, fixed};
    let cell = |e: crate::correlate::Estimate| {
        crate::html::two_lines(&format!("<b>{}</b>", fixed(e.value, 3)), &format!("{} to {}", fixed(e.low, 3), fixed(e.high, 3)))
    };
    match found {
        Ok(found) => [cell(found.tau_b), cell(found.rho), count(found.n)],
        Err(reason) => [crate::html::two_lines("none", &crate::html::escape(&reason.to_string())), "–".into(), "–".into()],
    }
}

/// Tau-b and rho for above a plot.
fn subtitle(found: &Found, what: &str) -> String {
    use crate::format::{count, fixed};
    match found {
        Ok(Association { n, tau_b: t, rho: r }) => format!(
            "τ-b {} [{}, {}]   ρ {} [{}, {}]   {} {what}",
            fixed(t.value, 3),
            fixed(t.low, 3),
            fixed(t.high, 3),
            fixed(r.value, 3),
            fixed(r.low, 3),
            fixed(r.high, 3),
            count(*n)
        ),
        Err(reason) => format!("no correlation: {reason}"),
    }
}

/// Tau-b alone, for a sentence.
fn tau(found: &Found) -> String {
    found.as_ref().map_or_else(|_| "none".into(), |found| crate::format::fixed(found.tau_b.value, 3))
}

/// Tau-b with its interval, for a sentence.
fn tau_with_interval(found: &Found) -> String {
    use crate::format::fixed;
    found.as_ref().map_or_else(
        |_| "none".into(),
        |found| format!("{} [{}, {}]", fixed(found.tau_b.value, 3), fixed(found.tau_b.low, 3), fixed(found.tau_b.high, 3)),
    )
}

/// Whether tau-b is above 0, below 0, or not told from it.
fn direction(found: &Found) -> &'static str {
    match found {
        Ok(found) if found.tau_b.low > 0.0 => "grows",
        Ok(found) if found.tau_b.high < 0.0 => "falls",
        _ => "neither clearly grows nor falls",
    }
}

/// The middle number of several, the lower of two; 0 for none.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

/// `k of n`, with separators.
fn of(k: usize, n: usize) -> String {
    format!("{} of {}", crate::format::count(k), crate::format::count(n))
}
