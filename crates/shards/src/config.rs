use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Everything that the results of a job depend on. It stands in `run.json` and in the metadata of every file, and its hash in
/// every file name.
pub trait Config: Serialize + DeserializeOwned + PartialEq {
    /// The configuration as JSON, the form that is stored and hashed.
    ///
    /// # Panics
    /// If it holds what JSON has no form for, as a map whose keys are no texts.
    #[must_use]
    fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("a configuration has a form in JSON")
    }

    /// Hash of the configuration and of further texts (16 hexadecimal digits).
    fn hash_with<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> String {
        let mut hash = Sha256::new();
        hash.update(self.to_json().to_string().as_bytes());
        for text in texts {
            hash.update(b"\n");
            hash.update(text.as_bytes());
        }
        tables::hex(&hash.finalize())[..16].to_owned()
    }

    /// Which settings differ, as `name (there ..., here ...)`; empty if none.
    #[must_use]
    fn differences(&self, here: &Self) -> String {
        let mut found = Vec::new();
        collect_differences("", &self.to_json(), &here.to_json(), &mut found);
        found.join("; ")
    }
}

fn collect_differences(name: &str, a: &Value, b: &Value, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let only_in_y = y.keys().filter(|key| !x.contains_key(*key));
            for key in x.keys().chain(only_in_y) {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                let value = |object: &serde_json::Map<String, Value>| object.get(key).cloned().unwrap_or(Value::Null);
                collect_differences(&name, &value(x), &value(y), found);
            }
        }
        _ if a != b => found.push(format!("{name} (there {a}, here {b})")),
        _ => {}
    }
}
