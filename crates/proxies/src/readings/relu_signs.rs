use std::any::Any;

use engine::{Moment, SignKernel};
use netgraph::Op;

use crate::reading::{Cost, Demands, Extent, Reader, Reading, Setup};

/// In how many ReLUs each two samples of the first batch agree.
#[derive(Clone, Copy, Debug)]
pub struct ReluSigns;

/// What [`ReluSigns`] finds.
#[derive(Debug)]
pub struct Signs(pub SignKernel);

impl Reading for ReluSigns {
    fn name(&self) -> &'static str {
        "ReLU signs"
    }

    fn demands(&self) -> Demands {
        Demands { extent: Extent::Relus, cost: Cost::Forwards(0.1), ..Demands::FORWARD }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        Box::new(Signs(SignKernel::new(setup.batch_size)))
    }
}

impl Reader for Signs {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        if batch == 0 && moment.node.op == Op::Relu {
            self.0.push(moment.output, moment.node.multiplicity);
        }
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
