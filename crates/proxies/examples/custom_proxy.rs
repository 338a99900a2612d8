//! A proxy of one's own, outside the zoo: the gradient of the first layer. `cargo run -p proxies --example custom_proxy`

use bench_loaders::{BatchSpec, datasets, noise_batches};
use proxies::readings::{GradientReading, LayerGradients};
use proxies::{Evidence, Meta, Options, PassSpec, Proxy, Score, State, TensorBatch, Undefined, evaluate, zoo};

struct StemGradient;

impl Proxy for StemGradient {
    fn meta(&self) -> &'static Meta {
        static META: Meta =
            Meta { name: "stem_gradient", passes: &[PassSpec { state: State::BATCHES, readings: &[&GradientReading] }], ..Meta::OWN };
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let [sums] = evidence.of::<LayerGradients>().sums(evidence.layers(), |_, gradient| [gradient.abs()]);
        Score::finite(sums[0], "the gradient of the stem", Vec::new())
    }
}

#[expect(clippy::print_stdout, reason = "an example prints its result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (space, options) = (spaces::find("nb201")?, Options::default());
    let spec = BatchSpec { n_batches: 2, batch_size: 16, ..BatchSpec::default() };
    let batches = TensorBatch::all(&noise_batches(&spec, datasets::find("cifar10")?, 10, 32)?.batches, &options)?;
    let proxies: [&dyn Proxy; 2] = [&StemGradient, zoo::find("zico")?];
    for architecture in space.sample(0, 3) {
        let graph = space.lower(&architecture, &space.default_setting(10, 32))?;
        for (proxy, outcome) in proxies.iter().zip(evaluate(&graph, &proxies, &batches, &options)?.outcomes) {
            println!("{:<14} {:?}  {}", proxy.meta().name, outcome.score.map(|s| s.value), architecture.text);
        }
    }
    Ok(())
}
