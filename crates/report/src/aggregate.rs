//! Scores of a set: several proxies of the same architectures, combined by rank.
//!
//! Such a score depends on which other architectures stand beside the one it is given to; it can rank a set, not be compared
//! between sets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};
use tables::{ScoreRow, ScoreTable, Status};

use crate::{Error, Result};

/// A combination of proxies.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Name, as in tables.
    pub name: String,
    /// How its parts are combined.
    pub rule: Rule,
}

/// How scores are combined over a set of m architectures. Ranks count from 1, the worst; equal scores share the average of their
/// ranks; architectures without a score share the lowest.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// Sum over the parts of ln(rank / m).
    LogRanks(Vec<Part>),
    /// `swap` times exp(-(P - mu)^2 / sigma), P = parameters in thousands; mu and sigma are given, or their mean and variance over the set.
    Regularised(Option<Size>),
}

/// A size of networks and how far from it they may be, by choice of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Parameters, in thousands.
    pub mu: f64,
    /// In the square of thousands of parameters.
    pub sigma: f64,
}

/// What is ranked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A proxy.
    Proxy(String),
    /// A proxy, and where its scores are equal another.
    Then(String, String),
}

/// An aggregate with a name of its own.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Name.
    pub name: &'static str,
    /// Parts, as in `--aggregate`; `a>b` is a, and b where a is equal.
    pub parts: &'static str,
    /// Paper that defines it, and what is left open there.
    pub about: &'static str,
}

/// Every named aggregate.
pub const ALL: &[Named] = &[
    Named {
        name: "az_nas",
        parts: "az_expressivity+az_progressivity+az_trainability+flops",
        about: "AZ-NAS (Lee and Ham, CVPR 2024), cvlab-yonsei/AZ-NAS@5e6683a",
    },
    Named {
        name: "vkdnw_agg",
        parts: "vkdnw_dim>vkdnw_entropy+jacob_cov_kaiming+az_expressivity+az_trainability+flops",
        about: "VKDNW (Tybl and Neumann, CVPR 2025), Eq. 15, not in the released code",
    },
    Named {
        name: "vkdnw_agg_mbv2",
        parts: "flops+az_expressivity+az_progressivity+vkdnw_entropy+az_trainability",
        about: "VKDNW's released search code, ondratybl/VKDNW@6901b65",
    },
    Named {
        name: REGULARISED,
        parts: "swap+params",
        about: "SWAP-NAS (Peng et al., ICLR 2024), regularised: swap * exp(-(P - mu)^2 / sigma), P = parameters in thousands; mu and sigma, \
                which the paper chooses by hand, are the mean and variance of P over the set, or those of `swap_regular@MU:SIGMA`",
    },
];

const REGULARISED: &str = "swap_regular";
/// What stands before a size of the user's own.
const REGULARISED_AT: &str = "swap_regular@";

