//! Changes of a picture's colours, number for number as Pillow makes them (the order and sizes of the changes are torchvision's and xautodl's).

use image::{Rgb, RgbImage};
use netgraph::rng::Stream;

/// Most that brightness, contrast and saturation change, as a share.
const SHARE: f64 = 0.4;
/// Most that the hue turns, as a share of the circle.
const TURN: f64 = 0.2;
/// Standard deviation of the weight of each principal component of `ImageNet`'s colours.
const LIGHTING: f64 = 0.1;
/// Size and direction of the principal components, on the scale 0 to 1 (Krizhevsky, Sutskever and Hinton, NIPS 2012, section 4.1).
const COMPONENTS: [(f64, [f64; 3]); 3] =
    [(0.2175, [-0.5675, -0.5808, -0.5836]), (0.0188, [0.7192, -0.0045, -0.6948]), (0.0045, [0.4009, -0.8140, 0.4203])];

/// `ColorJitter(0.4, 0.4, 0.4, 0.2)`, its four changes in random order, then `Lighting(0.1)`.
///
/// # Conventions
/// `Lighting` is what xautodl's code does, not what the paper behind it says: the components are for colours from 0 to 1, and are added to
/// colours from 0 to 255 whose fraction is then cut off. So a channel stays as it is or gets darker by one.
pub(super) fn jittered(mut picture: RgbImage, seed: u64) -> RgbImage {
    let sizes = Stream::new(seed, 1);
    let between = |k: u64, low: f64, high: f64| low + (high - low) * sizes.uniform(k);
    for change in Stream::new(seed, 0).sample(4, 4) {
        match change {
            0 => brighten(&mut picture, between(0, 1.0 - SHARE, 1.0 + SHARE)),
            1 => contrast(&mut picture, between(1, 1.0 - SHARE, 1.0 + SHARE)),
            2 => saturate(&mut picture, between(2, 1.0 - SHARE, 1.0 + SHARE)),
            _ => turn(&mut picture, between(3, -TURN, TURN)),
        }
    }
    let weights = Stream::new(seed, 2);
    let mut shift = [0.0; 3];
    for (k, (size, direction)) in COMPONENTS.iter().enumerate() {
        let weight = LIGHTING * weights.normal(k as u64) * size;
        shift = std::array::from_fn(|c| shift[c] + weight * direction[c]);
    }
    for Rgb(pixel) in picture.pixels_mut() {
        *pixel = std::array::from_fn(|c| (f64::from(pixel[c]) + shift[c]).clamp(0.0, 255.0) as u8);
    }
    picture
}

/// `from + factor (to - from)`, cut to whole numbers from 0 to 255.
pub(super) fn blend(from: u8, to: u8, factor: f64) -> u8 {
    let (from, to) = (f32::from(from), f32::from(to));
    (from + factor as f32 * (to - from)).clamp(0.0, 255.0) as u8
}

/// Weighted mean of the channels (ITU-R 601-2), rounded.
fn grey([r, g, b]: [u8; 3]) -> u8 {
    ((u32::from(r) * 19_595 + u32::from(g) * 38_470 + u32::from(b) * 7_471 + 0x8000) >> 16) as u8
}

pub(super) fn brighten(picture: &mut RgbImage, factor: f64) {
    for Rgb(pixel) in picture.pixels_mut() {
        *pixel = pixel.map(|value| blend(0, value, factor));
    }
}

pub(super) fn contrast(picture: &mut RgbImage, factor: f64) {
    let sum: f64 = picture.pixels().map(|Rgb(pixel)| f64::from(grey(*pixel))).sum();
    let mean = (sum / f64::from(picture.width() * picture.height()) + 0.5) as u8;
    for Rgb(pixel) in picture.pixels_mut() {
        *pixel = pixel.map(|value| blend(mean, value, factor));
    }
}

pub(super) fn saturate(picture: &mut RgbImage, factor: f64) {
    for Rgb(pixel) in picture.pixels_mut() {
        let grey = grey(*pixel);
        *pixel = pixel.map(|value| blend(grey, value, factor));
    }
}

/// Turns the hue by a share of the circle; hue and saturation are whole numbers from 0 to 255 on the way.
fn turn(picture: &mut RgbImage, share: f64) {
    let shift = (share * 255.0) as i32;
    for Rgb(pixel) in picture.pixels_mut() {
        let [hue, saturation, value] = to_hsv(*pixel);
        *pixel = from_hsv([(i32::from(hue) + shift).rem_euclid(256) as u8, saturation, value]);
    }
}

