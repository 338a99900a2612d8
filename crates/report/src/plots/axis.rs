//! Axes that suit scores of any size and accuracies close to their ceiling.

use crate::format;
use tables::Direction;

/// Width of a gutter in parts of the axis beside it.
const GUTTER: f64 = 0.08;

/// How a number becomes a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As it is; numbers far from nearly all others stand in a gutter at their end.
    Linear,
    /// Its logarithm; numbers up to 0 stand in a gutter at the left end.
    Log,
    /// The logarithm of 100 minus the number, reversed: percent, spread out towards 100.
    Error,
}

/// An axis over the numbers it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Its scale.
    pub scale: Scale,
    low: f64,
    high: f64,
    below: Option<Gutter>,
    above: Option<Gutter>,
}

/// Where numbers stand that the scale has no place for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Gutter {
    /// The number among them that is nearest to the others.
    limit: f64,
    /// On the scale.
    at: f64,
}

impl Axis {
    /// For scores: logarithmic if the middle nine tenths of the positive ones span two powers of ten and none is negative.
    /// A linear one leaves out what would squeeze all others together.
    pub fn of_scores(scores: &[f64]) -> Self {
        let mut positive: Vec<f64> = scores.iter().copied().filter(|score| *score > 0.0).collect();
        positive.sort_unstable_by(f64::total_cmp);
        let at = |fraction: f64| positive[((positive.len() - 1) as f64 * fraction) as usize];
        let wide = positive.len() > 1 && at(0.95) / at(0.05) > 100.0 && scores.iter().all(|score| *score >= 0.0);
        if wide { Self::new(Scale::Log, scores) } else { Self::linear_without_outliers(scores) }
    }

    fn linear_without_outliers(numbers: &[f64]) -> Self {
        let Some((least, most)) = bulk(numbers) else { return Self::linear(numbers) };
        let (inner, outer): (Vec<f64>, Vec<f64>) = numbers.iter().partition(|number| (least..=most).contains(*number));
        let mut axis = Self::linear(&inner);
        let width = GUTTER * (axis.high - axis.low);
        if let Some(limit) = outer.iter().copied().filter(|&number| number < least).reduce(f64::max) {
            axis.below = Some(Gutter { limit, at: axis.low - width / 2.0 });
            axis.low -= width;
        }
        if let Some(limit) = outer.iter().copied().filter(|&number| number > most).reduce(f64::min) {
            axis.above = Some(Gutter { limit, at: axis.high + width / 2.0 });
            axis.high += width;
        }
        axis
    }

    /// The limits of the gutters: numbers up to the first and from the second on stand in one.
    pub(crate) fn gutters(&self) -> (Option<f64>, Option<f64>) {
        (self.below.map(|gutter| gutter.limit), self.above.map(|gutter| gutter.limit))
    }

    /// For measured values: accuracies in percent are spread out towards 100.
    pub fn of_values(values: &[f64], unit: &str, direction: Direction) -> Self {
        let accuracy =
            unit == "percent" && direction == Direction::HigherIsBetter && values.iter().all(|value| (0.0..99.99).contains(value));
        // Further from the ceiling there is nothing to spread out.
        let accuracy = accuracy && values.iter().any(|value| *value > 75.0);
        Self::new(if accuracy { Scale::Error } else { Scale::Linear }, values)
    }

    /// As they are.
    pub(crate) fn linear(numbers: &[f64]) -> Self {
        Self::new(Scale::Linear, numbers)
    }

