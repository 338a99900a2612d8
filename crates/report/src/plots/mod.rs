//! Charts: laid out once as a [`Scene`], drawn as PNG for files and as SVG for the page.

mod axis;
mod bars;
mod colour;
mod heat;
mod overview;
mod picks;
mod png;
mod ramp;
mod scatter;
mod scene;
mod spread;
mod svg;

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

/// Width of a scene for a picture, in its own units; a picture has twice as many pixels.
pub const PICTURE: f64 = 800.0;
