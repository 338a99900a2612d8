//! The result of a dataset in a sentence or two, from its numbers.

use crate::correlate::ProxyCorrelation;
use crate::join::Joined;
use crate::{Options, format};

/// The proxy the paper is about.
const SUBJECT: &str = "zico";

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
    let mut text = format!(
        "{name} ranks {} architectures with τ-b = {} ({} % interval {} to {})",
        format::count(row.n),
        format::fixed(tau, 3),
        format::trimmed(options.confidence * 100.0, 2),
        format::fixed(coefficients.tau_b.low, 3),
        format::fixed(coefficients.tau_b.high, 3),
    );
    if let Some(paper) = row.paper {
        let difference = tau - paper.tau;
        text += &match format::signed(difference, 3) {
            _ if difference.abs() < 0.005 => format!(", which rounds to the paper's {}", format::fixed(paper.tau, 2)),
            signed => format!("; the paper prints {} (difference {signed})", format::fixed(paper.tau, 2)),
        };
    }
    text.push('.');
    let of = with_tau.len();
    if of > 1 {
        text += &if subject == 0 {
            let (second, second_tau) = with_tau[1];
            format!(" It is the highest of {of} proxies, ahead of {} ({}).", second.proxy, format::fixed(second_tau, 3))
        } else {
            let rank = format::ordinal(subject + 1);
            format!(" It is {rank} of {of} proxies; {} leads with {}.", best.proxy, format::fixed(best_tau, 3))
        };
    }
    text
}
