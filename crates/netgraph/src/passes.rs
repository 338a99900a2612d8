//! Rewriting passes: each gives a graph with the same scores that runs faster.
//!
//! The modules, and so the numbering of weights, stay as they are; only nodes change. Each pass is exact up to rounding
//! at initialisation (batch-norm biases 0, see [`Liveness`]); all but [`prune`] are exact whatever the weights.

use std::collections::HashMap;

use crate::{Conv2d, Graph, Liveness, Module, ModuleId, Node, NodeId, Op, Shape};

/// Which operations [`prune`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keep {
    /// Those that can influence the output.
    Live,
    /// Also every ReLU and whatever it reads.
    Relus,
    /// Every operation but zeros that nothing reads.
    All,
}

/// Which passes to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Passes {
    /// Leave zero terms out of sums and unwrap sums of one term; mark what is live; remove what isn't kept.
    pub prune: bool,
    /// Take multiplications by zero for zeros, and remove what nothing reads any more.
    pub cut: bool,
    /// With `prune`: which operations stay. Proxies of scope *whole* read some that lead nowhere.
    pub keep: Keep,
    /// One node per parameter-free operation on a tensor, however many edges ask for it.
    pub deduplicate: bool,
    /// One convolution and one batch norm over the concatenated channels of convolutions of one shape that read one tensor.
    pub fuse: bool,
}

impl Passes {
    /// Everything, for proxies that read nothing dead.
    pub const LIVE: Self = Self { prune: true, cut: false, keep: Keep::Live, deduplicate: true, fuse: true };
    /// Everything but removal, for proxies that read dead operations too.
    pub const WHOLE: Self = Self { keep: Keep::All, ..Self::LIVE };
    /// The network as it was built.
    pub const NONE: Self = Self { prune: false, cut: false, keep: Keep::All, deduplicate: false, fuse: false };
    /// What leaves training as it is: biases of batch norms that read zeros learn, too.
    pub const TRAINING: Self = Self { prune: false, cut: true, ..Self::WHOLE };

    /// Runs the chosen passes.
    #[must_use]
    pub fn run(self, graph: &Graph) -> Graph {
        let mut graph = if self.prune { prune(graph, self.keep) } else { graph.clone() };
        if self.cut {
            graph = cut(&graph);
        }
        if self.deduplicate {
            graph = deduplicate(&graph);
        }
        if self.fuse {
            graph = fuse(&graph);
        }
        graph
    }
}

/// Nodes of the graph being made, and where each old node went.
struct Rewrite<'a> {
    old: &'a Graph,
    nodes: Vec<Node>,
    moved: Vec<Option<NodeId>>,
}

