use netgraph::rng::Stream;

/// A draw from `Beta(alpha, alpha)` (Jöhnk, "Erzeugung von betaverteilten und gammaverteilten Zufallszahlen", 1964): uniform
/// numbers `u`, `v` until `u^(1/alpha) + v^(1/alpha) <= 1`; the first over the sum.
pub fn beta(stream: Stream, alpha: f64) -> f64 {
    let mut at = 0;
    loop {
        // Logarithms, since small alphas give powers that are no numbers any more.
        let [x, y] = [0, 1].map(|k| (1.0 - stream.uniform(at + k)).ln() / alpha);
        let largest = x.max(y);
        let sum = largest + ((x - largest).exp() + (y - largest).exp()).ln();
        if sum <= 0.0 {
            return (x - sum).exp();
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_variance_are_those_of_the_distribution() {
        for alpha in [0.2, 1.0, 3.0] {
            let draws: Vec<f64> = (0..20_000).map(|k| beta(Stream::new(1, k), alpha)).collect();
            let n = draws.len() as f64;
            let mean = draws.iter().sum::<f64>() / n;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            assert!((mean - 0.5).abs() < 0.01, "{alpha}: {mean}");
            assert!((variance - 0.25 / (2.0 * alpha + 1.0)).abs() < 0.005, "{alpha}: {variance}");
        }
    }
}
