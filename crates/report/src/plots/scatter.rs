//! One proxy's scores against the measured values, or against another proxy's scores.

use spaces::Features;

use super::axis::{Axis, Scale};
use super::colour::Colouring;
use super::scene::{Anchor, Paint, Scene};
use crate::format;
use crate::model::{Dataset, Pair, ScoredDataset};

/// Most dots of a picture. Of more architectures, so many are drawn, chosen by a scramble of their places.
pub const MOST_DOTS: usize = 30_000;

/// Scatter plot of the proxy numbered `proxy` against the measured values. Coloured by the first property of the
/// architectures that differs; disconnected ones are diamonds. `width` in units of the scene.
pub fn scatter(dataset: &Dataset, proxy: usize, width: f64) -> Scene {
    let column = &dataset.joined.proxies[proxy];
    let quantity = &dataset.joined.quantity;
    let values: Vec<Option<f64>> = dataset.joined.architectures.iter().map(|valued| Some(valued.value)).collect();
    let shown: Vec<f64> = column.scores.iter().zip(&values).filter_map(|(score, value)| score.and(*value)).collect();
    Plot {
        title: format!("{} on {}", column.proxy, dataset.place()),
        subtitle: correlation_text(dataset, proxy),
        up: Axis::of_values(&shown, &quantity.unit, quantity.direction),
        up_title: quantity.axis_title(),
        scores: &column.scores,
        values: &values,
        features: &dataset.features,
    }
    .scene(width)
}

/// Scatter plot of the proxy at place `shown` of those shown against the first one's scores.
pub fn scatter_of_scores(dataset: &ScoredDataset, shown: usize, width: f64) -> Scene {
    let column = &dataset.scored.proxies[dataset.order[shown]];
    let first = &dataset.scored.proxies[dataset.order[0]];
    let numbers: Vec<f64> = column.scores.iter().zip(&first.scores).filter_map(|(score, value)| score.and(*value)).collect();
    Plot {
        title: format!("{} and {} on {}", column.proxy, first.proxy, dataset.place()),
        subtitle: pair_text(&dataset.matrix.pairs[0][shown]),
        up: Axis::of_scores(&numbers),
        up_title: format!("score of {}", first.proxy),
        scores: &column.scores,
        values: &first.scores,
        features: &dataset.features,
    }
    .scene(width)
}

struct Plot<'a> {
    title: String,
    subtitle: String,
    up: Axis,
    up_title: String,
    scores: &'a [Option<f64>],
    values: &'a [Option<f64>],
    features: &'a [Option<Features>],
}

impl Plot<'_> {
    fn scene(&self, width: f64) -> Scene {
        let height = width * 0.62;
        let (left, right, top, bottom) = (66.0, 146.0, 62.0, 54.0);
        let (plot_width, plot_height) = (width - left - right, height - top - bottom);
        let mut scene = Scene::new(width, height, format!("Scatter plot of {}: score against {}.", self.title, self.up_title));
        scene.strong((left, 28.0), 19.0, &self.title, Paint::Ink, Anchor::Start);

        let pairs = self.scores.iter().zip(self.values).enumerate();
        let mut points: Vec<(usize, f64, f64)> = pairs.filter_map(|(place, (score, value))| Some((place, (*score)?, (*value)?))).collect();
        let scores: Vec<f64> = points.iter().map(|point| point.1).collect();
        let across = Axis::of_scores(&scores);
        // Drawn in an order that has nothing to do with colour, so that no colour hides the others.
        points.sort_by_key(|point| scramble(point.0));
        let cut = if points.len() > MOST_DOTS { format!("   {} of them drawn", format::count(MOST_DOTS)) } else { String::new() };
        points.truncate(MOST_DOTS);
        scene.text((left, 48.0), 13.0, format!("{}{cut}", self.subtitle), Paint::Muted, Anchor::Start);

        if points.is_empty() {
            scene.text((left, top + 24.0), 14.0, "Nothing to draw: no architecture has both.", Paint::Muted, Anchor::Start);
            return scene;
        }
        let x = |place: f64| left + place * plot_width;
        let y = |place: f64| top + (1.0 - place) * plot_height;
        for (place, text) in across.ticks(7) {
            scene.line((x(place), top), (x(place), top + plot_height), 1.0, Paint::Faint);
            scene.text((x(place), top + plot_height + 19.0), 12.0, text, Paint::Muted, Anchor::Middle);
        }
        for (place, text) in self.up.ticks(9) {
            scene.line((left, y(place)), (left + plot_width, y(place)), 1.0, Paint::Faint);
            scene.text((left - 8.0, y(place) + 4.0), 12.0, text, Paint::Muted, Anchor::End);
        }
        let logarithmic = if across.scale == Scale::Log { ", logarithmic" } else { "" };
        scene.text((left + plot_width / 2.0, height - 12.0), 13.0, format!("score{logarithmic}"), Paint::Ink, Anchor::Middle);
        let spread = match self.up.scale {
            Scale::Error => ", error on a log scale",
            Scale::Log => ", logarithmic",
            Scale::Linear => "",
        };
        scene.upwards((20.0, top + plot_height / 2.0), 13.0, format!("{}{spread}", self.up_title), Paint::Ink, Anchor::Middle);

        let legend = Legend::new(self.features, points.iter().map(|point| point.0));
        let (radius, opacity) = if points.len() > 3000 { (2.0, 0.5) } else { (3.2, 0.75) };
        for (place, score, value) in points {
            let (Some(across), Some(up)) = (across.place(score), self.up.place(value)) else { continue };
            let at = (x(across), y(up));
            match self.features[place] {
                Some(features) if !features.connected => scene.diamond(at, radius + 1.2, Paint::Paper, false),
                Some(features) => scene.disc(at, radius, legend.paint(&features), opacity),
                None => scene.disc(at, radius, Paint::Plain, opacity),
            }
        }
        legend.draw(&mut scene, (width - right + 18.0, top + 6.0));
        scene
    }
}

