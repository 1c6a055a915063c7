//! The schema as introspection tells it, for tests that go over all of it: a field or an argument nobody thought of is in it too.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Client;

const INTROSPECTION: &str = "{ __schema { types { kind name possibleTypes { name }
    fields(includeDeprecated: true) { name args { ...A } type { ...T } }
    inputFields { ...A } enumValues { name } isOneOf } } }
    fragment A on __InputValue { name defaultValue type { ...T } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

/// The types of the schema by name.
pub struct Shape(BTreeMap<String, Value>);

/// A field or an argument with its type.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    pub name: &'a str,
    pub of: &'a Value,
    value: &'a Value,
}

impl<'a> Member<'a> {
    fn of(value: &'a Value) -> Self {
        Self {
            name: value["name"].as_str().unwrap(),
            of: &value["type"],
            value,
        }
    }

    /// The name of the type inside all lists and non-nulls.
    pub fn base(&self) -> &'a str {
        base(self.of)
    }

    pub fn is_needed(&self) -> bool {
        self.of["kind"] == "NON_NULL" && self.value["defaultValue"].is_null()
    }

    pub fn is_page(&self) -> bool {
        self.arguments().iter().any(|argument| argument.name == "first")
    }

    pub fn arguments(&self) -> Vec<Member<'a>> {
        members(&self.value["args"])
    }
}

fn base(of: &Value) -> &str {
    match of["ofType"].is_object() {
        true => base(&of["ofType"]),
        false => of["name"].as_str().unwrap(),
    }
}

fn members(list: &Value) -> Vec<Member<'_>> {
    list.as_array()
        .map(|list| list.iter().map(Member::of).collect())
        .unwrap_or_default()
}

/// A type as a document writes it, for example `[ID!]!`.
pub fn written(of: &Value) -> String {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", written(&of["ofType"])),
        "LIST" => format!("[{}]", written(&of["ofType"])),
        _ => of["name"].as_str().unwrap().to_owned(),
    }
}

impl Shape {
    pub async fn read(client: &Client) -> Self {
        let answer = client.ask(INTROSPECTION, json!({})).await;
        let types = answer["__schema"]["types"].as_array().unwrap();
        let by_name = |of: &Value| (of["name"].as_str().unwrap().to_owned(), of.clone());
        Self(types.iter().map(by_name).collect())
    }

