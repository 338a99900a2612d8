//! The table of proxies in the documentation is what the registry says.
//!
//! `ZICO_BLESS=1 cargo test -p zico --test it docs` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use proxies::zoo;

fn generated() -> String {
    let mut text = String::from(
        "# Proxies\n\nMade from the registry (`zico list proxies --format json` has every field); don't edit.\n\n| name | version | formula | scope | init | reference |\n|---|---|---|---|---|---|\n",
    );
    for m in zoo::ALL.iter().map(|p| p.meta()) {
        let init = m.passes.first().map_or("-", |pass| pass.state.init.name());
        let scope = format!("{:?}", m.scope).to_lowercase();
        let formula = m.formula.replace('|', "\\|");
        writeln!(text, "| `{}` | {} | {formula} | {scope} | {init} | `{}` |", m.name, m.version, m.reference).unwrap();
    }
    for m in zoo::ALL.iter().map(|p| p.meta()) {
        write!(text, "\n## {}\n\n{}\n\n{}\n", m.title, m.paper, m.conventions).unwrap();
    }
    text
}

#[test]
fn the_table_of_proxies_is_up_to_date() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/proxies.md");
    if std::env::var_os("ZICO_BLESS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, generated()).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), generated(), "run with ZICO_BLESS=1");
}
