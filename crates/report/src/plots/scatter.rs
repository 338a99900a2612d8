//! One proxy's scores against the measured values.

use super::axis::{Axis, Scale};
use super::scene::{Anchor, Paint, Scene};
use crate::format;
use crate::model::Dataset;

/// Scatter plot of the proxy numbered `proxy`, coloured by the number of dead edges; disconnected architectures are
/// diamonds. `width` in units of the scene.
pub fn scatter(dataset: &Dataset, proxy: usize, width: f64) -> Scene {
    let column = &dataset.joined.proxies[proxy];
    let height = width * 0.62;
    let (left, right, top, bottom) = (66.0, 146.0, 62.0, 54.0);
    let (plot_width, plot_height) = (width - left - right, height - top - bottom);
    let title = format!("{} on {}", column.proxy, dataset.title());
    let mut scene = Scene::new(width, height, format!("Scatter plot of {title}: score against {}.", value_title(dataset)));
    scene.strong((left, 28.0), 19.0, title, Paint::Ink, Anchor::Start);
    scene.text((left, 48.0), 13.0, subtitle(dataset, proxy), Paint::Muted, Anchor::Start);

    let points: Vec<(usize, f64, f64)> = (0..column.scores.len())
        .filter_map(|place| Some((place, column.scores[place]?, dataset.joined.architectures[place].value)))
        .collect();
    let scores: Vec<f64> = points.iter().map(|point| point.1).collect();
    let values: Vec<f64> = points.iter().map(|point| point.2).collect();
    let across = Axis::of_scores(&scores);
    let up = Axis::of_values(&values, &dataset.joined.quantity.unit, dataset.joined.quantity.direction);
    let x = |place: f64| left + place * plot_width;
    let y = |place: f64| top + (1.0 - place) * plot_height;
    for (place, text) in across.ticks(7) {
        scene.line((x(place), top), (x(place), top + plot_height), 1.0, Paint::Faint);
        scene.text((x(place), top + plot_height + 19.0), 12.0, text, Paint::Muted, Anchor::Middle);
    }
    for (place, text) in up.ticks(9) {
        scene.line((left, y(place)), (left + plot_width, y(place)), 1.0, Paint::Faint);
        scene.text((left - 8.0, y(place) + 4.0), 12.0, text, Paint::Muted, Anchor::End);
    }
    let logarithmic = if across.scale == Scale::Log { ", logarithmic" } else { "" };
    scene.text((left + plot_width / 2.0, height - 12.0), 13.0, format!("score{logarithmic}"), Paint::Ink, Anchor::Middle);
    let spread = if up.scale == Scale::Error { ", error on a log scale" } else { "" };
    scene.upwards((20.0, top + plot_height / 2.0), 13.0, format!("{}{spread}", value_title(dataset)), Paint::Ink);

    // Drawn in an order that has nothing to do with colour, so that no colour hides the others.
    let mut order = points;
    order.sort_by_key(|point| (point.0 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let most = most_dead_edges(dataset);
    let (radius, opacity) = if order.len() > 3000 { (2.0, 0.5) } else { (3.2, 0.75) };
    for (place, score, value) in order {
        let (Some(across), Some(up)) = (across.place(score), up.place(value)) else { continue };
        let at = (x(across), y(up));
        match dataset.features[place] {
            Some(features) if !features.connected => scene.diamond(at, radius + 1.2, Paint::Paper, false),
            Some(features) => scene.disc(at, radius, Paint::Ramp(f64::from(features.dead_edges) / f64::from(most)), opacity),
            None => scene.disc(at, radius, Paint::Plain, opacity),
        }
    }
    legend(&mut scene, dataset, (width - right + 18.0, top + 6.0), most);
    scene
}

/// The largest number of dead edges among connected architectures, at least 1.
fn most_dead_edges(dataset: &Dataset) -> u32 {
    let connected = dataset.features.iter().flatten().filter(|features| features.connected);
    connected.map(|features| features.dead_edges).max().unwrap_or(1).max(1)
}

fn value_title(dataset: &Dataset) -> String {
    let quantity = &dataset.joined.quantity;
    format!("{} {} ({})", quantity.split, quantity.metric, quantity.unit)
}

fn subtitle(dataset: &Dataset, proxy: usize) -> String {
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

fn legend(scene: &mut Scene, dataset: &Dataset, (x, y): (f64, f64), most: u32) {
    let connected: Vec<u32> = dataset.features.iter().flatten().filter(|f| f.connected).map(|f| f.dead_edges).collect();
    if connected.is_empty() {
        return;
    }
    scene.text((x, y + 4.0), 13.0, "dead edges", Paint::Ink, Anchor::Start);
    let mut line = y + 26.0;
    for count in 0..=most {
        let n = connected.iter().filter(|edges| **edges == count).count();
        scene.disc((x + 6.0, line - 4.5), 5.0, Paint::Ramp(f64::from(count) / f64::from(most)), 1.0);
        scene.text((x + 20.0, line), 13.0, count.to_string(), Paint::Ink, Anchor::Start);
        scene.text((x + 122.0, line), 12.0, format::count(n), Paint::Muted, Anchor::End);
        line += 21.0;
    }
    let disconnected = dataset.features.iter().flatten().count() - connected.len();
    if disconnected > 0 {
        scene.diamond((x + 6.0, line + 3.5), 5.0, Paint::Paper, false);
        scene.text((x + 20.0, line + 8.0), 13.0, "disconnected", Paint::Ink, Anchor::Start);
        scene.text((x + 122.0, line + 8.0), 12.0, format::count(disconnected), Paint::Muted, Anchor::End);
    }
}
