//! How the scores of each proxy are spread.

use super::axis::{Axis, Scale};
use super::bars::SUBJECT;
use super::names_end;
use super::scene::{Anchor, Paint, Scene};
use crate::format;
use crate::model::ScoredDataset;

/// Bars of a histogram.
const BINS: usize = 48;

/// A histogram per proxy, each on an axis of its own with the least, middle and greatest score below and a line at the middle one; `width` in units of the
/// scene. Heights count architectures, the highest bar of each the same.
pub fn spread(dataset: &ScoredDataset, width: f64) -> Scene {
    let narrow = width < 520.0;
    let left = if narrow { 14.0 } else { names_end(dataset.spreads.iter().map(|spread| spread.proxy.as_str())) };
    let (right, row, bars) = (16.0, if narrow { 104.0 } else { 84.0 }, 46.0);
    let description = format!("Histograms of the scores of {} proxies on {}.", dataset.spreads.len(), dataset.title());
    let mut scene = Scene::new(width, 12.0 + row * dataset.spreads.len() as f64, description);
    for (k, (spread, &proxy)) in dataset.spreads.iter().zip(&dataset.order).enumerate() {
        let top = 8.0 + row * k as f64 + if narrow { 20.0 } else { 0.0 };
        let base = top + bars;
        let (at, anchor) = if narrow { ((left, top - 5.0), Anchor::Start) } else { ((left - 14.0, base - 16.0), Anchor::End) };
        if spread.proxy == SUBJECT {
            scene.strong(at, 15.0, &spread.proxy, Paint::Ink, anchor);
        } else {
            scene.text(at, 15.0, &spread.proxy, Paint::Ink, anchor);
        }
        let Some(quantiles) = spread.quantiles else {
            scene.text((left, base - 16.0), 13.0, "no scores", Paint::Muted, Anchor::Start);
            continue;
        };
        let scores: Vec<f64> = dataset.scored.proxies[proxy].scores.iter().filter_map(|score| *score).collect();
        let axis = Axis::of_scores(&scores);
        let mut counts = [0_u32; BINS];
        for place in scores.iter().filter_map(|score| axis.place(*score)) {
            counts[((place * BINS as f64) as usize).min(BINS - 1)] += 1;
        }
        let most = f64::from(counts.iter().copied().max().unwrap_or(1).max(1));
        let step = (width - left - right) / BINS as f64;
        let paint = if spread.proxy == SUBJECT { Paint::Subject } else { Paint::Plain };
        for (bin, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let height = (bars * f64::from(*count) / most).max(1.0);
            scene.rect((left + bin as f64 * step, base - height), (step - 1.0, height), paint, 1.0);
        }
        scene.line((left, base), (width - right, base), 1.0, Paint::Faint);
        if let Some(median) = axis.place(quantiles[2]) {
            let at = left + median * (width - left - right);
            scene.line((at, base - bars - 3.0), (at, base + 4.0), 1.5, Paint::Ink);
        }
        let logarithmic = if axis.scale == Scale::Log { " (logarithmic)" } else { "" };
        let texts = [
            (left, format::score(quantiles[0]), Anchor::Start),
            (f64::midpoint(left, width - right), format!("median {}{logarithmic}", format::score(quantiles[2])), Anchor::Middle),
            (width - right, format::score(quantiles[4]), Anchor::End),
        ];
        for (x, text, anchor) in texts {
            scene.text((x, base + 16.0), 12.0, text, Paint::Muted, anchor);
        }
    }
    scene
}
