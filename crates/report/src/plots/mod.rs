//! Charts: laid out once as a [`Scene`], drawn as PNG for files and as SVG for the page.

mod axis;
mod bars;
mod colour;
mod heat;
mod letters;
mod overview;
mod picks;
mod png;
mod ramp;
mod scatter;
mod scene;
mod spread;
mod svg;
mod xy;

pub use axis::{Axis, Scale};
pub use bars::bars;
pub use colour::Colouring;
pub use heat::heat;
pub use overview::overview;
pub use picks::picks;
pub(crate) use scatter::scramble;
pub use scatter::{MOST_DOTS, scatter, scatter_of_scores};
pub(crate) use scene::STRONG;
pub use scene::{Anchor, Item, Paint, Scene};
pub use spread::spread;
pub(crate) use xy::short;
pub use xy::{Series, Xy, shades};

/// Where a column of names ends, in units of a scene: wide enough for the longest, within bounds.
fn names_end<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    const LETTER: f64 = 9.0;
    let longest = names.map(|name| name.chars().count()).max().unwrap_or(0);
    (longest as f64 * LETTER + 16.0).clamp(100.0, 260.0)
}

/// Width of a scene for a picture, in its own units; a picture has twice as many pixels.
pub const PICTURE: f64 = 800.0;
