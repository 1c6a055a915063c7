//! The directive `@access`, by which the schema says who may.

use async_graphql::InputType;
use async_graphql::registry::{__DirectiveLocation, Deprecation, MetaDirective, MetaInputValue, Registry};

use super::Permission;

/// Describes `@access`.
pub fn register(registry: &mut Registry) {
    let permission = <Permission as InputType>::create_type_info(registry);
    let plan = <crate::api::accounts::Plan as InputType>::create_type_info(registry);
    let view = <crate::api::accounts::AccountView as InputType>::create_type_info(registry);
    let args = [
        (
            "permission",
            permission.trim_end_matches('!'),
            None,
            "The permission it needs.",
        ),
        (
            "plan",
            plan.trim_end_matches('!'),
            None,
            "The plan the account must be on.",
        ),
        (
            "view",
            view.trim_end_matches('!'),
            None,
            "The view of user management the account must work with.",
        ),
        (
            "recentAuth",
            "Boolean",
            Some("false"),
            "Whether it needs a sign-in of the last ten minutes.",
        ),
        (
            "anonymous",
            "Boolean",
            Some("false"),
            "Whether it needs no session.",
        ),
        (
            "selfAllowed",
            "Boolean",
            Some("false"),
            "Whether everybody may for what is about themselves.",
        ),
    ];
    let args = args.into_iter().map(|(name, ty, default, doc)| {
        let value = MetaInputValue {
            name: name.to_owned(),
            description: Some(doc.to_owned()),
            ty: ty.to_owned(),
            deprecation: Deprecation::NoDeprecated,
            default_value: default.map(str::to_owned),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            is_secret: false,
            directive_invocations: Vec::new(),
        };
        (name.to_owned(), value)
    });
    registry.add_directive(MetaDirective {
        name: "access".to_owned(),
        description: Some("Who may resolve a field; a refusal is a FORBIDDEN error that names the permission, and the field is null. Absent: any signed-in member of the account that owns the object. `plan`: accounts on this plan. `view`: accounts that work with this view; others are refused with WRONG_USER_MANAGEMENT_VIEW. `recentAuth`: only with a sign-in of the last ten minutes. `anonymous`: no session needed. `selfAllowed`: also everybody for what is about themselves; without a permission, every person and no API token.".to_owned()),
        locations: vec![__DirectiveLocation::FIELD_DEFINITION],
        args: args.collect(),
        is_repeatable: false,
        visible: None,
        composable: None,
    });
}
