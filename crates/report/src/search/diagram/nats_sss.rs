//! The five widths of the size space.

use super::chain::{Stage, chain};
use super::{Drawn, unreadable};
use crate::Result;
use crate::plots::Scene;

/// What each width belongs to (`spaces::nats_sss` has the convention), and what it does to the resolution.
const STAGES: [(&str, usize); 5] =
    [("stem and first cell", 1), ("first reduction", 2), ("second cell", 1), ("second reduction", 2), ("third cell", 1)];

pub fn draw(drawn: Drawn<'_>, width: f64) -> Result<Scene> {
    let space = spaces::find("nats-sss").map_err(|error| unreadable(drawn.arch, &error))?;
    let arch = space.parse(drawn.arch).map_err(|error| unreadable(drawn.arch, &error))?;
    let mut side = drawn.resolution.unwrap_or(32);
    let mut stages = Vec::new();
    for (channels, (name, step)) in arch.text.split(':').filter_map(|channels| channels.parse().ok()).zip(STAGES) {
        side /= step;
        stages.push(Stage {
            title: format!("{channels} channels"),
            subtitle: name.into(),
            side: format!("{side} × {side}"),
            channels,
            layers: 1,
            share: None,
            series: if step > 1 { 2 } else { 0 },
        });
    }
    let description = format!("Widths of the network from top to bottom: {}.", arch.text.replace(':', ", "));
    Ok(chain(description, "image", &stages, "pooling, classes", width))
}
