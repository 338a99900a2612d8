//! Operations of `AutoAugment` on pictures, number for number as Pillow does them.

use image::{Rgb, RgbImage};

use super::colour::{blend, brighten, contrast, saturate};

/// What comes in from outside a picture.
const GREY: Rgb<u8> = Rgb([128; 3]);
/// Weights of the pixels around the middle one, whose own is 5, in thirteenths.
const SMOOTH: [f32; 9] = [1.0, 1.0, 1.0, 1.0, 5.0, 1.0, 1.0, 1.0, 1.0];

/// A change of a picture with its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    /// Row `y` moves by this times `y` pixels; cubic interpolation.
    ShearX(f64),
    /// Column `x` moves by this times `x` pixels; cubic interpolation.
    ShearY(f64),
    /// A move to the left by this share of the width; nearest pixel.
    TranslateX(f64),
    /// A move upwards by this share of the height; nearest pixel.
    TranslateY(f64),
    /// A turn anticlockwise about the middle, in degrees; nearest pixel.
    Rotate(f64),
    /// Saturation times this.
    Colour(f64),
    /// Distance from the mean grey times this.
    Contrast(f64),
    /// Brightness times this.
    Brightness(f64),
    /// Distance from the smoothed picture times this.
    Sharpness(f64),
    /// All but this many bits of each value become 0.
    Posterize(u8),
    /// Values from this one on are inverted.
    Solarize(f64),
    /// Each channel is stretched to reach from 0 to 255.
    AutoContrast,
    /// Each channel gets a flat histogram.
    Equalize,
    /// Every value becomes its difference from 255.
    Invert,
}

impl Operation {
    /// The changed picture.
    pub fn apply(self, mut picture: RgbImage) -> RgbImage {
        let (width, height) = picture.dimensions();
        match self {
            Self::ShearX(share) => return sheared(&picture, [1.0, share, 0.0, 0.0, 1.0, 0.0]),
            Self::ShearY(share) => return sheared(&picture, [1.0, 0.0, 0.0, share, 1.0, 0.0]),
            Self::TranslateX(share) => return moved(&picture, share * f64::from(width), 0.0),
            Self::TranslateY(share) => return moved(&picture, 0.0, share * f64::from(height)),
            Self::Rotate(degrees) => return rotated(&picture, degrees),
            Self::Sharpness(factor) => return sharpened(&picture, factor),
            Self::Colour(factor) => saturate(&mut picture, factor),
            Self::Contrast(factor) => contrast(&mut picture, factor),
            Self::Brightness(factor) => brighten(&mut picture, factor),
            Self::Posterize(bits) => look_up(&mut picture, |_, value| value & !(0xff_u8.checked_shr(bits.into()).unwrap_or(0))),
            Self::Solarize(threshold) => look_up(&mut picture, |_, value| if f64::from(value) < threshold { value } else { 255 - value }),
            Self::AutoContrast => look_up_channels(&mut picture, stretched),
            Self::Equalize => look_up_channels(&mut picture, equalized),
            Self::Invert => look_up(&mut picture, |_, value| 255 - value),
        }
        picture
    }
}

/// Replaces each value by what `new` has for its channel and itself.
fn look_up(picture: &mut RgbImage, new: impl Fn(usize, u8) -> u8) {
    for Rgb(pixel) in picture.pixels_mut() {
        *pixel = std::array::from_fn(|channel| new(channel, pixel[channel]));
    }
}

/// The same with a table for each channel, made of its histogram.
fn look_up_channels(picture: &mut RgbImage, table: fn(&[u32; 256]) -> [u8; 256]) {
    let mut histograms = [[0; 256]; 3];
    for Rgb(pixel) in picture.pixels() {
        for (histogram, &value) in histograms.iter_mut().zip(pixel) {
            histogram[usize::from(value)] += 1;
        }
    }
    let tables = histograms.map(|histogram| table(&histogram));
    look_up(picture, |channel, value| tables[channel][usize::from(value)]);
}

