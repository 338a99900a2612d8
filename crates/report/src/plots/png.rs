//! A scene as a PNG, drawn with plotters at four times its size and averaged down by two, which smooths every edge.

use std::path::Path;
use std::sync::OnceLock;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::prelude::*;

use super::letters::Letters;
use super::ramp;
use super::scene::{Anchor, Item, Paint, SERIES, Scene};
use crate::{Error, Result};

/// Pixels drawn per unit of the scene.
const DRAWN: f64 = 4.0;
/// Drawn pixels per pixel of the picture, in each direction.
const AVERAGED: usize = 2;

impl Scene {
    /// Writes the picture: two pixels per unit, on white. The file is whole or not there.
    ///
    /// # Errors
    /// [`Error::Plot`] if it cannot be drawn, [`Error::Table`] if it cannot be written.
    pub fn write_png(&self, path: &Path) -> Result<()> {
        let failed = |reason: String| Error::Plot { picture: path.display().to_string(), reason };
        let letters = letters().map_err(&failed)?;
        let (width, height) = (pixels(self.width), pixels(self.height));
        let mut drawn = vec![255_u8; width * height * 3];
        self.draw(&mut drawn, (width as u32, height as u32), letters).map_err(&failed)?;
        let picture = average(&drawn, width, height);
        let size = ((width / AVERAGED) as u32, (height / AVERAGED) as u32);

        // plotters' encoder writes to a path only; a folder of our own keeps half-written files out of the output.
        let io = |action| move |source| Error::Io { action, path: path.into(), source };
        let folder = tempfile::tempdir().map_err(io("make a temporary folder for"))?;
        let temporary = folder.path().join("picture.png");
        let mut encoder = BitMapBackend::new(&temporary, size);
        encoder.blit_bitmap((0, 0), size, &picture).map_err(|error| failed(error.to_string()))?;
        encoder.present().map_err(|error| failed(error.to_string()))?;
        drop(encoder);
        let bytes = std::fs::read(&temporary).map_err(io("read back"))?;
        Ok(tables::atomic_write(path, |output| output.write_all(&bytes))?)
    }

    fn draw(&self, buffer: &mut [u8], size: (u32, u32), letters: &Letters) -> std::result::Result<(), String> {
        let area = BitMapBackend::with_buffer(buffer, size).into_drawing_area();
        area.fill(&rgb(Paint::Surface)).map_err(|error| error.to_string())?;
        for item in &self.items {
            draw_item(&area, item, letters).map_err(|error| error.to_string())?;
        }
        area.present().map_err(|error| error.to_string())
    }
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, plotters::coord::Shift>;
type Drawn<'a> = std::result::Result<(), DrawingAreaErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw_item<'a>(area: &Area<'a>, item: &Item, letters: &Letters) -> Drawn<'a> {
    match item {
        Item::Rect { x, y, width, height, paint, opacity } => {
            area.draw(&Rectangle::new([point((*x, *y)), point((x + width, y + height))], rgb(*paint).mix(*opacity).filled()))
        }
        Item::Line { from, to, width, paint } => area.draw(&line(*from, *to, *width, *paint)),
        Item::Disc { x, y, radius, paint, opacity } => {
            area.draw(&Circle::new(point((*x, *y)), (radius * DRAWN).round() as i32, rgb(*paint).mix(*opacity).filled()))
        }
        Item::Polygon { points, paint, filled } => {
            let corners: Vec<(i32, i32)> = points.iter().map(|at| point(*at)).collect();
            let inside = if *filled { *paint } else { Paint::Surface };
            area.draw(&Polygon::new(corners, rgb(inside).filled()))?;
            for (k, from) in points.iter().enumerate() {
                area.draw(&line(*from, points[(k + 1) % points.len()], 1.6, *paint))?;
            }
            Ok(())
        }
        Item::Text { x, y, size, text, paint, anchor, strong, turned } => {
            let size = size * DRAWN;
            let back = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => 0.5,
                Anchor::End => 1.0,
            };
            let start = -back * letters.width(text, size);
            let (color, (x, y)) = (rgb(*paint), point((*x, *y)));
            // The typeface has one weight: bold is the text twice, a hair apart.
            let offsets: &[f64] = if *strong { &[0.0, 0.5 * DRAWN] } else { &[0.0] };
            let mut drawn = Ok(());
            for offset in offsets {
                letters.draw(text, size, start + offset, |across, down, coverage| {
                    let at = if *turned { (x + down, y - across) } else { (x + across, y + down) };
                    if drawn.is_ok() {
                        drawn = area.draw_pixel(at, &color.mix(f64::from(coverage)));
                    }
                });
            }
            drawn
        }
    }
}

fn line(from: (f64, f64), to: (f64, f64), width: f64, paint: Paint) -> PathElement<(i32, i32)> {
    let style = ShapeStyle { color: rgb(paint).to_rgba(), filled: true, stroke_width: (width * DRAWN).round() as u32 };
    PathElement::new([point(from), point(to)], style)
}

fn point((x, y): (f64, f64)) -> (i32, i32) {
    ((x * DRAWN).round() as i32, (y * DRAWN).round() as i32)
}

/// Drawn pixels of a length, a multiple of what is averaged.
fn pixels(length: f64) -> usize {
    (length * DRAWN / AVERAGED as f64).ceil().max(1.0) as usize * AVERAGED
}

/// The light scheme of the page (`assets/report.css`).
fn rgb(paint: Paint) -> RGBColor {
    let (r, g, b) = match paint {
        Paint::Ink => (0x1a, 0x1f, 0x2b),
        Paint::Muted => (0x5b, 0x64, 0x75),
        Paint::Faint => (0xe3, 0xe7, 0xee),
        Paint::Surface => (0xff, 0xff, 0xff),
        Paint::Subject => (0x1f, 0x6f, 0xb2),
        Paint::Plain => (0x9f, 0xb4, 0xc7),
        Paint::Paper => (0xc4, 0x4e, 0x14),
        Paint::Positive => (0x17, 0x5a, 0x96),
        Paint::Negative => (0xb8, 0x4a, 0x12),
        Paint::Ramp(place) => ramp::rgb(place),
        Paint::Series(kind) => [(0x1f, 0x6f, 0xb2), (0xc4, 0x4e, 0x14), (0x2a, 0x85, 0x54), (0x7a, 0x4f, 0xb0)][kind % SERIES],
    };
    RGBColor(r, g, b)
}

fn average(drawn: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut picture = Vec::with_capacity(drawn.len() / (AVERAGED * AVERAGED));
    for y in (0..height).step_by(AVERAGED) {
        for x in (0..width).step_by(AVERAGED) {
            for channel in 0..3 {
                let cells = (0..AVERAGED).flat_map(|dy| (0..AVERAGED).map(move |dx| ((y + dy) * width + x + dx) * 3 + channel));
                let sum: usize = cells.map(|cell| usize::from(drawn[cell])).sum();
                picture.push((sum / (AVERAGED * AVERAGED)) as u8);
            }
        }
    }
    picture
}

fn letters() -> std::result::Result<&'static Letters, String> {
    static LETTERS: OnceLock<Option<Letters>> = OnceLock::new();
    LETTERS.get_or_init(Letters::new).as_ref().ok_or_else(|| "the built-in typeface cannot be read".into())
}
