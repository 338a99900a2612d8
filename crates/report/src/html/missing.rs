//! What is needed for the accuracies, where they are not at hand.

use super::markup::escape;
use crate::model::{Model, space_title};
use crate::paper;

/// The box that says which file to put where, and what to run then. Empty where there are values.
pub(super) fn section(model: &Model) -> String {
    if model.scored.is_empty() {
        return String::new();
    }
    let space = escape(&space_title(&model.space));
    let Some(benchmark) = model.benchmark() else {
        return format!(
            "<section id=\"missing\" class=\"missing\"><h2>The accuracies are missing</h2>\n\
             <p>No benchmark of this workspace has the space <code>{0}</code>. Values of your own become a table with <code>zico ingest csv --space {0} --arch COLUMN --value COLUMN FILE</code>; name it with <code>--table</code>.</p></section>\n",
            escape(&model.space)
        );
    };
    let files: String = benchmark
        .files
        .iter()
        .map(|file| {
            format!(
                "<li><code>{}</code><dl><dt>size</dt><dd>{}</dd><dt>checksum</dt><dd>{}</dd><dt>holds</dt><dd>{}</dd><dt>from</dt><dd>{}</dd></dl></li>",
                escape(file.name),
                escape(file.size),
                escape(file.checksum),
                escape(file.holds),
                escape(file.from)
            )
        })
        .collect();
    let any =
        if benchmark.files.len() > 1 { "One of these files is enough; the first is the one to prefer." } else { "It is in this file:" };
    let name = benchmark.name;
    format!(
        "<section id=\"missing\" class=\"missing\"><h2>The accuracies of {space} are not on this machine</h2>\n\
         <p>The scores are complete. For their correlation with accuracy put an official file of the benchmark into <code>data/raw</code> of the checkout. {any}</p>\n\
         <ul class=\"official\">{files}</ul>\n<p>Then:</p>\n<pre>{}</pre>\n\
         <p class=\"note\">A file elsewhere: <code>zico ingest {name} --source FILE</code>. The page is then made anew with the correlations; nothing is scored again.{}</p></section>\n",
        escape(&format!("zico ingest {name}\nzico report --out REPORT --table data/tables/{name}.parquet")),
        waiting(model),
    )
}

/// What the paper says for the scored proxies, so that the reader knows what to expect.
fn waiting(model: &Model) -> String {
    let parts: Vec<String> = model
        .scored
        .iter()
        .filter_map(|dataset| {
            let figure = paper::correlation(&model.space, &dataset.scored.dataset, "zico")?;
            Some(format!("{} {}", escape(&dataset.title()), crate::format::fixed(figure.tau, 2)))
        })
        .collect();
    if parts.is_empty() { String::new() } else { format!(" The paper’s Kendall τ of ZiCo here: {}.", parts.join(", ")) }
}
