//! The section of one dataset.

use super::markup::{escape, table, two_lines};
use crate::correlate::{Estimate, ProxyCorrelation};
use crate::format;
use crate::join::NOT_SCORED;
use crate::model::{Dataset, Model, TopRow};
use crate::paper;
use crate::plots;

/// Widths of the charts for wide and narrow screens, in pixels.
const WIDE: f64 = 860.0;
const NARROW: f64 = 360.0;

pub(super) fn section(dataset: &Dataset, model: &Model) -> String {
    let (slug, title) = (dataset.slug(), escape(&dataset.title()));
    let percent = format::trimmed(model.options.confidence * 100.0, 2);
    format!(
        "<section id=\"{slug}\" class=\"dataset\" data-slug=\"{slug}\"><h2>{title}</h2>\n\
         <p class=\"lead\">{}</p>\n\
         <h3>Rank correlation with {} after training</h3>\n{}{}\n\
         <p class=\"note\">Intervals: {percent} % percentile bootstrap over architectures. Difference: this run minus the paper, which prints two digits. \
         Milliseconds: mean over the evaluated networks of what the proxy alone would cost; passes that several share count in full for each.</p>\n\
         <h3>Every architecture</h3>\n{}\
         <h3>What each proxy would pick</h3>\n{}{}\
         <h3>How alike the proxies rank</h3>\n{}\
         <p class=\"note\">Spearman's ρ of the scores of two proxies over the architectures both scored.</p>\n\
         <h3>Disconnected architectures, ties and duplicates</h3>\n{}</section>\n",
        coverage(dataset),
        escape(&dataset.joined.quantity.metric),
        chart(&|width| plots::bars(dataset, width)),
        correlations(dataset),
        scatter(dataset),
        chart(&|width| plots::picks(dataset, width)),
        picks(dataset),
        chart(&|width| plots::heat(dataset, width)),
        structure(dataset),
    )
}

/// The same chart for wide and for narrow screens; the style sheet shows one of them.
fn chart(scene: &dyn Fn(f64) -> plots::Scene) -> String {
    format!("<div class=\"chart\">{}{}</div>\n", scene(WIDE).to_svg("wide"), scene(NARROW).to_svg("narrow"))
}

fn coverage(dataset: &Dataset) -> String {
    let joined = &dataset.joined;
    let q = &joined.quantity;
    let trial = q.trial.map_or("mean over training runs".into(), |trial| format!("training run {trial}"));
    let (n, of) = (format::count(joined.architectures.len()), format::count(joined.n_table));
    let which = if joined.architectures.len() == joined.n_table { format!("All {of}") } else { format!("{n} of the {of}") };
    escape(&format!(
        "{which} architectures of the table were scored by {} proxies and are held against {} {} ({}, {} epochs, {trial}).",
        joined.proxies.len(),
        q.split,
        q.metric,
        q.unit,
        q.epochs,
    ))
}

fn correlations(dataset: &Dataset) -> String {
    let heads = ["Proxy", "τ-b", "paper τ", "difference", "ρ", "paper ρ", "difference", "τ-a", "n", "missing", "tied pairs", "ms each"];
    let rows: Vec<Vec<String>> = dataset.order.iter().map(|&proxy| row(dataset, proxy)).collect();
    table("correlations", &heads, &rows)
}

