//! The page: one self-contained file that opens offline.

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a page is put together once, from small texts; `write!` would add a result to ignore to each"
)]

mod data;
mod dataset;
mod grid;
mod markup;
mod missing;
mod noise;
mod parts;
mod protocol;
mod reading;
mod scored;
mod structure;

pub(crate) use grid::grid_table;
pub(crate) use markup::{escape, table, two_lines};
pub(crate) use parts::chart;

use crate::benchmarks;
use crate::index::card::Card;
use crate::index::{Grid, summary};
use crate::model::{Model, capital};

pub(crate) const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");

/// A file beside the page that it offers for download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Path relative to the page.
    pub path: String,
    /// What it holds.
    pub title: String,
}

/// The page as HTML. It loads nothing: style, script and data stand inside, and links lead to `links` beside it only.
pub fn page(model: &Model, card: &Card, links: &[Link]) -> String {
    let title = escape(&model.title);
    let mut body = String::new();
    body += &format!(
        "<header class=\"top\"><h1>{title}</h1>{}{}{}</header>\n<main>\n",
        on_noise(card),
        findings(model, card),
        navigation(model)
    );
    body += &glance(card);
    body += &missing::section(model);
    for dataset in &model.datasets {
        body += &dataset::section(dataset, model);
    }
    for dataset in &model.scored {
        body += &scored::section(dataset, model);
    }
    body += &noise::section(model);
    body += &reading::section(model);
    body += &protocol::section(model);
    body += &protocol::reproduce(model);
    body += &downloads(links);
    body += "</main>\n";
    body += &format!("<script type=\"application/json\" id=\"data\">{}</script>\n<script>\n{SCRIPT}</script>\n", data::json(model));
    document(&title, &body)
}

/// A whole document that loads nothing; both texts are markup.
pub(crate) fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// That no image took part, before any number that came of it.
fn on_noise(card: &Card) -> String {
    let titles: Vec<&str> = card.datasets.iter().filter(|dataset| dataset.on_noise).map(|dataset| dataset.title.as_str()).collect();
    if titles.is_empty() {
        return String::new();
    }
    let all = titles.len() == card.datasets.len();
    let which = if all { "These scores".into() } else { format!("The scores of {}", escape(&titles.join(", "))) };
    let values = if card.has_values { " The trained values they are held against come from the real images." } else { "" };
    format!(
        "<p class=\"warning\"><b>Noise instead of images.</b> {which} were computed on random noise with random targets: no image of the dataset took part.{values}</p>"
    )
}

/// Datasets up to which each has its sentence at the top of the page; of more the page has a summary there.
const FEW: usize = 3;

fn findings(model: &Model, card: &Card) -> String {
    if card.datasets.len() > FEW {
        return format!("<p class=\"finding\">{}</p>", escape(&summary(&card.datasets)));
    }
    model
        .findings()
        .map(|(dataset, finding)| {
            let title = capital(&benchmarks::dataset_title(&model.space, &dataset));
            format!("<p class=\"finding\"><b>{}</b> {}</p>", escape(&title), escape(finding))
        })
        .collect()
}

/// Every proxy on every dataset, where there are several.
fn glance(card: &Card) -> String {
    if card.datasets.len() < 2 || !card.has_values {
        return String::new();
    }
    format!(
        "<section id=\"glance\"><h2>At a glance</h2>\n<p class=\"lead\">Kendall’s τ-b of score and value; below it, in small, the paper’s. The sections below have the intervals.</p>\n{}</section>\n",
        grid_table(&Grid::of_report(card))
    )
}

fn navigation(model: &Model) -> String {
    let mut links = String::new();
    if !model.scored.is_empty() {
        links += "<a href=\"#missing\">Missing accuracies</a>";
    }
    for columns in model.columns() {
        links += &format!("<a href=\"#{}\">{}</a>", columns.slug(), escape(&capital(&columns.title())));
    }
    for (anchor, name) in [("noise", "Noise"), ("reading", "Reading this"), ("protocol", "Protocol"), ("files", "Files")] {
        links += &format!("<a href=\"#{anchor}\">{name}</a>");
    }
    format!("<nav aria-label=\"Sections\">{links}</nav>")
}

/// Files beside the page.
pub(crate) fn downloads(links: &[Link]) -> String {
    let items: String = links
        .iter()
        .map(|link| format!("<li><a href=\"{}\">{}</a> {}</li>", escape(&link.path), escape(&link.path), escape(&link.title)))
        .collect();
    format!("<section id=\"files\"><h2>Files beside this page</h2><ul class=\"files\">{items}</ul></section>\n")
}
