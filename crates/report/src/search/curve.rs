//! The best value so far.

use tables::Direction;

use crate::values::better;

/// The best value among the first one, two, three ... evaluations; none as long as nothing has a value.
pub fn best_so_far(values: &[Option<f64>], direction: Direction) -> Vec<Option<f64>> {
    let mut best: Option<f64> = None;
    let step = |value: Option<f64>| {
        if let Some(value) = value {
            best = Some(best.map_or(value, |best| if better(direction, value, best).is_gt() { value } else { best }));
        }
        best
    };
    values.iter().copied().map(step).collect()
}

/// Mean over the curves as far as the shortest goes; none where one of them has no value yet.
pub fn mean(curves: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let length = curves.iter().map(Vec::len).min().unwrap_or(0);
    let at = |place: usize| {
        let sum = curves.iter().map(|curve| curve[place]).sum::<Option<f64>>()?;
        Some(sum / curves.len() as f64)
    };
    (0..length).map(at).collect()
}

/// Places where a curve changes, with its values there, and its end: all that a drawing of it needs. Places count from 1.
pub fn corners(curve: &[Option<f64>]) -> Vec<(usize, f64)> {
    let mut corners: Vec<(usize, f64)> = Vec::new();
    for (place, value) in curve.iter().enumerate() {
        let Some(value) = *value else { continue };
        if corners.last().is_none_or(|(_, last)| *last != value) {
            corners.push((place + 1, value));
        }
    }
    if let Some(&(_, value)) = corners.last().filter(|(last, _)| *last < curve.len()) {
        corners.push((curve.len(), value));
    }
    corners
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_curve_waits_for_its_first_value_and_keeps_its_best() {
        let values = [None, Some(2.0), Some(1.0), None, Some(3.0)];
        let up = best_so_far(&values, Direction::HigherIsBetter);
        assert_eq!(up, [None, Some(2.0), Some(2.0), Some(2.0), Some(3.0)]);
        let down = best_so_far(&values, Direction::LowerIsBetter);
        assert_eq!(down, [None, Some(2.0), Some(1.0), Some(1.0), Some(1.0)]);
        assert_eq!(mean(&[up.clone(), down[..4].to_vec()]), [None, Some(2.0), Some(1.5), Some(1.5)]);
        assert_eq!(corners(&up), [(2, 2.0), (5, 3.0)]);
        assert_eq!(corners(&down), [(2, 2.0), (3, 1.0), (5, 1.0)]);
        assert!(corners(&[None]).is_empty() && mean(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn the_best_so_far_is_the_best_of_the_values_so_far(values in proptest::collection::vec(proptest::option::of(-9i8..9), 1..40)) {
            let values: Vec<Option<f64>> = values.into_iter().map(|value| value.map(f64::from)).collect();
            for (direction, sign) in [(Direction::HigherIsBetter, 1.0), (Direction::LowerIsBetter, -1.0)] {
                for (place, best) in best_so_far(&values, direction).into_iter().enumerate() {
                    let so_far = values[..=place].iter().flatten().map(|value| sign * value);
                    prop_assert_eq!(best, so_far.reduce(f64::max).map(|best| sign * best));
                }
            }
        }
    }
}