fn row(dataset: &Dataset, proxy: usize) -> Vec<String> {
    let (correlation, column) = (&dataset.correlations[proxy], &dataset.joined.proxies[proxy]);
    let name = two_lines(&escape(&correlation.proxy), &format!("version {}", correlation.version));
    let missing: Vec<String> = column
        .missing
        .iter()
        .map(|(status, n)| format!("{} {}", format::count(*n), if *status == NOT_SCORED { "not scored" } else { status }.replace('_', " ")))
        .collect();
    let unmatched = (correlation.n_unmatched > 0).then(|| format!("{} not in the table", format::count(correlation.n_unmatched)));
    let missing = missing.into_iter().chain(unmatched).collect::<Vec<_>>().join(", ");
    let ties = two_lines(
        &format::count(correlation.ties_score.pairs as usize),
        &format!("{} distinct", format::count(correlation.ties_score.distinct as usize)),
    );
    let mut cells = vec![name];
    cells.extend(coefficient_cells(correlation));
    cells.extend([
        format::count(correlation.n),
        two_lines(&format::count(correlation.n_missing), &escape(&missing)),
        ties,
        correlation.wall_ms_mean.map_or("–".into(), milliseconds),
    ]);
    cells
}

/// Below a tenth nothing but the clock is measured.
fn milliseconds(ms: f64) -> String {
    if ms < 0.1 { "&lt; 0.1".into() } else { format::score(ms) }
}

