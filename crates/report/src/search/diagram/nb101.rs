//! The cell of NAS-Bench-101: operations at vertices.

use spaces::nb101::{Cell, Op};

use super::dag::{Edge, Node, dag};
use super::{Drawn, unreadable};
use crate::Result;
use crate::plots::{Paint, Scene};

pub fn draw(drawn: Drawn<'_>, width: f64) -> Result<Scene> {
    let cell = Cell::parse(drawn.arch).map_err(|error| unreadable(drawn.arch, &error))?;
    let last = cell.n_vertices() - 1;
    let node = |vertex: usize| {
        let (lines, paint): (&[&str], Paint) = match vertex {
            0 => (&["input"], Paint::Ink),
            vertex if vertex == last => (&["output"], Paint::Ink),
            vertex => match cell.op(vertex) {
                Op::Conv3x3 => (&["conv", "3×3"], Paint::Series(0)),
                Op::Conv1x1 => (&["conv", "1×1"], Paint::Series(3)),
                Op::MaxPool => (&["pool", "3×3"], Paint::Series(2)),
            },
        };
        Node { lines: lines.iter().map(|line| (*line).to_owned()).collect(), paint }
    };
    let nodes: Vec<Node> = (0..=last).map(node).collect();
    let edge = |(source, target)| Edge { source, target, label: String::new(), paint: Paint::Muted, thickness: 2.0, dashed: false };
    let pairs = (0..=last).flat_map(|source| (source + 1..=last).map(move |target| (source, target)));
    let edges: Vec<Edge> = pairs.filter(|&(source, target)| cell.has_edge(source, target)).map(edge).collect();
    let operations: Vec<&str> = cell.ops().map(Op::name).collect();
    let words: Vec<String> = edges.iter().map(|edge| format!("{} to {}", edge.source, edge.target)).collect();
    let description = format!("Cell whose vertices are input, {}, output, with edges {}.", operations.join(", "), words.join(", "));
    Ok(dag(description, &nodes, &edges, width))
}
