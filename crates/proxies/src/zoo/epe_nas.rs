use std::collections::BTreeMap;

use spaces::Scope;
use tables::Direction;

use crate::readings::{InputJacobian, Jacobian};
use crate::{Evidence, Meta, PassSpec, Proxy, Score, State, Undefined, to_vec};

/// How alike the output depends on images of one class.
#[derive(Clone, Copy, Debug)]
pub struct EpeNas;

static META: Meta = Meta {
    name: "epe_nas",
    version: 1,
    title: "EPE-NAS",
    formula: "sum over classes of |s_c|, s_c = sum over pairs of samples of the class of ln(|corr| + 1e-5)",
    paper: "EPE-NAS: Efficient Performance Estimation Without Training for Neural Architecture Search (Lopes et al., \
        2021), arXiv 2102.08099",
    reference: "automl/NASLib@0b51bc1 naslib/predictors/utils/pruners/measures/epe_nas.py",
    direction: Direction::HigherIsBetter,
    unit: "nats",
    scope: Scope::Live,
    passes: &[PassSpec { state: State::BATCHES, readings: &[&InputJacobian] }],
    set_dependent: false,
    conventions: "Jacobian of the sum of all outputs (over the whole batch) with respect to the images, a row a sample; first \
        batch, train mode. corr within a class has itself on the diagonal; the correlation of a single row is 1. With \
        more than 100 classes in the dataset: classes with one sample are skipped, s_c is divided by its number of \
        samples, and the score is the sum over ordered pairs of classes of |s_a - s_b| over their number; 0 if none is \
        left. Only for classification.",
};

impl Proxy for EpeNas {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined> {
        let correlations = super::jacob_cov::correlations(evidence)?;
        let jacobian: &Jacobian = evidence.of();
        let labels = jacobian.labels.as_ref().ok_or_else(|| Undefined::does_not_apply("the images have no classes"))?;
        let classes = evidence.n_classes().ok_or_else(|| Undefined::does_not_apply("the number of classes is not known"))?;
        let value = by_class(&to_vec(&correlations), labels, classes);
        Score::finite(value, "the sum over classes", Vec::new())
    }
}

/// Classes beyond which the code compares pairs of classes.
const MANY_CLASSES: usize = 100;

/// The score from the correlations between samples, row-major.
fn by_class(correlations: &[f64], labels: &[usize], classes: usize) -> f64 {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (sample, &label) in labels.iter().enumerate() {
        members.entry(label).or_default().push(sample);
    }
    let term = |rows: &Vec<usize>| -> f64 {
        let pairs = rows.iter().flat_map(|&a| rows.iter().map(move |&b| correlations[a * labels.len() + b]));
        pairs.map(|c| (c.abs() + 1e-5).ln()).sum()
    };
    if classes <= MANY_CLASSES {
        return members.values().map(|rows| term(rows).abs()).sum();
    }
    let terms: Vec<f64> = members.values().filter(|rows| rows.len() > 1).map(|rows| term(rows) / rows.len() as f64).collect();
    let differences = terms.iter().flat_map(|a| terms.iter().map(move |b| (a - b).abs()));
    if terms.is_empty() { 0.0 } else { differences.sum::<f64>() / terms.len() as f64 }
}
