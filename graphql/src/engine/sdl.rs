//! The schema as text. The library prints directives without what their arguments mean; that is put in here.

use async_graphql::registry::{MetaDirective, MetaInputValue, Registry};

/// The text the library made, with the arguments of directives described.
pub fn described(printed: &str, registry: &Registry) -> String {
    let mut text = String::with_capacity(printed.len());
    for line in printed.trim_end().lines() {
        match described_directive(line, registry) {
            Some(described) => text.push_str(&described),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// `directive @cost(weight: Int) on FIELD_DEFINITION`, if that is what the line is, with an argument a line.
fn described_directive(line: &str, registry: &Registry) -> Option<String> {
    let (name, _) = line.strip_prefix("directive @")?.split_once('(')?;
    let (_, rest) = line.rsplit_once(')')?;
    let directive = registry.directives.get(name)?;
    let arguments = arguments(directive);
    Some(format!("directive @{name}(\n{arguments}){rest}"))
}

fn arguments(directive: &MetaDirective) -> String {
    directive.args.values().map(argument).collect()
}

fn argument(argument: &MetaInputValue) -> String {
    let words = argument.description.as_deref().map(|words| {
        let words: String = words.lines().flat_map(|line| ["\t", line, "\n"]).collect();
        format!("\t\"\"\"\n{words}\t\"\"\"\n")
    });
    let default = argument.default_value.as_deref();
    let default = default.map(|default| format!(" = {default}")).unwrap_or_default();
    format!(
        "{}\t{}: {}{default}\n",
        words.unwrap_or_default(),
        argument.name,
        argument.ty
    )
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;

    use super::*;
    use crate::engine::cost;

    #[test]
    fn arguments_of_directives_are_described_and_everything_else_stays_as_it_is() {
        let mut registry = Registry::default();
        cost::register(&mut registry);
        let printed = "type Query {\n\ta: Int @cost(weight: 1)\n}\n\ndirective @cost(weight: Int, multipliers: [String!]) on FIELD_DEFINITION\n";
        let described = described(printed, &registry);
        let expected =
            "directive @cost(\n\t\"\"\"\n\tWhat the field costs by itself.\n\t\"\"\"\n\tweight: Int\n";
        assert!(described.contains(expected), "{described}");
        assert!(described.ends_with("\n) on FIELD_DEFINITION\n"), "{described}");
        assert!(described.starts_with("type Query {\n\ta: Int @cost(weight: 1)\n}\n\n"));
        assert!(parse_schema(&described).is_ok(), "{described}");
    }

    #[test]
    fn a_directive_nobody_registered_stays_as_it_is() {
        let printed = "directive @other(if: Boolean!) on FIELD\n";
        assert_eq!(described(printed, &Registry::default()), printed);
    }
}