fn coefficient_cells(correlation: &ProxyCorrelation) -> Vec<String> {
    let paper = correlation.paper;
    let Ok(c) = &correlation.coefficients else {
        let reason = correlation.coefficients.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let none = || "–".to_owned();
        let printed = |value: Option<f64>| value.map_or_else(none, |value| format::fixed(value, 2));
        return vec![
            two_lines("none", &escape(&reason)),
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

/// Empty shell of the interactive plot, which the script fills.
fn scatter(dataset: &Dataset) -> String {
    let fallback: String = dataset
        .order
        .iter()
        .map(|&proxy| {
            let name = &dataset.joined.proxies[proxy].proxy;
            let path = crate::build::scatter_name(dataset, name);
            format!("<img src=\"{}\" alt=\"Scatter plot of {}\" width=\"800\" loading=\"lazy\">", escape(&path), escape(name))
        })
        .collect();
    format!(
        "<div class=\"scatter\" data-scatter=\"{}\"><div class=\"thumbs\" role=\"group\" aria-label=\"Proxy\"></div>\
         <div class=\"controls\"></div>\
         <div class=\"stage\"><canvas tabindex=\"0\" aria-label=\"Scatter plot; arrow keys step through the architectures\"></canvas><div class=\"tip\" hidden></div></div>\
         <div class=\"legend\" role=\"group\" aria-label=\"Colours\"></div><p class=\"readout\" aria-live=\"polite\">Point at a dot, tap it, or use the arrow keys.</p></div>\
         <noscript>{fallback}</noscript>\n",
        dataset.slug()
    )
}

fn picks(dataset: &Dataset) -> String {
    let heads = ["Proxy", "first pick", "regret", "mean of first ten", "best of first ten", "first pick, architecture"];
    let best = dataset.joined.best.value;
    let mut rows: Vec<Vec<String>> = dataset.top.iter().map(|pick| pick_row(dataset, pick, best)).collect();
    let at = |index: Option<u32>| index.map_or(String::new(), |index| format!("index {index}"));
    let best_row = &dataset.joined.best;
    rows.push(vec![
        "best in the table".into(),
        format::fixed(best, 2),
        "0.00".into(),
        "–".into(),
        "–".into(),
        two_lines(&at(best_row.index), &code(&best_row.arch)),
    ]);
    let mut note = format!(
        "In {}. Regret: distance of the first pick from the best architecture of the whole table ({} of its {} architectures were scored). Ties for a place are shared out: the number is the mean over every way to break them.",
        escape(&dataset.joined.quantity.unit),
        format::count(dataset.joined.architectures.len()),
        format::count(dataset.joined.n_table),
    );
    if let Some(paper) = paper::pick(&dataset.joined.space, &dataset.joined.dataset) {
        let dash = || "–".to_owned();
        let (zico, truth) = (format::fixed(paper.zico, 1), format::fixed(paper.ground_truth, 1));
        rows.push(vec![
            "ZiCo in the paper’s Table 4".into(),
            zico,
            format::fixed(paper.ground_truth - paper.zico, 1),
            dash(),
            dash(),
            dash(),
        ]);
        note += &format!(" The paper’s Table 4 gives {truth} as the best of the space; the table at hand has {}.", format::fixed(best, 2));
    }
    table("picks", &heads, &rows) + &format!("<p class=\"note\">{note}</p>\n")
}

/// An architecture's string, which may break after each of its bars.
fn code(arch: &str) -> String {
    format!("<code>{}</code>", escape(arch).replace('|', "|<wbr>"))
}

fn pick_row(dataset: &Dataset, pick: &TopRow, best: f64) -> Vec<String> {
    let Ok(first) = &pick.top_1 else {
        let reason = pick.top_1.as_ref().err().map(ToString::to_string).unwrap_or_default();
        return vec![escape(&pick.proxy), two_lines("–", &escape(&reason)), "–".into(), "–".into(), "–".into(), "–".into()];
    };
    let tied = if first.tied_at_edge > 1 { format!("mean of {} that tie", format::count(first.tied_at_edge)) } else { String::new() };
    let ten = |value: &dyn Fn(&crate::stats::TopK) -> f64| pick.top_10.as_ref().map_or("–".into(), |ten| format::fixed(value(ten), 2));
    let named = pick.first.map(|place| &dataset.joined.architectures[place]);
    let architecture = named.map_or(String::new(), |valued| {
        let index = valued.index.map_or(String::new(), |index| format!("index {index}"));
        two_lines(&index, &code(&valued.arch))
    });
    vec![
        escape(&pick.proxy),
        two_lines(&format!("<b>{}</b>", format::fixed(first.mean, 2)), &tied),
        format::fixed((best - first.mean).abs(), 2),
        ten(&|ten| ten.mean),
        ten(&|ten| ten.best),
        architecture,
    ]
}

fn structure(dataset: &Dataset) -> String {
    let joined = &dataset.joined;
    let disconnected = dataset.disconnected();
    let mut out = String::new();
    if !dataset.sets.is_empty() {
        let mean = |places: &[usize]| places.iter().map(|&place| joined.architectures[place].value).sum::<f64>() / places.len() as f64;
        let text = if disconnected.is_empty() {
            "Every scored architecture is connected.".to_owned()
        } else {
            format!(
                "In {} of the {} scored architectures the input cannot reach the output (drawn as diamonds). Their networks ignore the image: mean {} {} {}. A proxy that reads gradients or signals of live weights gives all of them one and the same score: one group of ties at chance level.",
                format::count(disconnected.len()),
                format::count(joined.architectures.len()),
                joined.quantity.metric,
                format::fixed(mean(&disconnected), 2),
                joined.quantity.unit,
            )
        };
        out += &format!("<p>{}</p>\n", escape(&text));
        let set_heads: Vec<String> =
            dataset.sets.iter().map(|set| format!("{}<small>{} architectures</small>", escape(&set.title), format::count(set.n))).collect();
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
        out += "<p class=\"note\">Strings whose live graphs are isomorphic describe one function; the benchmark trained each string on its own, so their accuracies differ by training noise. The last column keeps the first string of every class, with its own score and value.</p>\n";
    }
    let heads = ["Proxy", "pairs with tied scores", "largest group of ties", "different scores", "pairs with tied values", "τ-a", "τ-b"];
    let rows: Vec<Vec<String>> = dataset
        .shown()
        .map(|c| {
            let of = |value: &dyn Fn(&crate::correlate::Coefficients) -> f64| {
                c.coefficients.as_ref().map_or("–".into(), |c| format::fixed(value(c), 3))
            };
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
    out += &table("ties", &heads, &rows);
    out + "<p class=\"note\">τ-a divides by all pairs, so a tie counts as half a mistake; τ-b leaves tied pairs out of its scale. ρ gives tied entries the mean of their ranks.</p>\n"
}
