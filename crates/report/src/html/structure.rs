//! Disconnected, dead and isomorphic architectures, and ties.

use super::markup::{escape, table};
use crate::correlate::Coefficients;
use crate::format;
use crate::model::{ArchitectureSet, Columns, Dataset, ScoredDataset};

pub(super) fn with_values(dataset: &Dataset) -> String {
    let columns = dataset.columns();
    let mut out = disconnected(&columns, dataset);
    if !dataset.sets.is_empty() {
        let set_heads: Vec<String> = dataset.sets.iter().map(head).collect();
        let mut heads = vec!["Proxy: τ-b over"];
        heads.extend(set_heads.iter().map(String::as_str));
        let rows: Vec<Vec<String>> = dataset
            .set_rows
            .iter()
            .map(|row| {
                let cells = row.tau_b.iter().map(|tau| tau.map_or("–".into(), |tau| format::fixed(tau, 3)));
                std::iter::once(escape(&row.proxy)).chain(cells).collect()
            })
            .collect();
        out += &table("sets", &heads, &rows);
        if dataset.sets.iter().any(|set| set.title.contains("live graph")) {
            out += "<p class=\"note\">Strings whose live graphs are isomorphic describe one function; the benchmark trained each string on its own, so their values differ by training noise. The last column keeps the first string of every class, with its own score and value.</p>\n";
        }
    }
    out + &ties(dataset)
}

pub(super) fn without_values(dataset: &ScoredDataset) -> String {
    let columns = dataset.columns();
    let sets = if dataset.sets.is_empty() {
        regular(&columns)
    } else {
        let parts: Vec<String> = dataset.sets.iter().map(|set| format!("{} {}", format::count(set.n), set.title)).collect();
        format!("Of the scored architectures: {}.", parts.join(", "))
    };
    format!("<p>{}</p>\n", escape(&sets))
}

/// What to say where no architecture differs in structure from a network of its own without dead parts.
fn regular(columns: &Columns<'_>) -> String {
    if columns.features.iter().all(Option::is_none) {
        return "This workspace does not know the structure of these architectures.".into();
    }
    "Every scored architecture is connected, has no dead edge, and is the only one of its network among those scored.".into()
}

fn disconnected(columns: &Columns<'_>, dataset: &Dataset) -> String {
    let (places, quantity) = (columns.disconnected(), &dataset.joined.quantity);
    let mean = places.iter().map(|&place| dataset.joined.architectures[place].value).sum::<f64>() / places.len() as f64;
    let text = if dataset.sets.is_empty() {
        regular(columns)
    } else if places.is_empty() {
        "Every scored architecture is connected.".to_owned()
    } else {
        format!(
            "In {} of the {} scored architectures the input cannot reach the output (drawn as diamonds). Their networks ignore the image: mean {} {}.{}",
            format::count(places.len()),
            format::count(columns.architectures.len()),
            quantity.metric_title(),
            quantity.amount(mean),
            tied(columns, &places),
        )
    };
    format!("<p>{}</p>\n", escape(&text))
}

/// Which proxies cannot tell disconnected architectures apart.
fn tied(columns: &Columns<'_>, places: &[usize]) -> String {
    let (mut same, mut none, mut apart) = (Vec::new(), Vec::new(), 0);
    for column in columns.order.iter().map(|&proxy| &columns.proxies[proxy]) {
        let mut scores = places.iter().filter_map(|&place| column.scores[place]);
        match scores.next() {
            None => none.push(column.proxy.as_str()),
            Some(first) if scores.all(|score| score == first) => same.push(column.proxy.as_str()),
            Some(_) => apart += 1,
        }
    }
    if places.len() < 2 {
        return String::new();
    }
    let of = |names: &[&str], what: &str| {
        if names.is_empty() { String::new() } else { format!(" {} {what}: {}.", names.len(), names.join(", ")) }
    };
    of(&same, "of the proxies give all of them one and the same score, a group of ties at the level of guessing")
        + &of(&none, "have no score for them")
        + &(if apart > 0 { format!(" {apart} tell some of them apart.") } else { String::new() })
}

fn head(set: &ArchitectureSet) -> String {
    format!("{}<small>{} architectures</small>", escape(&set.title), format::count(set.n))
}

fn ties(dataset: &Dataset) -> String {
    let heads = ["Proxy", "pairs with tied scores", "largest group of ties", "different scores", "pairs with tied values", "τ-a", "τ-b"];
    let rows: Vec<Vec<String>> = dataset
        .shown()
        .map(|c| {
            let of = |value: &dyn Fn(&Coefficients) -> f64| c.coefficients.as_ref().map_or("–".into(), |c| format::fixed(value(c), 3));
            vec![
                escape(&c.proxy),
                format::count(c.ties_score.pairs as usize),
                format::count(c.ties_score.largest as usize),
                format::count(c.ties_score.distinct as usize),
                format::count(c.ties_value.pairs as usize),
                of(&|c| c.tau_a.value),
                of(&|c| c.tau_b.value),
            ]
        })
        .collect();
    table("ties", &heads, &rows)
        + "<p class=\"note\">τ-a divides by all pairs, so a tie counts as half a mistake; τ-b leaves tied pairs out of its scale. ρ gives tied entries the mean of their ranks.</p>\n"
}
