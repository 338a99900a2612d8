use netgraph::rng;

/// Streams of the portable generator: row and column of the crop, and the flip. Position `k` of each is image `k` of the run,
/// in batch order.
const ROW_STREAM: u64 = 601;
const COLUMN_STREAM: u64 = 602;
const FLIP_STREAM: u64 = 603;

/// Where an image is cut out of its padded self, and whether it is flipped before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Rows that the picture moves down (up if negative); rows that come in are zero.
    pub down: isize,
    /// Columns that it moves to the right.
    pub right: isize,
    /// Whether left and right are swapped first.
    pub flip: bool,
}

impl View {
    /// The picture as it is.
    pub const PLAIN: Self = Self { down: 0, right: 0, flip: false };

    /// The view of image `k` under `seed` with `padding` pixels of zeros around it: a shift by -padding to padding each
    /// way, each equally likely, and a flip with probability one half.
    pub fn random(seed: u64, k: u64, padding: usize) -> Self {
        let shift = |stream| {
            let choices = (2 * padding + 1) as f64;
            (rng::uniform(seed, stream, k) * choices) as isize - padding as isize
        };
        Self { down: shift(ROW_STREAM), right: shift(COLUMN_STREAM), flip: rng::uniform(seed, FLIP_STREAM, k) < 0.5 }
    }

    /// Calls `put` with channel and value of each pixel of the view, in the order `[channel, row, column]`.
    pub fn pixels(self, image: &[u8], resolution: usize, mut put: impl FnMut(usize, u8)) {
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
    fn seen(view: View) -> Vec<u8> {
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
        assert_eq!(seen(View::PLAIN), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(seen(View { flip: true, ..View::PLAIN }), [3, 2, 1, 6, 5, 4, 9, 8, 7]);
        assert_eq!(seen(View { down: 1, ..View::PLAIN }), [0, 0, 0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(seen(View { down: -1, right: 2, flip: false }), [0, 0, 4, 0, 0, 7, 0, 0, 0]);
        assert_eq!(seen(View { right: -1, flip: true, ..View::PLAIN }), [2, 1, 0, 5, 4, 0, 8, 7, 0]);
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
