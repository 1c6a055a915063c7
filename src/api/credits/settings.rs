//! What the account itself decides about its credits.

use async_graphql::InputObject;
use graphql::Type;

use super::CloudCredits;
use crate::api::Mutation;
use crate::api::guard::Permission;
use crate::credits::UpdateCreditSettings;
use crate::error::Result;
use crate::read::Scope;

/// The mutation of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("updateCreditSettings", update)
        .doc("Says when the administrators are told that cloud credits are gone. Granting them, and whether the account may overdraw, is its seller's.")
        .guard(Permission::AccountWrite)
        .weight(10);
}

/// What is to hold for the account's credits.
#[derive(InputObject, Debug)]
struct UpdateCreditSettingsInput {
    /// At which percentages of what there was when credits were last added administrators are told, once each, in the app and by mail: at most 5, each 1 to 100, in any order. None: they
    /// are not told. Until something is said: 80 and 100.
    notice_percents: Vec<i32>,
}

async fn update(scope: Scope, input: UpdateCreditSettingsInput) -> Result<CloudCredits> {
    let command = UpdateCreditSettings {
        notice_percents: input.notice_percents,
    };
    scope.run(command).await.map(CloudCredits::from)
}