    pub(super) fn new(scale: Scale, numbers: &[f64]) -> Self {
        let places = numbers.iter().filter_map(|&number| forward(scale, number));
        let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), place| (low.min(place), high.max(place)));
        let (low, high) = match (low.is_finite() && high.is_finite(), high > low) {
            (false, _) => (0.0, 1.0),
            (true, false) => (low - 0.5, high + 0.5),
            (true, true) => (low, high),
        };
        let margin = 0.03 * (high - low);
        let gutter = scale == Scale::Log && numbers.iter().any(|&number| number <= 0.0);
        let below = gutter.then_some(Gutter { limit: 0.0, at: low - GUTTER * (high - low) });
        Self { scale, low: below.map_or(low, |gutter| gutter.at) - margin, high: high + margin, below, above: None }
    }

    /// Where a number stands: 0 at the low end of the axis, 1 at the high end; none if it has no place.
    pub fn place(&self, number: f64) -> Option<f64> {
        let gutter = self.below.filter(|gutter| number <= gutter.limit).or_else(|| self.above.filter(|gutter| number >= gutter.limit));
        let at = gutter.map(|gutter| gutter.at).or_else(|| forward(self.scale, number))?;
        Some((at - self.low) / (self.high - self.low))
    }

    /// The number at a place, the inverse of [`Self::place`] apart from the gutters.
    pub(super) fn number(&self, place: f64) -> f64 {
        let inner = self.low + place * (self.high - self.low);
        match self.scale {
            Scale::Linear => inner,
            Scale::Log => 10_f64.powf(inner),
            Scale::Error => 100.0 - 10_f64.powf(-inner),
        }
    }

    /// Where the scale begins, right of a gutter with some room between.
    fn inner_low(&self) -> f64 {
        self.below.map_or(self.low, |gutter| gutter.at + 0.05 * (self.high - self.low))
    }

    /// Where its labels end: that of a gutter needs room.
    fn inner_high(&self) -> f64 {
        self.above.map_or(self.high, |gutter| gutter.at - GUTTER * (self.high - self.low))
    }

    /// About `wanted` labelled numbers, with their places.
    pub fn ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        let labelled: Vec<(f64, String)> = match self.scale {
            Scale::Linear => {
                let (low, high) = (self.inner_low(), self.inner_high());
                let inner = round_numbers(low, high, wanted).into_iter().map(|n| (n, format::tick(n)));
                let below = self.below.map(|gutter| (gutter.limit, format!("≤ {}", format::tick(gutter.limit))));
                let above = self.above.map(|gutter| (gutter.limit, format!("≥ {}", format::tick(gutter.limit))));
                below.into_iter().chain(inner).chain(above).collect()
            }
            Scale::Log => {
                let step = ((self.high - self.low) / wanted as f64).ceil().max(1.0);
                let first = (self.inner_low() / step).ceil();
                let powers = (0..64).map(|k| (first + f64::from(k)) * step).take_while(|power| *power <= self.high);
                let mut ticks: Vec<(f64, String)> = powers.map(|power| (10_f64.powf(power), power_text(power))).collect();
                if self.below.is_some() {
                    ticks.insert(0, (0.0, "0".into()));
                }
                ticks
            }
            Scale::Error => {
                const ACCURACIES: [f64; 20] =
                    [1.0, 10.0, 20.0, 30.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 88.0, 90.0, 92.0, 94.0, 96.0, 98.0];
                ACCURACIES.iter().map(|&accuracy| (accuracy, format::trimmed(accuracy, 0))).collect()
            }
        };
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for (number, text) in labelled {
            let Some(place) = self.place(number).filter(|place| (0.0..=1.0).contains(place)) else { continue };
            // Crowded labels of an uneven axis are thinned from the low end.
            let crowded = ticks.last().is_some_and(|(last, _)| place - last < 0.5 / wanted as f64);
            if !crowded {
                ticks.push((place, text));
            }
        }
        ticks
    }
}

/// The least and greatest of the numbers that an axis is made for, if others are so far off that these would fill less than a
/// twentieth of it. Judged by the middle nine tenths, since as much as a fiftieth may be off: the disconnected ones of NAS-Bench-201.
fn bulk(numbers: &[f64]) -> Option<(f64, f64)> {
    const SQUEEZED: f64 = 20.0;
    const REACH: f64 = 3.0;
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = |fraction: f64| sorted[(last as f64 * fraction).round() as usize];
    let (low, high) = (at(0.05), at(0.95));
    let extent = high - low;
    let squeezed = extent > 0.0 && sorted[last] - sorted[0] > SQUEEZED * extent;
    squeezed.then_some((low - REACH * extent, high + REACH * extent))
}

