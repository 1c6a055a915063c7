//! Reading whole rows by the position of their columns.
//!
//! A model's own reader looks each column up by its name, which for a page of fifty users is more work than decoding them. A [`Row`] takes the columns in the
//! order in which `Entity::find()` selects them: that of the model's fields, which a test holds against the entity.

use sea_orm::{DbErr, FromQueryResult, QueryResult};

/// A model, read by position: `Entity::find().into_model::<Row<Model>>()`.
#[derive(Clone, Debug)]
pub struct Row<M>(pub M);

macro_rules! by_position {
    ($entity:ident { $($field:ident),+ $(,)? }) => {
        impl FromQueryResult for Row<crate::$entity::Model> {
            fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
                let mut places = 0..;
                // The range has no end.
                let mut place = || places.next().unwrap_or_default();
                Ok(Self(crate::$entity::Model {
                    $($field: row.try_get_by_index(place())?),+
                }))
            }
        }

        #[cfg(test)]
        mod $entity {
            #[test]
            fn fields_stand_in_the_order_of_columns() {
                use sea_orm::{IdenStatic, Iterable};

                let columns = crate::$entity::Column::iter().map(|column| column.as_str().to_owned());
                let fields = [$(stringify!($field)),+];
                assert_eq!(columns.collect::<Vec<_>>(), fields);
            }
        }
    };
}

by_position!(user {
    account_id,
    id,
    identity_id,
    version,
    email,
    email_key,
    email_verified,
    given_name,
    family_name,
    sort_name,
    search_text,
    role,
    status,
    origin,
    locale,
    external_id,
    created_at,
    last_signed_in_at,
    disabled_at,
    removed_at,
});
