//! A proxy of one's own, outside the zoo: the largest gradient of the first layer.
//!
//! `cargo run -p proxies --example custom_proxy`

use bench_loaders::{BatchSpec, datasets, noise_batches};
use proxies::readings::{GradientReading, LayerGradients};
use proxies::{Evidence, Meta, Options, PassSpec, Proxy, Score, State, TensorBatch, Undefined, evaluate, zoo};
use spaces::Scope;
use tables::Direction;

struct StemGradient;

static META: Meta = Meta {
    name: "stem_gradient",
    version: 1,
    title: "Stem gradient",
    formula: "sum of |g| over the weights of the first layer",
    paper: "an example",
    reference: "none",
    direction: Direction::HigherIsBetter,
    unit: "loss per unit of weight",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&GradientReading] }],
    set_dependent: false,
    conventions: "First batch, mean cross entropy, train-mode batch norm.",
};

impl Proxy for StemGradient {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let [sums] = evidence.of::<LayerGradients>().sums(evidence.layers(), |_, gradient| [gradient.abs()]);
        Score::finite(sums[0], "the gradient of the stem", Vec::new())
    }
}

#[expect(clippy::print_stdout, reason = "an example prints its result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let space = spaces::find("nb201")?;
    let options = Options::default();
    let set = noise_batches(&BatchSpec { n_batches: 2, batch_size: 16, ..BatchSpec::default() }, datasets::find("cifar10")?, 10, 32)?;
    let batches = TensorBatch::all(&set.batches, &options)?;
    let proxies: [&dyn Proxy; 2] = [&StemGradient, zoo::find("zico")?];
    for architecture in space.sample(0, 3) {
        let graph = space.lower(&architecture, &space.default_setting(10, 32))?;
        for (proxy, outcome) in proxies.iter().zip(evaluate(&graph, &proxies, &batches, &options)?.outcomes) {
            println!("{:<14} {:?}  {}", proxy.meta().name, outcome.score.map(|s| s.value), architecture.text);
        }
    }
    Ok(())
}
