//! First picks out of all scored architectures.

use super::super::model::Model;
use super::super::picks::{Picks, ProxyPicks};
use super::code;
use crate::benchmarks;
use crate::format;
use crate::html::{escape, table, two_lines};
use crate::model::capital;
use crate::values::regret;

pub fn section(model: &Model) -> String {
    if model.picks.is_empty() {
        return String::new();
    }
    let parts: String = model.picks.iter().map(|picks| part(picks, model)).collect();
    format!(
        "<section id=\"picks\"><h2>First of all scored architectures</h2>\n\
         <p class=\"lead\">No search: what the architecture is worth that a proxy ranks first among all that were scored, the protocol of the paper’s Table 4.</p>\n{parts}</section>\n"
    )
}

fn part(picks: &Picks, model: &Model) -> String {
    let quantity = &picks.quantity;
    let direction = quantity.direction;
    let mut rows: Vec<Vec<String>> = picks.proxies.iter().map(|proxy| row(proxy, picks)).collect();
    rows.push(vec!["best in the table".into(), quantity.number(picks.best), quantity.number(0.0), "–".into(), "–".into(), "–".into()]);
    let mut note = String::new();
    if let Some(paper) = picks.paper {
        let own = paper.ground_truth.map_or(picks.best, |truth| truth);
        let value = format::fixed(paper.zico, paper.decimals);
        let distance = format::fixed(regret(direction, own, paper.zico), paper.decimals);
        rows.push(vec![paper.title.into(), value, distance, "5".into(), "–".into(), "–".into()]);
        if let Some(truth) = paper.ground_truth {
            note = format!(
                " The paper gives {} as the best of the space; the table at hand has {}. The regret of its row is against its own.",
                format::fixed(truth, paper.decimals),
                quantity.number(picks.best)
            );
        }
    }
    let title = capital(&benchmarks::dataset_title(&model.space, &picks.dataset));
    format!(
        "<h3>{}</h3>\n{}<p class=\"note\">Held against {}. Mean ± sample standard deviation over the runs of scores. If several architectures share the highest score, a run counts with the mean of their values.{}</p>\n",
        escape(&title),
        table("picks", &["Proxy", &escape(&quantity.axis_title()), "regret", "runs", "scored", "first pick"], &rows),
        escape(&quantity.in_words()),
        escape(&note)
    )
}

fn row(proxy: &ProxyPicks, picks: &Picks) -> Vec<String> {
    let quantity = &picks.quantity;
    let mean = quantity.number(proxy.spread.mean);
    let mean = proxy.spread.deviation.map_or_else(|| mean.clone(), |deviation| format!("{mean} ± {}", quantity.number(deviation)));
    let tied = proxy.runs.iter().map(|run| run.tied).max().unwrap_or(1);
    let tied = if tied > 1 { format!("mean of up to {} that tie", format::count(tied)) } else { String::new() };
    let scored = proxy.runs.iter().map(|run| run.scored).max().unwrap_or(0);
    let of = if scored == picks.n_table { String::new() } else { format!("of {}", format::count(picks.n_table)) };
    let mut first: Vec<&str> = Vec::new();
    for run in &proxy.runs {
        if !first.contains(&run.arch.as_str()) {
            first.push(&run.arch);
        }
    }
    vec![
        escape(&proxy.proxy),
        two_lines(&format!("<b>{mean}</b>"), &tied),
        quantity.number(regret(quantity.direction, picks.best, proxy.spread.mean)),
        proxy.runs.len().to_string(),
        two_lines(&format::count(scored), &of),
        first.into_iter().map(code).collect::<Vec<_>>().join("<br>"),
    ]
}
