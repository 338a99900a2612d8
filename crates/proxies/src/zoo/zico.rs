use spaces::Scope;
use tables::Direction;
use tch::Tensor;

use crate::{Detail, Evidence, Meta, Needs, PassSpec, Proxy, Score, Undefined};

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
    needs: Needs::Pass(PassSpec { all_batches: true, ..PassSpec::LOSS_GRADIENTS }),
    set_dependent: false,
    conventions: "Layers are convolutions and linear layers, weights only. std is the population standard deviation (ddof 0) over \
        batches of the signed gradient, as in the released code (Eq. 15 of the paper has that of |g|). Weights with std 0 are dropped, \
        layers whose sum is 0 skipped, so a disconnected network scores 0. Moments are two-pass in f64 whatever the dtype of the \
        gradients. Ill-conditioned at two batches: in f32 two correct programs differ by about 0.2 % of the score.",
};

impl Proxy for ZiCo {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let pass = evidence.pass.expect("the plan gives every proxy the pass it needs");
        let [sums, surviving] = pass.layer_sums(usize::MAX, |_, gradients| inverse_variation(gradients));
        let score = sums.iter().filter(|&&t| t != 0.0).map(|t| t.ln()).sum();
        let details = vec![
            ("losses", Detail::Numbers(pass.losses.clone())),
            ("layer_sums", Detail::Numbers(sums)),
            ("surviving_weights", Detail::Numbers(surviving)),
        ];
        Score::finite(score, "the sum of logarithms", details)
    }
}

/// mean|g| / std(g) per weight, 0 where std is 0; and 1 where it is not.
fn inverse_variation(gradients: &[Tensor]) -> [Tensor; 2] {
    let n = gradients.len() as f64;
    let total = |terms: &mut dyn Iterator<Item = Tensor>| terms.reduce(|mut sum, term| sum.g_add_(&term)).expect("at least two batches");
    let mean = total(&mut gradients.iter().map(|g| g / n));
    let variance = total(&mut gradients.iter().map(|g| (g - &mean).square() / n));
    let magnitude = total(&mut gradients.iter().map(|g| g.abs() / n));
    let std = variance.sqrt();
    let kept = std.not_equal(0.0);
    [(magnitude / std).masked_fill(&kept.logical_not(), 0.0), kept.to_kind(tch::Kind::Double)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LayerEvidence, Pass};

    fn score(rows: &[&[f64]]) -> f64 {
        let gradients: Vec<Tensor> = rows.iter().map(|r| Tensor::from_slice(r).view([1, -1])).collect();
        let weight = gradients[0].zeros_like();
        let layers = vec![LayerEvidence { modules: vec![0], weight, gradients }];
        let pass = Pass { layers, losses: vec![], signs: None, layer_modules: vec![0] };
        let graph = spaces::find("nats-sss").and_then(|s| s.lower(&s.at(0)?, &s.default_setting(10, 16))).unwrap();
        ZiCo.score(&Evidence { graph: &graph, pass: Some(&pass) }).unwrap().value
    }

    #[test]
    fn two_weights_by_hand() {
        // (|1| + |3|) / |1 - 3| = 2 and (|2| + |-2|) / |2 + 2| = 1; the third weight does not vary.
        assert!((score(&[&[1.0, 2.0, 5.0], &[3.0, -2.0, 5.0]]) - 3f64.ln()).abs() < 1e-15);
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
}
