//! An account with a year behind it, beside the demo's own: people at work, groups, somebody who waits for a seat, invitations that came to nothing, a contract that ends soon.

use chrono::Duration;
use entity::account::Plan;
use entity::ids::Kind;
use entity::invitation::{self, Delivery};
use entity::{account, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::bystanders::accept;
use super::connect::{ask, change};
use super::dice::Dice;
use super::person::{Crowd, Person};
use super::run::Credentials;
use super::year::{DAYS, a_year_of_use};
use crate::access::{Action, Actor};
use crate::admin::{Booking, CreateAccount, CreateSubscription, GrantCredits};
use crate::app::App;
use crate::client::{Api, sign_in};
use crate::command::{Command, Record, Work};
use crate::credits::Credits;
use crate::directory::slugs;
use crate::error::{Error, Result};
use crate::person::EmailAddress;

/// Who was invited, of whom so many joined.
const PEOPLE: usize = 24;
const JOINED: usize = 16;
/// What is consumed of the credits that were granted, in percent: administrators hear of it at 80.
const CONSUMED: i64 = 77;
/// Records of one call.
const AT_ONCE: usize = 1_000;
/// What the year was bought under, and what ends soon.
const CONTRACTS: [(&str, i64); 2] = [("W-1", 300), ("W-2", 20)];
/// Product, contract, seats: of the last there are too few.
const BOUGHT: [(&str, usize, i32); 3] = [("DRAW", 0, 30), ("RENDER", 0, 20), ("SIMULATE", 1, 4)];

/// The address of its administrator, who has the password of the demo's.
pub fn email(slug: &str) -> String {
    format!("walter.works@{slug}-works.example")
}

/// Sees to it that it is there, in a database that may have seen the demo before.
pub async fn settle(app: &App, own: &str, credentials: &Credentials) -> Result<()> {
    let slug = format!("{}-works", credentials.slug);
    if slugs::find(app.reader(), &slug).await?.is_some() {
        return Ok(());
    }
    create(app, &slug, credentials).await?;
    let account = slugs::find(app.reader(), &slug).await?;
    let account = account.ok_or_else(|| Error::internal("an account just made is not there"))?;
    let password = credentials.password.clone().into();
    let token = sign_in(own, &email(&credentials.slug), &password).await;
    let api = Api::new(own, &token.map_err(Error::internal)?).map_err(Error::internal)?;
    let products = products(&api).await?;
    let users = people(app, &api, &account).await?;
    let (joined, pending) = users.split_at(JOINED.min(users.len()));
    give(&api, &products, joined).await?;
    group(&api, joined).await?;
    let today = app.clock().now().date_naive();
    let (records, credits) = a_year_of_use(today, joined);
    let booking = Booking {
        account: slug.clone(),
        amount: Credits::whole(credits * 100 / CONSUMED),
        expires_on: Some(today + Duration::days(60)),
        reference: Some("W-2026".to_owned()),
        note: None,
    };
    app.run(&Actor::Operator, GrantCredits(booking)).await?;
    for records in records.chunks(AT_ONCE) {
        let input = json!({"records": records});
        change(
            &api,
            "recordUsage",
            "RecordUsageInput",
            "summary { applied }",
            input,
        )
        .await?;
    }
    if let [undelivered, expired, ..] = pending {
        for (user, is_expired) in [(undelivered, false), (expired, true)] {
            let command = ComeToNothing {
                account_id: account.id,
                user_id: user.id,
                is_expired,
            };
            app.run(&Actor::Operator, command).await?;
        }
    }
    let input = json!({"kind": "USERS", "columnSets": ["PRODUCTS"]});
    change(&api, "startExport", "StartExportInput", "export { id }", input)
        .await
        .map(drop)
}

async fn create(app: &App, slug: &str, credentials: &Credentials) -> Result<()> {
    let email = EmailAddress::parse(&email(&credentials.slug))?;
    let password = credentials.password.clone().into();
    let mut command = CreateAccount::new("Demo Works Ltd", slug, Plan::Standard, email, password);
    command.given_name = Some("Walter".into());
    command.family_name = Some("Works".into());
    app.run(&Actor::Operator, command).await?;
    let today = app.clock().now().date_naive();
    for (product, contract, seats) in BOUGHT {
        let (contract_number, days_left) = CONTRACTS[contract];
        let command = CreateSubscription {
            account: slug.to_owned(),
            product: product.to_owned(),
            contract_number: contract_number.to_owned(),
            seats,
            starts_on: today - Duration::days(DAYS),
            ends_on: today + Duration::days(days_left),
            is_trial: false,
        };
        app.run(&Actor::Operator, command).await?;
    }
    Ok(())
}

/// The ids of products by their code.
async fn products(api: &Api) -> Result<Value> {
    let document = "{ account { products(first: 20) { nodes { id code } } } }";
    let mut answer = ask(api, document, Value::Null).await?;
    let nodes = answer["account"]["products"]["nodes"].take();
    let nodes = nodes.as_array().into_iter().flatten();
    let by_code = nodes.filter_map(|node| Some((node["code"].as_str()?.to_owned(), node["id"].clone())));
    Ok(Value::Object(by_code.collect()))
}

/// Invites everybody; most of them join. In the order in which they were invited.
async fn people(app: &App, api: &Api, account: &account::Model) -> Result<Vec<user::Model>> {
    let mut dice = Dice::new(7);
    let crowd = Crowd::new(&mut dice, &[]);
    // From one on: the first of a hundred are as plain as people come.
    let people: Vec<Person> = (1..=PEOPLE).map(|row| crowd.person(&mut dice, row)).collect();
    let entry = |person: &Person| {
        let Person {
            given_name,
            family_name,
            email,
            ..
        } = person;
        format!("\"{} {family_name}\" <{email}>", given_name.replace('"', ""))
    };
    let list: Vec<String> = people.iter().map(entry).collect();
    let input = json!({"recipients": {"list": list.join(";\n")}, "onError": "SKIP_FAILED"});
    change(
        api,
        "inviteUsers",
        "InviteUsersInput",
        "summary { applied }",
        input,
    )
    .await?;
    let mut users = Vec::with_capacity(PEOPLE);
    for person in &people {
        let address = EmailAddress::parse(&person.email)?;
        let found = user::Entity::find()
            .filter(user::Column::AccountId.eq(account.id))
            .filter(user::Column::EmailKey.eq(address.key()))
            .one(app.reader())
            .await?;
        let user = found.ok_or_else(|| Error::internal("somebody who was invited is not there"))?;
        users.push(match users.len() < JOINED {
            true => accept(app, &user).await?,
            false => user,
        });
    }
    Ok(users)
}

/// Gives seats: of one product to everybody, of another to more people than there are seats.
async fn give(api: &Api, products: &Value, users: &[user::Model]) -> Result<()> {
    for (product, how_many) in [("DRAW", users.len()), ("SIMULATE", 7)] {
        let input = json!({
            "sources": [{"productId": products[product]}],
            "userIds": ids(users.iter().take(how_many)),
            "whenFull": "WAITLIST",
            "onError": "SKIP_FAILED",
        });
        change(
            api,
            "assignSeats",
            "AssignSeatsInput",
            "summary { applied }",
            input,
        )
        .await?;
    }
    Ok(())
}

/// Two groups that overlap, of which one gives a product.
async fn group(api: &Api, users: &[user::Model]) -> Result<()> {
    let document = "{ account { subscriptions(first: 20) { nodes { id product { code } } } } }";
    let answer = ask(api, document, Value::Null).await?;
    let nodes = answer["account"]["subscriptions"]["nodes"].as_array();
    let render = nodes
        .into_iter()
        .flatten()
        .find(|node| node["product"]["code"] == "RENDER");
    let render = render.map(|node| &node["id"]);
    for (name, description, members, gives) in [
        (
            "Visualisation",
            "Renders what the others draw",
            &users[..10],
            render,
        ),
        ("Site office", "On site until spring", &users[8..12], None),
    ] {
        let input = json!({"name": name, "description": description, "memberIds": ids(members.iter())});
        let made = change(api, "createGroup", "CreateGroupInput", "group { id }", input).await?;
        let Some(subscription) = gives else { continue };
        let input = json!({"groupId": made["group"]["id"], "subscriptionIds": [subscription]});
        change(
            api,
            "setGroupSubscriptions",
            "SetGroupSubscriptionsInput",
            "group { id }",
            input,
        )
        .await?;
    }
    Ok(())
}

fn ids<'a>(users: impl Iterator<Item = &'a user::Model>) -> Vec<String> {
    users.map(|user| Kind::User.text(user.id)).collect()
}

/// Makes an invitation look as if it had run out, or had never arrived. A demo cannot wait for that.
struct ComeToNothing {
    account_id: Uuid,
    user_id: Uuid,
    is_expired: bool,
}

impl Command for ComeToNothing {
    type Output = ();
    const NAME: &'static str = "demo.come_to_nothing";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    fn account_id(&self) -> Option<Uuid> {
        Some(self.account_id)
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let update = invitation::Entity::update_many()
            .filter(invitation::Column::AccountId.eq(self.account_id))
            .filter(invitation::Column::UserId.eq(self.user_id));
        let update = match self.is_expired {
            true => {
                let age = Duration::days(100);
                update
                    .col_expr(invitation::Column::CreatedAt, (work.now() - age).into())
                    .col_expr(
                        invitation::Column::ExpiresAt,
                        (work.now() - Duration::days(10)).into(),
                    )
            }
            false => update
                .col_expr(invitation::Column::DeliveryStatus, Delivery::Bounced.into())
                .col_expr(
                    invitation::Column::DeliveryReason,
                    "550 5.1.1 No such user".into(),
                ),
        };
        work.update(update).await.map(drop)
    }
}