/// A number per place in no order.
pub(crate) fn scramble(place: usize) -> u64 {
    (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn correlation_text(dataset: &Dataset, proxy: usize) -> String {
    let correlation = &dataset.correlations[proxy];
    let n = format::count(correlation.n);
    match &correlation.coefficients {
        Ok(c) => {
            let paper = correlation
                .paper
                .map_or(String::new(), |paper| format!("   paper: τ {}, ρ {}", format::fixed(paper.tau, 2), format::fixed(paper.rho, 2)));
            format!("τ-b {}   ρ {}   {n} architectures{paper}", format::fixed(c.tau_b.value, 3), format::fixed(c.rho.value, 3))
        }
        Err(reason) => format!("no correlation: {reason}"),
    }
}

fn pair_text(pair: &Pair) -> String {
    let number = |value: Option<f64>| value.map_or("–".into(), |value| format::fixed(value, 3));
    format!("τ-b {}   ρ {}   {} architectures", number(pair.tau_b), number(pair.rho), format::count(pair.n))
}

/// Colours of connected architectures, how many have each, and how many are not connected.
struct Legend {
    colouring: Colouring,
    counts: Vec<usize>,
    disconnected: usize,
}

impl Legend {
    /// Of the architectures at these places, which are those drawn.
    fn new(features: &[Option<Features>], drawn: impl Iterator<Item = usize>) -> Self {
        let colouring = Colouring::all(features)[0];
        let known: Vec<&Features> = drawn.filter_map(|place| features[place].as_ref()).collect();
        let connected: Vec<&Features> = known.iter().copied().filter(|f| f.connected).collect();
        let kinds: Vec<u32> = connected.iter().filter_map(|f| colouring.of(f)).collect();
        // Colours are those of the whole set, so that pictures of one page can be compared.
        let most = features.iter().flatten().filter(|f| f.connected).filter_map(|f| colouring.of(f)).max();
        let mut counts = vec![0; most.map_or(0, |most| most as usize + 1)];
        for kind in kinds {
            counts[kind as usize] += 1;
        }
        Self { colouring, counts, disconnected: known.len() - connected.len() }
    }

    fn paint(&self, features: &Features) -> Paint {
        let kind = self.colouring.of(features);
        kind.map_or(Paint::Plain, |kind| Paint::Ramp(f64::from(kind) / self.counts.len().saturating_sub(1).max(1) as f64))
    }

    fn draw(&self, scene: &mut Scene, (x, y): (f64, f64)) {
        let mut line = y + 26.0;
        if self.counts.iter().any(|n| *n > 0) {
            scene.text((x, y + 4.0), 13.0, self.colouring.title(), Paint::Ink, Anchor::Start);
        }
        for (kind, n) in self.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let place = kind as f64 / (self.counts.len() - 1).max(1) as f64;
            scene.disc((x + 6.0, line - 4.5), 5.0, Paint::Ramp(place), 1.0);
            scene.text((x + 20.0, line), 13.0, kind.to_string(), Paint::Ink, Anchor::Start);
            scene.text((x + 122.0, line), 12.0, format::count(*n), Paint::Muted, Anchor::End);
            line += 21.0;
        }
        if self.disconnected > 0 {
            scene.diamond((x + 6.0, line + 3.5), 5.0, Paint::Paper, false);
            scene.text((x + 20.0, line + 8.0), 13.0, "disconnected", Paint::Ink, Anchor::Start);
            scene.text((x + 122.0, line + 8.0), 12.0, format::count(self.disconnected), Paint::Muted, Anchor::End);
        }
    }
}