impl Aggregate {
    /// A named aggregate, or proxies joined by `+`.
    ///
    /// # Errors
    /// [`Error::Aggregate`] for one name that is none of the known ones, and for an empty part.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |reason: String| Error::Aggregate { name: text.into(), reason };
        if text == REGULARISED {
            return Ok(Self { name: text.into(), rule: Rule::Regularised(None) });
        }
        if let Some(numbers) = text.strip_prefix(REGULARISED_AT) {
            let size = size(numbers)
                .ok_or_else(|| wrong(format!("two numbers are expected, as in `{REGULARISED_AT}MU:SIGMA`, the second above 0")))?;
            return Ok(Self { name: text.into(), rule: Rule::Regularised(Some(size)) });
        }
        let parts = match ALL.iter().find(|named| named.name == text) {
            Some(named) => named.parts,
            None if text.contains('+') => text,
            None => {
                let known = ALL.iter().map(|named| named.name).collect::<Vec<_>>().join(", ");
                return Err(wrong(format!("it is none of {known}, nor several proxies joined by `+`")));
            }
        };
        let part = |text: &str| match text.split_once('>') {
            _ if text.is_empty() => Err(wrong("a part is empty".into())),
            Some((first, second)) if !first.is_empty() && !second.is_empty() => Ok(Part::Then(first.into(), second.into())),
            Some(_) => Err(wrong("`>` stands between two proxies".into())),
            None => Ok(Part::Proxy(text.into())),
        };
        Ok(Self { name: text.into(), rule: Rule::LogRanks(parts.split('+').map(part).collect::<Result<_>>()?) })
    }

    /// The proxies that it needs.
    #[must_use]
    pub fn proxies(&self) -> Vec<&str> {
        match &self.rule {
            Rule::Regularised(_) => vec!["swap", "params"],
            Rule::LogRanks(parts) => parts
                .iter()
                .flat_map(|part| match part {
                    Part::Proxy(name) => vec![name.as_str()],
                    Part::Then(first, second) => vec![first.as_str(), second.as_str()],
                })
                .collect(),
        }
    }

    /// The scores of a set, from each proxy's scores of its members (higher is better): `None` where there is none.
    #[must_use]
    pub fn scores(&self, of: &dyn Fn(&str) -> Vec<Option<f64>>) -> Vec<Option<f64>> {
        match &self.rule {
            Rule::LogRanks(parts) => {
                let mut total: Vec<f64> = Vec::new();
                for part in parts {
                    let keys: Vec<(f64, f64)> = match part {
                        Part::Proxy(name) => of(name).into_iter().map(|score| (lowest_if_none(score), 0.0)).collect(),
                        Part::Then(first, second) => {
                            of(first).into_iter().map(lowest_if_none).zip(of(second).into_iter().map(lowest_if_none)).collect()
                        }
                    };
                    total.resize(keys.len(), 0.0);
                    for (total, rank) in total.iter_mut().zip(ranks(&keys)) {
                        *total += (rank / keys.len() as f64).ln();
                    }
                }
                total.into_iter().map(Some).collect()
            }
            Rule::Regularised(size) => {
                let (swap, params) = (of("swap"), of("params"));
                let thousands: Vec<f64> = params.iter().flatten().map(|p| p / 1000.0).collect();
                let mean = thousands.iter().sum::<f64>() / thousands.len().max(1) as f64;
                let variance = thousands.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / thousands.len().max(1) as f64;
                let Size { mu, sigma } = size.unwrap_or(Size { mu: mean, sigma: variance });
                let pairs = swap.into_iter().zip(params);
                pairs.map(|(swap, params)| Some(regularised(swap?, params? / 1000.0, mu, sigma))).collect()
            }
        }
    }
}

/// Two numbers as in `MU:SIGMA`.
fn size(text: &str) -> Option<Size> {
    let (mu, sigma) = text.split_once(':')?;
    let size = Size { mu: mu.parse().ok()?, sigma: sigma.parse().ok()? };
    (size.mu.is_finite() && size.sigma.is_finite() && size.sigma > 0.0).then_some(size)
}

/// Regularised SWAP: parameters, `mu` and `sigma` in thousands. Where all have the same size the factor is 1.
#[must_use]
pub fn regularised(swap: f64, thousands: f64, mu: f64, sigma: f64) -> f64 {
    if thousands == mu { swap } else { swap * (-(thousands - mu).powi(2) / sigma).exp() }
}

fn lowest_if_none(score: Option<f64>) -> f64 {
    score.unwrap_or(f64::NEG_INFINITY)
}

/// Average ranks from 1 of keys that are compared in order.
fn ranks(keys: &[(f64, f64)]) -> Vec<f64> {
    let compare = |a: usize, b: usize| keys[a].0.total_cmp(&keys[b].0).then(keys[a].1.total_cmp(&keys[b].1));
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&a, &b| compare(a, b));
    let mut ranks = vec![0.0; keys.len()];
    let mut below = 0;
    for equal in order.chunk_by(|&a, &b| compare(a, b).is_eq()) {
        let rank = below as f64 + (equal.len() + 1) as f64 / 2.0;
        for &member in equal {
            ranks[member] = rank;
        }
        below += equal.len();
    }
    ranks
}

/// Whether a column of that name is an aggregate.
#[must_use]
pub fn is_aggregate(proxy: &str) -> bool {
    proxy.contains('+') || proxy.starts_with(REGULARISED_AT) || ALL.iter().any(|named| named.name == proxy)
}

/// The same scores with those of the aggregates, each over the architectures of one dataset and seed. Aggregates that the table
/// has already are left alone.
///
/// # Errors
/// [`Error::Aggregate`] if a part has not been scored, or not for all that another part was scored for.
pub fn with_aggregates(table: &ScoreTable, aggregates: &[Aggregate]) -> Result<ScoreTable> {
    if aggregates.is_empty() {
        return Ok(table.clone());
    }
    aggregated(table, aggregates, true)
}