impl<'a> Rewrite<'a> {
    fn new(old: &'a Graph) -> Self {
        Self { old, nodes: Vec::with_capacity(old.nodes.len()), moved: vec![None; old.nodes.len()] }
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Inputs of an old node in the new graph; passes visit nodes in topological order, so they have all been placed.
    fn inputs(&self, node: &Node) -> Vec<NodeId> {
        node.inputs.iter().map(|&i| self.moved[i].expect("an input precedes its reader")).collect()
    }

    fn finish(self) -> Graph {
        let at = |id: NodeId| self.moved[id].expect("the output and the features are kept");
        let (features, output) = (at(self.old.features), at(self.old.output));
        // A block that was pruned away leaves none of them: their number is part of what they say.
        let blocks: Option<Vec<NodeId>> = self.old.blocks.iter().map(|&block| self.moved[block]).collect();
        Graph {
            modules: self.old.modules.clone(),
            nodes: self.nodes,
            features,
            output,
            blocks: blocks.unwrap_or_default(),
            containers: Vec::new(),
            registered: Vec::new(),
        }
    }
}

/// Leaves zero terms out of sums, unwraps sums of one term and removes dead nodes, except those to keep ([`Node::live`] is false there).
#[must_use]
pub fn prune(graph: &Graph, keep: Keep) -> Graph {
    let liveness = Liveness::of(graph);
    // Zeros with nothing of their own to be read: only their values may be wanted.
    let plain_zero = |id: NodeId| {
        let op = &graph.nodes[id].op;
        liveness.is_zero(id)
            && match keep {
                Keep::Live => true,
                Keep::Relus => *op != Op::Relu,
                Keep::All => matches!(op, Op::Add | Op::TimesZero | Op::Zeros),
            }
    };
    let mut needed: Vec<bool> = (0..graph.nodes.len())
        .map(|id| {
            let kept = match keep {
                Keep::Live => false,
                Keep::Relus => graph.nodes[id].op == Op::Relu,
                Keep::All => !plain_zero(id),
            };
            kept || liveness.is_live(id) || id == 0 || id == graph.features
        })
        .collect();
    // What a needed node reads is needed, zeros too (a classifier behind a disconnected body, a dead ReLU), unless a sum leaves them out.
    for (id, node) in graph.nodes.iter().enumerate().rev() {
        if needed[id] && !plain_zero(id) {
            for &input in node.inputs.iter().filter(|&&input| node.op != Op::Add || !liveness.is_zero(input)) {
                needed[input] = true;
            }
        }
    }
    let mut new = Rewrite::new(graph);
    for (id, node) in graph.nodes.iter().enumerate().filter(|(id, _)| needed[*id]) {
        if plain_zero(id) {
            let zeros = Node { op: Op::Zeros, inputs: Vec::new(), shape: node.shape, live: false, multiplicity: 1 };
            new.moved[id] = Some(new.push(zeros));
            continue;
        }
        let live = liveness.is_live(id);
        let inputs: Vec<NodeId> = if node.op == Op::Add {
            node.inputs.iter().filter(|&&i| !liveness.is_zero(i)).map(|&i| new.moved[i].expect("a term of a sum is kept")).collect()
        } else {
            new.inputs(node)
        };
        new.moved[id] = Some(match inputs.as_slice() {
            &[only] if node.op == Op::Add => only,
            _ => new.push(Node { inputs, live, ..node.clone() }),
        });
    }
    new.finish()
}

/// Takes multiplications by zero for zeros, leaves zeros out of sums, and removes what doesn't reach the output any more.
#[must_use]
pub fn cut(graph: &Graph) -> Graph {
    // A sum of zeros is zero, too; what else reads zeros may have a bias.
    let mut zero = vec![false; graph.nodes.len()];
    for (id, node) in graph.nodes.iter().enumerate() {
        zero[id] = match node.op {
            Op::Zeros | Op::TimesZero => true,
            Op::Add => node.inputs.iter().all(|&input| zero[input]),
            _ => false,
        };
    }
    let mut reached = vec![false; graph.nodes.len()];
    reached[graph.output] = true;
    reached[graph.features] = true;
    for (id, node) in graph.nodes.iter().enumerate().rev() {
        if reached[id] && !zero[id] {
            for &input in node.inputs.iter().filter(|&&input| node.op != Op::Add || !zero[input]) {
                reached[input] = true;
            }
        }
    }
    let mut new = Rewrite::new(graph);
    for (id, node) in graph.nodes.iter().enumerate().filter(|(id, node)| reached[*id] || node.op == Op::Input) {
        let inputs: Vec<NodeId> = match node.op {
            _ if zero[id] => Vec::new(),
            Op::Add => node.inputs.iter().filter(|&&i| !zero[i]).map(|&i| new.moved[i].expect("a term of a sum is kept")).collect(),
            _ => new.inputs(node),
        };
        new.moved[id] = Some(match inputs.as_slice() {
            [] if zero[id] => new.push(Node { op: Op::Zeros, inputs, ..node.clone() }),
            &[only] if node.op == Op::Add => only,
            _ => new.push(Node { inputs, ..node.clone() }),
        });
    }
    new.finish()
}

/// Merges equal parameter-free operations on equal inputs.
#[must_use]
pub fn deduplicate(graph: &Graph) -> Graph {
    let mut new = Rewrite::new(graph);
    let mut seen: HashMap<(Op, Vec<NodeId>, Shape), NodeId> = HashMap::new();
    for (id, node) in graph.nodes.iter().enumerate() {
        let inputs = new.inputs(node);
        let parameter_free = !matches!(
            node.op,
            Op::Input | Op::Conv2d(_) | Op::ConvTranspose2d(_) | Op::BatchNorm2d(_) | Op::Linear(_) | Op::Split(_) | Op::Part(_)
        );
        let key = (node.op.clone(), inputs.clone(), node.shape);
        if parameter_free && let Some(&twin) = seen.get(&key) {
            new.nodes[twin].multiplicity += node.multiplicity;
            new.nodes[twin].live |= node.live;
            new.moved[id] = Some(twin);
            continue;
        }
        let placed = new.push(Node { inputs, ..node.clone() });
        new.moved[id] = Some(placed);
        if parameter_free {
            seen.insert(key, placed);
        }
    }
    new.finish()
}

/// Fuses convolution and batch-norm pairs of one shape that read one tensor (horizontal fusion); not of grouped convolutions.
#[must_use]
pub fn fuse(graph: &Graph) -> Graph {
    let consumers = graph.consumers();
    // A convolution of one module that only a batch norm reads; such pairs are what is fused.
    let pair = |id: NodeId| -> Option<(NodeId, ModuleId, ModuleId)> {
        let Op::Conv2d(convs) = &graph.nodes[id].op else { return None };
        let (&[conv], &[reader]) = (convs.as_slice(), consumers[id].as_slice()) else { return None };
        let Op::BatchNorm2d(norms) = &graph.nodes[reader].op else { return None };
        let &[norm] = norms.as_slice() else { return None };
        Some((reader, conv, norm))
    };
    let mut groups: HashMap<(NodeId, Conv2d, u64, bool), Vec<NodeId>> = HashMap::new();
    for (id, node) in graph.nodes.iter().enumerate() {
        let Some((_, conv, norm)) = pair(id) else { continue };
        if let (Module::Conv2d(conv @ Conv2d { groups: 1, .. }), Module::BatchNorm2d(norm)) = (graph.modules[conv], graph.modules[norm]) {
            groups.entry((node.inputs[0], conv, norm.eps.to_bits(), node.live)).or_default().push(id);
        }
    }
    // First member of each group of two or more -> its members.
    let leaders: HashMap<NodeId, Vec<NodeId>> = groups.into_values().filter(|g| g.len() > 1).map(|g| (g[0], g)).collect();

    let mut new = Rewrite::new(graph);
    for (id, node) in graph.nodes.iter().enumerate() {
        if new.moved[id].is_some() {
            continue;
        }
        let inputs = new.inputs(node);
        let Some(members) = leaders.get(&id) else {
            new.moved[id] = Some(new.push(Node { inputs, ..node.clone() }));
            continue;
        };
        let pairs: Vec<_> = members.iter().filter_map(|&member| pair(member)).collect();
        let (c, n) = (node.shape.channels(), pairs.len());
        let wide = match node.shape {
            Shape::Map { h, w, .. } => Shape::Map { c: c * n, h, w },
            vector @ Shape::Vector(_) => vector,
        };
        let made = |op: Op, inputs: Vec<NodeId>, shape| Node { op, inputs, shape, live: node.live, multiplicity: 1 };
        let conv = new.push(made(Op::Conv2d(pairs.iter().map(|p| p.1).collect()), inputs, wide));
        let norm = new.push(made(Op::BatchNorm2d(pairs.iter().map(|p| p.2).collect()), vec![conv], wide));
        let split = new.push(made(Op::Split(vec![c; n]), vec![norm], wide));
        for (part, (member, &(reader, ..))) in members.iter().zip(&pairs).enumerate() {
            new.moved[*member] = Some(conv);
            new.moved[reader] = Some(new.push(made(Op::Part(part), vec![split], node.shape)));
        }
    }
    new.finish()
}
