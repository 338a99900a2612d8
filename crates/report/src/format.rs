//! Numbers as people read them.

use crate::aggregate::is_aggregate;

/// A count with thousands separators: 15,625.
pub(crate) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with a fixed number of decimals and a true minus sign; never "−0".
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) => format!("−{rest}"),
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// As [`fixed`] with a plus sign before positive numbers.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let zero = !text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    if zero || text.starts_with('−') { text } else { format!("+{text}") }
}

/// At most so many decimals, without trailing zeros.
pub(crate) fn trimmed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// About four significant digits, with an exponent where it is far from 1: scores have any size.
pub(crate) fn score(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{value:.3e}").replace('-', "−");
    }
    let decimals = (3 - size.log10().floor() as i32).clamp(0, 6);
    trimmed(value, decimals as usize)
}

/// A round number of an axis: as [`score`], without zeros after the point of its mantissa (1e9, not 1.000e9).
pub(crate) fn tick(value: f64) -> String {
    let text = score(value);
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => {
            format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// Seconds in the largest fitting units: 43 min 12 s.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{} s", trimmed(seconds, 1));
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours} h {minutes} min") } else { format!("{minutes} min {seconds} s") }
}

/// 2nd, 3rd, 11th.
pub(crate) fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// How many proxies there are, and apart from them columns that combine some by rank, as in `46 proxies and 2 combinations`.
pub(crate) fn proxies<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let (combined, single): (Vec<&str>, Vec<&str>) = names.partition(|name| is_aggregate(name));
    let of = |n: usize, one: &str, several: &str| format!("{} {}", count(n), if n == 1 { one } else { several });
    let proxies = of(single.len(), "proxy", "proxies");
    match combined.len() {
        0 => proxies,
        n => format!("{proxies} and {}", of(n, "combination", "combinations")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((count(7), count(15_625), count(1_234_567)), ("7".into(), "15,625".into(), "1,234,567".into()));
        assert_eq!((fixed(-0.6125, 2), fixed(-0.001, 2)), ("−0.61".into(), "0.00".into()));
        assert_eq!((signed(0.0042, 3), signed(-0.02, 3), signed(0.0, 3)), ("+0.004".into(), "−0.020".into(), "0.000".into()));
        assert_eq!((trimmed(95.0, 2), trimmed(100.0, 0), trimmed(0.25, 1)), ("95".into(), "100".into(), "0.2".into()));
        assert_eq!((score(1234.567), score(0.0), score(-4.2e61)), ("1235".into(), "0".into(), "−4.200e61".into()));
        assert_eq!((tick(1e9), tick(-2.5e-7), tick(40.0)), ("1e9".into(), "−2.5e−7".into(), "40".into()));
        assert_eq!((duration(5.25), duration(2592.0), duration(7322.0)), ("5.2 s".into(), "43 min 12 s".into(), "2 h 2 min".into()));
        assert_eq!((ordinal(2), ordinal(11), ordinal(23)), ("2nd".into(), "11th".into(), "23rd".into()));
    }

    #[test]
    fn combinations_are_counted_apart() {
        let of = |names: &[&str]| proxies(names.iter().copied());
        assert_eq!((of(&["zico"]), of(&["zico", "snip"])), ("1 proxy".into(), "2 proxies".into()));
        assert_eq!(of(&["zico", "az_nas", "snip"]), "2 proxies and 1 combination");
        assert_eq!(of(&["zico", "az_nas", "zico+snip"]), "1 proxy and 2 combinations");
    }
}
