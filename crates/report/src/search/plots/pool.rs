//! Quantiles of the pool over time.

use super::super::model::{PoolOf, Section};
use super::super::pool::PoolAt;
use super::frame::Frame;
use crate::format;
use crate::plots::{Anchor, Axis, Paint, Scene};

/// Bands from the least to the greatest value and between the quartiles, and the median; `width` in units of the scene.
pub fn pool(pool: &PoolOf, section: &Section, width: f64) -> Scene {
    let narrow = width < 520.0;
    let last = pool.moments.last().map_or([0.0; 5], |moment| moment.quantiles);
    let description = format!(
        "Values of {} in the pool of {} members over time; at the end from {} to {}, median {}.",
        section.objective,
        format::count(pool.population),
        format::score(last[0]),
        format::score(last[4]),
        format::score(last[2])
    );
    let mut scene = Scene::new(width, if narrow { 280.0 } else { width * 0.42 }, description);
    let values: Vec<f64> = pool.moments.iter().flat_map(|moment| moment.quantiles).collect();
    let end = pool.moments.last().map_or(1, |moment| moment.evaluations) as f64;
    let up_title = format!("{} in the pool", section.objective);
    let frame = Frame::new(&mut scene, 34.0, 16.0, (Axis::linear(&[0.0, end]), "evaluations"), (Axis::linear(&values), &up_title));
    let at = |moment: &PoolAt, quantile: usize| frame.point(moment.evaluations as f64, moment.quantiles[quantile]);
    for pair in pool.moments.windows(2) {
        for (low, high, opacity) in [(0, 4, 0.18), (1, 3, 0.4)] {
            if let (Some(from), Some(top), Some(to)) = (at(&pair[0], low), at(&pair[0], high), at(&pair[1], low)) {
                scene.rect((from.0, top.1), (to.0 - from.0, (from.1 - top.1).max(0.5)), Paint::Series(0), opacity);
            }
        }
        if let (Some(from), Some(to)) = (at(&pair[0], 2), at(&pair[1], 2)) {
            scene.line(from, to, 2.0, Paint::Ink);
        }
    }
    let entries = [("least to greatest", 0.18), ("middle half", 0.4)];
    let mut x = 16.0;
    for (text, opacity) in entries {
        scene.rect((x, 9.0), (16.0, 12.0), Paint::Series(0), opacity);
        scene.text((x + 21.0, 19.5), 12.5, text, Paint::Muted, Anchor::Start);
        x += 34.0 + 6.6 * text.len() as f64;
    }
    scene.line((x, 15.0), (x + 16.0, 15.0), 2.0, Paint::Ink);
    scene.text((x + 21.0, 19.5), 12.5, "median", Paint::Muted, Anchor::Start);
    scene
}
