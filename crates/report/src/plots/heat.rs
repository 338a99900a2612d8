//! Rank correlation of every proxy with every other.

use super::scene::{Anchor, Paint, STRONG, Scene};
use crate::format;
use crate::model::Matrix;

/// The matrix of Spearman's rho on the dataset called `title`, numbers in the cells; at least `width` wide, in units of the scene, and
/// wider where the numbers of many proxies would not fit.
pub fn heat(matrix: &Matrix, title: &str, width: f64) -> Scene {
    let count = matrix.proxies.len().max(1) as f64;
    // Names stand beside their rows and upright above their columns; a letter is a little over half as wide as it is high.
    let longest = matrix.proxies.iter().map(|name| 0.58 * NAME_SIZE * name.chars().count() as f64).fold(20.0, f64::max);
    let (left, top) = (longest + 14.0, longest + 14.0);
    let width = width.max(left + 8.0 + MIN_CELL * count);
    let cell = ((width - left - 8.0) / count).min(84.0);
    // In small cells ".97" stands for 0.97.
    let short = cell < 32.0;
    let text_size = (cell / if short { 2.5 } else { 3.2 }).min(15.0);
    let height = top + cell * count + 54.0;
    let mut scene = Scene::new(width, height, format!("Spearman's rho between the scores of every two proxies on {title}."));
    for (k, proxy) in matrix.proxies.iter().enumerate() {
        let middle = (k as f64 + 0.5) * cell;
        scene.text((left - 8.0, top + middle + 4.5), NAME_SIZE, proxy, Paint::Ink, Anchor::End);
        scene.upwards((left + middle + 4.0, top - 8.0), NAME_SIZE, proxy, Paint::Ink, Anchor::Start);
    }
    for (row, line) in matrix.pairs.iter().enumerate() {
        for (column, pair) in line.iter().enumerate() {
            let rho = &pair.rho;
            let (x, y) = (left + column as f64 * cell, top + row as f64 * cell);
            let text = if let Some(rho) = rho {
                let paint = if *rho < 0.0 { Paint::Negative } else { Paint::Positive };
                scene.rect((x + 1.0, y + 1.0), (cell - 2.0, cell - 2.0), paint, rho.abs());
                let text = format::fixed(*rho, 2);
                if short { text.replacen("0.", ".", 1).replace("1.00", "1") } else { text }
            } else {
                "–".into()
            };
            // On a strong colour the text takes the background's.
            let paint = if rho.is_some_and(|rho| rho.abs() > STRONG) { Paint::Surface } else { Paint::Ink };
            scene.text((x + cell / 2.0, y + cell / 2.0 + 0.36 * text_size), text_size, text, paint, Anchor::Middle);
        }
    }
    scale(&mut scene, left, top + cell * count + 14.0, (cell * count).min(260.0));
    scene
}

/// Size of names.
const NAME_SIZE: f64 = 11.5;

/// Side of the smallest cell in which a number can be read.
const MIN_CELL: f64 = 22.0;

/// The colour scale from -1 to 1.
fn scale(scene: &mut Scene, left: f64, y: f64, width: f64) {
    const STEPS: i32 = 21;
    let step = width / f64::from(STEPS);
    for k in 0..STEPS {
        let rho = f64::from(k - STEPS / 2) / f64::from(STEPS / 2);
        let paint = if rho < 0.0 { Paint::Negative } else { Paint::Positive };
        scene.rect((left + f64::from(k) * step, y), (step, 12.0), paint, rho.abs());
    }
    for (place, text) in [(0.0, "−1"), (0.5, "0"), (1.0, "1")] {
        scene.text((left + place * width, y + 28.0), 12.0, text, Paint::Muted, Anchor::Middle);
    }
}
