//! What several datasets together say, in a few sentences.

use super::card::CardDataset;
use crate::format;

/// On how many the paper's proxy is first, how far it is from the paper, and how many have no values.
pub(crate) fn summary(datasets: &[CardDataset]) -> String {
    let zico = |dataset: &CardDataset| {
        let proxy = dataset.proxies.iter().find(|proxy| proxy.proxy == "zico")?;
        Some((proxy.tau_b?[0], proxy.paper))
    };
    let measured: Vec<_> = datasets.iter().filter_map(zico).collect();
    let plural = |n: usize| if n == 1 { "1 dataset".to_owned() } else { format!("{n} datasets") };
    let mut parts = Vec::new();
    if measured.is_empty() {
        parts.push(format!("{} scored.", plural(datasets.len())));
    } else {
        let leads = |dataset: &&CardDataset| zico(dataset).is_some() && dataset.proxies.first().is_some_and(|p| p.proxy == "zico");
        let first = datasets.iter().filter(leads).count();
        parts.push(match (first, measured.len()) {
            (1, 1) => "On the one dataset with trained values ZiCo has the highest τ-b of all proxies.".into(),
            (0, 1) => "On the one dataset with trained values another proxy than ZiCo has the highest τ-b.".into(),
            (first, n) => format!("ZiCo has the highest τ-b of all proxies on {first} of the {n} datasets with trained values."),
        });
    }
    let differences: Vec<f64> = measured.iter().filter_map(|(tau, paper)| Some(tau - (*paper)?[0])).collect();
    if !differences.is_empty() {
        let mean = format::signed(differences.iter().sum::<f64>() / differences.len() as f64, 3);
        parts
            .push(format!("Its τ-b minus the paper’s is {mean} on average over the {} that the paper has too.", plural(differences.len())));
    }
    let without = datasets.iter().filter(|dataset| dataset.value.is_none()).count();
    if without > 0 {
        parts.push(format!("For {} the trained values are missing; the report says which file brings them.", plural(without)));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::card::CardProxy;

    fn dataset(taus: &[(&str, Option<f64>, Option<f64>)], value: Option<&str>) -> CardDataset {
        let proxy = |(name, tau, paper): &(&str, Option<f64>, Option<f64>)| CardProxy {
            proxy: (*name).into(),
            version: 1,
            lower_is_better: false,
            n: 3,
            tau_b: tau.map(|tau| [tau, tau, tau]),
            rho: None,
            paper: paper.map(|paper| [paper, paper]),
            wall_ms: None,
        };
        CardDataset {
            dataset: "d".into(),
            title: "D".into(),
            anchor: "d".into(),
            value: value.map(str::to_owned),
            n: 3,
            n_table: None,
            batches: None,
            on_noise: false,
            finding: String::new(),
            proxies: taus.iter().map(proxy).collect(),
            sketch: None,
        }
    }

    #[test]
    fn first_places_differences_and_missing_values_are_counted() {
        let first = dataset(&[("zico", Some(0.6), Some(0.5)), ("params", Some(0.4), None)], Some("accuracy"));
        let second = dataset(&[("params", Some(0.7), None), ("zico", Some(0.5), Some(0.6))], Some("accuracy"));
        let unvalued = dataset(&[("zico", None, Some(0.6))], None);
        let text = summary(&[first.clone(), second, unvalued.clone()]);
        assert!(text.starts_with("ZiCo has the highest τ-b of all proxies on 1 of the 2 datasets with trained values."), "{text}");
        assert!(
            text.contains("is 0.000 on average over the 2 datasets")
                && text.ends_with("For 1 dataset the trained values are missing; the report says which file brings them."),
            "{text}"
        );
        assert_eq!(
            summary(&[first]),
            "On the one dataset with trained values ZiCo has the highest τ-b of all proxies. Its τ-b minus the paper’s is +0.100 on average over the 1 dataset that the paper has too."
        );
        assert!(summary(&[unvalued]).starts_with("1 dataset scored."));
    }
}
