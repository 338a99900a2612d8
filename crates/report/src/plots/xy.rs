//! Dots and lines over two numeric axes, for anything that is no architecture.

use super::axis::{Axis, Scale};
use super::scene::{Anchor, Paint, Scene};

/// Numbers that span so much are drawn on a logarithmic axis.
const WIDE_RANGE: f64 = 50.0;
/// Below that width a chart is for a narrow screen.
const NARROW: f64 = 520.0;

/// Points of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name for the legend; empty for none.
    pub name: String,
    /// Across and up. What is not finite is not drawn.
    pub points: Vec<(f64, f64)>,
    /// Colour of all points.
    pub paint: Paint,
    /// A place on the colour ramp for each point in the colour's stead; empty for none.
    pub shades: Vec<f64>,
    /// Whether a line joins the points, in place of dots.
    pub joined: bool,
}

impl Series {
    /// Dots of one colour.
    pub fn dots(name: impl Into<String>, paint: Paint, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, paint, shades: Vec::new(), joined: false }
    }

    /// A line.
    pub fn line(name: impl Into<String>, paint: Paint, points: Vec<(f64, f64)>) -> Self {
        Self { joined: true, ..Self::dots(name, paint, points) }
    }
}

/// A chart of several series.
#[derive(Clone, Debug, PartialEq)]
pub struct Xy {
    /// What it shows, in a sentence, for those who cannot see it.
    pub description: String,
    /// A line above the plot; may be empty.
    pub subtitle: String,
    /// What the horizontal axis counts.
    pub across: String,
    /// What the vertical axis counts.
    pub up: String,
    /// Back to front.
    pub series: Vec<Series>,
    /// Horizontal reference lines with their names.
    pub levels: Vec<(f64, String)>,
    /// Whether the line on which both numbers are equal is drawn.
    pub diagonal: bool,
}

impl Xy {
    /// The chart; `width` in units of the scene, from 320.
    pub fn scene(&self, width: f64) -> Scene {
        let narrow = width < NARROW;
        let height = if narrow { width * 0.95 } else { width * 0.56 };
        let legend = self.legend(width);
        let top = 14.0 + if self.subtitle.is_empty() { 0.0 } else { 22.0 } + legend.height;
        let (left, right, bottom) = (if narrow { 66.0 } else { 92.0 }, 18.0, 56.0);
        let frame = Frame { left, top, width: width - left - right, height: height - bottom - top, across: self.axis(0), up: self.axis(1) };
        let mut scene = Scene::new(width, height, self.description.clone());
        if !self.subtitle.is_empty() {
            scene.text((left, 20.0), if narrow { 12.0 } else { 13.0 }, &self.subtitle, Paint::Muted, Anchor::Start);
        }
        legend.draw(&mut scene, left, top - legend.height);
        frame.grid(&mut scene, narrow);
        let suffix = |axis: &Axis| if axis.scale == Scale::Log { ", logarithmic" } else { "" };
        let middle = frame.left + frame.width / 2.0;
        scene.text((middle, height - 12.0), 13.0, format!("{}{}", self.across, suffix(&frame.across)), Paint::Ink, Anchor::Middle);
        let up = format!("{}{}", self.up, suffix(&frame.up));
        scene.upwards((if narrow { 12.0 } else { 20.0 }, frame.top + frame.height / 2.0), 13.0, up, Paint::Ink, Anchor::Middle);
        for series in &self.series {
            frame.draw(&mut scene, series);
        }
        for (level, name) in &self.levels {
            if let Some(y) = frame.y(*level) {
                dashed(&mut scene, (frame.left, y), (frame.left + frame.width, y));
                scene.text((frame.left + 4.0, y - 5.0), 12.0, name, Paint::Ink, Anchor::Start);
            }
        }
        if self.diagonal {
            frame.diagonal(&mut scene);
        }
        scene
    }