fn forward(scale: Scale, number: f64) -> Option<f64> {
    match scale {
        Scale::Linear => Some(number),
        Scale::Log => (number > 0.0).then(|| number.log10()),
        Scale::Error => (number < 100.0).then(|| -(100.0 - number).log10()),
    }
}

fn power_text(power: f64) -> String {
    if (-2.0..=4.0).contains(&power) { format::trimmed(10_f64.powf(power), 2) } else { format!("1e{}", format::trimmed(power, 0)) }
}

/// Multiples of 1, 2 or 5 times a power of ten between two numbers.
pub(super) fn round_numbers(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let rough = (high - low) / wanted as f64;
    if !(rough.is_finite() && rough > 0.0) {
        return Vec::new();
    }
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).ceil();
    (0..100).map(|k| (first + f64::from(k)) * step).take_while(|number| *number <= high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_scores_get_a_logarithmic_axis_with_a_gutter_for_zero() {
        let scores: Vec<f64> = (0..60).map(|power| 10_f64.powi(power)).chain([0.0]).collect();
        let axis = Axis::of_scores(&scores);
        assert_eq!(axis.scale, Scale::Log);
        assert!(axis.place(0.0) < axis.place(1.0));
        assert!(axis.ticks(6).len() <= 9);
        assert_eq!(Axis::of_scores(&[-1.0, 1e9]).scale, Scale::Linear);
    }

    #[test]
    fn every_number_has_a_place_between_the_ends() {
        for numbers in [vec![3.0], vec![0.0, 0.0], vec![-5.0, 7.0], vec![], vec![1e300, -1e300]] {
            let axis = Axis::of_scores(&numbers);
            for number in numbers {
                assert!(axis.place(number).is_some_and(|place| (0.0..=1.0).contains(&place)), "{number}");
            }
        }
    }

    #[test]
    fn outlying_scores_stand_in_a_gutter_and_squeeze_nothing() {
        let scores: Vec<f64> = (0..500).map(|k| -4.0 + 0.01 * f64::from(k)).chain([-1e3, 9e9]).chain([-6e5; 12]).collect();
        let axis = Axis::of_scores(&scores);
        assert_eq!(axis.gutters(), (Some(-1e3), Some(9e9)));
        let place = |number| axis.place(number).unwrap_or(f64::NAN);
        assert!(0.0 < place(-6e5) && place(-6e5) == place(-1e3) && place(-1e3) < place(-4.0));
        assert!(place(0.99) < place(9e9) && place(9e9) < 1.0);
        assert!(place(0.99) - place(-4.0) > 0.8);
        let labels: Vec<String> = axis.ticks(7).into_iter().map(|tick| tick.1).collect();
        assert_eq!((labels[0].as_str(), labels[labels.len() - 1].as_str()), ("≤ −1000", "≥ 9e9"));
        assert!(axis.ticks(7).iter().all(|(place, _)| (0.0..=1.0).contains(place)));
        // Few numbers, or none that differ, are all shown.
        assert_eq!(Axis::of_scores(&[-6e5, -4.0, -3.0, 0.0]).gutters(), (None, None));
        assert_eq!(Axis::of_scores(&[vec![-1.0; 500], vec![-9.0]].concat()).gutters(), (None, None));
    }

    #[test]
    fn accuracies_are_spread_out_towards_the_top() {
        let axis = Axis::of_values(&[10.0, 90.0, 94.0], "percent", Direction::HigherIsBetter);
        let place = |number| axis.place(number).unwrap_or(f64::NAN);
        assert_eq!(axis.scale, Scale::Error);
        assert!(place(94.0) - place(90.0) > 5.0 * (place(14.0) - place(10.0)));
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(round_numbers(0.3, 9.7, 5), [2.0, 4.0, 6.0, 8.0]);
        assert!(round_numbers(1.0, 1.0, 5).is_empty());
    }
}
