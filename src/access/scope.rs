//! What a token may be made for. What a scope allows is in the policy table.

use async_graphql::Enum;
use async_graphql::resolver_utils::EnumType;
use entity::lists::Texts;

/// What an API token may do; never more than its creator.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiTokenScope {
    /// Users, their roles and invitations.
    UsersRead,
    /// Includes reading users. Gives no role but USER.
    UsersWrite,
    /// Products, subscriptions and who has seats.
    AssignmentsRead,
    /// Includes reading them.
    AssignmentsWrite,
    /// The audit log.
    AuditRead,
    /// Reports of what was used.
    UsageRead,
    /// Recording what was used, for a metering system. Reads nothing.
    UsageWrite,
}

impl ApiTokenScope {
    /// As they are stored: by name.
    pub fn to_texts(scopes: &[Self]) -> Texts {
        let named = Self::items().iter().filter(|item| scopes.contains(&item.value));
        Texts(named.map(|item| item.name.to_owned()).collect())
    }

    /// As they were stored. One that no longer exists allows nothing.
    pub fn from_texts(texts: &Texts) -> Vec<Self> {
        let named = Self::items()
            .iter()
            .filter(|item| texts.0.iter().any(|text| text == item.name));
        named.map(|item| item.value).collect()
    }
}

#[cfg(test)]
mod tests {
    use entity::lists::Texts;

    use super::ApiTokenScope;

    #[test]
    fn scopes_are_stored_by_name_once_each_and_unknown_ones_allow_nothing() {
        let given = [
            ApiTokenScope::UsersWrite,
            ApiTokenScope::UsersRead,
            ApiTokenScope::UsersRead,
        ];
        let stored = ApiTokenScope::to_texts(&given);
        assert_eq!(stored.0, ["USERS_READ", "USERS_WRITE"]);
        assert_eq!(ApiTokenScope::from_texts(&stored).len(), 2);
        assert_eq!(ApiTokenScope::from_texts(&Texts(vec!["EVERYTHING".into()])), []);
    }
}
