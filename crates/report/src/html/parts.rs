//! What the sections of datasets with and without values share.

use super::markup::escape;
use crate::aggregate::is_aggregate;
use crate::format;
use crate::join::{NOT_SCORED, ProxyScores};
use crate::model::{Columns, Matrix};
use crate::plots;

/// Widths of the charts for wide and narrow screens, in pixels.
const WIDE: f64 = 860.0;
const NARROW: f64 = 360.0;

/// The same chart for wide and for narrow screens; the style sheet shows one of them.
pub(crate) fn chart(scene: &dyn Fn(f64) -> plots::Scene) -> String {
    format!("<div class=\"chart\">{}{}</div>\n", scene(WIDE).to_svg("wide"), scene(NARROW).to_svg("narrow"))
}

/// A matrix of proxies as large as its numbers need; a narrow screen scrolls it sideways.
pub(super) fn matrix(matrix: &Matrix, title: &str) -> String {
    let scene = plots::heat(matrix, title, WIDE);
    format!(
        "<div class=\"matrix\" tabindex=\"0\" role=\"region\" aria-label=\"Matrix\"><div style=\"width:{:.0}px\">{}</div></div>\n",
        scene.width,
        scene.to_svg("whole")
    )
}

/// Proxies that are drawn: all against values; without values all but the first, which the others are drawn against.
fn drawn<'a>(columns: &Columns<'a>) -> &'a [usize] {
    if columns.values.is_none() && columns.order.len() > 1 { &columns.order[1..] } else { columns.order }
}

/// A sentence on the columns that rank a set; nothing if there are none.
pub(super) fn of_a_set<'a>(proxies: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = proxies.filter(|proxy| is_aggregate(proxy)).map(|proxy| format!("<code>{}</code>", escape(proxy))).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        " Set-dependent: {} combine other columns over the architectures of this page, so that a score there depends on which others stand beside it.",
        names.join(", ")
    )
}

/// Empty shell of the interactive plot, which the script fills.
pub(super) fn scatter(columns: &Columns<'_>) -> String {
    let fallback: String = drawn(columns)
        .iter()
        .map(|&proxy| {
            let name = &columns.proxies[proxy].proxy;
            let path = crate::build::scatter_name(&columns.slug(), name);
            format!("<img src=\"{}\" alt=\"Scatter plot of {}\" width=\"800\" loading=\"lazy\">", escape(&path), escape(name))
        })
        .collect();
    let n = columns.architectures.len();
    let cut = if n > plots::MOST_DOTS {
        let (shown, all) = (format::count(plots::MOST_DOTS), format::count(n));
        format!(
            "<p class=\"note\">{shown} of the {all} architectures are drawn, chosen by a scramble of their places; every number on this page is over all.</p>\n"
        )
    } else {
        String::new()
    };
    format!(
        "<div class=\"scatter\" data-scatter=\"{}\"><div class=\"thumbs\" role=\"group\" aria-label=\"Proxy\"></div>\
         <div class=\"controls\"></div>\
         <div class=\"stage\"><canvas tabindex=\"0\" aria-label=\"Scatter plot; arrow keys step through the architectures\"></canvas><div class=\"tip\" hidden></div></div>\
         <div class=\"legend\" role=\"group\" aria-label=\"Colours\"></div><p class=\"readout\" aria-live=\"polite\">Point at a dot, tap it, or use the arrow keys.</p></div>\
         {cut}<noscript>{fallback}</noscript>\n",
        columns.slug()
    )
}

/// Statuses of the scores that are missing, with their counts.
pub(super) fn missing(column: &ProxyScores) -> String {
    let missing: Vec<String> = column
        .missing
        .iter()
        .map(|(status, n)| format!("{} {}", format::count(*n), if *status == NOT_SCORED { "not scored" } else { status }.replace('_', " ")))
        .collect();
    let unmatched = (column.n_unmatched > 0).then(|| format!("{} not in the table", format::count(column.n_unmatched)));
    missing.into_iter().chain(unmatched).collect::<Vec<_>>().join(", ")
}

/// Whether it is known what the scores cost.
pub(super) fn are_timed(proxies: &[ProxyScores]) -> bool {
    proxies.iter().any(|column| column.wall_ms_mean.is_some())
}

/// What the milliseconds are; nothing if there are none.
pub(super) fn of_milliseconds(proxies: &[ProxyScores]) -> &'static str {
    if !are_timed(proxies) {
        return "";
    }
    " Milliseconds: mean over the evaluated networks of what the proxy alone would cost one worker (on the CPU: processor time of its thread); passes that several share count in full for each."
}

/// Below a tenth nothing but the clock is measured.
pub(super) fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms < 0.1 => "&lt; 0.1".into(),
        ms if ms < 1000.0 => format::score(ms),
        ms => format::count(ms.round() as usize),
    }
}
