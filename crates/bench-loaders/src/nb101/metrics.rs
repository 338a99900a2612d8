use crate::readers::protobuf::{Field, Fields, Value};

/// What a training run was measured at, in the order of [`Metrics::evaluations`].
pub const STAGES: [&str; 3] = ["before training", "half-way", "at the end"];

/// The message `ModelMetrics` (`google-research/nasbench@b94247037ee4 nasbench/lib/model_metrics.proto`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// Before training, half-way, at the end.
    pub evaluations: [Evaluation; 3],
    /// Trainable parameters of the network.
    pub parameters: Option<u32>,
}

/// The message `EvaluationData`. Accuracies are fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Epochs trained so far.
    pub epoch: Option<f64>,
    /// Seconds of training so far.
    pub seconds: Option<f64>,
    /// On the training images.
    pub train: Option<f64>,
    /// On the validation images.
    pub valid: Option<f64>,
    /// On the test images.
    pub test: Option<f64>,
}

impl Metrics {
    /// Reads the message. As protocol buffers have it, fields may be absent, unknown ones are skipped, and of a field that
    /// comes twice the last counts; a known field of another type is refused. The error says what is wrong.
    pub fn decode(message: &[u8]) -> Result<Self, String> {
        let mut evaluations = [Evaluation::default(); 3];
        let (mut seen, mut parameters) = (0, None);
        for field in Fields::new(message) {
            match field? {
                Field { number: 1, value: Value::Bytes(message) } => {
                    if let Some(evaluation) = evaluations.get_mut(seen) {
                        *evaluation = Evaluation::decode(message).map_err(|error| format!("evaluation {seen}: {error}"))?;
                    }
                    seen += 1;
                }
                Field { number: 2, value: Value::Varint(value) } => {
                    // An int32: positive ones have at most 31 bits, negative ones come as 64.
                    let value = u32::try_from(value).ok().filter(|value| i32::try_from(*value).is_ok());
                    parameters = Some(value.ok_or("a number of parameters that is no positive int32")?);
                }
                // Seconds of everything, set-up and evaluation included: not a metric of the benchmark's tables.
                Field { number: 3, value: Value::Fixed64(_) } => {}
                Field { number: number @ 1..=3, .. } => return Err(format!("another type of field {number}")),
                _ => {}
            }
        }
        if seen != evaluations.len() {
            return Err(format!("{seen} evaluations"));
        }
        Ok(Self { evaluations, parameters })
    }
}

impl Evaluation {
    fn decode(message: &[u8]) -> Result<Self, String> {
        let mut evaluation = Self::default();
        for field in Fields::new(message) {
            let field = field?;
            let place = match field.number {
                1 => &mut evaluation.epoch,
                2 => &mut evaluation.seconds,
                3 => &mut evaluation.train,
                4 => &mut evaluation.valid,
                5 => &mut evaluation.test,
                // 6 is the path of a checkpoint, which says nothing here.
                _ => continue,
            };
            match field.value {
                Value::Fixed64(bits) => *place = Some(f64::from_bits(bits)),
                _ => return Err(format!("another type of field {}", field.number)),
            }
        }
        Ok(evaluation)
    }
}
