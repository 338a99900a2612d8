use netgraph::rng;
use netgraph::rng::Stream;

use crate::images::{Operation, changed};

/// Streams of the portable generator: row and column of the crop, and the flip. Position `k` of each is image `k` of the run,
/// in batch order.
const ROW_STREAM: u64 = 601;
const COLUMN_STREAM: u64 = 602;
const FLIP_STREAM: u64 = 603;
/// Whether an image is erased, and then area, aspect ratio, row and column of each attempt.
const ERASING_STREAM: u64 = 605;
/// How often a rectangle that does not fit is drawn again.
const ATTEMPTS: u64 = 10;
/// Share of the image that is erased, and the rectangle's height over its width.
const ERASED_SHARE: (f64, f64) = (0.02, 0.33);
const ERASED_RATIO: (f64, f64) = (0.3, 3.3);

/// Where an image is cut out of its padded self, whether it is flipped before, and what happens to it afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Rows that the picture moves down (up if negative); rows that come in are zero.
    pub down: isize,
    /// Columns that it moves to the right.
    pub right: isize,
    /// Whether left and right are swapped first.
    pub flip: bool,
    /// What is done to the colours and shapes of what is cut out, in this order (pictures of three channels only).
    pub operations: Vec<Operation>,
    /// What is 0 in the end, in every channel, after normalisation.
    pub erased: Option<Rectangle>,
}

/// Part of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
}

impl Rectangle {
    /// What random erasing (Zhong et al., AAAI 2020) takes from image `k` under `seed`, in one image of two: 2 to 33 % of the area, 0.3 to 3.3 times as
    /// high as wide. A rectangle as high or as wide as the image is drawn again, at most ten times.
    ///
    /// # Conventions
    /// The aspect ratio is uniform, not its logarithm: `idstcv/ZenNAS@ec10755 hotfix/transforms.py`, which the paper's training uses.
    #[must_use]
    pub fn random(seed: u64, k: u64, resolution: usize) -> Option<Self> {
        let stream = Stream::new(seed, ERASING_STREAM);
        let draw = |i: u64| stream.uniform(k.wrapping_mul(1 + 4 * ATTEMPTS).wrapping_add(i));
        if draw(0) >= 0.5 {
            return None;
        }
        (0..ATTEMPTS).find_map(|attempt| {
            let between = |i: u64, (low, high): (f64, f64)| low + (high - low) * draw(1 + 4 * attempt + i);
            let area = between(0, ERASED_SHARE) * (resolution * resolution) as f64;
            let ratio = between(1, ERASED_RATIO);
            let [height, width] = [area * ratio, area / ratio].map(|square| square.sqrt().round_ties_even() as usize);
            let start = |i: u64, length: usize| (draw(1 + 4 * attempt + i) * (resolution - length + 1) as f64) as usize;
            (height < resolution && width < resolution).then(|| Self { top: start(2, height), left: start(3, width), height, width })
        })
    }
}

impl View {
    /// The picture as it is.
    pub const PLAIN: Self = Self { down: 0, right: 0, flip: false, operations: Vec::new(), erased: None };

    /// The view of image `k` under `seed` with `padding` pixels of zeros around it: a shift by -padding to padding each
    /// way, each equally likely, and a flip with probability one half.
    pub fn random(seed: u64, k: u64, padding: usize) -> Self {
        let shift = |stream| {
            let choices = (2 * padding + 1) as f64;
            (rng::uniform(seed, stream, k) * choices) as isize - padding as isize
        };
        let flip = rng::uniform(seed, FLIP_STREAM, k) < 0.5;
        Self { down: shift(ROW_STREAM), right: shift(COLUMN_STREAM), flip, ..Self::PLAIN }
    }

    /// Calls `put` with channel and value of each pixel of the view, in the order `[channel, row, column]`; what is erased is there still.
    pub fn pixels(&self, image: &[u8], resolution: usize, mut put: impl FnMut(usize, u8)) {
        let area = resolution * resolution;
        if self.operations.is_empty() || image.len() != 3 * area {
            return self.cut_out(image, resolution, put);
        }
        let mut planes = Vec::with_capacity(image.len());
        self.cut_out(image, resolution, |_, pixel| planes.push(pixel));
        for (at, pixel) in changed(&planes, resolution, &self.operations).into_iter().enumerate() {
            put(at / area, pixel);
        }
    }

