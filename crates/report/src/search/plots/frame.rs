//! The frame of a chart: axes, grid and where a point of it stands.

use crate::plots::{Anchor, Axis, Paint, Scene};

/// An area of a scene with an axis to the right and one upwards.
pub struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    across: Axis,
    up: Axis,
}

impl Frame {
    /// Draws axes into the scene and leaves `right` beside them.
    pub fn new(scene: &mut Scene, top: f64, right: f64, (across, across_title): (Axis, &str), (up, up_title): (Axis, &str)) -> Self {
        let narrow = scene.width < 520.0;
        let (left, bottom) = (if narrow { 52.0 } else { 72.0 }, 50.0);
        let frame = Self { left, top, width: scene.width - left - right, height: scene.height - top - bottom, across, up };
        let end = (frame.left + frame.width, frame.top + frame.height);
        for (place, text) in frame.across.ticks(if narrow { 4 } else { 7 }) {
            let x = frame.left + place * frame.width;
            scene.line((x, top), (x, end.1), 1.0, Paint::Faint);
            scene.text((x, end.1 + 18.0), if narrow { 10.5 } else { 12.0 }, text, Paint::Muted, Anchor::Middle);
        }
        for (place, text) in frame.up.ticks(7) {
            let y = frame.top + (1.0 - place) * frame.height;
            scene.line((left, y), (end.0, y), 1.0, Paint::Faint);
            scene.text((left - 6.0, y + 4.0), if narrow { 10.5 } else { 12.0 }, text, Paint::Muted, Anchor::End);
        }
        scene.text((frame.left + frame.width / 2.0, end.1 + 40.0), 13.0, across_title, Paint::Ink, Anchor::Middle);
        scene.upwards((14.0, frame.top + frame.height / 2.0), 13.0, up_title, Paint::Ink, Anchor::Middle);
        frame
    }

    /// Where a point stands; none if it has no place on an axis.
    pub fn point(&self, across: f64, up: f64) -> Option<(f64, f64)> {
        Some((self.left + self.across.place(across)? * self.width, self.top + (1.0 - self.up.place(up)?) * self.height))
    }

    /// Upper and lower end.
    pub fn ends(&self) -> (f64, f64) {
        (self.top, self.top + self.height)
    }
}