fn stretched(histogram: &[u32; 256]) -> [u8; 256] {
    let low = histogram.iter().position(|&n| n > 0).unwrap_or(0);
    let high = histogram.iter().rposition(|&n| n > 0).unwrap_or(0);
    if high <= low {
        return std::array::from_fn(|value| value as u8);
    }
    let scale = 255.0 / (high - low) as f64;
    let offset = -(low as f64) * scale;
    // Whole numbers, cut towards zero.
    std::array::from_fn(|value| (value as f64 * scale + offset).clamp(0.0, 255.0) as u8)
}

fn equalized(histogram: &[u32; 256]) -> [u8; 256] {
    let last = histogram.iter().rfind(|&&n| n > 0).copied().unwrap_or(0);
    let step = (histogram.iter().sum::<u32>() - last) / 255;
    if step == 0 {
        return std::array::from_fn(|value| value as u8);
    }
    let mut below = step / 2;
    std::array::from_fn(|value| {
        let new = (below / step).min(255) as u8;
        below += histogram[value];
        new
    })
}

fn sharpened(picture: &RgbImage, factor: f64) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let Rgb(sharp) = *picture.get_pixel(x, y);
        // The rim has no smoothed values.
        if x == 0 || y == 0 || x + 1 == width || y + 1 == height {
            return Rgb(sharp);
        }
        Rgb(std::array::from_fn(|channel| {
            let around = (0..9_u32).map(|k| picture.get_pixel(x + k % 3 - 1, y + k / 3 - 1).0[channel]);
            let sum: f32 = around.zip(SMOOTH).map(|(value, weight)| f32::from(value) * (weight / 13.0)).sum();
            blend((sum + 0.5).clamp(0.0, 255.0) as u8, sharp[channel], factor)
        }))
    })
}

fn moved(picture: &RgbImage, left: f64, up: f64) -> RgbImage {
    let (width, height) = picture.dimensions();
    let from = |at: u32, shift: f64, length: u32| {
        let source = f64::from(at) + 0.5 + shift;
        (source >= 0.0 && source < f64::from(length)).then_some(source as u32)
    };
    RgbImage::from_fn(width, height, |x, y| match (from(x, left, width), from(y, up, height)) {
        (Some(x), Some(y)) => *picture.get_pixel(x, y),
        _ => GREY,
    })
}

/// Nearest pixels, in numbers of 16 binary places.
fn rotated(picture: &RgbImage, degrees: f64) -> RgbImage {
    let (width, height) = picture.dimensions();
    let fixed = |number: f64| (number * 65_536.0 + 0.5).floor() as i64;
    let (sin, cos) = (-degrees.to_radians()).sin_cos();
    let (middle_x, middle_y) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    let start_x = middle_x - cos * middle_x - sin * middle_y;
    let start_y = middle_y + sin * middle_x - cos * middle_y;
    let (start_x, start_y) = (fixed(start_x + 0.5 * cos + 0.5 * sin), fixed(start_y - 0.5 * sin + 0.5 * cos));
    let (sin, cos, minus_sin) = (fixed(sin), fixed(cos), fixed(-sin));
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (i64::from(x), i64::from(y));
        let source_x = (start_x + x * cos + y * sin) >> 16;
        let source_y = (start_y + x * minus_sin + y * cos) >> 16;
        let inside = |at: i64, length: u32| (0..i64::from(length)).contains(&at);
        if inside(source_x, width) && inside(source_y, height) { *picture.get_pixel(source_x as u32, source_y as u32) } else { GREY }
    })
}

/// Cubic interpolation at the points that an affine map takes the pixels to.
fn sheared(picture: &RgbImage, [xx, xy, x0, yx, yy, y0]: [f64; 6]) -> RgbImage {
    let (width, height) = picture.dimensions();
    let limited = |at: i64, length: u32| at.clamp(0, i64::from(length) - 1) as u32;
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        let (from_x, from_y) = (xx * x + xy * y + x0, yx * x + yy * y + y0);
        if from_x < 0.0 || from_x >= f64::from(width) || from_y < 0.0 || from_y >= f64::from(height) {
            return GREY;
        }
        let (from_x, from_y) = (from_x - 0.5, from_y - 0.5);
        let (left, top) = (from_x.floor(), from_y.floor());
        Rgb(std::array::from_fn(|channel| {
            let rows: [f64; 4] = std::array::from_fn(|row| {
                let y = limited(top as i64 + row as i64 - 1, height);
                let value = |column: usize| f64::from(picture.get_pixel(limited(left as i64 + column as i64 - 1, width), y).0[channel]);
                cubic(std::array::from_fn(value), from_x - left)
            });
            cubic(rows, from_y - top).clamp(0.0, 255.0) as u8
        }))
    })
}

