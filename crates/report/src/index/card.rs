//! What a report tells an index: `data/summary.json` in its folder.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tables::Direction;

use crate::correlate::{ProxyCorrelation, paper_correlation};
use crate::model::{Dataset, Loaded, Model, ScoredDataset, capital, space_title};
use crate::plots::{Axis, scramble};
use crate::{Error, Options, Result};

/// Where it stands in the folder of a report.
pub(crate) const FILE: &str = "data/summary.json";
/// Version of its fields; goes up when one goes or changes its meaning (a new one has a default).
const SCHEMA: u32 = 1;
/// Most bytes of a file that is read: seven tasks with thirteen proxies take 60 kB.
const MOST_BYTES: u64 = 4 << 20;
/// Dots of a sketch.
const SKETCHED: usize = 320;
/// Places of a sketch run from 0 to this.
pub(super) const SKETCH_SIZE: u16 = 1000;

/// A report in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Version of the fields.
    pub schema: u32,
    /// Heading of the report.
    pub title: String,
    /// Search space.
    pub space: String,
    /// Name of the space for people.
    pub space_title: String,
    /// Coverage of the intervals, a fraction.
    pub confidence: f64,
    /// Whether there are values; if not, no dataset has correlations.
    pub has_values: bool,
    /// In the order of the report.
    pub datasets: Vec<CardDataset>,
}

/// One dataset of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CardDataset {
    /// Name in tables.
    pub dataset: String,
    /// Name for people.
    pub title: String,
    /// Anchor of its section in the page.
    pub anchor: String,
    /// The values in words, if there are any.
    pub value: Option<String>,
    /// Architectures that count.
    pub n: usize,
    /// Architectures of the table.
    pub n_table: Option<usize>,
    /// How many batches, and their size: N, B.
    pub batches: Option<String>,
    /// Whether the batches were noise instead of images.
    #[serde(default)]
    pub on_noise: bool,
    /// The result in a sentence.
    pub finding: String,
    /// In the order of the report.
    pub proxies: Vec<CardProxy>,
    /// A few dots of the plot of the paper's proxy.
    pub sketch: Option<Sketch>,
}

/// One proxy on one dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CardProxy {
    /// Proxy.
    pub proxy: String,
    /// Its version.
    pub version: u32,
    /// Whether low scores are better, so that the figures of the paper, which ranks by minus the score, have the other sign here.
    #[serde(default)]
    pub lower_is_better: bool,
    /// Architectures with a score (and a value, where there are values).
    pub n: usize,
    /// Tau-b with its interval, if it has one: value, lower end, upper end.
    pub tau_b: Option<[f64; 3]>,
    /// Rho with its interval.
    pub rho: Option<[f64; 3]>,
    /// The paper's tau and rho.
    pub paper: Option<[f64; 2]>,
    /// Mean milliseconds per evaluated architecture.
    pub wall_ms: Option<f64>,
}

/// A scatter plot in a few dots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// Proxy whose scores run to the right.
    pub proxy: String,
    /// What runs upwards.
    pub against: String,
    /// Dots, right and up, from 0 to 1000.
    pub dots: Vec<[u16; 2]>,
}

impl Card {
    pub(crate) fn new(model: &Model, scores: &Loaded) -> Self {
        let valued = model.datasets.iter().map(|dataset| valued(dataset, scores, &model.options));
        Self {
            schema: SCHEMA,
            title: model.title.clone(),
            space: model.space.clone(),
            space_title: space_title(&model.space),
            confidence: model.options.confidence,
            has_values: model.scored.is_empty(),
            datasets: valued.chain(model.scored.iter().map(|dataset| unvalued(dataset, scores, &model.options))).collect(),
        }
    }

    /// Reads the card of the report in `folder`.
    ///
    /// # Errors
    /// [`Error::NoReport`] if there is none, [`Error::Summary`] if it is not one that this program wrote.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let wrong = |reason: String| Error::Summary { path: path.clone(), reason };
        let bytes = match std::fs::metadata(&path) {
            Err(_) => return Err(Error::NoReport { path: folder.into() }),
            Ok(metadata) if metadata.len() > MOST_BYTES => {
                return Err(wrong(format!("expected at most {MOST_BYTES} bytes, got {}", metadata.len())));
            }
            Ok(_) => std::fs::read(&path).map_err(|error| wrong(error.to_string()))?,
        };
        let schema =
            serde_json::from_slice::<Value>(&bytes).map_err(|error| wrong(error.to_string()))?.get("schema").and_then(Value::as_u64);
        if schema != Some(u64::from(SCHEMA)) {
            let got = schema.map_or("none".into(), |schema| schema.to_string());
            return Err(wrong(format!("expected schema version {SCHEMA}, got {got}")));
        }
        let card: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        card.check().map_err(wrong)?;
        Ok(card)
    }

    fn check(&self) -> std::result::Result<(), String> {
        let coefficient = |name: &str, values: &[f64]| match values.iter().find(|value| !(-1.0..=1.0).contains(*value)) {
            Some(value) => Err(format!("{name}: expected a number from -1 to 1, got {value}")),
            None => Ok(()),
        };
        for dataset in &self.datasets {
            for proxy in &dataset.proxies {
                coefficient("tau_b", proxy.tau_b.as_ref().map_or(&[], |all| all))?;
                coefficient("rho", proxy.rho.as_ref().map_or(&[], |all| all))?;
                coefficient("paper", proxy.paper.as_ref().map_or(&[], |all| all))?;
            }
            let dots = dataset.sketch.iter().flat_map(|sketch| sketch.dots.as_flattened());
            if let Some(dot) = dots.into_iter().find(|dot| **dot > SKETCH_SIZE) {
                return Err(format!("sketch: expected a place from 0 to {SKETCH_SIZE}, got {dot}"));
            }
        }
        Ok(())
    }
}

