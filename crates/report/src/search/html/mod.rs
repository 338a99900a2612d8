//! The page of a search as HTML: one file that loads nothing.

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a page is put together once, from small texts; `write!` would add a result to ignore to each"
)]

mod picks;
mod published;
mod section;
mod truth;

use super::methods;
use super::model::{Model, Section, title_of};
use super::protocol::configurations;
use super::run::Run;
use crate::Result;
use crate::html::{Link, document, downloads, escape};
use crate::paper;

/// The whole page; links lead to `links` beside it only.
///
/// # Errors
/// Those of drawing an architecture.
pub fn page(model: &Model, links: &[Link]) -> Result<String> {
    let mut body = format!(
        "<header class=\"top\"><h1>{}</h1>\n<p class=\"lead\">{}</p>\n{}{}</header>\n<main>\n",
        escape(&model.title),
        escape(&searched(model)),
        model.sections.iter().map(|section| finding_of(section, model)).collect::<String>(),
        navigation(model)
    );
    for part in &model.sections {
        body += &section::section(part, model)?;
    }
    body += &published::section(model);
    body += &picks::section(model);
    body += &protocol(model);
    body += "<section id=\"again\"><h2>Make it again</h2>\n<pre># this page, from the histories in its data folder PAGE/data\nzico report --search PAGE/data --out PAGE</pre>\n\
             <p class=\"note\">With <code>--table</code> for trained values and <code>--scores</code> for first picks, as this page was made.</p></section>\n";
    body += &downloads(links);
    body += "</main>\n";
    Ok(document(&escape(&model.title), &body))
}

/// What was searched, in a sentence.
fn searched(model: &Model) -> String {
    let runs: Vec<&Run> = model.sections.iter().flat_map(Section::runs).collect();
    let mut objectives: Vec<String> = model.sections.iter().map(Section::title).collect();
    objectives.dedup();
    let mut names: Vec<String> = Vec::new();
    let (mut budgets, mut evaluations, mut seeds): (Vec<String>, Vec<usize>, Vec<u64>) = (Vec::new(), Vec::new(), Vec::new());
    for run in &runs {
        let method = methods::title(&run.config.method);
        if !names.contains(&method) {
            names.push(method);
        }
        let budget = section::budget_text(run);
        if !budgets.contains(&budget) {
            budgets.push(budget);
        }
        evaluations.push(run.evaluated.len());
        if !seeds.contains(&run.config.seed) {
            seeds.push(run.config.seed);
        }
    }
    let evaluations = section::range(&evaluations);
    let seeds = if seeds.len() == 1 { "one seed".into() } else { format!("{} seeds", seeds.len()) };
    format!(
        "{}: {}; {}; {evaluations} evaluations each, {seeds}. Methods: {}.",
        crate::model::capital(&title_of(&model.space)),
        objectives.join(", "),
        budgets.join(" or "),
        names.join(", ")
    )
}

fn finding_of(section: &Section, model: &Model) -> String {
    let sentence = finding(section, model);
    let title = if model.sections.len() > 1 { format!("<b>{}</b> ", escape(&section.title())) } else { String::new() };
    format!("<p class=\"finding\">{title}{}</p>", escape(&sentence))
}

/// The answer in a few sentences.
pub fn finding(section: &Section, model: &Model) -> String {
    let mut parts = Vec::new();
    if let Some(truth) = &section.truth {
        parts.push(truth::sentence(truth));
    }
    parts.extend(section::found_sentence(section));
    parts.extend(section.comparisons.iter().map(|comparison| section::comparison_sentence(comparison, section, model.options.confidence)));
    parts.join(" ")
}

fn navigation(model: &Model) -> String {
    let mut links: String =
        model.sections.iter().map(|section| format!("<a href=\"#{}\">{}</a>", section.slug(), escape(&section.title()))).collect();
    let parts = [
        ("published", "Published structures", !model.published.is_empty()),
        ("picks", "First picks", !model.picks.is_empty()),
        ("protocol", "Protocol", true),
        ("files", "Files", true),
    ];
    for (anchor, name, _) in parts.into_iter().filter(|(_, _, there)| *there) {
        links += &format!("<a href=\"#{anchor}\">{name}</a>");
    }
    format!("<nav aria-label=\"Sections\">{links}</nav>")
}

fn protocol(model: &Model) -> String {
    let rows: String =
        model.protocol.iter().map(|entry| format!("<dt>{}</dt><dd>{}</dd>", escape(&entry.name), escape(&entry.value))).collect();
    let runs: Vec<&Run> = model.sections.iter().flat_map(Section::runs).collect();
    format!(
        "<section id=\"protocol\"><h2>Protocol</h2>\n<dl class=\"protocol\">{rows}</dl>\n\
         <p class=\"note\">The paper: <a href=\"{}\">arXiv 2301.11300</a>, Algorithm 1. FLOPs, parameters and layers are counted as the search’s budget counts them.</p>\n\
         <details><summary>Full configuration as JSON</summary><pre>{}</pre></details></section>\n",
        paper::LINK,
        escape(&configurations(&runs))
    )
}

/// An architecture’s string, which may break after each of its blocks and bars.
fn code(arch: &str) -> String {
    format!("<code>{}</code>", escape(arch).replace('|', "|<wbr>").replace(')', ")<wbr>"))
}
