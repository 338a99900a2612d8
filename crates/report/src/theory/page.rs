//! The page around the sections.

use serde_json::Value;
use tables::Provenance;

use super::Section;
use crate::html::{Link, document, downloads, escape};

pub const TITLE: &str = "ZiCo’s theorems on MNIST";

pub fn page(sections: &[Section], provenances: &[(&str, &Provenance)], links: &[Link]) -> String {
    let mut body = format!("<header class=\"top\"><h1>{TITLE}</h1>\n");
    for section in sections {
        body += &format!("<p class=\"finding\"><b>{}.</b> {}</p>\n", escape(section.title), escape(&section.finding));
    }
    let anchors = sections.iter().map(|section| (section.anchor, section.title));
    let anchors = anchors.chain([("protocol", "Protocol"), ("files", "Files")]);
    let navigation: String = anchors.map(|(anchor, title)| format!("<a href=\"#{anchor}\">{}</a>", escape(title))).collect();
    body += &format!("<nav aria-label=\"Sections\">{navigation}</nav></header>\n<main>\n");
    for section in sections {
        let pictures: String = section.pictures.iter().map(super::Picture::markup).collect();
        body += &format!(
            "<section id=\"{}\"><h2>{}</h2>\n{}{pictures}{}</section>\n",
            section.anchor,
            escape(section.title),
            section.before,
            section.after
        );
    }
    body += &protocol(provenances);
    body += &downloads(links);
    body += "</main>\n";
    document(TITLE, &body)
}

fn protocol(provenances: &[(&str, &Provenance)]) -> String {
    let mut entries: Vec<(String, String)> = vec![(
        "Conventions".into(),
        "double precision throughout; an image is its 784 grey values divided by their norm; the target is the digit as a number, 0 to 9 (divided by 9 for the Gram matrices); intervals: 95 % percentile bootstrap over repetitions or networks, 1,000 resamples".into(),
    )];
    for (name, provenance) in provenances {
        let inputs: Vec<String> =
            provenance.inputs.iter().map(|(name, sha256)| format!("{name} (sha256 of both files {sha256})")).collect();
        let text = |key: &str| provenance.config.get(key).and_then(Value::as_str).map(str::to_owned);
        let libtorch = provenance.libtorch.as_ref().map_or(String::new(), |version| format!(", libtorch {version}"));
        let program = format!("commit {}, version {}{libtorch}", provenance.git_commit, provenance.version);
        let parts = [text("images"), Some(inputs.join(", ")), Some(program)];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        entries.push(((*name).to_owned(), parts.join("; ")));
    }
    let rows: String = entries.iter().map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>", escape(name), escape(value))).collect();
    let configs: String = provenances.iter().map(|(name, provenance)| format!("{name} {:#}\n", provenance.config)).collect();
    format!(
        "<section id=\"protocol\"><h2>Protocol</h2>\n<dl class=\"protocol\">{rows}</dl>\n\
         <details><summary>Full configuration as JSON</summary><pre>{}</pre></details>\n\
         <h3>Make it again</h3>\n<pre># everything: finds or downloads the 10,000 test images of MNIST\njust theory\n\n\
         # this page again, from its tables; needs no libtorch\ncargo run -p report -- --theory reports/theory\n\n\
         # a table as text\ncargo run -p zico -- show reports/theory/data/steps.parquet --format csv</pre>\n\
         <p class=\"note\">Numbers depend on the seed and the images, and not on the number of workers.</p></section>\n",
        escape(&configs)
    )
}
