//! A chart as shapes and texts in its own units, before it is pixels or markup.

/// Strength of a correlation from which the text on its colour takes the background's colour. With a little less and with a little more the
/// contrast of the one and the other is the same, in the light and in the dark scheme.
pub(crate) const STRONG: f64 = 0.68;

/// Colours of [`Paint::Series`].
pub(crate) const SERIES: usize = 4;

/// What a colour means; each drawing surface decides how it looks (the page has a light and a dark scheme).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// Text and strong marks.
    Ink,
    /// Secondary text.
    Muted,
    /// Grid lines.
    Faint,
    /// The background.
    Surface,
    /// The proxy of the paper.
    Subject,
    /// Every other proxy.
    Plain,
    /// What the paper says.
    Paper,
    /// A positive correlation; its size is the opacity.
    Positive,
    /// A negative correlation.
    Negative,
    /// A place on the colour ramp, from 0 to 1.
    Ramp(f64),
    /// One of several kinds that are told apart, from 0 (four colours, then again from the first).
    Series(usize),
}

/// Which point of a text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// A shape or text. Positions are in units of the scene, y downwards; a text's y is its baseline.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A filled rectangle.
    Rect {
        /// Left edge.
        x: f64,
        /// Upper edge.
        y: f64,
        /// Extent to the right.
        width: f64,
        /// Extent downwards.
        height: f64,
        /// Its colour.
        paint: Paint,
        /// From 0 to 1.
        opacity: f64,
    },
    /// A line.
    Line {
        /// One end.
        from: (f64, f64),
        /// The other end.
        to: (f64, f64),
        /// Thickness.
        width: f64,
        /// Its colour.
        paint: Paint,
    },
    /// A filled disc.
    Disc {
        /// Centre.
        x: f64,
        /// Centre.
        y: f64,
        /// Radius.
        radius: f64,
        /// Its colour.
        paint: Paint,
        /// From 0 to 1.
        opacity: f64,
    },
    /// A closed shape: filled, or an outline on the background's colour.
    Polygon {
        /// Corners.
        points: Vec<(f64, f64)>,
        /// Its colour.
        paint: Paint,
        /// Whether the inside has the colour too.
        filled: bool,
    },
    /// A text; `turned` reads upwards.
    Text {
        /// The anchor.
        x: f64,
        /// The baseline; of a turned text, the anchor.
        y: f64,
        /// Font size.
        size: f64,
        /// What it says.
        text: String,
        /// Its colour.
        paint: Paint,
        /// Which point of it stands at its position.
        anchor: Anchor,
        /// Whether it is bold.
        strong: bool,
        /// Whether it reads upwards.
        turned: bool,
    },
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width in its own units.
    pub width: f64,
    /// Height in its own units.
    pub height: f64,
    /// What it shows, in a sentence, for those who cannot see it.
    pub description: String,
    /// Back to front.
    pub items: Vec<Item>,
}

impl Scene {
    pub(crate) fn new(width: f64, height: f64, description: String) -> Self {
        Self { width, height, description, items: Vec::new() }
    }

    /// The chart under a heading, for a picture that stands alone.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Self {
        self.lower(48.0);
        self.strong((12.0, 30.0), 19.0, title, Paint::Ink, Anchor::Start);
        self
    }

    /// A line in small that the heading is followed by.
    #[must_use]
    pub fn with_subtitle(mut self, subtitle: &str) -> Self {
        self.lower(18.0);
        self.text((12.0, 4.0), 14.0, subtitle, Paint::Muted, Anchor::Start);
        self
    }

    fn lower(&mut self, room: f64) {
        self.height += room;
        for item in &mut self.items {
            match item {
                Item::Rect { y, .. } | Item::Disc { y, .. } | Item::Text { y, .. } => *y += room,
                Item::Line { from, to, .. } => {
                    from.1 += room;
                    to.1 += room;
                }
                Item::Polygon { points, .. } => points.iter_mut().for_each(|point| point.1 += room),
            }
        }
    }

    pub(crate) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), paint: Paint, opacity: f64) {
        self.items.push(Item::Rect { x, y, width, height, paint, opacity });
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, paint: Paint) {
        self.items.push(Item::Line { from, to, width, paint });
    }

    pub(crate) fn disc(&mut self, (x, y): (f64, f64), radius: f64, paint: Paint, opacity: f64) {
        self.items.push(Item::Disc { x, y, radius, paint, opacity });
    }

    pub(crate) fn diamond(&mut self, (x, y): (f64, f64), radius: f64, paint: Paint, filled: bool) {
        let points = vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)];
        self.items.push(Item::Polygon { points, paint, filled });
    }

    pub(crate) fn square(&mut self, (x, y): (f64, f64), radius: f64, paint: Paint, filled: bool) {
        let points = vec![(x - radius, y - radius), (x + radius, y - radius), (x + radius, y + radius), (x - radius, y + radius)];
        self.items.push(Item::Polygon { points, paint, filled });
    }

    pub(crate) fn triangle(&mut self, (x, y): (f64, f64), radius: f64, paint: Paint, filled: bool) {
        let points = vec![(x, y - radius), (x + radius, y + 0.8 * radius), (x - radius, y + 0.8 * radius)];
        self.items.push(Item::Polygon { points, paint, filled });
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), size: f64, text: impl Into<String>, paint: Paint, anchor: Anchor) {
        self.items.push(Item::Text { x, y, size, text: text.into(), paint, anchor, strong: false, turned: false });
    }

    pub(crate) fn strong(&mut self, (x, y): (f64, f64), size: f64, text: impl Into<String>, paint: Paint, anchor: Anchor) {
        self.items.push(Item::Text { x, y, size, text: text.into(), paint, anchor, strong: true, turned: false });
    }

    pub(crate) fn upwards(&mut self, (x, y): (f64, f64), size: f64, text: impl Into<String>, paint: Paint, anchor: Anchor) {
        self.items.push(Item::Text { x, y, size, text: text.into(), paint, anchor, strong: false, turned: true });
    }
}
