//! Accounts with people and products in them.

use chrono::Duration;
use entity::account::{Plan, View};
use entity::ids::Kind;
use entity::{account, product, user};
use muster::access::{Actor, Member, Origin};
use muster::admin::{ComponentSpec, CreateAccount, CreateSubscription, DefineProduct};
use muster::app::App;
use muster::person::EmailAddress;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Client, House};

pub const PASSWORD: &str = "correct horse battery staple";

/// An account and its primary administrator, signed in.
pub struct Team {
    pub account_id: Uuid,
    pub admin: Client,
    pub admin_id: String,
}

/// Makes an account whose administrator is `admin@<slug>.example`.
pub async fn team(house: &House, slug: &str, plan: Plan) -> Team {
    team_in(house, slug, plan, View::Current).await
}

/// As [`team`], in a view of user management: in the classic one the administrator is a contract manager.
pub async fn team_in(house: &House, slug: &str, plan: Plan, view: View) -> Team {
    let email = format!("admin@{slug}.example");
    let mut command = CreateAccount::new(
        &slug.to_uppercase(),
        slug,
        plan,
        EmailAddress::parse(&email).unwrap(),
        PASSWORD.to_owned().into(),
    );
    command.view = view;
    command.given_name = Some("Ada".into());
    command.family_name = Some("Admin".into());
    let (account, user) = house.app.run(&Actor::Operator, command).await.unwrap();
    let admin = house.sign_in(&email, PASSWORD).await;
    Team {
        account_id: account.id,

        admin,
        admin_id: Kind::User.text(user.id),
    }
}

/// Adds a product to the catalogue and seats of it to an account; answers the subscription's id.
pub async fn add_product(house: &House, slug: &str, code: &str, seats: i32) -> String {
    sell(&house.app, slug, (code, &format!("Product {code}")), seats).await
}

/// As [`add_product`], by whichever process, under whichever name.
pub async fn sell(app: &App, slug: &str, (code, name): (&str, &str), seats: i32) -> String {
    let part = |code: &str, is_required, is_enabled_by_default| ComponentSpec {
        code: code.into(),
        name: format!("{code} part"),
        is_required,
        is_enabled_by_default,
        needs: Vec::new(),
    };
    let components = vec![
        part("CORE", true, true),
        part("EXTRA", false, true),
        part("CLOUD", false, false),
    ];
    let define = DefineProduct {
        code: code.into(),
        name: name.into(),
        kind: product::Kind::Application,
        components,
    };
    app.run(&Actor::Operator, define).await.unwrap();
    let today = app.clock().now().date_naive();
    let subscribe = CreateSubscription {
        account: slug.into(),
        product: code.into(),
        contract_number: format!("C-{code}"),
        seats,
        starts_on: today - Duration::days(1),
        ends_on: today + Duration::days(400),
        is_trial: false,
    };
    Kind::Subscription.text(app.run(&Actor::Operator, subscribe).await.unwrap())
}

/// Somebody who is invited accepts and signs in.
pub async fn accept(house: &House, email: &str) -> Client {
    let token = house.invitation_token(email).await;
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code message } } }";
    let answer = house
        .anonymous()
        .ask(accept, json!({"input": {"token": token, "password": PASSWORD}}))
        .await;
    assert_eq!(answer["acceptInvitation"]["userErrors"], json!([]));
    house.sign_in(email, PASSWORD).await
}

impl Team {
    /// The administrator as commands know them.
    pub async fn actor(&self, house: &House) -> Actor {
        let user_id = Kind::User.parse(&self.admin_id).unwrap();
        let user = user::Entity::find_by_id((self.account_id, user_id)).one(house.app.reader());
        let account = account::Entity::find_by_id(self.account_id).one(house.app.reader());
        let (user, account) = (user.await.unwrap().unwrap(), account.await.unwrap().unwrap());
        Actor::Member(Member {
            account_id: self.account_id,
            user_id,
            session_id: Uuid::nil(),
            role: user.role,
            plan: account.plan,
            view: account.view,
            authenticated_at: house.app.clock().now(),
            label: user.email,
            origin: Origin::default(),
        })
    }

    /// Invites somebody; answers the user's id.
    pub async fn invite(&self, email: &str) -> String {
        let answer = self
            .admin
            .ask(
                "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code message } } }",
                json!({"input": {"email": email}}),
            )
            .await;
        assert_eq!(answer["inviteUser"]["userErrors"], json!([]));
        answer["inviteUser"]["user"]["id"].as_str().unwrap().to_owned()
    }

    /// Invites somebody who accepts at once and signs in.
    pub async fn join(&self, house: &House, email: &str, role: &str) -> Client {
        let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code message } } }";
        let answer = self
            .admin
            .ask(invite, json!({"input": {"email": email, "role": role}}))
            .await;
        assert_eq!(answer["inviteUser"]["userErrors"], json!([]));
        accept(house, email).await
    }

    /// The seats of a subscription: total, used, pending.
    pub async fn seats(&self, subscription: &str) -> (i64, i64, i64) {
        let query = "query($id: ID!) { subscription(id: $id) { seats { total used pending } } }";
        let answer = self.admin.ask(query, json!({"id": subscription})).await;
        let seats = &answer["subscription"]["seats"];
        let number = |name: &str| seats[name].as_i64().unwrap();
        (number("total"), number("used"), number("pending"))
    }

    /// The account's users by status: active, pending, staged, and the total of the list.
    pub async fn counts(&self) -> Value {
        let query = "{ account { userCounts { total active pending staged disabled admins } users(first: 1) { totalCount } } }";
        self.admin.ask(query, json!({})).await["account"].clone()
    }
}
