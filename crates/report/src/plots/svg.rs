//! A scene as SVG markup whose colours are the page's CSS variables.

use std::fmt::Write as _;

use super::ramp;
use super::scene::{Anchor, Item, Paint, SERIES, Scene};
use crate::html::escape;

impl Scene {
    /// An `<svg>` element that scales to its container, with a description for screen readers.
    pub fn to_svg(&self, class: &str) -> String {
        let mut out = format!(
            r#"<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">"#,
            escape(class),
            number(self.width),
            number(self.height),
            escape(&self.description)
        );
        for item in &self.items {
            write(&mut out, item);
        }
        out.push_str("</svg>");
        out
    }
}

fn write(out: &mut String, item: &Item) {
    // Writing to a string cannot fail.
    let _ = match item {
        Item::Rect { x, y, width, height, paint, opacity } => write!(
            out,
            r#"<rect x="{}" y="{}" width="{}" height="{}" {}{}/>"#,
            number(*x),
            number(*y),
            number(*width),
            number(*height),
            fill(*paint),
            opacity_of(*opacity)
        ),
        Item::Line { from, to, width, paint } => write!(
            out,
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"/>"#,
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            color(*paint),
            number(*width)
        ),
        Item::Disc { x, y, radius, paint, opacity } => write!(
            out,
            r#"<circle cx="{}" cy="{}" r="{}" {}{}/>"#,
            number(*x),
            number(*y),
            number(*radius),
            fill(*paint),
            opacity_of(*opacity)
        ),
        Item::Polygon { points, paint, filled } => {
            let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
            let inside = if *filled { color(*paint) } else { color(Paint::Surface) };
            write!(out, r#"<polygon points="{}" fill="{inside}" stroke="{}" stroke-width="2"/>"#, points.join(" "), color(*paint))
        }
        Item::Text { x, y, size, text, paint, anchor, strong, turned } => {
            let (x, y) = (number(*x), number(*y));
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let weight = if *strong { r#" font-weight="700""# } else { "" };
            let turn = if *turned { format!(r#" transform="rotate(-90 {x} {y})""#) } else { String::new() };
            let size = number(*size);
            write!(
                out,
                r#"<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"{weight}{turn} {}>{}</text>"#,
                fill(*paint),
                escape(text)
            )
        }
    };
}

fn fill(paint: Paint) -> String {
    format!(r#"fill="{}""#, color(paint))
}

fn opacity_of(opacity: f64) -> String {
    if opacity >= 1.0 { String::new() } else { format!(r#" fill-opacity="{}""#, number(opacity.max(0.0))) }
}

fn color(paint: Paint) -> String {
    let variable = match paint {
        Paint::Ink => "ink",
        Paint::Muted => "muted",
        Paint::Faint => "faint",
        Paint::Surface => "surface",
        Paint::Subject => "subject",
        Paint::Plain => "plain",
        Paint::Paper => "paper",
        Paint::Positive => "positive",
        Paint::Negative => "negative",
        Paint::Ramp(place) => return ramp::hex(place),
        Paint::Series(kind) => return format!("var(--series-{})", kind % SERIES),
    };
    format!("var(--{variable})")
}

/// Two decimals are a hundredth of a pixel: enough, and short.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