/// The scores of the aggregates alone.
///
/// # Errors
/// As [`with_aggregates`].
pub fn only_aggregates(table: &ScoreTable, aggregates: &[Aggregate]) -> Result<ScoreTable> {
    aggregated(table, aggregates, false)
}

/// The score of an aggregate, or why there is none.
type Made = std::result::Result<f64, (Status, String)>;

/// Rows by proxy and architecture.
type Columns<'a> = HashMap<&'a str, HashMap<&'a str, ScoreRow<'a>>>;

fn aggregated(table: &ScoreTable, aggregates: &[Aggregate], keep: bool) -> Result<ScoreTable> {
    let lower = lower_is_better(&table.provenance().config);
    // By space, dataset and seed.
    let mut groups: BTreeMap<(&str, &str, u64), Columns> = BTreeMap::new();
    for row in table.iter() {
        groups.entry((row.space, row.dataset, row.seed)).or_default().entry(row.proxy).or_default().insert(row.arch, row);
    }
    let mut made: Vec<(ScoreRow<'_>, &str, Made)> = Vec::new();
    for ((_, dataset, _), proxies) in &groups {
        for aggregate in aggregates.iter().filter(|aggregate| !proxies.contains_key(aggregate.name.as_str())) {
            let missing = |reason: String| Error::Aggregate { name: aggregate.name.clone(), reason };
            let names = aggregate.proxies();
            if let Some(name) = names.iter().find(|name| !proxies.contains_key(**name)) {
                return Err(missing(format!("`{name}` has not been scored on {dataset}")));
            }
            let mut members: Vec<ScoreRow<'_>> = proxies[names[0]].values().copied().collect();
            members.sort_unstable_by_key(|row| (row.index.is_none(), row.index, row.arch));
            if let Some(name) = names.iter().find(|name| proxies[**name].len() != members.len()) {
                let (got, want) = (proxies[*name].len(), members.len());
                return Err(missing(format!("on {dataset} `{name}` was scored for {got} architectures and `{}` for {want}", names[0])));
            }
            // Without a part the sum is another measure: what a part does not apply to, or failed on, has no place in the ranking.
            let obstacle = |member: &ScoreRow<'_>| {
                let mut rows = names.iter().filter_map(|name| proxies[*name].get(member.arch));
                let broken = rows.find(|row| matches!(row.status, Status::DoesNotApply | Status::Error))?;
                Some((
                    broken.status,
                    format!("its part `{}` has no score: {}", broken.proxy, broken.reason.unwrap_or("no reason is known")),
                ))
            };
            let (mut ranked, name) = (Vec::with_capacity(members.len()), aggregate.name.as_str());
            for member in members {
                match obstacle(&member) {
                    Some(why) => made.push((member, name, Err(why))),
                    None => ranked.push(member),
                }
            }
            let of = |name: &str| -> Vec<Option<f64>> {
                let sign = if lower.iter().any(|l| l == name) { -1.0 } else { 1.0 };
                ranked.iter().map(|m| proxies[name].get(m.arch).and_then(|row| row.value).map(|value| sign * value)).collect()
            };
            for (member, value) in ranked.iter().zip(aggregate.scores(&of)) {
                let value = value.ok_or_else(|| (Status::Undefined, "a part of it has no score".to_owned()));
                made.push((*member, name, value));
            }
        }
    }
    let made = made.iter().map(|(member, name, value)| ScoreRow {
        proxy: name,
        version: 1,
        value: value.as_ref().ok().copied(),
        status: value.as_ref().map_or_else(|(status, _)| *status, |_| Status::Ok),
        reason: value.as_ref().err().map(|(_, reason)| reason.as_str()),
        representative: None,
        wall_ms: None,
        ..*member
    });
    let mut rows: Vec<ScoreRow<'_>> = table.iter().filter(|_| keep).chain(made).collect();
    rows.sort_by_key(|row| (row.space, row.dataset, row.index.is_none(), row.index, row.arch, row.proxy, row.seed));
    let mut provenance = table.provenance().clone();
    name_aggregates(&mut provenance.config, rows.iter().map(|row| row.proxy));
    let mut builder = ScoreTable::builder();
    rows.into_iter().try_for_each(|row| builder.push(row))?;
    Ok(builder.finish(provenance)?)
}

