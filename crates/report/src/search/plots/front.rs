//! FLOPs against score of everything that was evaluated, with the Pareto front.

use super::super::methods;
use super::super::model::Section;
use super::frame::Frame;
use crate::format;
use crate::plots::{Anchor, Axis, Paint, Scene, scramble};

/// Most dots on a wide and on a narrow chart; of more, so many are drawn, chosen by a scramble of their places.
pub const MOST: usize = 4000;
const MOST_NARROW: usize = 1200;

/// Scatter plot; each method has a mark of its own. `width` in units of the scene.
pub fn front(section: &Section, width: f64) -> Scene {
    let narrow = width < 520.0;
    let n = section.runs().map(|run| run.evaluated.len()).sum::<usize>();
    let description = format!(
        "Scatter plot of {} against FLOPs of {} evaluations; {} of them are on the Pareto front.",
        section.objective,
        format::count(n),
        section.front.len()
    );
    let mut scene = Scene::new(width, if narrow { 330.0 } else { width * 0.58 }, description);
    let mut dots: Vec<(usize, f64, f64)> = Vec::new();
    for group in &section.groups {
        let series = methods::series(&group.method);
        let evaluated = group.runs.iter().flat_map(|run| &run.evaluated);
        dots.extend(evaluated.filter_map(|evaluated| Some((series, evaluated.flops / 1e6, evaluated.value?))));
    }
    let budget = section.flops_budget().map(|flops| flops / 1e6);
    let across: Vec<f64> = dots.iter().map(|dot| dot.1).chain(budget).collect();
    let up: Vec<f64> = dots.iter().map(|dot| dot.2).collect();
    let kinds = section.groups.len() + 2 + usize::from(budget.is_some());
    let columns = if narrow { 2 } else { 5 };
    let top = 14.0 + 20.0 * kinds.div_ceil(columns) as f64;
    let frame = Frame::new(
        &mut scene,
        top,
        16.0,
        (Axis::linear(&across), "million FLOPs (multiply-adds)"),
        (Axis::linear(&up), &section.objective),
    );
    // In an order that has nothing to do with the method, so that no method hides the others.
    let mut order: Vec<usize> = (0..dots.len()).collect();
    order.sort_by_key(|&place| scramble(place));
    order.truncate(if narrow { MOST_NARROW } else { MOST });
    for place in order {
        let (series, flops, value) = dots[place];
        if let Some(at) = frame.point(flops, value) {
            mark(&mut scene, at, series, 2.6, 0.5);
        }
    }
    if let Some((x, _)) = budget.and_then(|budget| frame.point(budget, up.first().copied()?)) {
        let (mut y, end) = frame.ends();
        while y < end {
            scene.line((x, y), (x, (y + 6.0).min(end)), 1.5, Paint::Ink);
            y += 11.0;
        }
    }
    let points: Vec<(f64, f64)> = section.front.iter().filter_map(|row| frame.point(row.evaluated.flops / 1e6, row.value)).collect();
    for pair in points.windows(2) {
        scene.line(pair[0], (pair[1].0, pair[0].1), 1.8, Paint::Ink);
        scene.line((pair[1].0, pair[0].1), pair[1], 1.8, Paint::Ink);
    }
    for at in points {
        scene.disc(at, 2.6, Paint::Ink, 1.0);
    }
    let found = section.found.as_ref().and_then(|found| frame.point(found.evaluated.flops / 1e6, found.evaluated.value?));
    if let Some(at) = found {
        scene.diamond(at, 7.0, Paint::Ink, false);
    }
    legend(&mut scene, section, columns, budget);
    scene
}

/// A dot of a method: shape and colour.
fn mark(scene: &mut Scene, (x, y): (f64, f64), series: usize, radius: f64, opacity: f64) {
    let paint = Paint::Series(series);
    match series {
        0 => scene.disc((x, y), radius, paint, opacity),
        1 => scene.rect((x - 0.9 * radius, y - 0.9 * radius), (1.8 * radius, 1.8 * radius), paint, opacity),
        2 => scene.triangle((x, y), radius, paint, true),
        _ => scene.diamond((x, y), radius, paint, true),
    }
}

fn legend(scene: &mut Scene, section: &Section, columns: usize, budget: Option<f64>) {
    let step = (scene.width - 24.0) / columns as f64;
    let place = |k: usize| (16.0 + step * (k % columns) as f64, 14.0 + 20.0 * (k / columns) as f64);
    let mut entries: Vec<String> = section.groups.iter().map(|group| methods::title(&group.method)).collect();
    for (k, group) in section.groups.iter().enumerate() {
        let (x, y) = place(k);
        mark(scene, (x + 4.0, y - 4.0), methods::series(&group.method), 4.5, 1.0);
    }
    let (x, y) = place(entries.len());
    scene.line((x - 3.0, y - 4.0), (x + 11.0, y - 4.0), 1.8, Paint::Ink);
    scene.disc((x + 4.0, y - 4.0), 2.6, Paint::Ink, 1.0);
    entries.push("Pareto front".into());
    let (x, y) = place(entries.len());
    scene.diamond((x + 4.0, y - 4.0), 6.0, Paint::Ink, false);
    entries.push("found".into());
    if let Some(budget) = budget {
        let (x, y) = place(entries.len());
        scene.line((x + 4.0, y - 11.0), (x + 4.0, y - 6.0), 1.5, Paint::Ink);
        scene.line((x + 4.0, y - 3.0), (x + 4.0, y + 2.0), 1.5, Paint::Ink);
        entries.push(format!("budget {} M", format::trimmed(budget, 2)));
    }
    for (k, text) in entries.iter().enumerate() {
        let (x, y) = place(k);
        scene.text((x + 15.0, y), if columns == 2 { 11.5 } else { 12.5 }, text.as_str(), Paint::Ink, Anchor::Start);
    }
}
