use crate::Value;

/// Merits of a set of candidates from the values of each one's components.
pub type OfSet<'a> = dyn Fn(&[&[Value]]) -> Vec<Option<f64>> + Sync + 'a;

/// How candidates are compared. The better one has the larger *merit*; one without a value has none and is worse than any other.
pub enum Ranking<'a> {
    /// By the only component; its negative, if less is better.
    Value {
        /// Whether more is better.
        higher: bool,
    },
    /// By a merit that depends on which others stand beside (an aggregate by rank).
    Set(Box<OfSet<'a>>),
}

impl Ranking<'_> {
    /// Merits of a set.
    #[must_use]
    pub fn merits(&self, values: &[&[Value]]) -> Vec<Option<f64>> {
        match self {
            Self::Value { higher } => values.iter().map(|values| merit(values, *higher)).collect(),
            Self::Set(merits) => merits(values),
        }
    }
}

fn merit(values: &[Value], higher: bool) -> Option<f64> {
    let value = *values.first()?.as_ref().ok()?;
    Some(if higher { value } else { -value })
}

/// Position of the first of the lowest merits.
#[must_use]
pub fn lowest(merits: &[Option<f64>]) -> Option<usize> {
    let below = |a: Option<f64>, b: Option<f64>| a.map_or(f64::NEG_INFINITY, |a| a) < b.map_or(f64::NEG_INFINITY, |b| b);
    (0..merits.len()).reduce(|best, k| if below(merits[k], merits[best]) { k } else { best })
}

/// Position of the first of the highest merits; `None` if there is none.
#[must_use]
pub fn highest(merits: &[Option<f64>]) -> Option<usize> {
    (0..merits.len()).filter(|&k| merits[k].is_some()).reduce(|best, k| if merits[k] > merits[best] { k } else { best })
}

#[cfg(test)]
mod tests {
    use tables::Status;

    use super::*;
    use crate::Missing;

    #[test]
    fn ties_go_to_the_first_and_no_value_is_the_lowest() {
        let none = Err(Missing { status: Status::Undefined, reason: "none".into() });
        let values = [vec![Ok(1.0)], vec![Ok(3.0)], vec![none], vec![Ok(3.0)], vec![Ok(1.0)]];
        let values: Vec<&[Value]> = values.iter().map(Vec::as_slice).collect();
        let more = Ranking::Value { higher: true }.merits(&values);
        assert_eq!((lowest(&more), highest(&more)), (Some(2), Some(1)));
        let less = Ranking::Value { higher: false }.merits(&values);
        assert_eq!((lowest(&less), highest(&less)), (Some(2), Some(0)));
        assert_eq!(lowest(&less[3..]), Some(0));
        assert_eq!((lowest(&[]), highest(&[None])), (None, None));
    }
}
