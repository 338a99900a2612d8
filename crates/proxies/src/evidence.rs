use std::any::Any;

use netgraph::{Graph, ModuleId, Shape};

use crate::{State, Undefined};

/// What a proxy sees of one network.
#[derive(Debug)]
pub struct Evidence<'a> {
    subject: Subject<'a>,
    found: Vec<&'a dyn Any>,
    /// What its passes ran on, in the order of its metadata.
    states: Vec<State>,
    /// Convolutions and linear layers, in canonical order.
    layers: &'a [ModuleId],
}

/// What is known of a network.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Its graph, as the space built it, dead operations included.
    Graph(&'a Graph),
    /// Nothing but its parameters.
    Parameters {
        /// Number of parameters.
        count: u64,
        /// Number of parameter tensors.
        tensors: usize,
        /// Number of weights of convolutions and linear layers.
        layer_weights: u64,
        /// Number of classes.
        classes: usize,
        /// What the output does not depend on in train mode.
        blind: Blind,
    },
}

/// What the output of a network whose graph is not known does not depend on in train mode, tried with two inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blind {
    /// The sum of the output over a batch is the same for other images.
    pub in_sum: bool,
    /// The output for a batch of one is the same for another image.
    pub alone: bool,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(subject: Subject<'a>, found: Vec<&'a dyn Any>, states: Vec<State>, layers: &'a [ModuleId]) -> Self {
        Self { subject, found, states, layers }
    }

    /// What one of its readings found.
    ///
    /// # Panics
    /// If no pass of the proxy's metadata has such a reading.
    #[must_use]
    pub fn of<T: 'static>(&self) -> &'a T {
        let found = self.found.iter().find_map(|found| found.downcast_ref());
        found.expect("a proxy asks for what its metadata names")
    }

    /// Convolutions and linear layers, in canonical order, dead ones included.
    #[must_use]
    pub const fn layers(&self) -> &'a [ModuleId] {
        self.layers
    }

    /// Number of parameters, all of them.
    #[must_use]
    pub fn n_params(&self) -> u64 {
        match self.subject {
            Subject::Graph(graph) => graph.n_params(),
            Subject::Parameters { count, .. } => count,
        }
    }

    /// Number of parameter tensors: a batch norm or a layer with bias has two.
    #[must_use]
    pub fn n_tensors(&self) -> usize {
        match self.subject {
            Subject::Graph(graph) => graph.modules().iter().map(netgraph::Module::n_tensors).sum(),
            Subject::Parameters { tensors, .. } => tensors,
        }
    }

    /// Number of weights of convolutions and linear layers, dead ones included.
    #[must_use]
    pub fn n_layer_weights(&self) -> u64 {
        match self.subject {
            Subject::Graph(graph) => self.layers.iter().map(|&layer| graph.modules()[layer].n_weights() as u64).sum(),
            Subject::Parameters { layer_weights, .. } => layer_weights,
        }
    }

    /// Number of classes; `None` where the output is a map.
    #[must_use]
    pub fn n_classes(&self) -> Option<usize> {
        match self.subject {
            Subject::Graph(graph) => matches!(graph.node(graph.output()).shape, Shape::Vector(_)).then(|| graph.classes()),
            Subject::Parameters { classes, .. } => Some(classes),
        }
    }

    /// The graph.
    ///
    /// # Errors
    /// [`Undefined`] for a network that is known from outside only.
    pub fn graph(&self) -> Result<&'a Graph, Undefined> {
        self.known_graph()
            .ok_or_else(|| Undefined::does_not_apply("it reads the graph of the network, which a TorchScript module does not give"))
    }

    /// The graph, if it is known.
    #[must_use]
    pub const fn known_graph(&self) -> Option<&'a Graph> {
        match self.subject {
            Subject::Graph(graph) => Some(graph),
            Subject::Parameters { .. } => None,
        }
    }

    /// Nothing, unless several operations share a module, as the tiles of a jigsaw do.
    ///
    /// # Errors
    /// [`Undefined`] if they do.
    pub fn needs_modules_used_once(&self) -> Result<(), Undefined> {
        let Some(graph) = self.known_graph() else { return Ok(()) };
        let mut used = vec![false; graph.modules().len()];
        for &module in graph.nodes().iter().flat_map(|node| node.op.modules()) {
            if std::mem::replace(&mut used[module], true) {
                return Err(Undefined::does_not_apply("several operations of the network share their modules"));
            }
        }
        Ok(())
    }

    /// Nothing, unless the image cannot influence the output.
    ///
    /// # Errors
    /// [`Undefined`] if it cannot.
    pub fn needs_connection(&self) -> Result<(), Undefined> {
        match self.known_graph() {
            Some(graph) if !graph.is_connected() => {
                Err(Undefined::because("the network is disconnected: its output does not depend on the image"))
            }
            _ => Ok(()),
        }
    }

    /// Nothing, unless derivatives of the summed output are rounding noise: in train mode the sum over the batch of a network
    /// whose paths all end in a batch norm is constant.
    ///
    /// # Errors
    /// [`Undefined`] if they are.
    pub fn needs_varying_output(&self) -> Result<(), Undefined> {
        let normalised = self.states.iter().any(|s| !matches!(s.norm, engine::Norm::Eval | engine::Norm::Identity));
        match self.subject {
            Subject::Graph(graph) if normalised && graph.output_sum_is_constant() => Err(Undefined::because(
                "every path ends in a batch norm, so in train mode the output's sum over the batch is constant: its derivatives are rounding noise",
            )),
            Subject::Parameters { blind: Blind { in_sum: true, .. }, .. } if normalised => Err(Undefined::because(
                "in train mode the output's sum over the batch is the same for other images: its derivatives are rounding noise",
            )),
            _ => Ok(()),
        }
    }

    /// Nothing, unless what is differentiated for an image that is a batch of its own is rounding noise in train mode. For proxies whose
    /// batches are single images; [`crate::evaluate`] asks it for every gradient of a loss where a run has such batches.
    ///
    /// # Errors
    /// [`Undefined`] if it is.
    pub fn needs_more_than_noise_alone(&self) -> Result<(), Undefined> {
        self.needs_varying_output()?;
        self.needs_uneven_maps()
    }

    /// Nothing, unless a batch norm has nothing to normalise where it sees single images: maps that are equal at all positions.
    /// For proxies whose batches are single images.
    ///
    /// # Errors
    /// [`Undefined`] if there is one.
    pub fn needs_uneven_maps(&self) -> Result<(), Undefined> {
        match self.subject {
            Subject::Parameters { blind: Blind { alone: true, .. }, .. } => Err(Undefined::because(
                "in train mode a batch of one gives the same output for another image: what is left of it is rounding noise",
            )),
            Subject::Graph(graph) if graph.normalises_flat_maps() => Err(Undefined::because(
                "a batch norm reads maps that are equal at all positions (one pixel, or behind a pooling as large as the map): in a batch of \
                 one they have no variance, and what passes is rounding noise",
            )),
            _ => Ok(()),
        }
    }
}
