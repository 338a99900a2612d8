//! Trained values of what was found.

use super::super::methods;
use super::super::model::Section;
use super::super::truth::{GroupTruth, Truth};
use super::code;
use crate::format;
use crate::html::{escape, table, two_lines};
use crate::paper;

/// What the leading method's finds are worth, in a sentence.
pub fn sentence(truth: &Truth) -> String {
    let Some(group) = truth.groups.iter().find(|group| group.spread.is_some()) else {
        return "No search found an architecture.".into();
    };
    let seeds = if group.found.len() == 1 { "one seed".into() } else { format!("{} seeds", group.found.len()) };
    let (mean, quantity) = (group.spread.map_or(0.0, |spread| spread.mean), &truth.quantity);
    format!(
        "The architectures that {} found reach {} {} over {seeds}; the best of the {} in the table has {}, regret {} {}.",
        methods::title(&group.method),
        quantity.title(),
        mean_text(truth, group),
        format::count(truth.n_table),
        quantity.number(truth.best.value),
        quantity.number(truth.regret(mean)),
        quantity.difference_unit()
    )
}

/// Mean and standard deviation, or the one value.
fn mean_text(truth: &Truth, group: &GroupTruth) -> String {
    let Some(spread) = group.spread else { return "–".into() };
    let mean = truth.quantity.number(spread.mean);
    spread.deviation.map_or_else(|| mean.clone(), |deviation| format!("{mean} ± {}", truth.quantity.number(deviation)))
}

/// The part of a section: means beside the paper's, then each seed.
pub fn part(truth: &Truth, section: &Section) -> String {
    let quantity = &truth.quantity;
    let mut out = format!(
        "<h3>What it is worth: {}</h3>\n<p class=\"lead\">Held against {}. The objective never saw these values unless it is one of them.</p>\n",
        escape(&quantity.title()),
        escape(&quantity.in_words())
    );
    out += &means(truth, section);
    let mut rows = Vec::new();
    for group in &truth.groups {
        for found in &group.found {
            let index = found.index.map_or(String::new(), |index| format!("index {index}"));
            rows.push(vec![
                two_lines(&escape(&methods::title(&group.method)), &format!("seed {}", found.seed)),
                format!("<b>{}</b>", quantity.number(found.value)),
                format!("{} of {}", format::ordinal(found.rank), format::count(truth.n_table)),
                quantity.number(found.regret),
                found.best_evaluated.map_or_else(|| "–".into(), |best| quantity.number(best)),
                two_lines(&index, &code(&found.arch)),
            ]);
        }
    }
    let value = escape(&quantity.axis_title());
    out + &table("picks", &["Method, seed", &value, "rank", "regret", "best evaluated", "architecture"], &rows)
        + &format!(
            "<p class=\"note\">Rank: one more than the architectures of the table that are better. Regret, in {}: distance from the best of the table. Best evaluated: the best of all that the search evaluated, which a perfect objective would have picked.</p>\n",
            escape(&quantity.difference_unit())
        )
}

fn means(truth: &Truth, section: &Section) -> String {
    let quantity = &truth.quantity;
    let dash = || "–".to_owned();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for group in &truth.groups {
        let Some(spread) = group.spread else { continue };
        rows.push(vec![
            escape(&format!("{}, {}", methods::title(&group.method), section.objective)),
            format!("<b>{}</b>", mean_text(truth, group)),
            spread.n.to_string(),
            quantity.number(truth.regret(spread.mean)),
        ]);
    }
    let index = truth.best.index.map_or(String::new(), |index| format!("index {index}"));
    rows.push(vec!["best in the table".into(), two_lines(&quantity.number(truth.best.value), &index), dash(), quantity.number(0.0)]);
    let mut note = String::new();
    if let Some(paper) = paper::search(&section.space, &section.dataset, &quantity.metric) {
        let mean = format!("{} ± {}", format::fixed(paper.mean, 2), format::fixed(paper.deviation, 2));
        rows.push(vec!["ZiCo’s search in the paper’s Table 8".into(), mean, "5".into(), quantity.number(truth.regret(paper.mean))]);
        note += " The regret of the paper’s row is against the best of the table at hand.";
    }
    if let Some(pick) = paper::pick(&section.space, &section.dataset, &quantity.metric) {
        let value = format::fixed(pick.zico, pick.decimals);
        let regret = pick.ground_truth.map_or_else(dash, |truth| format::fixed(truth - pick.zico, pick.decimals));
        rows.push(vec![pick.title.into(), value, "5".into(), regret]);
        if let Some(printed) = pick.ground_truth {
            rows.push(vec!["ground truth in the paper’s Table 4".into(), format::fixed(printed, pick.decimals), dash(), dash()]);
            note += &format!(
                " The paper gives {} as the best of the space; the table at hand has {}. Table 4 takes the first of all architectures, not of those that a search evaluated; its regret is against the paper’s own ground truth.",
                format::fixed(printed, pick.decimals),
                quantity.number(truth.best.value)
            );
        }
    }
    table("means", &["", &escape(&quantity.axis_title()), "runs", "regret"], &rows)
        + &format!("<p class=\"note\">Mean ± sample standard deviation over the seeds.{}</p>\n", escape(&note))
}
