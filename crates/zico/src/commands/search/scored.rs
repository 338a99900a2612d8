//! An objective that is computed: proxies of the candidate's network.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use bench_loaders::Batch;
use engine::{Init, Network, Norm, Placement, Scheme, Trainable};
use netgraph::Graph;
use proxies::{Options, Proxy, TensorBatch, evaluate_caught};
use search::{Cause, Error, Missing, Objective, Value};
use tch::{Tensor, no_grad};

/// Forward passes of which the median is the latency, after one that is not counted.
const PASSES: usize = 5;

/// Proxies on the network that `lower` makes of a candidate.
pub struct Scored<'a, L, D> {
    pub proxies: &'a [&'static dyn Proxy],
    pub batches: &'a [Batch],
    pub options: &'a Options,
    /// The network that is scored.
    pub lower: L,
    /// The network that would be deployed: its latency counts.
    pub deployed: D,
}

/// What a thread keeps.
pub struct Worker {
    batches: Vec<TensorBatch>,
    /// One image.
    image: Option<Tensor>,
}

impl<C, E, L, D> Objective<C> for Scored<'_, L, D>
where
    E: std::error::Error + Send + Sync + 'static,
    L: Fn(&C) -> Result<Graph, E> + Sync,
    D: Fn(&C) -> Result<Graph, E> + Sync,
{
    type Worker = Worker;

    fn worker(&self) -> Result<Worker, Error> {
        engine::use_one_thread();
        let batches = TensorBatch::all(self.batches, self.options).map_err(failed)?;
        let image = batches.first().map(|batch| batch.images.narrow(0, 0, 1));
        Ok(Worker { batches, image })
    }

    fn evaluate(&self, candidate: &C, worker: &Worker) -> Result<Vec<Value>, Error> {
        let outcomes = evaluate_caught(|| (self.lower)(candidate), self.proxies, &worker.batches, self.options);
        engine::give_back_memory();
        let value = |outcome: proxies::Outcome| match outcome.score {
            Ok(score) => Ok(score.value),
            Err(undefined) => Err(Missing { status: undefined.status, reason: undefined.reason }),
        };
        Ok(outcomes.into_iter().map(value).collect())
    }

    fn latency_ms(&self, candidate: &C, worker: &Worker) -> Result<f64, Error> {
        let image = worker.image.as_ref().ok_or(Error::NoLatency)?;
        let graph = (self.deployed)(candidate).map_err(failed)?;
        let init = Init { scheme: Scheme::TorchDefault, seed: self.options.seed };
        // libtorch's errors are panics here; one must not leave the other workers waiting.
        catch_unwind(AssertUnwindSafe(|| latency_ms(&graph, &init, self.options.placement, image)))
            .map_err(|_| Error::Objective("libtorch failed to run the network whose latency was to be measured (see above)".into()))
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Objective(Cause::from(error))
}

/// Median milliseconds of a forward pass of these images (`[1, channels, h, w]`), batch norms by their running statistics.
fn latency_ms(graph: &Graph, init: &Init, placement: Placement, images: &Tensor) -> f64 {
    let network = Network::new(graph, init, placement, Trainable::Nothing);
    let pass = || {
        let start = Instant::now();
        // Reading a number of the result waits for the device.
        no_grad(|| network.forward(images, Norm::Eval, &mut |_| {}).logits.double_value(&[0, 0]));
        start.elapsed().as_secs_f64() * 1e3
    };
    pass();
    let mut times: Vec<f64> = (0..PASSES).map(|_| pass()).collect();
    times.sort_by(f64::total_cmp);
    times[PASSES / 2]
}
