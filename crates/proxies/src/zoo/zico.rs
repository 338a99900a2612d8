use spaces::Scope;
use tables::Direction;
use tch::{Kind, Tensor};

use crate::readings::{LayerMoments, MomentReading, SignedMoments};
use crate::{Detail, Evidence, Meta, PassSpec, Proxy, Score, State, Undefined};

/// `ZiCo`: inverse coefficient of variation of gradients.
///
/// Score = sum over layers of ln(sum over weights of mean|g| / std(g)), over the batches.
#[derive(Clone, Copy, Debug)]
pub struct ZiCo;

static META: Meta = Meta {
    name: "zico",
    version: 1,
    title: "ZiCo",
    formula: "sum over layers of ln( sum over weights of mean|g| / std(g) )",
    paper: "ZiCo: Zero-shot NAS via Inverse Coefficient of Variation on Gradients (Li et al., ICLR 2023), arXiv 2301.11300",
    reference: "SLDGroup/ZiCo@b0fec65 ZeroShotProxy/compute_zico.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&MomentReading::Signed] }],
    set_dependent: false,
    conventions: "Layers are convolutions and linear layers, weights only. std is the population standard deviation (ddof 0) \
        over batches of the signed gradient, as in the released code (Eq. 15 of the paper has that of |g|: \
        `zico_eq15`). Weights with std 0 are dropped, layers whose sum is 0 skipped, so a disconnected network scores \
        0. Moments are Welford's in f64 whatever the dtype of the gradients. Ill-conditioned at two batches: in f32 \
        two correct programs differ by about 0.2 % of the score.",
};

impl Proxy for ZiCo {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let SignedMoments(moments) = evidence.of();
        let [sums, surviving] = moments.sums(evidence.layers(), inverse_variation);
        let score = sum_of_logarithms(&sums);
        let details = vec![
            ("losses", Detail::Numbers(moments.losses.clone())),
            ("layer_sums", Detail::Numbers(sums)),
            ("surviving_weights", Detail::Numbers(surviving)),
        ];
        Score::finite(score, "the sum of logarithms", details)
    }
}

/// mean|x| / std(x) per weight, 0 where std is 0; and 1 where it is not.
pub(super) fn inverse_variation(layer: &LayerMoments) -> [Tensor; 2] {
    let std = layer.std();
    let kept = std.not_equal(0.0);
    [(layer.magnitude() / std).masked_fill(&kept.logical_not(), 0.0), kept.to_kind(Kind::Double)]
}

/// 1 / std(x) per weight, 0 where std is 0.
pub(super) fn inverse_std(layer: &LayerMoments) -> Tensor {
    let std = layer.std();
    let dropped = std.eq(0.0);
    std.reciprocal().masked_fill(&dropped, 0.0)
}

/// Sum of the logarithms of the layers' sums; layers whose sum is 0 are skipped.
pub(super) fn sum_of_logarithms(sums: &[f64]) -> f64 {
    sums.iter().filter(|&&sum| sum != 0.0).map(|sum| sum.ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(rows: &[&[f64]]) -> f64 {
        let [ratios, _] = inverse_variation(&LayerMoments::of_rows(rows, MomentReading::Signed));
        sum_of_logarithms(&[ratios.sum(Kind::Double).double_value(&[])])
    }

    #[test]
    fn two_weights_by_hand() {
        // (|1| + |3|) / |1 - 3| = 2 and (|2| + |-2|) / |2 + 2| = 1; the third weight does not vary.
        assert!((score(&[&[1.0, 2.0, 5.0], &[3.0, -2.0, 5.0]]) - 3f64.ln()).abs() < 1e-15);
        // With absolute values the second weight does not vary either; accumulated, the rows are (1, 2, 5) and (4, 0, 10).
        let of = |kind| {
            inverse_variation(&LayerMoments::of_rows(&[&[1.0, 2.0, 5.0], &[3.0, -2.0, 5.0]], kind))[0].sum(Kind::Double).double_value(&[])
        };
        assert!((of(MomentReading::Magnitude) - 2.0).abs() < 1e-15);
        assert!((of(MomentReading::Accumulated) - (5.0 / 3.0 + 1.0 + 3.0)).abs() < 1e-14);
    }

    #[test]
    fn a_layer_whose_gradients_never_vary_is_skipped() {
        assert_eq!(score(&[&[1.0, 0.0], &[1.0, 0.0]]), 0.0);
    }

    #[test]
    fn scale_order_and_repetition_of_batches_do_not_matter() {
        let (a, b): (&[f64], &[f64]) = (&[0.3, -0.2, 0.9], &[0.1, 0.4, 0.8]);
        let base = score(&[a, b]);
        let doubled: Vec<f64> = a.iter().map(|g| g * 2.0).collect();
        let doubled_b: Vec<f64> = b.iter().map(|g| g * 2.0).collect();
        for other in [score(&[b, a]), score(&[a, b, a, b]), score(&[&doubled, &doubled_b])] {
            assert!((other - base).abs() < 1e-12);
        }
    }

    #[test]
    fn many_batches_have_the_moments_of_two_passes() {
        let rows: Vec<Vec<f64>> = (0..7).map(|b| (0..5).map(|w| 1e3 + f64::from(b * w % 3)).collect()).collect();
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let layer = LayerMoments::of_rows(&rows, MomentReading::Signed);
        for w in 0..5 {
            let mean = rows.iter().map(|r| r[w]).sum::<f64>() / 7.0;
            let std = (rows.iter().map(|r| (r[w] - mean).powi(2)).sum::<f64>() / 7.0).sqrt();
            assert!((layer.std().double_value(&[w as i64]) - std).abs() < 1e-12);
        }
    }
}
