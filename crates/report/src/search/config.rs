//! What a history says of its search.

use std::path::Path;

use serde_json::Value;
use tables::Direction;

use crate::{Error, Result};

/// The settings of a search that the page reads by name; [`Config::json`] has all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Search space.
    pub space: String,
    /// Dataset that the objective was computed on.
    pub dataset: String,
    /// How it searches.
    pub method: String,
    /// What it searches for.
    pub objective: Objective,
    /// Seed of the search.
    pub seed: u64,
    /// Members that its pool keeps.
    pub population: Option<usize>,
    /// What an architecture may cost.
    pub budget: Budget,
    /// Side of its images in pixels.
    pub resolution: Option<usize>,
    /// Classes.
    pub classes: Option<usize>,
    /// Architecture that it starts with.
    pub initial: Option<String>,
    /// All of it.
    pub json: Value,
}

/// What a search maximises or minimises.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Name, as in the rows of the history.
    pub name: String,
    /// Which values are the better ones.
    pub direction: Direction,
    /// Proxies that it is made of; empty where it is one itself.
    pub components: Vec<String>,
    /// `proxy`, `aggregate`, `table`, `scores`.
    pub kind: String,
}

/// What an architecture may cost; none where nothing limits it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// Multiply-adds as the space counts them.
    pub flops: Option<f64>,
    /// Parameters as the space counts them.
    pub params: Option<f64>,
    /// Layers as the space counts them.
    pub layers: Option<f64>,
    /// Milliseconds.
    pub latency_ms: Option<f64>,
}

impl Config {
    /// Reads the configuration of the history at `path`.
    ///
    /// # Errors
    /// [`Error::SearchConfig`] for a key that is missing or holds something else.
    pub fn read(path: &Path, json: &Value) -> Result<Self> {
        let keys = Keys { path, json };
        let direction = keys.text("/objective/direction")?;
        let direction = Direction::parse(&direction)
            .ok_or_else(|| keys.wrong("/objective/direction", "`higher` or `lower`", format!("`{direction}`")))?;
        let components = json
            .pointer("/objective/components")
            .and_then(Value::as_array)
            .map_or_else(Vec::new, |components| components.iter().filter_map(|component| component.as_str().map(str::to_owned)).collect());
        Ok(Self {
            space: keys.text("/space")?,
            dataset: keys.text("/dataset")?,
            method: keys.text("/method")?,
            objective: Objective {
                name: keys.text("/objective/name")?,
                direction,
                components,
                kind: keys.given("/objective/kind").map_or(Ok("proxy".into()), |_| keys.text("/objective/kind"))?,
            },
            seed: keys.count("/seed")?.ok_or_else(|| keys.wrong("/seed", "a whole number", "nothing".into()))?,
            population: keys.count("/population")?.map(|population| population as usize),
            budget: Budget {
                flops: keys.number("/budget/flops")?,
                params: keys.number("/budget/params")?,
                layers: keys.number("/budget/layers")?,
                latency_ms: keys.number("/budget/latency_ms")?,
            },
            resolution: keys.count("/network/resolution")?.map(|side| side as usize),
            classes: keys.count("/network/classes")?.map(|classes| classes as usize),
            initial: keys.given("/initial").map(|_| keys.text("/initial")).transpose()?,
            json: json.clone(),
        })
    }

    /// Whether the objective is a rank among others, which has no value of its own.
    pub fn is_aggregate(&self) -> bool {
        self.objective.kind == "aggregate"
    }
}

/// Reads values by their JSON pointers.
struct Keys<'a> {
    path: &'a Path,
    json: &'a Value,
}

impl Keys<'_> {
    /// What stands under a key, unless that is null.
    fn given(&self, pointer: &str) -> Option<&Value> {
        self.json.pointer(pointer).filter(|value| !value.is_null())
    }

    fn text(&self, pointer: &str) -> Result<String> {
        match self.json.pointer(pointer) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            other => Err(self.wrong(pointer, "a text", got(other))),
        }
    }

    fn count(&self, pointer: &str) -> Result<Option<u64>> {
        let read = |value: &Value| value.as_u64().ok_or_else(|| self.wrong(pointer, "a whole number", got(Some(value))));
        self.given(pointer).map(read).transpose()
    }

    fn number(&self, pointer: &str) -> Result<Option<f64>> {
        let read = |value: &Value| value.as_f64().ok_or_else(|| self.wrong(pointer, "a number or null", got(Some(value))));
        self.given(pointer).map(read).transpose()
    }

    fn wrong(&self, pointer: &str, expected: &'static str, got: String) -> Error {
        Error::SearchConfig { path: self.path.into(), key: pointer.trim_start_matches('/').replace('/', "."), expected, got }
    }
}

fn got(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".into(), |value| value.to_string().chars().take(100).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn whole() -> Value {
        json!({ "space": "plainnet", "dataset": "digits", "method": "random", "seed": 3, "budget": { "flops": 9e6, "params": null },
            "objective": { "name": "zico", "direction": "higher", "components": ["zico"], "kind": "proxy" } })
    }

    #[test]
    fn what_is_optional_may_be_missing_or_null() {
        let config = Config::read(Path::new("h.parquet"), &whole()).unwrap();
        assert_eq!((config.seed, config.budget.flops, config.budget.params, config.population), (3, Some(9e6), None, None));
        assert_eq!((config.objective.direction, config.is_aggregate(), config.initial), (Direction::HigherIsBetter, false, None));
    }

    #[test]
    fn a_key_that_is_missing_or_wrong_is_named_with_its_file() {
        for (key, value, part) in [
            ("/space", json!(null), "`space`: expected a text, got null"),
            ("/seed", json!(null), "`seed`: expected a whole number, got nothing"),
            ("/seed", json!(-1), "`seed`: expected a whole number, got -1"),
            ("/objective/direction", json!("up"), "`objective.direction`: expected `higher` or `lower`, got `up`"),
            ("/budget/flops", json!("many"), "`budget.flops`: expected a number or null, got \"many\""),
        ] {
            let mut json = whole();
            *json.pointer_mut(key).unwrap() = value;
            let error = Config::read(Path::new("h.parquet"), &json).unwrap_err().to_string();
            assert!(error.contains("h.parquet") && error.contains(part), "{error}");
        }
        let error = Config::read(Path::new("h.parquet"), &json!({})).unwrap_err().to_string();
        assert!(error.contains("got nothing"), "{error}");
    }
}