fn to_hsv([r, g, b]: [u8; 3]) -> [u8; 3] {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    if most == least {
        return [0, 0, most];
    }
    let range = f32::from(most) - f32::from(least);
    let [rc, gc, bc] = [r, g, b].map(|value| (f32::from(most) - f32::from(value)) / range);
    let sector = if r == most {
        bc - gc
    } else if g == most {
        2.0 + rc - bc
    } else {
        4.0 + gc - rc
    };
    let hue = (f64::from(sector) / 6.0 + 1.0).fract();
    [(hue * 255.0) as u8, (f64::from(range / f32::from(most)) * 255.0) as u8, most]
}

fn from_hsv([hue, saturation, value]: [u8; 3]) -> [u8; 3] {
    if saturation == 0 {
        return [value; 3];
    }
    let sector = f32::from(hue) * 6.0 / 255.0;
    let (part, share, v) = (sector.fract(), f32::from(saturation) / 255.0, f32::from(value));
    let whole = |number: f32| number.round().clamp(0.0, 255.0) as u8;
    let (p, q, t) = (whole(v * (1.0 - share)), whole(v * (1.0 - share * part)), whole(v * (1.0 - share * (1.0 - part))));
    match sector as u32 % 6 {
        0 => [value, t, p],
        1 => [q, value, p],
        2 => [p, value, t],
        3 => [p, q, value],
        4 => [t, p, value],
        _ => [value, p, q],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight colours, the same as in `scripts/colour_goldens.py`.
    fn picture() -> RgbImage {
        RgbImage::from_fn(4, 2, |x, y| {
            let k = (x + 4 * y) as u8;
            Rgb([k.wrapping_mul(37).wrapping_add(11), k.wrapping_mul(91).wrapping_add(200), k.wrapping_mul(151).wrapping_add(5)])
        })
    }

    fn changed(change: fn(&mut RgbImage, f64), factor: f64) -> Vec<u8> {
        let mut picture = picture();
        change(&mut picture, factor);
        picture.into_raw()
    }

    /// What Pillow 13 gives (`scripts/colour_goldens.py`).
    #[test]
    fn the_changes_are_those_of_pillow() {
        for (change, factor, want) in GOLDENS {
            assert_eq!(changed(change, factor), want, "{factor}");
        }
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let of = |seed: u64| jittered(picture(), seed).into_raw();
        assert_eq!(of(3), of(3));
        assert!((0..20).any(|seed| of(seed) != of(seed + 1)));
        // Grey stays grey but for the shift by the components.
        let grey = RgbImage::from_pixel(3, 3, Rgb([90; 3]));
        for pixel in (0..20).flat_map(|seed| jittered(grey.clone(), seed).pixels().copied().collect::<Vec<_>>()) {
            let Rgb([r, g, b]) = pixel;
            assert!(r.abs_diff(g) <= 1 && g.abs_diff(b) <= 1, "{pixel:?}");
        }
    }

    type Golden = (fn(&mut RgbImage, f64), f64, [u8; 24]);
    const GOLDENS: [Golden; 8] = [
        (brighten, 0.63, [6, 126, 3, 30, 22, 98, 53, 79, 32, 76, 136, 127, 100, 32, 61, 123, 90, 156, 146, 147, 90, 8, 43, 23]),
        (brighten, 1.37, [15, 255, 6, 65, 47, 213, 116, 172, 69, 167, 255, 255, 217, 71, 132, 255, 195, 255, 255, 255, 195, 19, 94, 52]),
        (contrast, 0.71, [44, 178, 39, 70, 61, 147, 96, 125, 72, 122, 190, 179, 149, 73, 105, 175, 137, 212, 201, 202, 137, 46, 85, 63]),
        (contrast, 1.29, [0, 221, 0, 25, 8, 164, 73, 126, 29, 121, 243, 224, 168, 30, 88, 216, 148, 255, 255, 255, 148, 0, 52, 12]),
        (saturate, 0.66, [48, 173, 44, 49, 41, 120, 91, 118, 69, 144, 206, 196, 135, 64, 94, 187, 152, 221, 229, 230, 170, 25, 62, 41]),
        (saturate, 1.4, [0, 231, 0, 46, 27, 197, 77, 134, 29, 96, 229, 208, 187, 37, 100, 206, 131, 255, 237, 238, 111, 0, 77, 33]),
        (turn, -0.17, [200, 189, 5, 35, 146, 156, 126, 90, 51, 140, 217, 123, 113, 52, 159, 144, 198, 248, 234, 143, 143, 46, 69, 14]),
        (turn, 0.2, [5, 170, 200, 156, 35, 121, 51, 126, 106, 125, 123, 217, 159, 133, 52, 248, 144, 176, 143, 234, 160, 14, 35, 69]),
    ];
}