    /// The axis over the numbers of all series and the levels; 0 is the horizontal one.
    fn axis(&self, which: usize) -> Axis {
        let points = self.series.iter().flat_map(|series| &series.points);
        let mut numbers: Vec<f64> =
            points.map(|point| if which == 0 { point.0 } else { point.1 }).filter(|number| number.is_finite()).collect();
        if which == 1 {
            numbers.extend(self.levels.iter().map(|(level, _)| *level));
        }
        let (low, high) = numbers.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &number| (low.min(number), high.max(number)));
        let log = low > 0.0 && high / low > WIDE_RANGE && !self.diagonal;
        Axis::new(if log { Scale::Log } else { Scale::Linear }, &numbers)
    }

    fn legend(&self, width: f64) -> Legend {
        const LETTER: f64 = 7.0;
        let mut entries: Vec<(f64, f64, String, Paint, bool)> = Vec::new();
        let (mut x, mut y) = (0.0, 0.0);
        for series in self.series.iter().filter(|series| !series.name.is_empty()) {
            let extent = 30.0 + LETTER * series.name.chars().count() as f64 + 14.0;
            if x > 0.0 && x + extent > width - 110.0 {
                (x, y) = (0.0, y + 20.0);
            }
            entries.push((x, y, series.name.clone(), series.paint, series.joined));
            x += extent;
        }
        Legend { height: if entries.is_empty() { 0.0 } else { y + 26.0 }, entries }
    }
}

struct Legend {
    /// Place, name, colour, whether a line.
    entries: Vec<(f64, f64, String, Paint, bool)>,
    height: f64,
}

impl Legend {
    fn draw(&self, scene: &mut Scene, left: f64, top: f64) {
        for (x, y, name, paint, joined) in &self.entries {
            let (x, y) = (left + x, top + y + 10.0);
            if *joined {
                scene.line((x, y), (x + 20.0, y), 2.5, *paint);
            } else {
                scene.disc((x + 10.0, y), 5.0, *paint, 1.0);
            }
            scene.text((x + 27.0, y + 4.5), 13.0, name, Paint::Ink, Anchor::Start);
        }
    }
}

/// The plot's place on the scene and its axes.
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    across: Axis,
    up: Axis,
}

impl Frame {
    fn x(&self, number: f64) -> Option<f64> {
        Some(self.left + self.across.place(number)? * self.width)
    }

    fn y(&self, number: f64) -> Option<f64> {
        Some(self.top + (1.0 - self.up.place(number)?) * self.height)
    }

    fn grid(&self, scene: &mut Scene, narrow: bool) {
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        for (place, text) in self.across.ticks(if narrow { 3 } else { 7 }) {
            let x = self.left + place * self.width;
            scene.line((x, self.top), (x, bottom), 1.0, Paint::Faint);
            scene.text((x, bottom + 18.0), 12.0, short(&text), Paint::Muted, Anchor::Middle);
        }
        for (place, text) in self.up.ticks(7) {
            let y = self.top + (1.0 - place) * self.height;
            scene.line((self.left, y), (right, y), 1.0, Paint::Faint);
            scene.text((self.left - 7.0, y + 4.0), 12.0, short(&text), Paint::Muted, Anchor::End);
        }
    }

    fn draw(&self, scene: &mut Scene, series: &Series) {
        let finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
        let places = series.points.iter().map(|point| Some((self.x(point.0)?, self.y(point.1)?)).filter(|_| finite(point)));
        if series.joined {
            let places: Vec<(f64, f64)> = places.flatten().collect();
            for pair in places.windows(2) {
                scene.line(pair[0], pair[1], 2.0, series.paint);
            }
            return;
        }
        let (radius, opacity) = if series.points.len() > 600 { (2.6, 0.55) } else { (3.4, 0.7) };
        for (k, place) in places.enumerate() {
            let Some(place) = place else { continue };
            let paint = series.shades.get(k).map_or(series.paint, |&shade| Paint::Ramp(shade));
            scene.disc(place, radius, paint, opacity);
        }
    }