    fn cut_out(&self, image: &[u8], resolution: usize, mut put: impl FnMut(usize, u8)) {
        let channels = image.len() / (resolution * resolution);
        let inside = |at: usize, shift: isize| at.checked_add_signed(-shift).filter(|&at| at < resolution);
        for channel in 0..channels {
            for row in 0..resolution {
                for column in 0..resolution {
                    let pixel = inside(row, self.down).zip(inside(column, self.right)).map_or(0, |(y, x)| {
                        let x = if self.flip { resolution - 1 - x } else { x };
                        image[(channel * resolution + y) * resolution + x]
                    });
                    put(channel, pixel);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 3 x 3 pixels, the same in each channel.
    fn seen(view: &View) -> Vec<u8> {
        let image = [1, 2, 3, 4, 5, 6, 7, 8, 9].repeat(3);
        let mut pixels = Vec::new();
        view.pixels(&image, 3, |channel, pixel| {
            if channel == 2 {
                pixels.push(pixel);
            }
        });
        pixels
    }

    #[test]
    fn a_picture_is_shifted_flipped_and_padded_with_zeros() {
        assert_eq!(seen(&View::PLAIN), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(seen(&View { flip: true, ..View::PLAIN }), [3, 2, 1, 6, 5, 4, 9, 8, 7]);
        assert_eq!(seen(&View { down: 1, ..View::PLAIN }), [0, 0, 0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(seen(&View { down: -1, right: 2, ..View::PLAIN }), [0, 0, 4, 0, 0, 7, 0, 0, 0]);
        assert_eq!(seen(&View { right: -1, flip: true, ..View::PLAIN }), [2, 1, 0, 5, 4, 0, 8, 7, 0]);
    }

    #[test]
    fn operations_follow_the_crop() {
        let inverted = View { down: 1, operations: vec![Operation::Invert], ..View::PLAIN };
        assert_eq!(seen(&inverted), [255, 255, 255, 254, 253, 252, 251, 250, 249]);
    }

    #[test]
    fn one_image_of_two_loses_a_rectangle_of_the_stated_size() {
        let drawn: Vec<Rectangle> = (0..4_000).filter_map(|k| Rectangle::random(1, k, 32)).collect();
        assert!((1_880..2_120).contains(&drawn.len()), "{}", drawn.len());
        let mut share = 0.0;
        for Rectangle { top, left, height, width } in drawn.iter().copied() {
            assert!(top + height <= 32 && left + width <= 32 && height < 32 && width < 32);
            share += (height * width) as f64 / 1024.0 / drawn.len() as f64;
            // Sides are rounded.
            let (tall, wide) = (height as f64, width as f64);
            assert!((tall + 0.5) * (wide + 0.5) >= 0.02 * 1024.0 && (tall - 0.5) * (wide - 0.5) <= 0.33 * 1024.0);
            assert!((tall + 0.5) / (wide - 0.5) >= 0.3 && (tall - 0.5) / (wide + 0.5) <= 3.3);
        }
        // A little less than the middle of 2 and 33 %: large ones often don't fit.
        assert!((0.155..0.18).contains(&share), "{share}");
        assert!(drawn.iter().any(|r| r.top + r.height == 32) && drawn.iter().any(|r| r.left == 0));
    }

    #[test]
    fn every_shift_and_both_sides_come_up_equally_often() {
        let views: Vec<View> = (0..9_000).map(|k| View::random(3, k, 4)).collect();
        for shift in -4..=4 {
            for count in [views.iter().filter(|v| v.down == shift).count(), views.iter().filter(|v| v.right == shift).count()] {
                assert!((880..1_120).contains(&count), "{shift}: {count}");
            }
        }
        let flipped = views.iter().filter(|v| v.flip).count();
        assert!((4_350..4_650).contains(&flipped), "{flipped}");
        assert_eq!(View::random(0, 0, 0), View { flip: View::random(0, 0, 0).flip, ..View::PLAIN });
    }
}