/// Writes into the configuration of a table which of its columns rank a set, and of what they are made.
pub(crate) fn name_aggregates<'a>(config: &mut Value, columns: impl Iterator<Item = &'a str>) {
    let columns: BTreeSet<&str> = columns.filter(|column| is_aggregate(column)).collect();
    let aggregates = columns.into_iter().filter_map(|column| Aggregate::parse(column).ok());
    let told = |aggregate: Aggregate| json!({ "name": aggregate.name, "of": aggregate.proxies(), "set_dependent": true });
    let told: Vec<Value> = aggregates.map(told).collect();
    if let Some(config) = config.as_object_mut().filter(|_| !told.is_empty()) {
        config.insert("aggregates".into(), told.into());
    }
}

/// Proxies that a run's configuration, or one of several, calls lower-is-better.
pub(crate) fn lower_is_better(config: &Value) -> Vec<String> {
    let runs = config
        .get("runs")
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |runs| runs.iter().filter_map(|run| run.get("config")).collect());
    let configs = if runs.is_empty() { vec![config] } else { runs };
    let proxies = configs.into_iter().filter_map(|config| config.get("proxies")?.as_array()).flatten();
    let lower = proxies.filter(|proxy| proxy.get("direction").and_then(Value::as_str) == Some("lower"));
    lower.filter_map(|proxy| Some(proxy.get("name")?.as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aggregate(text: &str, columns: &[(&str, &[Option<f64>])]) -> Vec<Option<f64>> {
        let of = |name: &str| columns.iter().find(|(known, _)| *known == name).unwrap().1.to_vec();
        Aggregate::parse(text).unwrap().scores(&of)
    }

    #[test]
    fn ties_and_missing_scores_share_their_ranks() {
        let got = aggregate("a+b", &[("a", &[Some(1.0), Some(3.0), Some(3.0)]), ("b", &[None, Some(-1.0), None])]);
        let want = [(1.0f64 / 3.0).ln() + (1.5f64 / 3.0).ln(), (2.5f64 / 3.0).ln() + 0.0, (2.5f64 / 3.0).ln() + (1.5f64 / 3.0).ln()];
        for (got, want) in got.into_iter().zip(want) {
            assert!((got.unwrap() - want).abs() < 1e-12);
        }
    }

    #[test]
    fn a_second_proxy_decides_where_the_first_is_equal() {
        let got = aggregate("a>b+a>b", &[("a", &[Some(1.0), Some(1.0), Some(0.0)]), ("b", &[Some(2.0), Some(1.0), Some(9.0)])]);
        let want = [3.0f64, 2.0, 1.0].map(|rank| 2.0 * (rank / 3.0).ln());
        for (got, want) in got.into_iter().zip(want) {
            assert!((got.unwrap() - want).abs() < 1e-12);
        }
    }

    #[test]
    fn the_size_of_a_regularised_swap_is_the_sets_own_or_given() {
        let columns: [(&str, &[Option<f64>]); 2] = [("swap", &[Some(8.0), Some(8.0)]), ("params", &[Some(1_000.0), Some(3_000.0)])];
        // Mean 2, variance 1, in thousands.
        let own = aggregate("swap_regular", &columns);
        assert_eq!(own, [Some(8.0 * (-1.0_f64).exp()); 2]);
        assert_eq!(aggregate("swap_regular@1:2.5", &columns), [Some(8.0), Some(8.0 * (-4.0_f64 / 2.5).exp())]);
        assert!(is_aggregate("swap_regular@1:2.5") && !is_aggregate("swap"));
    }

    #[test]
    fn an_aggregate_of_nothing_known_is_an_error() {
        for wrong in ["swap_regular@", "swap_regular@1", "swap_regular@1:0", "swap_regular@a:1", "swap_regular@1:nan"] {
            assert!(Aggregate::parse(wrong).unwrap_err().to_string().contains("two numbers are expected"), "{wrong}");
        }
        for (text, part) in [("az", "none of az_nas"), ("zico+", "a part is empty"), ("a+>b", "between two proxies")] {
            assert!(Aggregate::parse(text).unwrap_err().to_string().contains(part), "{text}");
        }
    }
}