    /// The part of the line of equal numbers that is on the chart.
    fn diagonal(&self, scene: &mut Scene) {
        const PARTS: u32 = 400;
        let on = |place: Option<f64>, low: f64, extent: f64| place.filter(|place| (low..=low + extent).contains(place));
        let numbers = (0..=PARTS).map(|k| self.across.number(f64::from(k) / f64::from(PARTS)));
        let places: Vec<(f64, f64)> = numbers
            .filter_map(|number| Some((on(self.x(number), self.left, self.width)?, on(self.y(number), self.top, self.height)?)))
            .collect();
        if let (Some(&from), Some(&to)) = (places.first(), places.last()) {
            dashed(scene, from, to);
        }
    }
}

/// Without the zeros that end a number before its exponent: 3.500e9 is 3.5e9 on an axis.
pub(crate) fn short(text: &str) -> String {
    match text.split_once('e') {
        Some((number, exponent)) if number.contains('.') => {
            format!("{}e{exponent}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text.to_owned(),
    }
}

/// A line of dashes.
fn dashed(scene: &mut Scene, from: (f64, f64), to: (f64, f64)) {
    const DASH: f64 = 6.0;
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let at = |along: f64| {
        let part = (along / length).min(1.0);
        (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1))
    };
    let mut along = 0.0;
    while along < length {
        scene.line(at(along), at(along + DASH), 1.5, Paint::Ink);
        along += 2.0 * DASH;
    }
}

/// A place on the colour ramp for each number, by rank; equal numbers have equal places.
pub fn shades(numbers: &[f64]) -> Vec<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let most = numbers.len().saturating_sub(1).max(1) as f64;
    numbers.iter().map(|number| sorted.partition_point(|other| other < number) as f64 / most).collect()
}

#[cfg(test)]
mod tests {
    use super::super::scene::Item;
    use super::*;

    fn chart(points: Vec<(f64, f64)>, joined: bool) -> Xy {
        let series = Series { joined, ..Series::dots("some", Paint::Subject, points) };
        Xy {
            description: "a chart".into(),
            subtitle: "n".into(),
            across: "x".into(),
            up: "y".into(),
            series: vec![series],
            levels: vec![(2.0, "two".into())],
            diagonal: false,
        }
    }

    #[test]
    fn everything_stands_within_the_chart() {
        for points in [vec![], vec![(1.0, 1.0)], vec![(0.0, -5.0), (3.0, 1e9)], vec![(1e-9, 1.0), (f64::NAN, 2.0), (1e9, f64::INFINITY)]] {
            for (width, joined, diagonal) in [(360.0, false, true), (800.0, true, false)] {
                let scene = Xy { diagonal, ..chart(points.clone(), joined) }.scene(width);
                for item in &scene.items {
                    let places = match item {
                        Item::Disc { x, y, .. } | Item::Text { x, y, .. } => vec![(*x, *y)],
                        Item::Line { from, to, .. } => vec![*from, *to],
                        _ => vec![],
                    };
                    for (x, y) in places {
                        assert!((-0.5..=scene.width + 0.5).contains(&x) && (-0.5..=scene.height + 0.5).contains(&y), "{item:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_wide_range_is_logarithmic() {
        assert_eq!(chart(vec![(1.0, 1.0), (100.0, 3.0)], false).axis(0).scale, Scale::Log);
        assert_eq!(chart(vec![(1.0, 1.0), (100.0, 3.0)], false).axis(1).scale, Scale::Linear);
        assert_eq!(chart(vec![(-1.0, 1.0), (100.0, 3.0)], false).axis(0).scale, Scale::Linear);
    }

    #[test]
    fn numbers_on_an_axis_are_short() {
        assert_eq!([short("3.500e9"), short("1.000e−8"), short("100")], ["3.5e9", "1e−8", "100"]);
    }

    #[test]
    fn shades_are_ranks() {
        assert_eq!(shades(&[5.0, 1.0, 5.0]), [0.5, 0.0, 0.5]);
        assert!(shades(&[]).is_empty());
    }
}
