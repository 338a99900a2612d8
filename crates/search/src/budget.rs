use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Cost;

/// What a candidate may cost at most; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// FLOPs, as the domain counts them.
    pub flops: Option<f64>,
    /// Parameters, as the domain counts them.
    pub params: Option<f64>,
    /// Layers, as the domain counts them.
    pub layers: Option<u32>,
    /// Milliseconds of a forward pass.
    pub latency_ms: Option<f64>,
}

/// A limit of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Layers.
    Layers,
    /// Parameters.
    Params,
    /// FLOPs.
    Flops,
    /// Milliseconds of a forward pass.
    Latency,
}

impl Limit {
    /// All, in the order in which they are checked.
    pub const ALL: [Self; 4] = [Self::Layers, Self::Params, Self::Flops, Self::Latency];

    /// `layers`, `params`, `flops` or `latency`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Layers => "layers",
            Self::Params => "params",
            Self::Flops => "flops",
            Self::Latency => "latency",
        }
    }
}

impl Budget {
    /// The first limit that a cost breaks, in the order of the released code; latency is not looked at.
    #[must_use]
    pub fn broken_by(&self, cost: &Cost) -> Option<Limit> {
        let over = |limit: Option<f64>, cost: f64| limit.is_some_and(|limit| cost > limit);
        if over(self.layers.map(f64::from), f64::from(cost.layers)) {
            Some(Limit::Layers)
        } else if over(self.params, cost.params) {
            Some(Limit::Params)
        } else if over(self.flops, cost.flops) {
            Some(Limit::Flops)
        } else {
            None
        }
    }

    /// The largest ratio of a cost to its limit; 0 without limits.
    #[must_use]
    pub fn excess(&self, cost: &Cost) -> f64 {
        [(self.layers.map(f64::from), f64::from(cost.layers)), (self.params, cost.params), (self.flops, cost.flops)]
            .into_iter()
            .filter_map(|(limit, cost)| limit.map(|limit| cost / limit))
            .fold(0.0, f64::max)
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = [
            self.layers.map(|n| format!("{n} layers")),
            self.params.map(|n| format!("{n} parameters")),
            self.flops.map(|n| format!("{n} FLOPs")),
            self.latency_ms.map(|n| format!("{n} ms")),
        ];
        let limits: Vec<String> = limits.into_iter().flatten().collect();
        f.write_str(&if limits.is_empty() { "no limit".to_owned() } else { limits.join(", ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_checked_in_the_order_of_the_released_code_and_met_exactly() {
        let budget = Budget { flops: Some(100.0), params: Some(10.0), layers: Some(3), latency_ms: None };
        let cost = |flops, params, layers| Cost { flops, params, layers };
        assert_eq!(budget.broken_by(&cost(100.0, 10.0, 3)), None);
        assert_eq!(budget.broken_by(&cost(101.0, 11.0, 4)), Some(Limit::Layers));
        assert_eq!(budget.broken_by(&cost(101.0, 11.0, 3)), Some(Limit::Params));
        assert_eq!(budget.broken_by(&cost(101.0, 10.0, 3)), Some(Limit::Flops));
        assert_eq!(budget.excess(&cost(150.0, 20.0, 3)), 2.0);
        assert_eq!(Budget::default().broken_by(&cost(1e30, 1e30, 1000)), None);
        assert_eq!(budget.to_string(), "3 layers, 10 parameters, 100 FLOPs");
    }
}
