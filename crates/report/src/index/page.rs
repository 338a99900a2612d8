//! The index as HTML.

use super::Listed;
use super::card::{CardDataset, CardProxy, SKETCH_SIZE, Sketch};
use super::grid::Grid;
use super::other::Other;
use super::summary::summary;
use crate::format;
use crate::html::{escape, grid_table};
use crate::paper;

const STYLE: &str = include_str!("../assets/report.css");
const INDEX_STYLE: &str = include_str!("../assets/index.css");

/// The page. It loads nothing; links lead to the reports and to `picture` beside it.
pub(super) fn page(listed: &[Listed], others: &[(Other, String)], grid: &Grid, picture: &str) -> String {
    let cards: String = listed.iter().map(card).chain(others.iter().map(|(page, folder)| other(page, folder))).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Zero-cost proxies: all benchmarks</title>\n<style>\n{STYLE}{INDEX_STYLE}</style>\n</head>\n<body>\n\
         <header class=\"top\"><h1>Zero-cost proxies on every benchmark</h1>\n<p class=\"finding\">{}</p></header>\n<main>\n\
         <section id=\"overview\"><h2>Proxies and benchmarks</h2>\n\
         <p class=\"lead\">Kendall’s τ-b of score and trained value. Below each number of ours, in small, the <a href=\"{}\">paper’s</a>; a number alone in italics is the paper’s, where nothing was measured here. The interval shows on pointing at a cell and stands in each report.</p>\n{}\
         <p class=\"note\"><a href=\"{}\">The same as a picture</a>. Reports of a sample have wider intervals than the paper’s whole spaces; each report says what was scored and how.</p></section>\n\
         <div class=\"cards\">{cards}</div>\n</main>\n</body>\n</html>\n",
        escape(&sentence(listed)),
        paper::LINK,
        grid_table(grid),
        escape(picture),
    )
}

/// What all reports together say.
fn sentence(listed: &[Listed]) -> String {
    let all: Vec<CardDataset> = listed.iter().flat_map(|report| report.card.datasets.clone()).collect();
    let reports = if listed.len() == 1 { "1 report".into() } else { format!("{} reports", listed.len()) };
    let noise = match all.iter().filter(|dataset| dataset.on_noise).count() {
        0 => String::new(),
        n => format!(" {n} of the {} datasets were scored on noise instead of images.", all.len()),
    };
    format!("{reports}. {}{noise}", summary(&all))
}

fn card(report: &Listed) -> String {
    let card = &report.card;
    let link = escape(&format!("{}index.html", report.folder));
    let noise = match card.datasets.iter().filter(|dataset| dataset.on_noise).count() {
        0 => None,
        n if n == card.datasets.len() => Some("scored on noise, not images".to_owned()),
        n => Some(format!("{n} of {} datasets scored on noise, not images", card.datasets.len())),
    };
    let missing = (!card.has_values).then(|| "accuracies missing".to_owned());
    let state: String = missing.into_iter().chain(noise).map(|state| format!("<span class=\"state\">{state}</span>")).collect();
    let rows: String = card.datasets.iter().map(|dataset| dataset_row(dataset, &link)).collect();
    let sketches: String = card.datasets.iter().filter_map(|dataset| Some(figure(dataset, dataset.sketch.as_ref()?, &link))).collect();
    let heads = if card.has_values {
        "<th scope=\"col\">Dataset</th><th scope=\"col\">architectures</th><th scope=\"col\">ZiCo τ-b</th><th scope=\"col\">paper τ</th><th scope=\"col\">highest τ-b</th>"
    } else {
        "<th scope=\"col\">Dataset</th><th scope=\"col\">architectures</th><th scope=\"col\">proxies</th><th scope=\"col\">paper τ of ZiCo</th>"
    };
    let values: Vec<String> = card.datasets.iter().filter_map(|dataset| dataset.value.clone()).collect();
    let mut distinct = values.clone();
    distinct.dedup();
    let values = if distinct.len() == 1 { format!("<p class=\"note\">Held against {}.</p>", escape(&distinct[0])) } else { String::new() };
    format!(
        "<section class=\"card\"><div class=\"words\"><h2><a href=\"{link}\">{}</a>{state}</h2>\n<p class=\"lead\">{}</p>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Datasets\"><table class=\"datasets\"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n{values}\
         <p class=\"open\"><a href=\"{link}\">Open the report</a></p></div>\n<div class=\"sketches\">{sketches}</div></section>\n",
        escape(&card.space_title),
        escape(&meta(report)),
    )
}

