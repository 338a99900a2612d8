//! Tau-b of every proxy as a bar with its interval and the paper's value.

use super::names_end;
use super::scene::{Anchor, Paint, Scene};
use crate::format;
use crate::model::Dataset;

/// The proxy of the paper is drawn in its own colour and named in bold.
pub(super) const SUBJECT: &str = "zico";

/// Bars of tau-b, longest first; `width` in units of the scene, from 320. Below 520 the names stand above their bars.
pub fn bars(dataset: &Dataset, width: f64) -> Scene {
    let narrow = width < 520.0;
    let (left, right) = if narrow { (12.0, 14.0) } else { (names_end(dataset.correlations.iter().map(|c| c.proxy.as_str())), 232.0) };
    let (row, top) = if narrow { (54.0, 40.0) } else { (38.0, 44.0) };
    let rows = dataset.correlations.len() as f64;
    let height = top + rows * row + 42.0;
    let mut scene = Scene::new(width, height, description(dataset));

    let (low, high) = range(dataset);
    let x = |tau: f64| left + (tau - low) / (high - low) * (width - left - right);
    legend(&mut scene, dataset, narrow);
    let bottom = top + rows * row + 4.0;
    let step = if high - low > 1.2 { 0.5 } else { 0.2 };
    let first = (low / step).ceil() as i32;
    for k in first..=(high / step).floor() as i32 {
        let tau = f64::from(k) * step;
        scene.line((x(tau), top - 4.0), (x(tau), bottom), 1.0, Paint::Faint);
        scene.text((x(tau), bottom + 18.0), 12.0, format::trimmed(tau, 1), Paint::Muted, Anchor::Middle);
    }
    if let Some(ceiling) = &dataset.ceiling {
        dashed(&mut scene, x(ceiling.another.tau_b), top - 4.0, bottom);
    }
    for (k, correlation) in dataset.shown().enumerate() {
        let line = top + k as f64 * row;
        let middle = if narrow { line + 34.0 } else { line + row / 2.0 };
        let subject = correlation.proxy == SUBJECT;
        let name_at = if narrow { (left, line + 15.0) } else { (left - 12.0, middle + 5.0) };
        let anchor = if narrow { Anchor::Start } else { Anchor::End };
        if subject {
            scene.strong(name_at, 15.0, &correlation.proxy, Paint::Ink, anchor);
        } else {
            scene.text(name_at, 15.0, &correlation.proxy, Paint::Ink, anchor);
        }
        let numbers_at = if narrow { (width - right, line + 15.0) } else { (width - 8.0, middle + 5.0) };
        let Ok(coefficients) = &correlation.coefficients else {
            scene.text(numbers_at, 13.0, "no correlation", Paint::Muted, Anchor::End);
            continue;
        };
        let tau = coefficients.tau_b;
        let (start, end) = (x(tau.value.min(0.0)), x(tau.value.max(0.0)));
        let paint = if subject { Paint::Subject } else { Paint::Plain };
        scene.rect((start, middle - 8.0), (end - start, 16.0), paint, 1.0);
        scene.line((x(tau.low), middle), (x(tau.high), middle), 2.0, Paint::Ink);
        for edge in [tau.low, tau.high] {
            scene.line((x(edge), middle - 5.0), (x(edge), middle + 5.0), 2.0, Paint::Ink);
        }
        if let Some(paper) = correlation.paper {
            scene.diamond((x(paper.tau), middle), 6.5, Paint::Paper, false);
        }
        let interval = format!("{} [{}, {}]", format::fixed(tau.value, 3), format::fixed(tau.low, 3), format::fixed(tau.high, 3));
        let paper = correlation.paper.map_or(String::new(), |paper| format!("   paper {}", format::fixed(paper.tau, 2)));
        scene.text(numbers_at, 13.0, interval + &paper, Paint::Ink, Anchor::End);
    }
    scene.line((x(0.0), top - 4.0), (x(0.0), bottom), 1.5, Paint::Muted);
    scene
}

/// A vertical line of dashes.
fn dashed(scene: &mut Scene, x: f64, top: f64, bottom: f64) {
    const DASH: f64 = 5.0;
    let mut y = top;
    while y < bottom {
        scene.line((x, y), (x, (y + DASH).min(bottom)), 1.5, Paint::Ink);
        y += 2.0 * DASH;
    }
}

fn legend(scene: &mut Scene, dataset: &Dataset, narrow: bool) {
    let left = if narrow { 12.0 } else { names_end(dataset.correlations.iter().map(|c| c.proxy.as_str())) };
    scene.rect((left, 10.0), (18.0, 12.0), Paint::Plain, 1.0);
    scene.text((left + 25.0, 20.5), 13.0, "τ-b", Paint::Muted, Anchor::Start);
    scene.line((left + 62.0, 16.0), (left + 84.0, 16.0), 2.0, Paint::Ink);
    for edge in [62.0, 84.0] {
        scene.line((left + edge, 11.0), (left + edge, 21.0), 2.0, Paint::Ink);
    }
    scene.text((left + 92.0, 20.5), 13.0, "interval", Paint::Muted, Anchor::Start);
    let papers = dataset.correlations.iter().any(|correlation| correlation.paper.is_some());
    if papers {
        scene.diamond((left + 160.0, 16.0), 6.5, Paint::Paper, false);
        scene.text((left + 173.0, 20.5), 13.0, "the paper's τ", Paint::Muted, Anchor::Start);
    }
    if dataset.ceiling.is_some() {
        let at = left + if papers { 262.0 } else { 156.0 };
        dashed(scene, at + 4.0, 8.0, 24.0);
        scene.text((at + 13.0, 20.5), 13.0, "another training", Paint::Muted, Anchor::Start);
    }
}

/// From 0, or from the lowest negative number, to a little above the highest.
fn range(dataset: &Dataset) -> (f64, f64) {
    let estimates = dataset.correlations.iter().filter_map(|c| c.coefficients.as_ref().ok()).map(|c| c.tau_b);
    let papers = dataset.correlations.iter().filter_map(|c| c.paper).map(|paper| (paper.tau, paper.tau));
    let ceiling = dataset.ceiling.iter().map(|ceiling| (ceiling.another.tau_b, ceiling.another.tau_b));
    let ends = estimates.map(|estimate| (estimate.low, estimate.high)).chain(papers).chain(ceiling);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end.0), high.max(end.1)));
    // Room for the marker at the end.
    (if low < 0.0 { (low - 0.05).max(-1.0) } else { 0.0 }, if high > 0.0 { (high + 0.04).min(1.02) } else { 0.1 })
}

fn description(dataset: &Dataset) -> String {
    let parts: Vec<String> = dataset
        .shown()
        .filter_map(|c| Some(format!("{} {}", c.proxy, format::fixed(c.coefficients.as_ref().ok()?.tau_b.value, 3))))
        .collect();
    format!("Bar chart of Kendall's tau-b on {}: {}.", dataset.title(), parts.join(", "))
}
