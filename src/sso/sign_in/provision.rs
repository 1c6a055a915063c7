//! Letting somebody in who has no place in the account yet, or one that waited for them.
//!
//! Whoever is provisioned is a plain user: what a provider says of roles and groups is not listened to (security catalogue, B6).

use entity::ids::Kind;
use entity::user::{self, Origin, Role, Status};
use entity::{account, assignment, identity_provider};
use sea_orm::IntoActiveModel;

use super::recognise::Recognised;
use crate::accounts::Naming;
use crate::accounts::counters::Delta;
use crate::assignments::by_group::{self, Remembered};
use crate::assignments::{AssignSeats, Assigned, SeatRequest, SeatSource};
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::directory::people;
use crate::error::{Code, Error, Refusal, Result};
use crate::groups::{Joined, join};
use crate::invitations::{Joining, activate, close, confirm, role_at_acceptance, take_up_seats};
use crate::person::EmailAddress;
use crate::sso::provider::round_trip::Assertion;

/// Accepts the invitation of a person who is waited for, with the role it offers.
pub async fn accept(
    work: &mut Work,
    account: &account::Model,
    person: &Recognised,
    assertion: &Assertion,
) -> Result<user::Model> {
    let (Some(user), Some(invitation)) = (&person.user, &person.invitation) else {
        return Err(Error::internal("an invitation to accept is missing"));
    };
    let role = role_at_acceptance(work, account, invitation).await?;
    let activated = activate(work, account, user, joining(user, assertion, role)).await?;
    close(work, invitation).await?;
    let products = take_up_seats(work, &activated).await?;
    confirm(work, account, &activated, products).await?;
    Ok(activated)
}

/// Makes the person an active user with the provider's default seats, and welcomes them by one mail.
pub async fn provision(
    work: &mut Work,
    account: &account::Model,
    provider: &identity_provider::Model,
    person: &Recognised,
    assertion: &Assertion,
) -> Result<user::Model> {
    let (user, mut products) = match &person.user {
        Some(known) => {
            let user = activate(work, account, known, joining(known, assertion, Role::User)).await?;
            if let Some(invitation) = &person.invitation {
                close(work, invitation).await?;
            }
            let products = take_up_seats(work, &user).await?;
            (user, products)
        }
        None => (add(work, account, assertion).await?, Vec::new()),
    };
    products.extend(default_seats(work, provider, &user).await?);
    products.extend(default_groups(work, provider, &user).await?);
    let welcome = Mail {
        key: format!("welcome:{}", user.id),
        to_address: user.email.clone(),
        to_name: user.given_name.clone(),
        letter: Letter::Welcome {
            account_name: account.name.clone(),
            provider_name: provider.name.clone(),
            products,
        },
    };
    outbox::write(work, account.id, vec![welcome]).await?;
    Ok(user)
}

/// Names an administrator wrote stay.
fn joining(user: &user::Model, assertion: &Assertion, role: Role) -> Joining {
    let profile = &assertion.profile;
    Joining {
        identity_id: None,
        role,
        given_name: user.given_name.clone().or_else(|| profile.given_name.clone()),
        family_name: user.family_name.clone().or_else(|| profile.family_name.clone()),
    }
}

async fn add(work: &mut Work, account: &account::Model, assertion: &Assertion) -> Result<user::Model> {
    let profile = &assertion.profile;
    let address = profile.address.as_ref();
    let address = address.ok_or_else(|| Error::internal("somebody without an address was provisioned"))?;
    let naming = Naming::of(work, account).await?;
    let user = row(work, account, &naming, assertion, address);
    work.insert(vec![user.clone().into_active_model()]).await?;
    people::note(work, std::slice::from_ref(&user)).await?;
    let mut delta = Delta::default();
    delta.gains(user.status, user.role);
    delta.write(work, account.id).await?;
    Ok(user)
}

fn row(
    work: &Work,
    account: &account::Model,
    naming: &Naming,
    assertion: &Assertion,
    address: &EmailAddress,
) -> user::Model {
    let profile = &assertion.profile;
    let findable = naming.findable(
        profile.given_name.as_deref(),
        profile.family_name.as_deref(),
        address.as_typed(),
        address.key(),
    );
    user::Model {
        account_id: account.id,
        id: work.new_id(),
        identity_id: None,
        version: 1,
        email: address.as_typed().to_owned(),
        email_key: address.key().to_owned(),
        email_verified: true,
        given_name: profile.given_name.clone(),
        family_name: profile.family_name.clone(),
        given_key: findable.given_key,
        family_key: findable.family_key,
        search_text: findable.search_text,
        role: Role::User,
        status: Status::Active,
        origin: Origin::SsoJit,
        locale: None,
        external_id: None,
        created_at: work.now(),
        last_signed_in_at: None,
        disabled_at: None,
        removed_at: None,
    }
}

/// Gives the default seats for as long as there are some; answers the names of what was given. That none is left keeps somebody out only where the
/// account wants it so.
async fn default_seats(
    work: &mut Work,
    provider: &identity_provider::Model,
    user: &user::Model,
) -> Result<Vec<String>> {
    let subscriptions = &provider.default_subscription_ids.0;
    if subscriptions.is_empty() {
        return Ok(Vec::new());
    }
    let seat = |id: &uuid::Uuid| SeatRequest {
        user_id: user.id,
        source: SeatSource::Subscription(*id),
        components: None,
        expires_on: None,
    };
    let command = AssignSeats {
        requests: subscriptions.iter().map(seat).collect(),
        source: assignment::Source::SsoJit,
        waits: false,
        newcomers: Vec::new(),
    };
    let outcomes = work.run(command).await?;
    let mut refusals = outcomes.iter().filter_map(Assigned::refusal);
    if !provider.allows_without_seat
        && let Some(refusal) = refusals.find(|refusal| refusal.code == Code::SeatsExhausted)
    {
        let refusal: Refusal = refusal.clone();
        return Err(refusal.into());
    }
    names(work, outcomes.iter()).await
}

/// Puts them into the default groups that are there still; answers the names of what these gave. Where no seat is left they wait: that keeps nobody out.
async fn default_groups(
    work: &mut Work,
    provider: &identity_provider::Model,
    user: &user::Model,
) -> Result<Vec<String>> {
    let groups = &provider.default_group_ids.0;
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let pairs: Vec<_> = groups.iter().map(|group| (*group, user.id)).collect();
    let joined = join(work, provider.account_id, &pairs).await?;
    for (_, (group, _)) in joined
        .iter()
        .zip(&pairs)
        .filter(|(one, _)| matches!(one, Joined::New(_)))
    {
        work.touch(Kind::Group.text(*group));
    }
    let given = by_group::give(
        work,
        provider.account_id,
        &[user.id],
        Vec::new(),
        &Remembered::new(),
    )
    .await?;
    names(work, given.iter().map(|(_, outcome)| outcome)).await
}

/// The names of the products that were given.
async fn names(work: &Work, outcomes: impl Iterator<Item = &Assigned>) -> Result<Vec<String>> {
    let catalogue = crate::products::catalogue(work.app()).await?;
    let products = outcomes.filter_map(Assigned::new_product);
    let names = products.filter_map(|id| Some(catalogue.by_id(id)?.0.model.name.clone()));
    Ok(names.collect())
}
