//! Differences of pairs: mean, spread, Student's interval, and how often the first is the better one.

use std::cmp::Ordering;

use serde::Serialize;
use tables::Direction;

use super::bootstrap::Interval;
use super::error::{Column, StatsError};

/// Mean and standard deviation of a few numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many numbers, at least 1.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Sample standard deviation (divisor n - 1); none of a single number.
    pub deviation: Option<f64>,
}

impl Spread {
    /// That of these numbers, summed in their order; none if there are none.
    #[must_use]
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let n = numbers.len();
        let mean = numbers.iter().sum::<f64>() / n as f64;
        let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
        (n > 0).then(|| Self { n, mean, deviation: (n > 1).then(|| (squares / (n - 1) as f64).sqrt()) })
    }
}

/// Pairs of values under the same conditions, compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// Differences, first minus second; no sign is flipped where lower is better.
    pub difference: Spread,
    /// Student's interval of the mean difference, which takes the differences for normal; none of a single pair. Of equal
    /// differences it is a point.
    pub interval: Option<Interval>,
    /// Pairs whose first value is the better one.
    pub won: usize,
    /// Pairs whose second value is the better one.
    pub lost: usize,
    /// Pairs of equal values.
    pub tied: usize,
}

impl Paired {
    /// Compares `pairs`; `confidence` is the coverage of the interval, a fraction between 0 and 1.
    ///
    /// # Errors
    /// No pair, a value that is NaN or infinite, a confidence outside (0, 1).
    ///
    /// ```
    /// use report::stats::Paired;
    /// let paired = Paired::of(&[(3.0, 1.0), (5.0, 4.0), (2.0, 2.0)], tables::Direction::HigherIsBetter, 0.95)?;
    /// assert_eq!((paired.difference.mean, paired.won, paired.lost, paired.tied), (1.0, 2, 0, 1));
    /// # Ok::<(), report::stats::StatsError>(())
    /// ```
    pub fn of(pairs: &[(f64, f64)], direction: Direction, confidence: f64) -> Result<Self, StatsError> {
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(StatsError::Parameter { name: "confidence", expected: "between 0 and 1, both excluded", got: confidence });
        }
        for (row, &(first, second)) in pairs.iter().enumerate() {
            for (column, value) in [(Column::Score, first), (Column::Value, second)] {
                if !value.is_finite() {
                    return Err(StatsError::NonFinite { column, row, value });
                }
            }
        }
        let differences: Vec<f64> = pairs.iter().map(|(first, second)| first - second).collect();
        let difference = Spread::of(&differences).ok_or(StatsError::TooFew { needed: 1, got: 0 })?;
        let interval = difference.deviation.map(|deviation| {
            let half = student_t(confidence, difference.n - 1) * deviation / (difference.n as f64).sqrt();
            Interval { low: difference.mean - half, high: difference.mean + half }
        });
        let (mut won, mut lost, mut tied) = (0, 0, 0);
        for (first, second) in pairs {
            match (first.partial_cmp(second), direction) {
                (Some(Ordering::Greater), Direction::HigherIsBetter) | (Some(Ordering::Less), Direction::LowerIsBetter) => won += 1,
                (Some(Ordering::Equal), _) => tied += 1,
                _ => lost += 1,
            }
        }
        Ok(Self { difference, interval, won, lost, tied })
    }
}

/// The number that Student's t with `freedom` degrees of freedom (at least 1) stays below in size with probability
/// `confidence`: 2.776 for 0.95 and 4. By bisection of the closed form (Abramowitz and Stegun, 26.7.3 and 26.7.4).
#[must_use]
pub fn student_t(confidence: f64, freedom: usize) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while within(high, freedom) < confidence && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if within(middle, freedom) < confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Probability that Student's t is at most `t` in size.
fn within(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    // The terms of the sum have cosines of odd or of even powers, each from the one before it.
    let (mut term, mut sum) = (if odd { cosine } else { 1.0 }, 0.0);
    let mut power = usize::from(odd);
    while power + 2 <= freedom {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
        power += 2;
    }
    if odd { std::f64::consts::FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        for (confidence, freedom, want) in [
            (0.95, 1, 12.706_2),
            (0.95, 2, 4.302_65),
            (0.95, 3, 3.182_45),
            (0.95, 4, 2.776_45),
            (0.95, 9, 2.262_16),
            (0.95, 30, 2.042_27),
            (0.99, 4, 4.604_09),
            (0.90, 5, 2.015_05),
        ] {
            let got = student_t(confidence, freedom);
            assert!((got - want).abs() < 1e-4, "{confidence} {freedom}: {got}");
        }
    }

    #[test]
    fn the_closed_form_is_the_integral_of_the_density() {
        for freedom in 1..=8 {
            let nu = freedom as f64;
            let density = |x: f64| (1.0 + x * x / nu).powf(-f64::midpoint(nu, 1.0));
            let integral = |to: f64| {
                let steps = 200_000;
                let width = to / f64::from(steps);
                (0..steps).map(|k| density((f64::from(k) + 0.5) * width) * width).sum::<f64>()
            };
            // A ratio of two integrals needs no gamma function.
            let ratio = integral(1.5) / integral(0.5);
            assert!((within(1.5, freedom) / within(0.5, freedom) - ratio).abs() < 1e-6, "{freedom}");
        }
    }

    #[test]
    fn one_pair_has_no_interval_and_none_is_an_error() {
        let one = Paired::of(&[(1.0, 3.0)], Direction::LowerIsBetter, 0.95).unwrap();
        assert_eq!((one.difference.mean, one.difference.deviation, one.interval, one.won), (-2.0, None, None, 1));
        assert_eq!(Paired::of(&[], Direction::HigherIsBetter, 0.95), Err(StatsError::TooFew { needed: 1, got: 0 }));
        assert!(Paired::of(&[(f64::NAN, 1.0)], Direction::HigherIsBetter, 0.95).is_err());
        assert!(Paired::of(&[(1.0, 1.0)], Direction::HigherIsBetter, 95.0).is_err());
    }

    proptest! {
        #[test]
        fn counts_mean_and_spread_are_those_of_the_definition(pairs in proptest::collection::vec((-4i8..4, -4i8..4), 2..9)) {
            let pairs: Vec<(f64, f64)> = pairs.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).collect();
            let paired = Paired::of(&pairs, Direction::HigherIsBetter, 0.9).unwrap();
            let n = pairs.len() as f64;
            let count = |wanted: Ordering| pairs.iter().filter(|(a, b)| a.total_cmp(b) == wanted).count();
            prop_assert_eq!((paired.won, paired.lost, paired.tied), (count(Ordering::Greater), count(Ordering::Less), count(Ordering::Equal)));
            let mean = pairs.iter().map(|(a, b)| a - b).sum::<f64>() / n;
            // Half the mean squared distance of two of them is the variance.
            let mut squares = 0.0;
            for (a, b) in &pairs {
                squares += pairs.iter().map(|(c, d)| ((a - b) - (c - d)).powi(2)).sum::<f64>();
            }
            let variance = squares / (2.0 * n * (n - 1.0));
            prop_assert!((paired.difference.mean - mean).abs() < 1e-12);
            prop_assert!((paired.difference.deviation.unwrap().powi(2) - variance).abs() < 1e-9);
            let interval = paired.interval.unwrap();
            let half = student_t(0.9, pairs.len() - 1) * (variance / n).sqrt();
            prop_assert!((interval.high - interval.low - 2.0 * half).abs() < 1e-9);
        }
    }
}