/// The value at `at`, 0 to 1, between the two middle ones of four.
fn cubic([before, first, second, after]: [f64; 4], at: f64) -> f64 {
    let slope = second - before;
    let bend = 2.0 * (before - first) + second - after;
    let rest = first - before - second + after;
    first + at * (slope + at * (bend + at * rest))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// The same picture as in `scripts/operation_goldens.py`.
    fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let k = x + width * y;
            Rgb([(37, 11), (91, 200), (151, 5)].map(|(step, start)| ((k * step + start) % 211 + 20) as u8))
        })
    }

    /// What Pillow 13 gives (`scripts/operation_goldens.py`).
    #[test]
    fn every_operation_is_that_of_pillow() {
        for (operation, sha256) in GOLDENS {
            let got = [(32, 32), (17, 23)].map(|(width, height)| operation.apply(picture(width, height)).into_raw()).concat();
            assert_eq!(&tables::hex(&Sha256::digest(&got))[..16], sha256, "{operation:?}");
        }
    }

    #[test]
    fn pictures_of_one_colour_and_one_pixel_are_no_trouble() {
        for (operation, _) in GOLDENS {
            for side in [1, 2, 5] {
                assert_eq!(operation.apply(RgbImage::from_pixel(side, side, GREY)).dimensions(), (side, side), "{operation:?}");
            }
        }
    }

    const GOLDENS: [(Operation, &str); 30] = [
        (Operation::ShearX(-0.3), "c92b094c4ba75409"),
        (Operation::ShearX(0.1), "a1b273141be90e58"),
        (Operation::ShearX(0.25), "9503953049543d96"),
        (Operation::ShearY(-0.27), "88ad5b6adaa84e9a"),
        (Operation::ShearY(0.2), "774f5dec4eb426ed"),
        (Operation::TranslateX(-0.45), "81ed1ae1c941b40e"),
        (Operation::TranslateX(0.3), "8bd25095533d7a0e"),
        (Operation::TranslateY(-0.2), "7edad67739f5ccd2"),
        (Operation::TranslateY(0.4), "61630fd4d1dd2db9"),
        (Operation::Rotate(6.7), "ea57187b90745fd8"),
        (Operation::Rotate(10.0), "f6b359e2794d5209"),
        (Operation::Rotate(26.7), "6d0e7e29374ad312"),
        (Operation::Rotate(30.0), "8b9854828350d5c0"),
        (Operation::Colour(0.2), "75c99e0b74908455"),
        (Operation::Colour(1.7), "8cf8c5b8b4351b53"),
        (Operation::Contrast(0.2), "53e7d21ad6b2f367"),
        (Operation::Contrast(1.8), "39244627793fc021"),
        (Operation::Brightness(0.3), "59ae6667ae2d0172"),
        (Operation::Brightness(1.6), "582f205d49ae0a5a"),
        (Operation::Sharpness(0.3), "119433d0c02a47f6"),
        (Operation::Sharpness(1.7), "4c18c3b0adeaf2f8"),
        (Operation::Posterize(4), "ca2f007aee34bb5b"),
        (Operation::Posterize(6), "95e3690abf5c61f4"),
        (Operation::Posterize(8), "bd0291dee5cc917b"),
        (Operation::Solarize(0.0), "972dcaac3966ce21"),
        (Operation::Solarize(85.3), "e3963978f19edd6e"),
        (Operation::Solarize(256.0), "bd0291dee5cc917b"),
        (Operation::AutoContrast, "4f4c8b1187833fb7"),
        (Operation::Equalize, "2c45f5cea4466579"),
        (Operation::Invert, "972dcaac3966ce21"),
    ];
}
