use engine::Scheme;
use netgraph::passes::Passes;
use spaces::Scope;

use crate::{Needs, Objective, PassSpec, Proxy};

/// A pass with the proxies it serves.
#[derive(Debug)]
pub struct Planned {
    /// The union of what they need.
    pub spec: PassSpec,
    /// Positions of the proxies in the list that was asked for.
    pub proxies: Vec<usize>,
    /// Rewriting passes: dead operations stay only if a proxy of scope *whole* reads activations.
    pub passes: Passes,
}

/// The fewest passes: one forward for each (input, initialisation, mode, dtype); a pass without an objective joins one with.
pub fn plan(proxies: &[&dyn Proxy], init: Option<Scheme>, passes: Passes) -> Vec<Planned> {
    let mut planned: Vec<Planned> = Vec::new();
    let mut wanted: Vec<(usize, PassSpec, Scope)> = proxies
        .iter()
        .enumerate()
        .filter_map(|(k, proxy)| match proxy.meta().needs {
            Needs::Graph => None,
            Needs::Pass(spec) => Some((k, PassSpec { init: init.unwrap_or(spec.init), ..spec }, proxy.meta().scope)),
        })
        .collect();
    // Who differentiates comes first, so that who doesn't finds a pass to join.
    wanted.sort_by_key(|(k, spec, _)| (spec.objective == Objective::Nothing, *k));
    for (k, spec, scope) in wanted {
        let keep_dead = scope == Scope::Whole;
        if let Some(pass) = planned.iter_mut().find(|p| shares(p.spec, spec)) {
            pass.spec.all_batches |= spec.all_batches;
            pass.spec.relu_signs |= spec.relu_signs;
            pass.passes.keep_dead |= keep_dead;
            pass.proxies.push(k);
        } else {
            planned.push(Planned { spec, proxies: vec![k], passes: Passes { keep_dead, ..passes } });
        }
    }
    planned
}

fn shares(a: PassSpec, b: PassSpec) -> bool {
    (a.input, a.init, a.absolute, a.norm, a.dtype) == (b.input, b.init, b.absolute, b.norm, b.dtype)
        && (a.objective == b.objective || b.objective == Objective::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo;

    fn of(names: &[&str]) -> Vec<Planned> {
        let proxies: Vec<_> = names.iter().map(|n| zoo::find(n).unwrap()).collect();
        plan(&proxies, None, Passes::LIVE)
    }

    #[test]
    fn all_seven_share_two_passes() {
        let planned = of(&["params", "naswot", "zico", "grad_norm", "snip", "synflow", "flops"]);
        assert_eq!(planned.len(), 2);
        assert_eq!(planned[0].proxies, [2, 3, 4, 1]);
        assert!(planned[0].passes.keep_dead && planned[0].spec.relu_signs && planned[0].spec.all_batches);
        assert!(!planned[1].passes.keep_dead);
    }

    #[test]
    fn dead_operations_run_only_for_who_reads_them() {
        assert!(!of(&["zico", "snip"])[0].passes.keep_dead);
        assert!(of(&["naswot"])[0].passes.keep_dead);
        assert!(of(&["params"]).is_empty());
    }
}
