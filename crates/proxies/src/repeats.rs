//! Scores as means over several initialisations, for proxies whose papers take such means (SWAP and NEAR: 32).

use std::collections::BTreeMap;

use crate::{Evaluation, Options, Outcome, Proxy};

/// Makes each outcome the mean over as many seeds of the weights as the options say, from that of the options on; `again` evaluates
/// proxies once more under other options. One seed without a score leaves the mean without one, with that seed's reason. Details
/// stay those of the first seed; times add up.
pub(crate) fn average(
    evaluation: &mut Evaluation,
    proxies: &[&dyn Proxy],
    options: &Options,
    again: impl Fn(&[&dyn Proxy], &Options) -> Evaluation,
) {
    let wanted = |proxy: &dyn Proxy| options.repeats.get(proxy.meta().name).copied().unwrap_or(1);
    let most = proxies.iter().map(|proxy| wanted(*proxy)).max().unwrap_or(1);
    for repeat in 1..most {
        let is_left = |k: &usize| wanted(proxies[*k]) > repeat && evaluation.outcomes[*k].score.is_ok();
        let left: Vec<usize> = (0..proxies.len()).filter(is_left).collect();
        let chosen: Vec<&dyn Proxy> = left.iter().map(|&k| proxies[k]).collect();
        let other = Options { seed: options.seed.wrapping_add(repeat as u64), repeats: BTreeMap::new(), ..options.clone() };
        for (k, next) in left.into_iter().zip(again(&chosen, &other).outcomes) {
            let Outcome { score, wall_ms, share_ms } = &mut evaluation.outcomes[k];
            *wall_ms += next.wall_ms;
            *share_ms += next.share_ms;
            match (score.as_mut(), next.score) {
                // A running mean: it stays finite where a sum might not.
                (Ok(mean), Ok(new)) => mean.value += (new.value - mean.value) / (repeat + 1) as f64,
                (_, Err(undefined)) => *score = Err(undefined),
                (Err(_), Ok(_)) => {}
            }
        }
    }
}
