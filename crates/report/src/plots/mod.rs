//! Charts: laid out once as a [`Scene`], drawn as PNG for files and as SVG for the page.

mod axis;
mod bars;
mod heat;
mod picks;
mod png;
mod ramp;
mod scatter;
mod scene;
mod svg;

pub use axis::{Axis, Scale};
pub use bars::bars;
pub use heat::heat;
pub use picks::picks;
pub use scatter::scatter;
pub use scene::{Anchor, Item, Paint, Scene};

/// Width of a scene for a picture, in its own units; a picture has twice as many pixels.
pub const PICTURE: f64 = 800.0;
