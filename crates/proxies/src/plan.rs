use engine::Scheme;
use netgraph::passes::{Keep, Passes};

use crate::reading::{Batches, Cost, Demands, Derivative, Extent};
use crate::{Input, Options, Proxy, Reading, State};

/// A pass with what is read from it and for whom.
#[derive(Debug)]
pub struct Planned {
    /// Weights, input and mode.
    pub state: State,
    /// How many images of each batch go in, if not all.
    pub samples: Option<usize>,
    /// What is read.
    pub readings: Vec<&'static dyn Reading>,
    /// Who reads what.
    pub users: Vec<User>,
    /// Rewriting before it runs, as far as the readings allow.
    pub passes: Passes,
}

/// Size of what goes in, for estimates.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// Batches of the run.
    pub batches: usize,
    /// Images per batch.
    pub batch_size: usize,
    /// Classes.
    pub classes: usize,
}

/// Cost of a backward pass of the loss, in forward passes.
const BACKWARD: f64 = 2.0;

impl Planned {
    /// Batches that the readings see, and those whose loss is differentiated, of the pass's own size.
    fn batches(&self, work: Workload) -> (usize, usize) {
        let inputs = match self.state.input {
            Input::Nothing => 0,
            Input::Batches => work.batches,
            Input::Joined | Input::Noise | Input::Ones => 1,
            Input::Perturbed => 2,
        };
        let seen = |demands: Demands| match demands.batches {
            Batches::First => 1,
            Batches::All => inputs,
            // Further ones are needed by few.
            Batches::UpTo(_) if self.state.input == Input::Batches => 1,
            Batches::UpTo(most) => most,
        };
        let most = |loss: bool| {
            let demands = self.readings.iter().map(|r| r.demands()).filter(|d| !loss || d.derivative == Derivative::Loss);
            demands.map(seen).max().unwrap_or(0).min(inputs)
        };
        (most(false), most(true))
    }

    /// Size of one of its batches, in batches of the run.
    fn share(&self, work: Workload) -> f64 {
        let images = self.samples.map_or(work.batch_size, |samples| samples.min(work.batch_size));
        match self.state.input {
            Input::Ones => 1.0 / work.batch_size as f64,
            Input::Joined => (images * work.batches) as f64 / work.batch_size as f64,
            Input::Nothing | Input::Batches | Input::Noise | Input::Perturbed => images as f64 / work.batch_size as f64,
        }
    }

    /// Expected cost in forward passes of one batch of the run: forward and backward passes, and the readings' own work.
    #[must_use]
    pub fn cost(&self, work: Workload) -> f64 {
        let (forward, backward) = self.batches(work);
        let share = self.share(work);
        let images = share * work.batch_size as f64;
        let own = self.readings.iter().map(|reading| match reading.demands().cost {
            Cost::Forwards(forwards) => forwards,
            Cost::PerImage(forwards) => forwards * images,
            Cost::PerClass(forwards) => forwards * work.classes as f64,
        });
        share * (forward as f64 + BACKWARD * backward as f64 + own.sum::<f64>())
    }
}

/// A proxy's part of a pass.
#[derive(Debug)]
pub struct User {
    /// Position of the proxy in the list that was asked for.
    pub proxy: usize,
    /// Positions among the readings of the pass.
    pub readings: Vec<usize>,
}

/// The fewest passes: one for each state, whatever is read from it. Only readings that want every operation by itself run
/// apart from those that don't.
pub fn plan(proxies: &[&dyn Proxy], options: &Options) -> Vec<Planned> {
    let mut planned: Vec<(Planned, Extent)> = Vec::new();
    for (proxy, meta) in proxies.iter().map(|p| p.meta()).enumerate() {
        for spec in meta.passes {
            let state = with_init(spec.state, options.init);
            let samples = options.samples.get(meta.name).copied();
            let extent = spec.readings.iter().map(|r| r.demands().extent).max().unwrap_or(Extent::Live);
            let apart = |other: Extent| (other == Extent::Untouched) != (extent == Extent::Untouched);
            let found = planned.iter().position(|(p, other)| p.state == state && p.samples == samples && !apart(*other));
            let k = found.unwrap_or_else(|| {
                planned.push((Planned { state, samples, readings: Vec::new(), users: Vec::new(), passes: options.passes }, extent));
                planned.len() - 1
            });
            let (pass, united) = &mut planned[k];
            *united = extent.max(*united);
            let readings = spec.readings.iter().map(|&reading| {
                pass.readings.iter().position(|r| r.name() == reading.name()).unwrap_or_else(|| {
                    pass.readings.push(reading);
                    pass.readings.len() - 1
                })
            });
            let readings = readings.collect();
            pass.users.push(User { proxy, readings });
        }
    }
    planned.into_iter().map(|(pass, extent)| Planned { passes: rewriting(options.passes, extent), ..pass }).collect()
}

/// The state with another initialisation, if one was asked for.
pub(crate) fn with_init(state: State, init: Option<Scheme>) -> State {
    state.with_init(init.unwrap_or(state.init))
}

/// The rewriting passes that leave what is read alone.
fn rewriting(passes: Passes, extent: Extent) -> Passes {
    match extent {
        Extent::Live => passes,
        Extent::Relus => Passes { keep: passes.keep.max(Keep::Relus), ..passes },
        Extent::Whole => Passes { keep: Keep::All, ..passes },
        Extent::AsBuilt => Passes { prune: false, keep: Keep::All, ..passes },
        Extent::Untouched => Passes::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo;

    fn of(names: &[&str]) -> Vec<Planned> {
        let proxies: Vec<_> = names.iter().map(|n| zoo::find(n).unwrap()).collect();
        plan(&proxies, &Options::default())
    }

    #[test]
    fn seven_proxies_share_two_passes() {
        let planned = of(&["params", "naswot", "zico", "grad_norm", "snip", "synflow", "flops"]);
        assert_eq!(planned.len(), 2);
        assert_eq!(planned[0].users.iter().map(|u| u.proxy).collect::<Vec<_>>(), [1, 2, 3, 4]);
        // The signs, the moments, and the gradients of the first batch, which two read.
        assert_eq!(planned[0].readings.len(), 3);
        assert_eq!((planned[0].passes.keep, planned[1].passes.keep), (Keep::Relus, Keep::Live));
    }

    #[test]
    fn dead_operations_run_only_for_who_reads_them() {
        assert_eq!(of(&["zico", "snip"])[0].passes.keep, Keep::Live);
        assert_eq!(of(&["naswot", "swap"])[0].passes.keep, Keep::Relus);
        assert_eq!(of(&["naswot", "meco"])[0].passes.keep, Keep::All);
        assert!(!of(&["az_trainability"])[0].passes.prune);
        assert!(of(&["params"]).is_empty());
    }

    #[test]
    fn who_draws_for_each_operation_runs_apart() {
        assert_eq!(of(&["meco", "near", "zico"]).len(), 1);
        assert_eq!(of(&["meco_random", "near_random", "zico"]).len(), 2);
    }

    #[test]
    fn a_proxy_on_part_of_the_batch_has_a_pass_of_its_own() {
        let proxies = [zoo::find("zico").unwrap(), zoo::find("ntk").unwrap()];
        let options = Options { samples: [("ntk".to_owned(), 4)].into(), ..Options::default() };
        assert_eq!((plan(&proxies, &Options::default()).len(), plan(&proxies, &options).len()), (1, 2));
    }
}
