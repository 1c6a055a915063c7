//! An account that works with the classic view, beside the demo's own.

use chrono::Duration;
use entity::account::{Plan, View};

use super::run::{Credentials, PRODUCTS};
use crate::access::Actor;
use crate::admin::{CreateAccount, CreateSubscription};
use crate::app::App;
use crate::directory::slugs;
use crate::error::Result;
use crate::person::EmailAddress;

/// Seats of each product.
const SEATS: i32 = 50;

/// The address of its contract manager, who has the password of the demo's administrator.
pub fn email(slug: &str) -> String {
    format!("carla.contract@{slug}-classic.example")
}

/// Sees to it that it is there, in a database that may have seen the demo before.
pub async fn settle(app: &App, credentials: &Credentials) -> Result<()> {
    let slug = format!("{}-classic", credentials.slug);
    if slugs::find(app.reader(), &slug).await?.is_some() {
        return Ok(());
    }
    let email = EmailAddress::parse(&email(&credentials.slug))?;
    let password = credentials.password.clone().into();
    let mut command = CreateAccount::new("Demo Classic AG", &slug, Plan::Standard, email, password);
    command.view = View::Classic;
    command.given_name = Some("Carla".into());
    command.family_name = Some("Contract".into());
    app.run(&Actor::Operator, command).await?;
    let today = app.clock().now().date_naive();
    for (code, _, _) in PRODUCTS {
        let command = CreateSubscription {
            account: slug.clone(),
            product: code.to_owned(),
            contract_number: "K-1".to_owned(),
            seats: SEATS,
            starts_on: today,
            ends_on: today + Duration::days(365),
            is_trial: false,
        };
        app.run(&Actor::Operator, command).await?;
    }
    Ok(())
}
