//! Architectures that no other beats in both score and FLOPs.

use tables::Direction;

use crate::values::better;

/// Places of the points (cost, value) that no other dominates: none costs as little and is as good, and either less or better. By
/// ascending cost; of equal points the first counts. `O(n log n)`.
pub fn pareto(points: &[(f64, f64)], direction: Direction) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    // Cheapest first, of one cost the best first; the sort is stable, so the first of equal points comes first.
    order.sort_by(|&a, &b| points[a].0.total_cmp(&points[b].0).then_with(|| better(direction, points[b].1, points[a].1)));
    let mut front: Vec<usize> = Vec::new();
    for place in order {
        if front.last().is_none_or(|&last| better(direction, points[place].1, points[last].1).is_gt()) {
            front.push(place);
        }
    }
    front
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_front_is_what_no_point_dominates(points in proptest::collection::vec((0u8..6, 0u8..6), 0..30)) {
            let points: Vec<(f64, f64)> = points.into_iter().map(|(cost, value)| (f64::from(cost), f64::from(value))).collect();
            for (direction, sign) in [(Direction::HigherIsBetter, 1.0), (Direction::LowerIsBetter, -1.0)] {
                let dominates = |a: (f64, f64), b: (f64, f64)| a.0 <= b.0 && sign * a.1 >= sign * b.1 && a != b;
                let free = |k: &usize| {
                    points.iter().all(|other| !dominates(*other, points[*k])) && !points[..*k].contains(&points[*k])
                };
                let mut want: Vec<usize> = (0..points.len()).filter(free).collect();
                want.sort_by(|&a, &b| points[a].0.total_cmp(&points[b].0));
                prop_assert_eq!(pareto(&points, direction), want);
            }
        }
    }
}
