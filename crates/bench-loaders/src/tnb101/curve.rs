use crate::readers::pickle::{Problem, Value};

/// Values of a metric by epoch. A value that is not finite (a training that diverged) is `None`.
///
/// # Errors
/// [`Problem`] if it is no list of `epochs` numbers or times.
pub fn read(list: Value<'_>, epochs: u32) -> Result<Vec<Option<f64>>, Problem> {
    let values = match list.array() {
        Ok(array) => array.numbers()?,
        Err(_) => list.sequence()?.map(number).collect::<Result<_, _>>()?,
    };
    if values.len() != epochs as usize {
        return Err(Problem::wrong(format!("a value for each of {epochs} epochs"), format!("{} values", values.len())));
    }
    Ok(values.into_iter().map(|value| value.is_finite().then_some(value)).collect())
}

/// A number, or a time as text.
pub fn number(value: Value<'_>) -> Result<f64, Problem> {
    match value.text() {
        Ok(text) => seconds(text).ok_or_else(|| value.wrong("a number or a time as HH:MM:SS")),
        Err(_) => value.number(),
    }
}

/// The best of a curve as the benchmark's API has it: the largest value.
pub fn best(curve: &[Option<f64>]) -> Option<f64> {
    curve.iter().flatten().copied().reduce(f64::max)
}

/// Seconds of `HH:MM:SS`, as Python writes time differences: hours of any number of digits, perhaps days before them
/// (`1 day, 2:03:04`) and a fraction after the seconds.
fn seconds(text: &str) -> Option<f64> {
    let (days, clock) = match text.split_once(", ") {
        Some((days, clock)) => (days.strip_suffix(" days").or_else(|| days.strip_suffix(" day"))?, clock),
        None => ("0", text),
    };
    let mut parts = clock.trim().split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let (days, hours, minutes) = (whole(days)?, whole(hours)?, whole(minutes)?);
    let seconds: f64 = seconds.parse().ok().filter(|_| seconds.starts_with(|c: char| c.is_ascii_digit()))?;
    if parts.next().is_some() || minutes >= 60 || !(0.0..60.0).contains(&seconds) {
        return None;
    }
    Some(f64::from(days) * 86_400.0 + f64::from(hours) * 3_600.0 + f64::from(minutes) * 60.0 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_python_writes_them() {
        for (text, expected) in [
            ("00:01:05", Some(65.0)),
            ("1:02:03.5", Some(3_723.5)),
            ("123:00:00", Some(442_800.0)),
            ("1 day, 2:03:04", Some(93_784.0)),
            ("2 days, 0:00:01", Some(172_801.0)),
            ("00:60:00", None),
            ("00:00:60", None),
            ("00:00", None),
            ("00:00:00:00", None),
            ("-1:00:00", None),
            ("1:00:+1", None),
            ("1:00:inf", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn the_best_is_the_largest_finite_value() {
        assert_eq!(best(&[Some(1.0), None, Some(3.0), Some(2.0)]), Some(3.0));
        assert_eq!(best(&[None]), None);
    }
}
