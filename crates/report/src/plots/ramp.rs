//! A colour ramp of steadily changing lightness, readable without colour vision and in grey.

/// Nine colours of viridis, without its lightest end, which vanishes on white.
const STOPS: [(u8, u8, u8); 9] = [
    (68, 1, 84),
    (72, 35, 116),
    (64, 67, 135),
    (52, 94, 141),
    (41, 120, 142),
    (32, 144, 140),
    (34, 167, 132),
    (68, 190, 112),
    (140, 211, 70),
];

/// The colour at `place`, from 0 (dark) to 1 (light); places beyond are cut off.
pub(super) fn rgb(place: f64) -> (u8, u8, u8) {
    let place = if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 } * (STOPS.len() - 1) as f64;
    let below = (place.floor() as usize).min(STOPS.len() - 2);
    let part = place - below as f64;
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    let (a, b) = (STOPS[below], STOPS[below + 1]);
    (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// As [`rgb`], written `#rrggbb`.
pub(super) fn hex(place: f64) -> String {
    let (r, g, b) = rgb(place);
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_gets_steadily_lighter() {
        let lightness = |place: f64| {
            let (r, g, b) = rgb(place);
            0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
        };
        for step in 0..20 {
            assert!(lightness(f64::from(step + 1) / 20.0) > lightness(f64::from(step) / 20.0), "{step}");
        }
        assert_eq!((hex(-1.0), hex(f64::NAN), hex(2.0)), ("#440154".into(), "#440154".into(), "#8cd346".into()));
    }
}
