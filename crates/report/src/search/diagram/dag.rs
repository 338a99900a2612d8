//! A small graph whose nodes stand in one row in topological order; longer edges are arcs above and below it.

use crate::plots::{Anchor, Paint, Scene};

/// A node: lines of text inside a circle.
#[derive(Clone, Debug)]
pub struct Node {
    /// Lines, one or two.
    pub lines: Vec<String>,
    /// Colour of the rim.
    pub paint: Paint,
}

/// An edge to a later node.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Place of a node.
    pub source: usize,
    /// Place of a later node.
    pub target: usize,
    /// What it says; may be empty.
    pub label: String,
    /// Colour.
    pub paint: Paint,
    /// Thickness.
    pub thickness: f64,
    /// Whether it is drawn as dashes.
    pub dashed: bool,
}

/// Where an edge runs: straight, or in an arc of a level from 1, the outermost the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Straight,
    Above(usize),
    Below(usize),
}

/// Draws the graph; `width` in units of the scene.
pub fn dag(description: String, nodes: &[Node], edges: &[Edge], width: f64) -> Scene {
    let narrow = width < 520.0;
    let radius = if narrow { 17.0 } else { 26.0 };
    let (margin, letter) = (radius + 8.0, if narrow { 10.0 } else { 13.0 });
    let step = (width - 2.0 * margin) / nodes.len().saturating_sub(1).max(1) as f64;
    // So wide a row of few nodes would be all arcs.
    let step = step.min(240.0);
    let left = (width - step * nodes.len().saturating_sub(1) as f64) / 2.0;
    let ways = ways(edges);
    let rise = |level: usize| radius + level as f64 * if narrow { 34.0 } else { 46.0 };
    let highest = |side: &dyn Fn(&Way) -> Option<usize>| ways.iter().filter_map(side).max().map_or(radius, rise);
    let above = highest(&|way| if let Way::Above(level) = way { Some(*level) } else { None });
    let below = highest(&|way| if let Way::Below(level) = way { Some(*level) } else { None });
    let middle = above + 26.0;
    let mut scene = Scene::new(width, middle + below + 26.0, description);
    let x = |node: usize| left + node as f64 * step;
    for (edge, way) in edges.iter().zip(&ways) {
        let (from, to) = (x(edge.source), x(edge.target));
        let centre = f64::midpoint(from, to);
        let (path, label_y) = match way {
            Way::Straight => (vec![(from + radius, middle), (to - radius - 2.0, middle)], middle - 8.0),
            Way::Above(level) => (arc(from, to, middle, -rise(*level), radius), middle - rise(*level) - 6.0),
            Way::Below(level) => (arc(from, to, middle, rise(*level), radius), middle + rise(*level) + 6.0 + 0.7 * letter),
        };
        follow(&mut scene, &path, edge);
        if !edge.label.is_empty() {
            let paint = if edge.dashed { Paint::Muted } else { Paint::Ink };
            // A label between two neighbours has little room.
            let size =
                if *way == Way::Straight { letter.min((step - 2.0 * radius) / (0.56 * edge.label.chars().count() as f64)) } else { letter };
            scene.text((centre, label_y), size, edge.label.as_str(), paint, Anchor::Middle);
        }
    }
    for (place, node) in nodes.iter().enumerate() {
        scene.disc((x(place), middle), radius, node.paint, 1.0);
        scene.disc((x(place), middle), radius - 2.0, Paint::Surface, 1.0);
        let size = if narrow { 9.5 } else { 12.5 };
        let first = middle + 0.36 * size - 0.55 * size * (node.lines.len() as f64 - 1.0);
        for (line, text) in node.lines.iter().enumerate() {
            scene.text((x(place), first + 1.1 * size * line as f64), size, text, Paint::Ink, Anchor::Middle);
        }
    }
    scene
}

