//! The schema's own text, read as a contract: which fields there are, what they need, and who may have them.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned, Value};

/// What `@access` says; nothing said: any signed-in member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each argument of the directive"
)]
pub struct Rule {
    pub permission: Option<String>,
    pub is_premium: bool,
    pub is_recent: bool,
    pub is_anonymous: bool,
    pub is_self_allowed: bool,
    /// The view of user management it belongs to.
    pub view: Option<String>,
}

impl Rule {
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// One field of an object type.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// Name of the type without brackets and marks.
    pub kind: String,
    /// Name and type of each argument that has to be given, and of `first`, which keeps pages short.
    pub args: Vec<(String, Type)>,
    pub needs_args: bool,
    pub rule: Rule,
}

/// The whole schema.
pub struct Contract {
    pub objects: BTreeMap<String, Vec<Field>>,
    /// Interfaces and unions, with the objects they stand for.
    pub abstracts: BTreeMap<String, Vec<String>>,
    enums: BTreeMap<String, String>,
    inputs: BTreeMap<String, Input>,
}

struct Input {
    is_one_of: bool,
    fields: Vec<(String, Type, bool)>,
}

fn named(kind: &Type) -> String {
    match &kind.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => named(item),
    }
}

fn arg(definition: &InputValueDefinition) -> (String, Type, bool) {
    let kind = definition.ty.node.clone();
    let is_needed = !kind.nullable && definition.default_value.is_none();
    (definition.name.node.to_string(), kind, is_needed)
}

fn field(definition: &FieldDefinition) -> Field {
    let mut rule = Rule::default();
    let access = definition
        .directives
        .iter()
        .find(|directive| directive.node.name.node == "access");
    for (name, value) in access
        .map(|access| access.node.arguments.as_slice())
        .unwrap_or_default()
    {
        match (name.node.as_str(), &value.node) {
            ("permission", value) => rule.permission = Some(value.to_string()),
            ("plan", value) => rule.is_premium = value.to_string() == "PREMIUM",
            ("recentAuth", value) => rule.is_recent = value.to_string() == "true",
            ("anonymous", value) => rule.is_anonymous = value.to_string() == "true",
            ("selfAllowed", value) => rule.is_self_allowed = value.to_string() == "true",
            ("view", value) => rule.view = Some(value.to_string()),
            (other, _) => panic!("the matrix does not know @access({other})"),
        }
    }
    let args: Vec<_> = definition
        .arguments
        .iter()
        .map(|definition| arg(&definition.node))
        .collect();
    Field {
        name: definition.name.node.to_string(),
        kind: named(&definition.ty.node),
        needs_args: args.iter().any(|(_, _, is_needed)| *is_needed),
        args: args
            .into_iter()
            .filter(|(name, _, is_needed)| *is_needed || name == "first")
            .map(|(name, kind, _)| (name, kind))
            .collect(),
        rule,
    }
}

impl Contract {
    /// What is served.
    pub fn read() -> Self {
        let document = parse_schema(muster::api::schema().sdl()).unwrap();
        let mut contract = Self {
            objects: BTreeMap::new(),
            abstracts: BTreeMap::new(),
            enums: BTreeMap::new(),
            inputs: BTreeMap::new(),
        };
        for definition in document.definitions {
            if let TypeSystemDefinition::Type(definition) = definition {
                let definition = definition.node;
                contract.learn(
                    definition.name.node.to_string(),
                    definition.kind,
                    &definition.directives,
                );
            }
        }
        assert!(contract.objects.len() > 30, "the schema was not read");
        contract
    }

    fn learn(
        &mut self,
        name: String,
        kind: TypeKind,
        directives: &[Positioned<async_graphql::parser::types::ConstDirective>],
    ) {
        match kind {
            TypeKind::Object(object) => {
                for interface in &object.implements {
                    let interface = interface.node.to_string();
                    self.abstracts.entry(interface).or_default().push(name.clone());
                }
                let fields = object.fields.iter().map(|definition| field(&definition.node));
                self.objects.insert(name, fields.collect());
            }
            TypeKind::Union(union) => {
                let members = union.members.iter().map(|member| member.node.to_string());
                self.abstracts.insert(name, members.collect());
            }
            TypeKind::Enum(definition) => {
                let first = definition.values[0].node.value.node.to_string();
                self.enums.insert(name, first);
            }
            TypeKind::InputObject(input) => {
                let is_one_of = directives
                    .iter()
                    .any(|directive| directive.node.name.node == "oneOf");
                let fields = input
                    .fields
                    .iter()
                    .map(|definition| arg(&definition.node))
                    .collect();
                self.inputs.insert(name, Input { is_one_of, fields });
            }
            TypeKind::Scalar | TypeKind::Interface(_) => {}
        }
    }

    pub fn is_leaf(&self, kind: &str) -> bool {
        !self.objects.contains_key(kind) && !self.abstracts.contains_key(kind)
    }

    /// The objects a field of this type can answer.
    pub fn possible(&self, kind: &str) -> Vec<String> {
        match self.abstracts.get(kind) {
            Some(members) => members.clone(),
            None if self.objects.contains_key(kind) => vec![kind.to_owned()],
            None => Vec::new(),
        }
    }

    /// Everything a type leads to, itself included.
    pub fn reachable(&self, from: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![from.to_owned()];
        while let Some(name) = waiting.pop() {
            for field in self.objects.get(&name).into_iter().flatten() {
                waiting.extend(
                    self.possible(&field.kind)
                        .into_iter()
                        .filter(|kind| !found.contains(kind)),
                );
            }
            found.insert(name);
        }
        found
    }

    /// The least value of a type that the schema accepts.
    pub fn least(&self, kind: &Type) -> Value {
        let name = match &kind.base {
            BaseType::List(item) => return Value::List(vec![self.least(item)]),
            BaseType::Named(name) => name.as_str(),
        };
        if let Some(first) = self.enums.get(name) {
            return Value::Enum(Name::new(first));
        }
        if let Some(input) = self.inputs.get(name) {
            let given = input
                .fields
                .iter()
                .enumerate()
                .filter(|(place, (_, _, is_needed))| if input.is_one_of { *place == 0 } else { *is_needed });
            let given = given.map(|(_, (name, kind, _))| (Name::new(name), self.least(kind)));
            return Value::Object(given.collect());
        }
        match name {
            "Int" => Value::from(1),
            "Float" => Value::from(1.0),
            "Boolean" => Value::from(true),
            "Date" => Value::from("2026-11-22"),
            "DateTime" => Value::from("2026-11-22T00:00:00Z"),
            "URL" | "Url" => Value::from("https://x.example"),
            _ => Value::from("x"),
        }
    }
}
