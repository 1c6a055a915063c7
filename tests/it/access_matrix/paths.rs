//! Ways through the graph: the shortest one to each type that somebody may walk, and the queries made of it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use serde_json::Value;

use super::contract::{Contract, Field};

/// The fields from the root down to a type.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Text that opens each step: `users(first: 5)`, with a fragment where the step answers an interface.
    steps: Vec<(String, Option<String>)>,
    keys: Vec<String>,
}

/// Ids that can be named in arguments, by type.
pub type Known = BTreeMap<String, String>;

impl Path {
    fn then(&self, text: String, key: &str, fragment: Option<String>) -> Self {
        let mut longer = self.clone();
        longer.steps.push((text, fragment));
        longer.keys.push(key.to_owned());
        longer
    }

    /// A query that asks at the end of the path.
    pub fn query(&self, selection: &str) -> String {
        let mut query = "query { ".to_owned();
        let mut open = 1;
        for (text, fragment) in &self.steps {
            query.push_str(text);
            query.push_str(" { __typename ");
            open += 1;
            if let Some(fragment) = fragment {
                write!(query, "... on {fragment} {{ ").unwrap();
                open += 1;
            }
        }
        query.push_str(selection);
        query.push_str(&" }".repeat(open));
        query
    }

    /// Whether an answer got to the end of the path.
    pub fn arrives(&self, data: &Value) -> bool {
        fn walk(value: &Value, keys: &[String]) -> bool {
            match value {
                Value::Array(items) => items.iter().any(|item| walk(item, keys)),
                Value::Null => false,
                value => match keys.split_first() {
                    Some((key, rest)) => walk(&value[key.as_str()], rest),
                    None => true,
                },
            }
        }
        walk(data, &self.keys)
    }
}

impl Contract {
    /// A field with what it must be given, selecting nothing below an object but its name.
    pub fn ask(&self, field: &Field, known: &Known) -> String {
        let below = if self.is_leaf(&field.kind) {
            ""
        } else {
            " { __typename }"
        };
        format!("{}{below}", self.call(field, known))
    }

    /// A field with its arguments: known ids where one is meant, the least value elsewhere.
    pub fn call(&self, field: &Field, known: &Known) -> String {
        let given = field.args.iter().map(|(name, kind)| {
            let id = known.get(&field.kind).filter(|_| name == "id");
            let id = id.or_else(|| name.strip_suffix("Id").and_then(|stem| known.get(&capital(stem))));
            match (name.as_str(), id) {
                ("first", _) => "first: 5".to_owned(),
                // What to go on behind.
                ("after", _)
                    if known.contains_key("Notification") && field.kind == "NotificationAddedEvent" =>
                {
                    format!("after: {:?}", known["Notification"])
                }
                (_, Some(id)) => format!("{name}: {id:?}"),
                _ => format!("{name}: {}", self.least(kind)),
            }
        });
        let given: Vec<String> = given.collect();
        match given.is_empty() {
            true => field.name.clone(),
            false => format!("{}({})", field.name, given.join(", ")),
        }
    }

    /// The shortest way from the query root to each type, over fields that `may` be passed. Ways that name an id, or that may lead to anything, come last: what
    /// is found by id is mostly somebody's, and shown to few.
    pub fn paths(&self, known: &Known, may: impl Fn(&Field) -> bool) -> BTreeMap<String, Path> {
        let mut found = BTreeMap::from([("Query".to_owned(), Path::default())]);
        for with_ids in [false, true] {
            let mut waiting: VecDeque<String> = found.keys().cloned().collect();
            while let Some(name) = waiting.pop_front() {
                let path = found[&name].clone();
                for field in self.objects[&name].iter().filter(|field| may(field)) {
                    if field.needs_args && !with_ids {
                        continue;
                    }
                    for (kind, step) in self.steps(field, known, with_ids) {
                        if !found.contains_key(&kind) {
                            found.insert(kind.clone(), path.then(step.0, &field.name, step.1));
                            waiting.push_back(kind);
                        }
                    }
                }
            }
        }
        found
    }

    /// The types a field leads to, with the text of the step to each.
    fn steps(&self, field: &Field, known: &Known, with_ids: bool) -> Vec<(String, (String, Option<String>))> {
        if self.objects.contains_key(&field.kind) {
            return vec![(field.kind.clone(), (self.call(field, known), None))];
        }
        if !with_ids {
            return Vec::new();
        }
        let possible = self.possible(&field.kind).into_iter();
        let step = |kind: String| {
            let id = known.get(&kind).filter(|_| field.name == "node");
            let text = match id {
                Some(id) => format!("node(id: {id:?})"),
                None if field.needs_args => return None,
                None => self.call(field, known),
            };
            Some((kind.clone(), (text, Some(kind))))
        };
        possible.filter_map(step).collect()
    }
}

fn capital(stem: &str) -> String {
    let mut characters = stem.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
