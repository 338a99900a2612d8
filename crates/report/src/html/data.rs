//! Every point of every scatter plot, packed: the page's script unpacks it (`assets/report.js`, `unpack`).

use serde_json::{Value, json};

use crate::format;
use crate::model::{Columns, Dataset, Model, ScoredDataset};
use crate::plots::{Axis, Colouring, MOST_DOTS, Scale, scramble};

/// The data as JSON that can stand in a script element.
pub(super) fn json(model: &Model) -> String {
    let valued = model.datasets.iter().map(valued);
    let datasets: Vec<Value> = valued.chain(model.scored.iter().map(scored)).collect();
    // `</script>` would end the element, wherever it stands; JSON may write `<` as an escape instead.
    json!({ "datasets": datasets }).to_string().replace('<', "\\u003c")
}

/// Scores against measured values.
fn valued(dataset: &Dataset) -> Value {
    let (columns, quantity) = (dataset.columns(), &dataset.joined.quantity);
    let values = columns.values.clone().unwrap_or_default();
    let up = json!({
        "value": quantity.axis_title(),
        "decimals": quantity.decimals(),
        "scale": scale_name(Axis::of_values(&values, &quantity.unit, quantity.direction).scale),
    });
    let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
    packed(&columns, &values, &up, 0, |shown| {
        let tau = dataset.correlations[columns.order[shown]].coefficients.as_ref().ok().map(|c| c.tau_b.value);
        tau.map_or_else(|| "no correlation".into(), |tau| format!("τ-b {}", format::fixed(tau, 3)))
    })
}

/// Scores against those of the first proxy.
fn scored(dataset: &ScoredDataset) -> Value {
    let columns = dataset.columns();
    let Some(first) = columns.order.first().map(|&proxy| &columns.proxies[proxy]) else { return json!({}) };
    let numbers: Vec<f64> = first.scores.iter().filter_map(|score| *score).collect();
    let axis = Axis::of_scores(&numbers);
    let up = json!({ "value": format!("score of {}", first.proxy), "scale": scale_name(axis.scale), "gutters": axis.gutters() });
    // The first against itself says nothing, unless there is no other.
    let from = usize::from(columns.order.len() > 1);
    packed(&columns, &first.scores, &up, from, |shown| {
        let tau = dataset.matrix.pairs[0][shown].tau_b;
        tau.map_or_else(|| "no correlation".into(), |tau| format!("τ-b {}", format::fixed(tau, 3)))
    })
}

fn scale_name(scale: Scale) -> &'static str {
    match scale {
        Scale::Linear => "linear",
        Scale::Log => "log",
        Scale::Error => "error",
    }
}

/// The columns of at most [`MOST_DOTS`] architectures, and of the proxies from place `from` of those shown.
fn packed(columns: &Columns<'_>, values: &[Option<f64>], up: &Value, from: usize, note: impl Fn(usize) -> String) -> Value {
    let mut places: Vec<usize> = (0..columns.architectures.len()).collect();
    if places.len() > MOST_DOTS {
        places.sort_by_key(|&place| scramble(place));
        places.truncate(MOST_DOTS);
        places.sort_unstable();
    }
    let take = |numbers: &[Option<f64>]| column_of(&places.iter().map(|&place| numbers[place]).collect::<Vec<_>>());
    let indices: Option<Vec<u8>> =
        places.iter().map(|&place| Some(columns.architectures[place].1?.to_le_bytes())).collect::<Option<Vec<_>>>().map(|all| all.concat());
    let features: Option<Vec<spaces::Features>> = places.iter().map(|&place| columns.features[place]).collect();
    let colourings = Colouring::all(columns.features);
    let property = |colouring: Colouring| {
        let features = features.as_ref().filter(|_| colourings.contains(&colouring))?;
        Some(base64(&features.iter().map(|f| colouring.of(f).unwrap_or(0).min(255) as u8).collect::<Vec<u8>>()))
    };
    let connected = features.as_ref().map(|all| base64(&all.iter().map(|f| u8::from(f.connected)).collect::<Vec<u8>>()));
    let proxies = columns.order.iter().enumerate().skip(from).map(|(shown, &proxy)| {
        let column = &columns.proxies[proxy];
        let axis = Axis::of_scores(&column.scores.iter().filter_map(|score| *score).collect::<Vec<f64>>());
        json!({
            "name": column.proxy,
            "note": note(shown),
            "log": axis.scale == Scale::Log,
            "gutters": axis.gutters(),
            "scores": take(&column.scores),
        })
    });
    json!({
        "slug": columns.slug(),
        "up": up,
        "architectures": architectures(&places.iter().map(|&place| columns.architectures[place].0).collect::<Vec<_>>()),
        "index": indices.map(|bytes| base64(&bytes)),
        "values": take(values),
        "dead": property(Colouring::DeadEdges),
        "depth": property(Colouring::Depth),
        "connected": connected,
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

/// One letter per part between bars or colons, where there are few different parts; a list of texts otherwise.
fn architectures(texts: &[&str]) -> Value {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut parts: Vec<&str> = Vec::new();
    let mut words = Vec::with_capacity(texts.len());
    // Widths of channels stand between colons.
    let bar = if texts.first().is_some_and(|text| text.contains('|')) { '|' } else { ':' };
    for text in texts {
        let mut word = String::new();
        for part in text.split(bar) {
            let place = parts.iter().position(|known| *known == part).unwrap_or_else(|| {
                parts.push(part);
                parts.len() - 1
            });
            let Some(letter) = LETTERS.get(place) else {
                return texts.iter().copied().collect();
            };
            word.push(char::from(*letter));
        }
        words.push(word);
    }
    json!({ "bar": bar.to_string(), "parts": parts, "words": words.join(" ") })
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