/// Short arcs first; one that would cross another above the row goes below it.
fn ways(edges: &[Edge]) -> Vec<Way> {
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by_key(|&edge| edges[edge].target - edges[edge].source);
    let mut ways = vec![Way::Straight; edges.len()];
    let (mut above, mut below): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    let span = |edge: usize| (edges[edge].source, edges[edge].target);
    let crosses = |a: usize, b: usize| {
        let ((a, b), (c, d)) = (span(a), span(b));
        (a < c && c < b && b < d) || (c < a && a < d && d < b)
    };
    // An arc lies outside of all that begin and end within it.
    let level = |edge: usize, side: &[usize], ways: &[Way]| {
        let inside = side.iter().filter(|&&other| span(other).0 >= span(edge).0 && span(other).1 <= span(edge).1);
        let levels = inside.map(|&other| match ways[other] {
            Way::Above(level) | Way::Below(level) => level,
            Way::Straight => 0,
        });
        1 + levels.max().unwrap_or(0)
    };
    for edge in order {
        if edges[edge].target - edges[edge].source == 1 {
            continue;
        }
        let count = |side: &[usize]| side.iter().filter(|&&other| crosses(edge, other)).count();
        if count(&above) <= count(&below) {
            ways[edge] = Way::Above(level(edge, &above, &ways));
            above.push(edge);
        } else {
            ways[edge] = Way::Below(level(edge, &below, &ways));
            below.push(edge);
        }
    }
    ways
}

/// Points of an arc between two nodes of a row whose apex is `rise` below it (above, if negative).
fn arc(from: f64, to: f64, row: f64, rise: f64, radius: f64) -> Vec<(f64, f64)> {
    const POINTS: usize = 40;
    let half = (to - from) / 2.0;
    let at = |k: usize| {
        let angle = std::f64::consts::PI * k as f64 / POINTS as f64;
        // Flatter than a circle, so that arcs leave their nodes upright and labels have a level line to stand on.
        let (sine, cosine) = angle.sin_cos();
        (from + half * (1.0 - cosine), row + rise * sine.powf(0.6))
    };
    let outside = |point: &(f64, f64)| [from, to].iter().all(|node| (point.0 - node).hypot(point.1 - row) > radius + 1.0);
    (0..=POINTS).map(at).filter(outside).collect()
}

/// Draws a path with an arrow at its end.
fn follow(scene: &mut Scene, path: &[(f64, f64)], edge: &Edge) {
    for (k, pair) in path.windows(2).enumerate() {
        if edge.dashed && path.len() == 2 {
            let pieces = ((pair[1].0 - pair[0].0) / 8.0).max(1.0) as usize;
            let at = |piece: usize| pair[0].0 + (pair[1].0 - pair[0].0) * piece as f64 / pieces as f64;
            for piece in (0..pieces).step_by(2) {
                scene.line((at(piece), pair[0].1), (at(piece + 1), pair[0].1), edge.thickness, edge.paint);
            }
        } else if !edge.dashed || k % 2 == 0 {
            scene.line(pair[0], pair[1], edge.thickness, edge.paint);
        }
    }
    let [.., before, end] = path else { return };
    let (dx, dy) = (end.0 - before.0, end.1 - before.1);
    let length = dx.hypot(dy).max(1e-9);
    let (along, across) = ((dx / length, dy / length), (-dy / length, dx / length));
    for side in [-4.5, 4.5] {
        let tail = (end.0 - 8.0 * along.0 + side * across.0, end.1 - 8.0 * along.1 + side * across.1);
        scene.line(tail, *end, edge.thickness, edge.paint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcs_of_a_complete_cell_do_not_cross() {
        let edge = |(source, target)| Edge { source, target, label: String::new(), paint: Paint::Ink, thickness: 1.0, dashed: false };
        let got = ways(&spaces::nb201::EDGES.map(edge));
        assert_eq!(got, [Way::Straight, Way::Above(1), Way::Straight, Way::Above(2), Way::Below(1), Way::Straight]);
    }
}
