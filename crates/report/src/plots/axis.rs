//! Axes that suit scores of any size and accuracies close to their ceiling.

use crate::format;
use tables::Direction;

/// How a number becomes a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As it is.
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
    gutter: Option<f64>,
}

impl Axis {
    /// For scores: logarithmic if the middle nine tenths of the positive ones span two powers of ten and none is negative.
    pub fn of_scores(scores: &[f64]) -> Self {
        let mut positive: Vec<f64> = scores.iter().copied().filter(|score| *score > 0.0).collect();
        positive.sort_unstable_by(f64::total_cmp);
        let at = |fraction: f64| positive[((positive.len() - 1) as f64 * fraction) as usize];
        let wide = positive.len() > 1 && at(0.95) / at(0.05) > 100.0 && scores.iter().all(|score| *score >= 0.0);
        Self::new(if wide { Scale::Log } else { Scale::Linear }, scores)
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
        let gutter = (scale == Scale::Log && numbers.iter().any(|&number| number <= 0.0)).then_some(low - 0.08 * (high - low));
        Self { scale, low: gutter.unwrap_or(low) - margin, high: high + margin, gutter }
    }

    /// Where a number stands: 0 at the low end of the axis, 1 at the high end; none if it has no place.
    pub fn place(&self, number: f64) -> Option<f64> {
        let place = forward(self.scale, number).or(self.gutter)?;
        Some((place - self.low) / (self.high - self.low))
    }

    /// The number at a place, the inverse of [`Self::place`] apart from the gutter.
    pub(super) fn number(&self, place: f64) -> f64 {
        let inner = self.low + place * (self.high - self.low);
        match self.scale {
            Scale::Linear => inner,
            Scale::Log => 10_f64.powf(inner),
            Scale::Error => 100.0 - 10_f64.powf(-inner),
        }
    }

    /// About `wanted` labelled numbers, with their places.
    pub fn ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        let labelled: Vec<(f64, String)> = match self.scale {
            Scale::Linear => round_numbers(self.low, self.high, wanted).into_iter().map(|n| (n, format::tick(n))).collect(),
            Scale::Log => {
                let step = ((self.high - self.low) / wanted as f64).ceil().max(1.0);
                let first = (self.low.max(self.gutter.map_or(self.low, |gutter| gutter + 0.05 * (self.high - self.low))) / step).ceil();
                let powers = (0..64).map(|k| (first + f64::from(k)) * step).take_while(|power| *power <= self.high);
                let mut ticks: Vec<(f64, String)> = powers.map(|power| (10_f64.powf(power), power_text(power))).collect();
                if self.gutter.is_some() {
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
