//! Value of what each proxy would pick.

use tables::Direction;

use super::axis::round_numbers;
use super::bars::SUBJECT;
use super::names_end;
use super::scene::{Anchor, Paint, Scene};
use crate::format;
use crate::model::{Dataset, capital};
use crate::paper;

/// Value of the first pick, mean of the first ten and the best among them; `width` in units of the scene.
pub fn picks(dataset: &Dataset, width: f64) -> Scene {
    let narrow = width < 520.0;
    let names = dataset.top.iter().map(|pick| pick.proxy.as_str());
    let (left, right) = if narrow { (14.0, 16.0) } else { (names_end(names), 160.0) };
    let (row, top) = if narrow { (50.0, 84.0) } else { (36.0, 66.0) };
    let rows = dataset.top.len() as f64;
    let bottom = top + rows * row;
    let mut scene = Scene::new(width, bottom + 46.0, description(dataset));

    let paper = paper::pick(&dataset.joined.space, &dataset.joined.dataset, &dataset.joined.quantity.metric);
    let (best, quantity) = (dataset.joined.best.value, &dataset.joined.quantity);
    let shown = dataset.top.iter().flat_map(|pick| {
        let ten = pick.top_10.as_ref().ok();
        [pick.top_1.as_ref().ok().map(|top| top.mean), ten.map(|top| top.mean), ten.map(|top| top.best)].into_iter().flatten()
    });
    let all = shown.chain([best]).chain(paper.map(|paper| paper.zico));
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let margin = if high > low { 0.06 * (high - low) } else { 0.5 * 10_f64.powi(-(quantity.decimals() as i32)) };
    let (low, high) = (low - margin, high + margin);
    let x = |value: f64| left + (value - low) / (high - low) * (width - left - right);

    legend(&mut scene, left, narrow, paper.map(|paper| paper.chart));
    for place in round_numbers(low, high, 6) {
        scene.line((x(place), top), (x(place), bottom), 1.0, Paint::Faint);
        scene.text((x(place), bottom + 18.0), 12.0, format::tick(place), Paint::Muted, Anchor::Middle);
    }
    scene.text((f64::midpoint(left, width - right), bottom + 38.0), 12.0, quantity.axis_title(), Paint::Muted, Anchor::Middle);
    // On a narrow chart numbers stand above each row, so the line of the best is drawn beside the marks only.
    if narrow {
        for k in 0..dataset.top.len() {
            let middle = top + k as f64 * row + 34.0;
            scene.line((x(best), middle - 9.0), (x(best), middle + 9.0), 2.0, Paint::Ink);
        }
    } else {
        scene.line((x(best), top - 6.0), (x(best), bottom), 2.0, Paint::Ink);
    }
    let (at, anchor) = if quantity.direction == Direction::LowerIsBetter { (-3.0, Anchor::Start) } else { (3.0, Anchor::End) };
    scene.text((x(best) + at, top - 10.0), 12.0, format!("best {}", quantity.number(best)), Paint::Ink, anchor);

    for (k, pick) in dataset.top.iter().enumerate() {
        let line = top + k as f64 * row;
        let middle = if narrow { line + 34.0 } else { line + row / 2.0 };
        let subject = pick.proxy == SUBJECT;
        let name_at = if narrow { (left, line + 17.0) } else { (left - 12.0, middle + 5.0) };
        let anchor = if narrow { Anchor::Start } else { Anchor::End };
        if subject {
            scene.strong(name_at, 15.0, &pick.proxy, Paint::Ink, anchor);
        } else {
            scene.text(name_at, 15.0, &pick.proxy, Paint::Ink, anchor);
        }
        let paint = if subject { Paint::Subject } else { Paint::Plain };
        let numbers_at = if narrow { (width - right, line + 17.0) } else { (width - 8.0, middle + 5.0) };
        let Ok(first) = &pick.top_1 else {
            scene.text(numbers_at, 13.0, "no pick", Paint::Muted, Anchor::End);
            continue;
        };
        scene.line((x(first.mean), middle), (x(best), middle), 2.0, Paint::Faint);
        if let Ok(ten) = &pick.top_10 {
            scene.triangle((x(ten.best), middle), 6.0, paint, true);
            scene.square((x(ten.mean), middle), 5.5, paint, false);
        }
        scene.disc((x(first.mean), middle), 6.5, paint, 1.0);
        if let Some(paper) = paper.filter(|_| subject) {
            scene.diamond((x(paper.zico), middle), 6.5, Paint::Paper, false);
        }
        let regret = format!("{} (regret {})", quantity.number(first.mean), quantity.number(dataset.joined.regret(first.mean)));
        scene.text(numbers_at, 13.0, regret, Paint::Ink, Anchor::End);
    }
    scene
}

fn legend(scene: &mut Scene, left: f64, narrow: bool, paper: Option<&str>) {
    let second = if narrow { (left, 44.0) } else { (left + 250.0, 16.0) };
    scene.disc((left + 7.0, 16.0), 6.5, Paint::Plain, 1.0);
    scene.text((left + 20.0, 20.5), 13.0, "first pick", Paint::Muted, Anchor::Start);
    scene.square((left + 100.0, 16.0), 5.5, Paint::Plain, false);
    scene.text((left + 112.0, 20.5), 13.0, "mean of first ten", Paint::Muted, Anchor::Start);
    scene.triangle((second.0 + 7.0, second.1), 6.0, Paint::Plain, true);
    scene.text((second.0 + 19.0, second.1 + 4.5), 13.0, "best of first ten", Paint::Muted, Anchor::Start);
    if let Some(paper_text) = paper {
        scene.diamond((second.0 + 147.0, second.1), 6.5, Paint::Paper, false);
        scene.text((second.0 + 160.0, second.1 + 4.5), 13.0, paper_text, Paint::Muted, Anchor::Start);
    }
}

fn description(dataset: &Dataset) -> String {
    let quantity = &dataset.joined.quantity;
    let parts: Vec<String> =
        dataset.top.iter().filter_map(|pick| Some(format!("{} {}", pick.proxy, quantity.number(pick.top_1.as_ref().ok()?.mean)))).collect();
    format!(
        "{} of each proxy's first pick on {}: {}; best of the table {}.",
        capital(&quantity.axis_title()),
        dataset.title(),
        parts.join(", "),
        quantity.number(dataset.joined.best.value)
    )
}
