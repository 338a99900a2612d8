//! Tau-b of every proxy on every dataset of every benchmark.

use super::scene::{Anchor, Paint, STRONG, Scene};
use crate::format;
use crate::index::{Grid, GridColumn};

/// The grid as a picture: our tau-b as a coloured cell, the paper's below it in small; the paper's alone in grey where nothing
/// was measured. `width` in units of the scene.
pub fn overview(grid: &Grid, width: f64) -> Scene {
    let left = super::names_end(grid.proxies.iter().map(String::as_str));
    let columns = grid.columns.len().max(1) as f64;
    let cell = ((width - left - 12.0) / columns).min(92.0);
    let (row, size) = (40.0, 12.0);
    let length = |text: &str| 0.56 * size * text.chars().count() as f64;
    let longest = grid.columns.iter().map(|column| length(&title(column))).fold(40.0, f64::max);
    let top = 50.0 + longest + 12.0;
    let height = top + row * grid.proxies.len() as f64 + 16.0;
    let mut scene = Scene::new(width, height, "Kendall's tau-b of every proxy on every dataset, beside the paper's.".into());
    let mut start = 0;
    for (k, column) in grid.columns.iter().enumerate() {
        let x = left + k as f64 * cell;
        if k == 0 || grid.columns[k - 1].group != column.group {
            start = k;
            scene.line((x, 8.0), (x, height - 12.0), 1.0, Paint::Faint);
        }
        let last = grid.columns.get(k + 1).is_none_or(|next| next.group != column.group);
        if last {
            let room = (k + 1 - start) as f64 * cell - 8.0;
            let x = left + start as f64 * cell + 5.0;
            let fits = |text: &str| 13.0 * (room * size / (13.0 * length(text))).min(1.0);
            // In a narrow column the name takes two lines.
            match column.group.rsplit_once(' ').filter(|_| fits(&column.group) < 10.0) {
                Some((first, second)) => {
                    let fits = fits(first).min(fits(second)).max(8.0);
                    scene.strong((x, 24.0), fits, first, Paint::Ink, Anchor::Start);
                    scene.strong((x, 24.0 + 1.3 * fits), fits, second, Paint::Ink, Anchor::Start);
                }
                None => scene.strong((x, 24.0), fits(&column.group).max(8.0), &column.group, Paint::Ink, Anchor::Start),
            }
        }
        let paint = if column.measured { Paint::Ink } else { Paint::Muted };
        scene.upwards((x + cell / 2.0 + 4.0, top - 8.0), size, title(column), paint, Anchor::Start);
    }
    for (k, (proxy, cells)) in grid.proxies.iter().zip(&grid.cells).enumerate() {
        let y = top + k as f64 * row;
        if proxy == super::bars::SUBJECT {
            scene.strong((left - 10.0, y + row / 2.0 + 4.0), 14.0, proxy, Paint::Ink, Anchor::End);
        } else {
            scene.text((left - 10.0, y + row / 2.0 + 4.0), 14.0, proxy, Paint::Ink, Anchor::End);
        }
        for (column, cell_of) in cells.iter().enumerate() {
            let x = left + column as f64 * cell;
            let middle = x + cell / 2.0;
            let printed = cell_of.paper.map(|paper| format::fixed(paper, 2));
            if let Some([tau, ..]) = cell_of.tau_b {
                let paint = if tau < 0.0 { Paint::Negative } else { Paint::Positive };
                scene.rect((x + 1.0, y + 1.0), (cell - 2.0, row - 2.0), paint, tau.abs());
                let text = if tau.abs() > STRONG { Paint::Surface } else { Paint::Ink };
                let up = if printed.is_some() { 1.0 } else { 5.0 };
                scene.text((middle, y + row / 2.0 + up), 14.0, format::fixed(tau, 2), text, Anchor::Middle);
                if let Some(printed) = printed {
                    scene.text((middle, y + row / 2.0 + 14.0), 10.5, printed, text, Anchor::Middle);
                }
            } else if let Some(printed) = printed {
                scene.text((middle, y + row / 2.0 + 4.0), 12.0, printed, Paint::Muted, Anchor::Middle);
            }
        }
    }
    scene
}

/// The dataset, and whether its scores are those of noise.
fn title(column: &GridColumn) -> String {
    if column.on_noise { format!("{} (noise)", column.title) } else { column.title.clone() }
}
