//! The result of a dataset in a sentence or two, from its numbers.

use super::matrix::Matrix;
use crate::correlate::ProxyCorrelation;
use crate::join::{Joined, Scored};
use crate::{Options, format};

/// The proxy the paper is about.
pub(super) const SUBJECT: &str = "zico";

/// What the dataset says about the paper's proxy, or else about the best one.
pub(super) fn finding(joined: &Joined, correlations: &[ProxyCorrelation], order: &[usize], options: &Options) -> String {
    let with_tau: Vec<(&ProxyCorrelation, f64)> = order
        .iter()
        .filter_map(|&proxy| Some((&correlations[proxy], correlations[proxy].coefficients.as_ref().ok()?.tau_b.value)))
        .collect();
    let Some(&(best, best_tau)) = with_tau.first() else {
        return format!("No proxy has a rank correlation on {}: see the reasons in the table.", joined.dataset);
    };
    let subject = with_tau.iter().position(|(row, _)| row.proxy == SUBJECT).unwrap_or(0);
    let (row, tau) = with_tau[subject];
    let name = if row.proxy == SUBJECT { "ZiCo" } else { row.proxy.as_str() };
    let Ok(coefficients) = &row.coefficients else { return String::new() };
    let paper = row.paper.map_or(String::new(), |paper| {
        let (ours, printed) = (format::fixed(tau, 2), format::fixed(paper.tau, 2));
        if ours == printed {
            format!(", which rounds to the paper's {printed}")
        } else {
            format!("; the paper prints {printed} (difference {})", format::signed(tau - paper.tau, 3))
        }
    });
    let of = format::proxies(with_tau.iter().map(|(row, _)| row.proxy.as_str()));
    let place = match (subject, with_tau.get(1)) {
        (_, None) => String::new(),
        (0, Some((second, second_tau))) => {
            format!(" It is the highest of {of}, ahead of {} ({}).", second.proxy, format::fixed(*second_tau, 3))
        }
        _ => format!(" It is {} of {of}; {} leads with {}.", format::ordinal(subject + 1), best.proxy, format::fixed(best_tau, 3)),
    };
    format!(
        "{name} ranks {} architectures with τ-b = {} ({} % interval {} to {}){paper}.{place}",
        format::count(row.n),
        format::fixed(tau, 3),
        format::trimmed(options.confidence * 100.0, 2),
        format::fixed(coefficients.tau_b.low, 3),
        format::fixed(coefficients.tau_b.high, 3),
    )
}

/// What scores alone say: how many there are, and which proxies rank alike.
pub(super) fn without_values(scored: &Scored, matrix: &Matrix) -> String {
    let n = format::count(scored.architectures.len());
    let proxies = format::proxies(scored.proxies.iter().map(|p| p.proxy.as_str()));
    let start = format!("{proxies} scored {n} architectures; there are no accuracies to hold the scores against yet.");
    let mut likeness = matrix.proxies.iter().skip(1).zip(matrix.pairs.first().into_iter().flatten().skip(1));
    let Some((nearest, pair)) = likeness.find(|(_, pair)| pair.tau_b.is_some()) else { return start };
    let name = matrix.proxies.first().map_or("", |first| if first == SUBJECT { "ZiCo" } else { first });
    let interval = pair
        .estimates
        .map_or(String::new(), |(tau, _)| format!(" (interval {} to {})", format::fixed(tau.low, 3), format::fixed(tau.high, 3)));
    format!("{start} {nearest} ranks them most like {name}: τ-b = {}{interval}.", format::fixed(pair.tau_b.unwrap_or(f64::NAN), 3))
}
