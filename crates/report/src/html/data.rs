//! Every point of every scatter plot, packed: the page's script unpacks it (`assets/report.js`, `unpack`).

use serde_json::{Value, json};

use crate::format;
use crate::model::{Dataset, Model};
use crate::plots::{Axis, Scale};

/// The data as JSON that can stand in a script element.
pub(super) fn json(model: &Model) -> String {
    let datasets: Vec<Value> = model.datasets.iter().map(dataset).collect();
    // `</script>` would end the element, wherever it stands; JSON may write `<` as an escape instead.
    json!({ "datasets": datasets }).to_string().replace('<', "\\u003c")
}

fn dataset(dataset: &Dataset) -> Value {
    let joined = &dataset.joined;
    let values: Vec<Option<f64>> = joined.architectures.iter().map(|valued| Some(valued.value)).collect();
    let plain: Vec<f64> = joined.architectures.iter().map(|valued| valued.value).collect();
    let error_scale = Axis::of_values(&plain, &joined.quantity.unit, joined.quantity.direction).scale == Scale::Error;
    let indices: Option<Vec<u32>> = joined.architectures.iter().map(|valued| valued.index).collect();
    let features: Option<Vec<spaces::Features>> = dataset.features.iter().copied().collect();
    let bytes = |of: &dyn Fn(&spaces::Features) -> u8| features.as_ref().map(|all| base64(&all.iter().map(of).collect::<Vec<u8>>()));
    let proxies = dataset.order.iter().map(|&proxy| {
        let column = &joined.proxies[proxy];
        let scores: Vec<f64> = column.scores.iter().filter_map(|score| *score).collect();
        let tau = dataset.correlations[proxy].coefficients.as_ref().ok().map(|c| format!("τ-b {}", format::fixed(c.tau_b.value, 3)));
        json!({
            "name": column.proxy,
            "note": tau.unwrap_or_else(|| "no correlation".into()),
            "log": Axis::of_scores(&scores).scale == Scale::Log,
            "scores": column_of(&column.scores),
        })
    });
    json!({
        "slug": dataset.slug(),
        "value": format!("{} {} ({})", joined.quantity.split, joined.quantity.metric, joined.quantity.unit),
        "error": error_scale,
        "architectures": architectures(dataset),
        "index": indices.map(|indices| base64(&indices.iter().flat_map(|index| index.to_le_bytes()).collect::<Vec<u8>>())),
        "values": column_of(&values),
        "dead": bytes(&|f| f.dead_edges.min(255) as u8),
        "depth": bytes(&|f| f.depth.min(255) as u8),
        "connected": bytes(&|f| u8::from(f.connected)),
        "proxies": proxies.collect::<Vec<Value>>(),
    })
}

/// Numbers as base64 of little-endian floats, single where that loses no order of magnitude; missing ones are NaN.
fn column_of(numbers: &[Option<f64>]) -> Value {
    let fits = numbers.iter().flatten().all(|number| *number == 0.0 || (1e-30..1e30).contains(&number.abs()));
    let bytes: Vec<u8> = if fits {
        numbers.iter().flat_map(|number| (number.unwrap_or(f64::NAN) as f32).to_le_bytes()).collect()
    } else {
        numbers.iter().flat_map(|number| number.unwrap_or(f64::NAN).to_le_bytes()).collect()
    };
    json!({ "bits": if fits { 32 } else { 64 }, "data": base64(&bytes) })
}

/// One letter per part between bars, where there are few different parts; a list of texts otherwise.
fn architectures(dataset: &Dataset) -> Value {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut parts: Vec<&str> = Vec::new();
    let mut words = Vec::with_capacity(dataset.joined.architectures.len());
    for valued in &dataset.joined.architectures {
        let mut word = String::new();
        for part in valued.arch.split('|') {
            let place = parts.iter().position(|known| *known == part).unwrap_or_else(|| {
                parts.push(part);
                parts.len() - 1
            });
            let Some(letter) = LETTERS.get(place) else {
                return dataset.joined.architectures.iter().map(|valued| valued.arch.as_str()).collect();
            };
            word.push(char::from(*letter));
        }
        words.push(word);
    }
    json!({ "parts": parts, "words": words.join(" ") })
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let filled = digit <= chunk.len();
            let value = (word >> (18 - 6 * digit)) as usize & 63;
            out.push(if filled { char::from(DIGITS[value]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
