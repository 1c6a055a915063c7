//! What the schema does not explain.

use async_graphql::registry::{MetaField, MetaInputValue, MetaType, Registry};

/// Everything without a description: `Type`, `Type.field`, `Type.field(argument)`, `Enum.VALUE`, `@directive`, `@directive(argument)`.
pub fn list(registry: &Registry) -> Vec<String> {
    let mut missing = Vec::new();
    let mut note = |is_missing: bool, place: String| {
        if is_missing {
            missing.push(place);
        }
    };
    for (name, ty) in &registry.types {
        if name.starts_with("__") {
            continue;
        }
        note(description(ty).is_none_or(str::is_empty), name.clone());
        for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
            field_of(name, field, &mut note);
        }
        match ty {
            MetaType::InputObject { input_fields, .. } => {
                for field in input_fields.values() {
                    note(is_silent(field), format!("{name}.{}", field.name));
                }
            }
            MetaType::Enum { enum_values, .. } => {
                for value in enum_values.values() {
                    let is_silent = value.description.as_deref().is_none_or(str::is_empty);
                    note(is_silent, format!("{name}.{}", value.name));
                }
            }
            _ => {}
        }
    }
    for (name, directive) in &registry.directives {
        note(directive.description.is_none(), format!("@{name}"));
        for argument in directive.args.values() {
            note(is_silent(argument), format!("@{name}({})", argument.name));
        }
    }
    missing
}

fn field_of(type_name: &str, field: &MetaField, note: &mut impl FnMut(bool, String)) {
    let name = &field.name;
    if name.starts_with("__") {
        return;
    }
    let is_undescribed = field.description.as_deref().is_none_or(str::is_empty);
    note(is_undescribed, format!("{type_name}.{name}"));
    for argument in field.args.values() {
        note(
            is_silent(argument),
            format!("{type_name}.{name}({})", argument.name),
        );
    }
}

fn is_silent(value: &MetaInputValue) -> bool {
    value.description.as_deref().is_none_or(str::is_empty)
}

fn description(ty: &MetaType) -> Option<&str> {
    match ty {
        MetaType::Scalar { description, .. }
        | MetaType::Object { description, .. }
        | MetaType::Interface { description, .. }
        | MetaType::Union { description, .. }
        | MetaType::Enum { description, .. }
        | MetaType::InputObject { description, .. } => description.as_deref(),
    }
}
