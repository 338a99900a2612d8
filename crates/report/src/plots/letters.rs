//! Text as pixels.
//!
//! plotters draws text too, but puts each glyph's ink at the pen and forgets how far it reaches to the left of it, so that a "j" runs into
//! the next letter and away from the last one.

use ab_glyph::{Font, FontRef, GlyphId, PxScaleFont, ScaleFont, point};

/// The one typeface of the pictures.
pub(super) struct Letters(FontRef<'static>);

impl Letters {
    /// None if the built-in typeface cannot be read.
    pub fn new() -> Option<Self> {
        FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT).ok().map(Self)
    }

    /// How far the pen moves, in pixels; `size` is the height of a line.
    pub fn width(&self, text: &str, size: f64) -> f64 {
        let font = self.0.as_scaled(size as f32);
        self.places(text, size).last().map_or(0.0, |(glyph, at)| f64::from(at + font.h_advance(glyph)))
    }

    /// Calls `paint` for every pixel that the text touches: its column and row relative to the start of the baseline, which lies `shift`
    /// pixels to the right (rows count downwards), and how much of it is covered, from 0 to 1.
    pub fn draw(&self, text: &str, size: f64, shift: f64, mut paint: impl FnMut(i32, i32, f32)) {
        let scale = self.0.as_scaled(size as f32).scale();
        for (glyph, at) in self.places(text, size) {
            let Some(outline) = self.0.outline_glyph(glyph.with_scale_and_position(scale, point(at + shift as f32, 0.0))) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, coverage| paint(corner.x as i32 + x as i32, corner.y as i32 + y as i32, coverage.clamp(0.0, 1.0)));
        }
    }

    /// Each glyph with the place of the pen.
    fn places(&self, text: &str, size: f64) -> impl Iterator<Item = (GlyphId, f32)> {
        let font: PxScaleFont<&FontRef<'static>> = self.0.as_scaled(size as f32);
        let mut pen = 0.0;
        let mut before: Option<GlyphId> = None;
        text.chars().map(move |letter| {
            let glyph = font.glyph_id(letter);
            if let Some(before) = before {
                pen += font.h_advance(before) + font.kern(before, glyph);
            }
            before = Some(glyph);
            (glyph, pen)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(letters: &Letters, text: &str) -> (i32, i32) {
        let (mut first, mut last) = (i32::MAX, i32::MIN);
        letters.draw(text, 60.0, 0.0, |x, _, coverage| {
            if coverage > 0.5 {
                (first, last) = (first.min(x), last.max(x));
            }
        });
        (first, last)
    }

    #[test]
    fn a_letter_that_reaches_back_does_not_push_the_next_one_into_it() {
        let letters = Letters::new().unwrap();
        // The tail of a "j" lies before the pen; its stem keeps its distance from what follows.
        assert!(ink(&letters, "j").0 < 0);
        let advance = letters.width("j", 60.0);
        assert!((ink(&letters, "ji").1 - (ink(&letters, "i").1 + advance as i32)).abs() <= 2);
    }

    #[test]
    fn the_width_is_that_of_all_letters() {
        let letters = Letters::new().unwrap();
        assert_eq!(letters.width("", 20.0), 0.0);
        assert!((letters.width("ooo", 20.0) - 3.0 * letters.width("o", 20.0)).abs() < 1e-3);
    }
}
