//! Best value so far against the number of evaluations.

use super::super::curve::{best_so_far, corners, mean};
use super::super::methods;
use super::super::model::Section;
use super::frame::Frame;
use crate::format;
use crate::plots::{Anchor, Axis, Paint, Scene};

/// Best value after one, two, three ... evaluations.
type Curve = Vec<Option<f64>>;

/// A thin line per seed and a thick one for the mean of each method, which is named at its end; `width` in units of the scene.
pub fn curves(section: &Section, width: f64) -> Scene {
    let narrow = width < 520.0;
    let description = format!("Best value of {} so far against the number of evaluations: {}.", section.objective, ends(section));
    let mut scene = Scene::new(width, if narrow { 300.0 } else { width * 0.5 }, description);
    let all: Vec<(String, usize, Vec<Curve>)> = section
        .groups
        .iter()
        .map(|group| {
            let curves = group.runs.iter().map(|run| best_so_far(&run.values(), section.direction)).collect();
            (methods::title(&group.method), methods::series(&group.method), curves)
        })
        .collect();
    let values: Vec<f64> = all.iter().flat_map(|(_, _, curves)| curves.iter().flatten().flatten().copied()).collect();
    let longest = section.runs().map(|run| run.evaluated.len()).max().unwrap_or(1) as f64;
    // A narrow chart names its methods above, a wide one beside the lines.
    let (top, right) = if narrow { (20.0 + 18.0 * all.len() as f64, 12.0) } else { (16.0, 222.0) };
    let up_title = format!("best {} so far", section.objective);
    let frame = Frame::new(&mut scene, top, right, (Axis::linear(&[0.0, longest]), "evaluations"), (Axis::linear(&values), &up_title));
    let mut labels: Vec<(f64, usize, String)> = Vec::new();
    for (title, series, curves) in &all {
        for curve in curves {
            staircase(&mut scene, &frame, curve, 1.0, Paint::Series(*series));
        }
        let mean = mean(curves);
        if curves.len() > 1 {
            staircase(&mut scene, &frame, &mean, 3.5, Paint::Series(*series));
        }
        let Some(end) = mean.last().copied().flatten() else { continue };
        let Some((_, y)) = frame.point(longest, end) else { continue };
        let what =
            if curves.len() > 1 { format!("{title}, mean {}", format::score(end)) } else { format!("{title} {}", format::score(end)) };
        labels.push((y, *series, what));
    }
    if narrow {
        for (line, (_, series, text)) in labels.iter().enumerate() {
            let y = 18.0 + 18.0 * line as f64;
            scene.line((12.0, y - 4.0), (30.0, y - 4.0), 3.5, Paint::Series(*series));
            scene.text((36.0, y), 12.0, text.as_str(), Paint::Ink, Anchor::Start);
        }
        return scene;
    }
    // Labels keep their distance, from the top down.
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut next = f64::NEG_INFINITY;
    for (y, series, text) in labels {
        let own = y.max(next);
        next = own + 18.0;
        scene.line((width - right + 4.0, y), (width - right + 16.0, own), 1.5, Paint::Series(series));
        scene.text((width - right + 20.0, own + 4.5), 12.5, text, Paint::Ink, Anchor::Start);
    }
    scene
}

/// A curve that stays where it is until the next better value.
fn staircase(scene: &mut Scene, frame: &Frame, curve: &[Option<f64>], width: f64, paint: Paint) {
    let points: Vec<(f64, f64)> = corners(curve).into_iter().filter_map(|(place, value)| frame.point(place as f64, value)).collect();
    for pair in points.windows(2) {
        scene.line(pair[0], (pair[1].0, pair[0].1), width, paint);
        scene.line((pair[1].0, pair[0].1), pair[1], width, paint);
    }
}

fn ends(section: &Section) -> String {
    let mut parts = Vec::new();
    for group in &section.groups {
        let curves: Vec<Curve> = group.runs.iter().map(|run| best_so_far(&run.values(), section.direction)).collect();
        let end = mean(&curves).last().copied().flatten().map_or_else(|| "no value".into(), format::score);
        parts.push(format!("{} ends at {end}", methods::title(&group.method)));
    }
    parts.join(", ")
}
