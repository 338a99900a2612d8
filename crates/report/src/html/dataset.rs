//! The section of one dataset with values.

use super::markup::{escape, table, two_lines, with_reason};
use super::parts::{are_timed, chart, matrix, milliseconds, missing, of_a_set, of_milliseconds, scatter};
use super::structure;
use crate::ceiling::Ceiling;
use crate::correlate::{Estimate, ProxyCorrelation};
use crate::format;
use crate::model::{Dataset, Model, TopRow, capital};
use crate::paper;
use crate::plots;
use crate::quantity::Runs;

pub(super) fn section(dataset: &Dataset, model: &Model) -> String {
    let (slug, title) = (dataset.slug(), escape(&capital(&dataset.title())));
    let percent = format::trimmed(model.options.confidence * 100.0, 2);
    format!(
        "<section id=\"{slug}\" class=\"dataset\" data-slug=\"{slug}\"><h2>{title}</h2>\n\
         {}<p class=\"lead\">{}</p>\n{}\
         <h3>Rank correlation with {} after training</h3>\n{}{}\n\
         <p class=\"note\">Intervals: {percent} % percentile bootstrap over architectures. Difference: this run minus the paper, which prints two digits.{}{}</p>\n\
         <h3>Every architecture</h3>\n{}\
         <h3>What each proxy would pick</h3>\n{}{}\
         <h3>How alike the proxies rank</h3>\n{}\
         <p class=\"note\">Spearman’s ρ of the scores of two proxies over the architectures both scored.</p>\n\
         <h3>Disconnected architectures, ties and duplicates</h3>\n{}</section>\n",
        own_finding(dataset, model),
        coverage(dataset),
        dataset.ceiling.as_ref().map_or(String::new(), |ceiling| seed_ceiling(ceiling, dataset)),
        escape(&dataset.joined.quantity.metric_title()),
        chart(&|width| plots::bars(dataset, width)),
        correlations(dataset),
        of_milliseconds(&dataset.joined.proxies),
        of_a_set(dataset.correlations.iter().map(|c| c.proxy.as_str())),
        scatter(&dataset.columns()),
        chart(&|width| plots::picks(dataset, width)),
        picks(dataset),
        matrix(&dataset.matrix, &dataset.title()),
        structure::with_values(dataset),
    )
}

/// The result in words, unless it stands at the top of the page.
fn own_finding(dataset: &Dataset, model: &Model) -> String {
    if model.datasets.len() > super::FEW { format!("<p class=\"finding\">{}</p>\n", escape(&dataset.finding)) } else { String::new() }
}

fn coverage(dataset: &Dataset) -> String {
    let joined = &dataset.joined;
    let (n, of) = (format::count(joined.architectures.len()), format::count(joined.n_table));
    let which = if joined.architectures.len() == joined.n_table { format!("All {of}") } else { format!("{n} of the {of}") };
    escape(&format!(
        "{which} architectures of the table were scored by {} and are held against {}.",
        format::proxies(joined.proxies.iter().map(|p| p.proxy.as_str())),
        joined.quantity.in_words(),
    ))
}

/// What another training would reach in a proxy's place.
fn seed_ceiling(ceiling: &Ceiling, dataset: &Dataset) -> String {
    let number = |value: f64| format::fixed(value, 3);
    let (low, high) = ceiling.range();
    let n = ceiling.pairs.iter().map(|pair| pair.n).max().unwrap_or(0);
    let range = if ceiling.pairs.len() > 1 {
        format!(", {} to {} over {} pairs of runs", number(low), number(high), ceiling.pairs.len())
    } else {
        String::new()
    };
    let others = ceiling.others.map_or(String::new(), |others| {
        let rest = ceiling.n_runs - 1;
        format!(" One training against the mean of the {rest} others: τ-b = {}, ρ = {}.", number(others.tau_b), number(others.rho))
    });
    let (fewest, most) = match dataset.joined.quantity.runs {
        Runs::One(_) => (1, 1),
        Runs::Averaged { fewest, most, .. } => (fewest as usize, most as usize),
        Runs::Mean => (ceiling.n_runs, ceiling.n_runs),
    };
    let error_free = ceiling.error_free(fewest).zip(ceiling.error_free(most)).map_or(String::new(), |(low, high)| {
        let of = |runs: usize| if runs == 1 { "one training".into() } else { format!("the mean of {runs}") };
        // Architectures with more runs have the more certain means.
        let (rho, of) = if fewest == most {
            (number(low), of(most))
        } else {
            (format!("{} to {}", number(low), number(high)), format!("{} up to {}", of(fewest), of(most)))
        };
        format!(" A score without any error is expected to reach ρ ≈ {rho} with {of} (Spearman and Brown’s formula).")
    });
    format!(
        "<p class=\"lead\"><b>Ceiling.</b> Trained again with another seed, {} of these architectures rank against their first training with \
         τ-b = {} (mean{range}) and ρ = {}.{others}{error_free}</p>\n",
        format::count(n),
        number(ceiling.another.tau_b),
        number(ceiling.another.rho),
    )
}

fn correlations(dataset: &Dataset) -> String {
    let heads = ["Proxy", "τ-b", "paper τ", "difference", "ρ", "paper ρ", "difference", "τ-a", "n", "missing", "tied pairs", "ms each"];
    let rows: Vec<Vec<String>> = dataset.order.iter().map(|&proxy| row(dataset, proxy)).collect();
    // The last column is that of the milliseconds.
    let shown = if are_timed(&dataset.joined.proxies) { heads.len() } else { heads.len() - 1 };
    table("correlations", &heads[..shown], &rows.into_iter().map(|row| row[..shown].to_vec()).collect::<Vec<_>>())
}

