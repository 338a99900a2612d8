use std::collections::HashMap;

use spaces::{Architecture, Scope, Space};

use crate::{Error, Proxy};

/// One network to evaluate, and whose rows it fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The architecture that runs.
    pub architecture: Architecture,
    /// Proxies that read nothing dead: the architectures that get their scores (empty: not evaluated).
    pub live: Vec<Architecture>,
    /// Proxies that read dead operations too: likewise.
    pub whole: Vec<Architecture>,
}

impl Item {
    /// The architectures that get a score of this scope.
    #[must_use]
    pub fn members(&self, scope: Scope) -> &[Architecture] {
        match scope {
            Scope::Live => &self.live,
            Scope::Whole => &self.whole,
        }
    }

    /// What the item is, for hashing: a text that two items share only if they are equal.
    pub(super) fn describe(&self) -> String {
        let list = |members: &[Architecture]| members.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" ");
        format!("{};{};{}", self.architecture.text, list(&self.live), list(&self.whole))
    }
}

/// Spaces up to this size are looked through for the first architecture of a class; in the larger one all are different.
const LOOKED_THROUGH: u32 = 50_000;

/// Groups architectures into the networks to evaluate, in the order of first appearance. With `deduplicate`, architectures
/// whose networks are isomorphic share one evaluation, separately for each [`Scope`]: that of the first of them in the space, asked
/// for or not, so that a score does not depend on which others are asked for. Without, each has its own.
///
/// # Errors
/// [`Error::Space`] for an architecture that is not of the space.
pub fn deduplicated(
    space: &dyn Space,
    architectures: &[Architecture],
    proxies: &[&dyn Proxy],
    deduplicate: bool,
) -> Result<Vec<Item>, Error> {
    let mut items: Vec<Item> = Vec::new();
    let mut item_of: HashMap<String, usize> = HashMap::new();
    for scope in [Scope::Live, Scope::Whole] {
        if !proxies.iter().any(|p| p.meta().scope == scope) {
            continue;
        }
        let mut first_of: HashMap<String, Architecture> = HashMap::new();
        if deduplicate && space.meta().size <= LOOKED_THROUGH {
            for architecture in space.enumerate() {
                first_of.entry(space.canonical(&architecture, scope)?).or_insert(architecture);
            }
        }
        for architecture in architectures {
            let first = if deduplicate {
                first_of.entry(space.canonical(architecture, scope)?).or_insert_with(|| architecture.clone())
            } else {
                architecture
            };
            let k = *item_of.entry(first.text.clone()).or_insert_with(|| {
                items.push(Item { architecture: first.clone(), live: Vec::new(), whole: Vec::new() });
                items.len() - 1
            });
            match scope {
                Scope::Live => items[k].live.push(architecture.clone()),
                Scope::Whole => items[k].whole.push(architecture.clone()),
            }
        }
    }
    Ok(items)
}

/// Puts items into an order in which every stretch is like the whole, so that the estimated time of arrival is good from
/// the start: a fixed shuffle (seed 0, stream 710 of the portable generator).
#[must_use]
pub fn sample_order(items: Vec<Item>) -> Vec<Item> {
    let order = netgraph::rng::Stream::new(0, 710).sample(items.len(), items.len());
    let mut slots: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    order.into_iter().filter_map(|k| slots[k].take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo;

    fn all(deduplicate: bool, proxies: &[&str]) -> Vec<Item> {
        let space = spaces::find("nb201").unwrap();
        let proxies: Vec<_> = proxies.iter().map(|p| zoo::find(p).unwrap()).collect();
        deduplicated(space, &space.enumerate().collect::<Vec<_>>(), &proxies, deduplicate).unwrap()
    }

    #[test]
    fn every_architecture_gets_each_score_once() {
        for deduplicate in [true, false] {
            let items = all(deduplicate, &["zico", "naswot"]);
            for scope in [Scope::Live, Scope::Whole] {
                let mut members: Vec<_> = items.iter().flat_map(|i| i.members(scope)).map(|a| a.index).collect();
                members.sort_unstable();
                assert!(members.into_iter().eq((0..15_625).map(Some)));
            }
        }
    }

    #[test]
    fn live_proxies_need_the_known_number_of_evaluations() {
        assert_eq!(all(true, &["zico", "synflow"]).len(), 5_260);
        assert_eq!(all(false, &["zico"]).len(), 15_625);
        let both = all(true, &["zico", "naswot"]);
        assert_eq!(both.iter().filter(|i| !i.live.is_empty()).count(), 5_260);
        assert!(both.len() < 15_625);
    }

    #[test]
    fn what_runs_for_an_architecture_does_not_depend_on_the_others() {
        let space = spaces::find("nb201").unwrap();
        let proxies = ["zico", "naswot"].map(|name| zoo::find(name).unwrap());
        let runs = |architectures: &[Architecture]| -> HashMap<(String, bool), String> {
            let items = deduplicated(space, architectures, &proxies, true).unwrap();
            let of = |item: &Item, scope: Scope| -> Vec<((String, bool), String)> {
                item.members(scope).iter().map(|a| ((a.text.clone(), scope == Scope::Live), item.architecture.text.clone())).collect()
            };
            items.iter().flat_map(|item| [of(item, Scope::Live), of(item, Scope::Whole)].concat()).collect()
        };
        let whole = runs(&space.enumerate().collect::<Vec<_>>());
        let part = runs(&space.sample(5, 200));
        assert_eq!(part.len(), 400);
        assert!(part.iter().all(|(asked, ran)| whole[asked] == *ran));
    }

    #[test]
    fn the_order_of_work_is_a_permutation() {
        let items = all(true, &["zico"]);
        let shuffled = sample_order(items.clone());
        assert_ne!(items, shuffled);
        let key = |i: &Item| i.architecture.index;
        let (mut a, mut b): (Vec<_>, Vec<_>) = (items.iter().map(key).collect(), shuffled.iter().map(key).collect());
        a.sort_unstable();
        b.sort_unstable();
        assert_eq!(a, b);
    }
}
