//! Proxies and datasets crossed, as a table.

use super::markup::escape;
use crate::format;
use crate::index::{Grid, GridCell, GridColumn};
use crate::plots::STRONG;

/// Tau-b of ours in coloured cells with the paper's below; the paper's alone in italics.
pub(crate) fn grid_table(grid: &Grid) -> String {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for column in &grid.columns {
        match groups.last_mut() {
            Some((group, n)) if *group == column.group => *n += 1,
            _ => groups.push((&column.group, 1)),
        }
    }
    let over: String = groups.iter().map(|(group, n)| format!("<th scope=\"colgroup\" colspan=\"{n}\">{}</th>", escape(group))).collect();
    let starts: Vec<bool> = (0..grid.columns.len()).map(|k| k == 0 || grid.columns[k].group != grid.columns[k - 1].group).collect();
    let heads: String = grid.columns.iter().zip(&starts).map(|(column, start)| head(column, *start)).collect();
    let rows: String = grid
        .proxies
        .iter()
        .zip(&grid.cells)
        .map(|(proxy, cells)| {
            let class = if proxy == "zico" { " class=\"subject\"" } else { "" };
            let cells: String = cells.iter().zip(&starts).map(|(one, start)| cell(one, *start)).collect();
            format!("<tr{class}><th scope=\"row\">{}</th>{cells}</tr>", escape(proxy))
        })
        .collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Overview\"><table class=\"grid\"><thead><tr><th></th>{over}</tr><tr><th scope=\"col\">Proxy</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n"
    )
}

fn class(names: &[(&str, bool)]) -> String {
    let names: Vec<&str> = names.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
}

fn head(column: &GridColumn, start: bool) -> String {
    let title = escape(&column.title);
    let name = column.link.as_ref().map_or_else(|| title.clone(), |link| format!("<a href=\"{}\">{title}</a>", escape(link)));
    let note = column.n.map_or_else(
        || "not scored".to_owned(),
        |n| {
            let missing = if column.measured { "" } else { ", no accuracies" };
            let noise = if column.on_noise { ", noise" } else { "" };
            format!("n\u{a0}=\u{a0}{}{missing}{noise}", format::count(n))
        },
    );
    format!("<th scope=\"col\"{}>{name}<small>{note}</small></th>", class(&[("start", start)]))
}

fn cell(cell: &GridCell, start: bool) -> String {
    let paper = |value: f64| format::fixed(value, 2);
    match (cell.tau_b, cell.paper) {
        (Some([tau, low, high]), printed) => {
            let below = printed.map_or_else(|| "<small>&nbsp;</small>".to_owned(), |value| format!("<small>{}</small>", paper(value)));
            let percent = format::fixed(tau.abs() * 100.0, 0);
            let sign = if tau < 0.0 { "negative" } else { "positive" };
            let class = class(&[("start", start), (sign, true), ("strong", tau.abs() > STRONG)]);
            let interval = format!("{} to {}", format::fixed(low, 3), format::fixed(high, 3));
            format!(
                "<td{class} style=\"--tau:{percent}%\" title=\"{} ({interval})\">{}{below}</td>",
                format::fixed(tau, 4),
                format::fixed(tau, 2)
            )
        }
        (None, Some(printed)) => format!("<td{}><i>{}</i></td>", class(&[("start", start)]), paper(printed)),
        (None, None) => format!("<td{}>–</td>", class(&[("start", start), ("none", true)])),
    }
}