    pub fn fields(&self, type_name: &str) -> Vec<Member<'_>> {
        members(&self.0[type_name]["fields"])
    }

    pub fn kind(&self, type_name: &str) -> &str {
        self.0[type_name]["kind"].as_str().unwrap()
    }

    pub fn possible_types(&self, type_name: &str) -> Vec<&str> {
        let possible = self.0[type_name]["possibleTypes"].as_array().unwrap();
        possible.iter().map(|of| of["name"].as_str().unwrap()).collect()
    }

    /// Everything that can be selected of a type without an argument that must be given: pages of ten, objects to a depth, no type within itself and no page
    /// within a page, which would cost more than a query may.
    pub fn selection(&self, type_name: &str, depth: usize) -> String {
        self.below(type_name, depth, &mut Vec::new())
    }

    fn below(&self, type_name: &str, depth: usize, path: &mut Vec<String>) -> String {
        let mut parts = vec!["__typename".to_owned()];
        path.push(type_name.to_owned());
        for field in self.fields(type_name) {
            if field.arguments().iter().any(Member::is_needed) {
                continue;
            }
            let of = field.base();
            if matches!(self.kind(of), "SCALAR" | "ENUM") {
                parts.push(field.name.to_owned());
            } else if depth > 0 && field.name != "edges" && !path.iter().any(|above| above == of) {
                let is_within_a_page = path.iter().any(|above| above.ends_with("Connection"));
                match (field.is_page(), is_within_a_page) {
                    (true, true) => {}
                    (true, false) => {
                        let below = self.below(of, depth - 1, path);
                        parts.push(format!("{}(first: 10) {below}", field.name));
                    }
                    (false, _) => parts.push(format!("{} {}", field.name, self.below(of, depth - 1, path))),
                }
            }
        }
        // What has an id is looked at by itself; side by side, fields of one name and different types would conflict.
        let is_found_by_id = self.fields(type_name).iter().any(|field| field.name == "id");
        if depth > 0 && self.kind(type_name) == "INTERFACE" && !is_found_by_id {
            for of in self.possible_types(type_name) {
                if !path.iter().any(|above| above == of) {
                    parts.push(format!("... on {of} {}", self.below(of, depth - 1, path)));
                }
            }
        }
        path.pop();
        format!("{{ {} }}", parts.join(" "))
    }

    /// Ways to an `ID` within a type of input: the empty way when it is one itself.
    pub fn ways_to_ids(&self, of: &Value) -> Vec<Vec<String>> {
        let name = base(of);
        if name == "ID" {
            return vec![Vec::new()];
        }
        let mut found = Vec::new();
        for member in members(&self.0[name]["inputFields"]) {
            for mut way in self.ways_to_ids(member.of) {
                way.insert(0, member.name.to_owned());
                found.push(way);
            }
        }
        found
    }

    /// A value of a type of input that could be meant, with `id` where the way leads and only what must be given beside it.
    pub fn value(&self, name: &str, of: &Value, way: Option<&[String]>, id: &str) -> Value {
        match of["kind"].as_str().unwrap() {
            "NON_NULL" => return self.value(name, &of["ofType"], way, id),
            "LIST" => return json!([self.value(name, &of["ofType"], way, id)]),
            _ => {}
        }
        let type_name = of["name"].as_str().unwrap();
        match (self.kind(type_name), type_name) {
            ("ENUM", _) => self.0[type_name]["enumValues"][0]["name"].clone(),
            ("INPUT_OBJECT", _) => self.object(type_name, way, id),
            (_, "ID") if way.is_some() => json!(id),
            (_, "ID") => json!("usr_00000000000000000000000000"),
            (_, "Int") => json!(1),
            (_, "Boolean") => json!(true),
            (_, "DateTime") => json!("2100-01-01T00:00:00Z"),
            (_, "Date") => json!("2100-01-01"),
            _ => json!(text_for(name)),
        }
    }

    /// Ways to everything that can be given within a type of input: the whole of it, each of its members, theirs. No type within itself.
    pub fn ways_within(&self, of: &'_ Value) -> Vec<(Vec<String>, Value)> {
        let mut found = vec![(Vec::new(), of.clone())];
        for member in members(&self.0[base(of)]["inputFields"]) {
            for (mut way, leaf) in self.ways_within(member.of) {
                way.insert(0, member.name.to_owned());
                found.push((way, leaf));
            }
        }
        found
    }

    /// As [`value`](Self::value), with a value of any sort where the way leads.
    pub fn value_with(&self, of: &Value, way: &[String], there: &Value) -> Value {
        let [head, rest @ ..] = way else {
            return there.clone();
        };
        if of["kind"] == "NON_NULL" {
            return self.value_with(&of["ofType"], way, there);
        }
        if of["kind"] == "LIST" {
            return json!([self.value_with(&of["ofType"], way, there)]);
        }
        let type_name = of["name"].as_str().unwrap();
        let mut object = self.object(type_name, Some(way), "");
        let inner = members(&self.0[type_name]["inputFields"]);
        let member = inner.iter().find(|member| member.name == head).unwrap();
        object[head] = self.value_with(member.of, rest, there);
        object
    }

    /// The names an enum has.
    pub fn names(&self, type_name: &str) -> Vec<&str> {
        let values = self.0[type_name]["enumValues"].as_array().unwrap();
        values
            .iter()
            .map(|value| value["name"].as_str().unwrap())
            .collect()
    }

    fn object(&self, type_name: &str, way: Option<&[String]>, id: &str) -> Value {
        let of = &self.0[type_name];
        let is_one_of = of["isOneOf"] == true;
        let (head, rest) = match way {
            Some([head, rest @ ..]) => (Some(head.as_str()), Some(rest)),
            _ => (None, None),
        };
        let mut object = json!({});
        for (place, member) in members(&of["inputFields"]).into_iter().enumerate() {
            let is_on_the_way = head == Some(member.name);
            let is_first_choice = is_one_of && head.is_none() && place == 0;
            // Bulk mutations are told to do all or nothing, since the rest of the call is good.
            let is_policy = member.name == "onError";
            if is_on_the_way || is_first_choice || is_policy || (!is_one_of && member.is_needed()) {
                let way = rest.filter(|_| is_on_the_way);
                object[member.name] = self.value(member.name, member.of, way, id);
            }
        }
        object
    }
}

/// A text that passes for what an argument of this name wants.
fn text_for(name: &str) -> &'static str {
    match name {
        "email" | "emails" | "list" => "somebody@one.example",
        "issuer" => "https://login.one.example",
        "idempotencyKey" => "once",
        _ => "one.example",
    }
}