fn row(dataset: &Dataset, proxy: usize) -> Vec<String> {
    let (correlation, column) = (&dataset.correlations[proxy], &dataset.joined.proxies[proxy]);
    let name = two_lines(&escape(&correlation.proxy), &format!("version {}", correlation.version));
    let ties = two_lines(
        &format::count(correlation.ties_score.pairs as usize),
        &format!("{} distinct", format::count(correlation.ties_score.distinct as usize)),
    );
    let mut cells = vec![name];
    cells.extend(coefficient_cells(correlation));
    cells.extend([
        format::count(correlation.n),
        with_reason(&format::count(correlation.n_missing), &escape(&missing(column))),
        ties,
        correlation.wall_ms_mean.map_or("–".into(), milliseconds),
    ]);
    cells
}

fn coefficient_cells(correlation: &ProxyCorrelation) -> Vec<String> {
    let paper = correlation.paper;
    let Ok(c) = &correlation.coefficients else {
        let reason = correlation.coefficients.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let none = || "–".to_owned();
        let printed = |value: Option<f64>| value.map_or_else(none, |value| format::fixed(value, 2));
        return vec![
            with_reason("none", &escape(&reason)),
            printed(paper.map(|p| p.tau)),
            none(),
            none(),
            printed(paper.map(|p| p.rho)),
            none(),
            none(),
        ];
    };
    let with_interval = |e: Estimate| {
        two_lines(&format!("<b>{}</b>", format::fixed(e.value, 3)), &format!("{} to {}", format::fixed(e.low, 3), format::fixed(e.high, 3)))
    };
    let beside = |ours: f64, printed: Option<f64>| {
        printed.map_or(["–".to_owned(), "–".to_owned()], |value| [format::fixed(value, 2), format::signed(ours - value, 3)])
    };
    let [paper_tau, tau_difference] = beside(c.tau_b.value, paper.map(|p| p.tau));
    let [paper_rho, rho_difference] = beside(c.rho.value, paper.map(|p| p.rho));
    vec![with_interval(c.tau_b), paper_tau, tau_difference, with_interval(c.rho), paper_rho, rho_difference, with_interval(c.tau_a)]
}

fn picks(dataset: &Dataset) -> String {
    let heads = ["Proxy", "first pick", "regret", "mean of first ten", "best of first ten", "first pick, architecture"];
    let (best, quantity) = (dataset.joined.best.value, &dataset.joined.quantity);
    let mut rows: Vec<Vec<String>> = dataset.top.iter().map(|pick| pick_row(dataset, pick)).collect();
    let at = |index: Option<u32>| index.map_or(String::new(), |index| format!("index {index}"));
    let best_row = &dataset.joined.best;
    rows.push(vec![
        "best in the table".into(),
        quantity.number(best),
        quantity.number(0.0),
        "–".into(),
        "–".into(),
        two_lines(&at(best_row.index), &code(&best_row.arch)),
    ]);
    let mut note = format!(
        "{}. Regret, in {}: distance of the first pick from the best architecture of the whole table ({} of its {} architectures were scored). Ties for a place are shared out: the number is the mean over every way to break them.",
        escape(&capital(&quantity.axis_title())),
        escape(&quantity.difference_unit()),
        format::count(dataset.joined.architectures.len()),
        format::count(dataset.joined.n_table),
    );
    if let Some(paper) = paper::pick(&dataset.joined.space, &dataset.joined.dataset, &quantity.metric) {
        let dash = || "–".to_owned();
        let regret = paper.ground_truth.map_or_else(dash, |truth| format::fixed(truth - paper.zico, paper.decimals));
        rows.push(vec![paper.title.into(), format::fixed(paper.zico, paper.decimals), regret, dash(), dash(), dash()]);
        if let Some(truth) = paper.ground_truth {
            let (truth, best) = (format::fixed(truth, paper.decimals), quantity.number(best));
            note += &format!(" The paper gives {truth} as the best of the space; the table at hand has {best}.");
        }
    }
    table("picks", &heads, &rows) + &format!("<p class=\"note\">{note}</p>\n")
}

/// An architecture's string, which may break after each of its bars.
fn code(arch: &str) -> String {
    format!("<code>{}</code>", escape(arch).replace('|', "|<wbr>"))
}

fn pick_row(dataset: &Dataset, pick: &TopRow) -> Vec<String> {
    let Ok(first) = &pick.top_1 else {
        let reason = pick.top_1.as_ref().err().map(ToString::to_string).unwrap_or_default();
        return vec![escape(&pick.proxy), with_reason("–", &escape(&reason)), "–".into(), "–".into(), "–".into(), "–".into()];
    };
    let quantity = &dataset.joined.quantity;
    let mut notes = Vec::new();
    if first.tied_at_edge > 1 {
        notes.push(format!("mean of {} that tie", format::count(first.tied_at_edge)));
    }
    if pick.n_scored < dataset.joined.architectures.len() {
        notes.push(format!("of {} scored", format::count(pick.n_scored)));
    }
    let ten = |value: &dyn Fn(&crate::stats::TopK) -> f64| pick.top_10.as_ref().map_or("–".into(), |ten| quantity.number(value(ten)));
    let named = pick.first.map(|place| &dataset.joined.architectures[place]);
    let architecture = named.map_or(String::new(), |valued| {
        let index = valued.index.map_or(String::new(), |index| format!("index {index}"));
        two_lines(&index, &code(&valued.arch))
    });
    vec![
        escape(&pick.proxy),
        two_lines(&format!("<b>{}</b>", quantity.number(first.mean)), &notes.join(", ")),
        quantity.number(dataset.joined.regret(first.mean)),
        ten(&|ten| ten.mean),
        ten(&|ten| ten.best),
        architecture,
    ]
}