/// A page of searches or experiments.
fn other(page: &Other, folder: &str) -> String {
    let link = escape(&format!("{folder}index.html"));
    let findings: String = page
        .findings
        .iter()
        .map(|(title, finding)| {
            let title = if title.is_empty() { String::new() } else { format!("<b>{}.</b> ", escape(title)) };
            format!("<p>{title}{}</p>", escape(finding))
        })
        .collect();
    format!(
        "<section class=\"card\"><div class=\"words\"><h2><a href=\"{link}\">{}</a></h2>\n{findings}<p class=\"open\"><a href=\"{link}\">Open the page</a></p></div></section>\n",
        escape(&page.title)
    )
}

/// How much was scored, and with what.
fn meta(report: &Listed) -> String {
    let proxies = report.card.datasets.iter().map(|dataset| dataset.proxies.len()).max().unwrap_or(0);
    let mut batches: Vec<&str> = Vec::new();
    for own in report.card.datasets.iter().filter_map(|dataset| dataset.batches.as_deref()) {
        if !batches.contains(&own) {
            batches.push(own);
        }
    }
    let batches = if batches.is_empty() { String::new() } else { format!(", {}", batches.join(" or ")) };
    let plural = if proxies == 1 { "proxy" } else { "proxies" };
    format!("{proxies} {plural}{batches}; folder {}", report.name)
}

fn dataset_row(dataset: &CardDataset, link: &str) -> String {
    let name = format!("<th scope=\"row\"><a href=\"{link}#{}\">{}</a></th>", escape(&dataset.anchor), escape(&dataset.title));
    let of = dataset
        .n_table
        .filter(|n_table| *n_table != dataset.n)
        .map_or(String::new(), |n| format!("<small>of {}</small>", format::count(n)));
    let n = format!("<td>{}{of}</td>", format::count(dataset.n));
    let zico = dataset.proxies.iter().find(|proxy| proxy.proxy == "zico");
    let paper = zico.and_then(|proxy| proxy.paper).map_or("–".into(), |paper| format::fixed(paper[0], 2));
    if dataset.value.is_none() {
        return format!("<tr>{name}{n}<td>{}</td><td>{paper}</td></tr>", dataset.proxies.len());
    }
    let tau = |proxy: Option<&CardProxy>| proxy.and_then(|proxy| proxy.tau_b);
    let ours = tau(zico).map_or("–".into(), |[tau, low, high]| {
        format!("<b>{}</b><small>{} to {}</small>", format::fixed(tau, 3), format::fixed(low, 3), format::fixed(high, 3))
    });
    let best = dataset.proxies.iter().find(|proxy| proxy.tau_b.is_some());
    let best = best.map_or("–".into(), |best| {
        format!("{}<small>{}</small>", escape(&best.proxy), tau(Some(best)).map_or(String::new(), |tau| format::fixed(tau[0], 3)))
    });
    format!("<tr>{name}{n}<td>{ours}</td><td>{paper}</td><td>{best}</td></tr>")
}

/// A small scatter plot.
fn figure(dataset: &CardDataset, sketch: &Sketch, link: &str) -> String {
    let size = f64::from(SKETCH_SIZE);
    let dots: String = sketch
        .dots
        .iter()
        .map(|[x, y]| {
            let (x, y) = (f64::from(*x) / size * 144.0 + 3.0, (1.0 - f64::from(*y) / size) * 94.0 + 3.0);
            format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.5\"/>")
        })
        .collect();
    format!(
        "<a class=\"sketch\" href=\"{link}#{}\"><svg viewBox=\"0 0 150 100\" role=\"img\" aria-label=\"{} against {} on {}\">{dots}</svg><span>{}</span></a>",
        escape(&dataset.anchor),
        escape(&sketch.proxy),
        escape(&sketch.against),
        escape(&dataset.title),
        escape(&dataset.title),
    )
}
