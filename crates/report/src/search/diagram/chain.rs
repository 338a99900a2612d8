//! Stages one below the other: as wide as their channels, as high as their layers.

use crate::format;
use crate::plots::{Anchor, Paint, Scene};

/// A stage of a chain.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it is.
    pub title: String,
    /// More of it.
    pub subtitle: String,
    /// Side of its maps, in words; empty where it is not known.
    pub side: String,
    /// Channels that it gives.
    pub channels: usize,
    /// Layers in it.
    pub layers: usize,
    /// Its part of the FLOPs, a fraction, where it is known.
    pub share: Option<f64>,
    /// Number of its colour.
    pub series: usize,
}

/// Height of one layer and least height of a stage, which has two lines of text.
const LAYER: f64 = 14.0;
const LEAST: f64 = 36.0;

/// Draws a chain between two texts. Widths grow with the square root of the channels, which may differ a hundredfold.
pub fn chain(description: String, from: &str, stages: &[Stage], to: &str, width: f64) -> Scene {
    let narrow = width < 520.0;
    let (side_room, box_room) = if narrow { (66.0, 92.0) } else { (96.0, 220.0) };
    let middle = side_room + box_room / 2.0;
    let text_at = side_room + box_room + 16.0;
    let most = stages.iter().map(|stage| stage.channels).max().unwrap_or(1).max(1) as f64;
    let heights: Vec<f64> = stages.iter().map(|stage| (stage.layers as f64 * LAYER).max(LEAST)).collect();
    let gap = 22.0;
    let height = 34.0 + heights.iter().map(|height| height + gap).sum::<f64>() + 34.0;
    let mut scene = Scene::new(width, height, description);
    scene.text((middle, 22.0), 13.0, from, Paint::Ink, Anchor::Middle);
    let mut top = 32.0;
    for (stage, own) in stages.iter().zip(&heights) {
        arrow(&mut scene, (middle, top - 4.0), (middle, top + gap - 8.0));
        top += gap - 8.0;
        let wide = (box_room * (stage.channels as f64 / most).sqrt()).max(8.0);
        // Each layer is a strip of its own.
        let strip = own / stage.layers.max(1) as f64;
        for layer in 0..stage.layers.max(1) {
            let y = top + layer as f64 * strip;
            scene.rect((middle - wide / 2.0, y + 0.75), (wide, strip - 1.5), Paint::Series(stage.series), 0.85);
        }
        let centre = top + own / 2.0;
        scene.text((side_room - 8.0, centre + 4.0), if narrow { 11.0 } else { 13.0 }, &stage.side, Paint::Muted, Anchor::End);
        let share = stage.share.map(|share| format!("{} %", format::fixed(100.0 * share, 1)));
        scene.strong((text_at, centre - 3.0), if narrow { 12.0 } else { 14.0 }, &stage.title, Paint::Ink, Anchor::Start);
        let below = match (&share, narrow) {
            (Some(share), true) => format!("{}; {share}", stage.subtitle),
            _ => stage.subtitle.clone(),
        };
        scene.text((text_at, centre + 14.0), if narrow { 10.5 } else { 12.5 }, below, Paint::Muted, Anchor::Start);
        if let (Some(share), Some(fraction), false) = (share, stage.share, narrow) {
            let (left, room) = (width - 190.0, 120.0);
            scene.rect((left, centre - 6.0), (room, 12.0), Paint::Faint, 1.0);
            scene.rect((left, centre - 6.0), (room * fraction.clamp(0.0, 1.0), 12.0), Paint::Plain, 1.0);
            scene.text((width - 8.0, centre + 4.5), 13.0, share, Paint::Ink, Anchor::End);
        }
        top += own + 8.0;
    }
    arrow(&mut scene, (middle, top - 4.0), (middle, top + gap - 10.0));
    scene.text((middle, top + gap + 4.0), 13.0, to, Paint::Ink, Anchor::Middle);
    if !narrow && stages.iter().any(|stage| stage.share.is_some()) {
        scene.text((width - 190.0, 22.0), 12.0, "share of the FLOPs", Paint::Muted, Anchor::Start);
    }
    scene
}

/// A short arrow downwards.
fn arrow(scene: &mut Scene, from: (f64, f64), to: (f64, f64)) {
    scene.line(from, to, 1.5, Paint::Muted);
    scene.line((to.0 - 4.0, to.1 - 4.0), to, 1.5, Paint::Muted);
    scene.line((to.0 + 4.0, to.1 - 4.0), to, 1.5, Paint::Muted);
}