fn valued(dataset: &Dataset, scores: &Loaded, options: &Options) -> CardDataset {
    let joined = &dataset.joined;
    let subject = dataset.order.iter().copied().find(|&proxy| joined.proxies[proxy].proxy == "zico").or(dataset.order.first().copied());
    let sketch = subject.map(|proxy| {
        let values: Vec<Option<f64>> = joined.architectures.iter().map(|valued| Some(valued.value)).collect();
        let plain: Vec<f64> = values.iter().flatten().copied().collect();
        let up = Axis::of_values(&plain, &joined.quantity.unit, joined.quantity.direction);
        sketch(&joined.proxies[proxy].proxy, joined.quantity.axis_title(), &joined.proxies[proxy].scores, &values, &up)
    });
    CardDataset {
        dataset: joined.dataset.clone(),
        title: capital(&dataset.title()),
        anchor: dataset.slug(),
        value: Some(joined.quantity.in_words()),
        n: joined.architectures.len(),
        n_table: Some(joined.n_table),
        batches: batches(scores, &joined.dataset),
        on_noise: dataset.on_noise,
        finding: dataset.finding.clone(),
        proxies: dataset.shown().map(|correlation| proxy(correlation, options)).collect(),
        sketch,
    }
}

fn proxy(correlation: &ProxyCorrelation, options: &Options) -> CardProxy {
    let coefficients = correlation.coefficients.as_ref().ok();
    CardProxy {
        proxy: correlation.proxy.clone(),
        version: correlation.version,
        lower_is_better: options.direction(&correlation.proxy) == Direction::LowerIsBetter,
        n: correlation.n,
        tau_b: coefficients.map(|c| [c.tau_b.value, c.tau_b.low, c.tau_b.high]),
        rho: coefficients.map(|c| [c.rho.value, c.rho.low, c.rho.high]),
        paper: correlation.paper.map(|paper| [paper.tau, paper.rho]),
        wall_ms: correlation.wall_ms_mean,
    }
}

fn unvalued(dataset: &ScoredDataset, scores: &Loaded, options: &Options) -> CardDataset {
    let scored = &dataset.scored;
    let proxies = dataset.order.iter().zip(&dataset.spreads).map(|(&proxy, spread)| CardProxy {
        proxy: spread.proxy.clone(),
        version: scored.proxies[proxy].version,
        lower_is_better: options.direction(&spread.proxy) == Direction::LowerIsBetter,
        n: spread.n,
        tau_b: None,
        rho: None,
        paper: paper_correlation(&scored.space, &scored.dataset, &spread.proxy, options).map(|paper| [paper.tau, paper.rho]),
        wall_ms: scored.proxies[proxy].wall_ms_mean,
    });
    let sketch = (dataset.order.len() > 1).then(|| {
        let (first, second) = (&scored.proxies[dataset.order[0]], &scored.proxies[dataset.order[1]]);
        let numbers: Vec<f64> = second.scores.iter().flatten().copied().collect();
        sketch(&first.proxy, format!("score of {}", second.proxy), &first.scores, &second.scores, &Axis::of_scores(&numbers))
    });
    CardDataset {
        dataset: scored.dataset.clone(),
        title: capital(&dataset.title()),
        anchor: dataset.slug(),
        value: None,
        n: scored.architectures.len(),
        n_table: None,
        batches: batches(scores, &scored.dataset),
        on_noise: dataset.on_noise,
        finding: dataset.finding.clone(),
        proxies: proxies.collect(),
        sketch,
    }
}

/// N and B of the run that scored a dataset.
fn batches(scores: &Loaded, dataset: &str) -> Option<String> {
    let config = &scores.run_of(dataset)?.config;
    let number = |pointer: &str| config.pointer(pointer).and_then(Value::as_u64);
    let (count, size) = (number("/batches/count")?, number("/batches/size")?);
    Some(format!("N = {count}, B = {size}"))
}

fn sketch(proxy: &str, against: String, scores: &[Option<f64>], values: &[Option<f64>], up: &Axis) -> Sketch {
    let plain: Vec<f64> = scores.iter().flatten().copied().collect();
    let across = Axis::of_scores(&plain);
    let mut places: Vec<usize> = (0..scores.len()).filter(|&k| scores[k].is_some() && values[k].is_some()).collect();
    places.sort_by_key(|&place| scramble(place));
    let whole = |place: f64| (place.clamp(0.0, 1.0) * f64::from(SKETCH_SIZE)).round() as u16;
    let dots = places.into_iter().take(SKETCHED);
    let dots = dots.filter_map(|k| Some([whole(across.place(scores[k]?)?), whole(up.place(values[k]?)?)])).collect();
    Sketch { proxy: proxy.into(), against, dots }
}
