//! Asking for a product.

use chrono::Duration;
use entity::access_request::{self, Status};
use entity::ids::{self, Kind};
use entity::notification::{self, Severity};
use entity::{assignment, subscription};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::rules::words;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::limits;
use crate::notifications::{Notice, notify_who_may};
use crate::person::display_name;
use crate::platform::constants::Constants;
use crate::products::{Catalogue, catalogue_holding};

/// Within this time somebody asks so often ([`limits::ACCESS_REQUESTS_A_DAY`]).
const DAY: Duration = Duration::days(1);

/// Asks for a product, for whoever signed in. A request that is open already is answered as it is.
#[derive(Clone, Debug)]
pub struct Ask {
    pub product_id: Uuid,
    pub note: Option<String>,
}

impl Command for Ask {
    type Output = access_request::Model;
    const NAME: &'static str = "access_requests.ask";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<access_request::Model> {
        let note = words(self.note.as_deref(), "input.note")?;
        let member = work.member()?.clone();
        let product = self.product(work, member.account_id).await?;
        let own = access_request::Entity::find()
            .filter(access_request::Column::AccountId.eq(member.account_id))
            .filter(access_request::Column::UserId.eq(member.user_id));
        let open = own
            .clone()
            .filter(access_request::Column::Status.eq_constant(Status::Open))
            .all(work.reader())
            .await?;
        if let Some(asked) = open.iter().find(|one| one.product_id == self.product_id) {
            return Ok(asked.clone());
        }
        if open.len() >= limits::OPEN_ACCESS_REQUESTS {
            let text = "So many requests of yours are open already. Wait until some are decided.";
            return Err(quota(limits::OPEN_ACCESS_REQUESTS, None, text));
        }
        let of_the_day = own.filter(access_request::Column::Id.gte(ids::since(work.now() - DAY)));
        if of_the_day.count(work.reader()).await? >= limits::ACCESS_REQUESTS_A_DAY as u64 {
            let wait = i32::try_from(DAY.num_seconds()).ok();
            return Err(quota(
                limits::ACCESS_REQUESTS_A_DAY,
                wait,
                "You asked too often today.",
            ));
        }
        let request = access_request::Model {
            account_id: member.account_id,
            id: work.new_id(),
            user_id: member.user_id,
            product_id: self.product_id,
            status: Status::Open,
            note,
            answer: None,
            created_at: work.now(),
            decided_at: None,
            decided_by: None,
        };
        work.insert(vec![access_request::ActiveModel::from(request.clone())])
            .await?;
        work.touch(Kind::AccessRequest.text(request.id));
        work.touch(Kind::Product.text(request.product_id));
        let told = notice(work, &request, &product);
        notify_who_may(work, member.account_id, Action::ManageAssignments, &told).await?;
        Ok(request)
    }
}

impl Ask {
    /// The name of the product, if it can be asked for: the account has bought it, and whoever asks has no seat of it.
    async fn product(&self, work: &Work, account_id: Uuid) -> Result<String> {
        let user_id = work.member()?.user_id;
        let is_bought = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .filter(subscription::Column::ProductId.eq(self.product_id))
            .count(work.reader())
            .await?;
        let is_there = |known: &Catalogue| known.has(std::iter::once(self.product_id));
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        let product = catalogue.by_id(self.product_id).filter(|_| is_bought > 0);
        let product = product.ok_or_else(|| {
            Refusal::new(Code::NotFound, "The account has no such product.").at("input.productId")
        })?;
        let is_held = assignment::Entity::find()
            .filter(assignment::Column::AccountId.eq(account_id))
            .filter(assignment::Column::UserId.eq(user_id))
            .filter(assignment::Column::ProductId.eq(self.product_id))
            .count(work.reader())
            .await?;
        if is_held > 0 {
            let refusal = Refusal::new(Code::AlreadyExists, "You have this product already.");
            return Err(refusal.at("input.productId").into());
        }
        Ok(product.0.model.name.clone())
    }
}

fn quota(limit: usize, retry_after_seconds: Option<i32>, text: &str) -> Error {
    let detail = Detail::Quota {
        limit: i32::try_from(limit).unwrap_or(i32::MAX),
        retry_after_seconds,
    };
    Refusal::new(Code::QuotaExceeded, text).with(detail).into()
}

fn notice(work: &Work, request: &access_request::Model, product: &str) -> Notice {
    let who = work
        .own_names()
        .map(|(given, family, email)| display_name(given, family, email));
    let who = who.unwrap_or_default();
    let said = request
        .note
        .as_ref()
        .map(|note| format!(" They say: {note}"))
        .unwrap_or_default();
    Notice {
        kind: notification::Kind::AccessRequested,
        severity: Severity::Info,
        title: format!("{who} asks for {product}"),
        body: format!("Approve the request, which gives them a seat, or decline it.{said}"),
        subject: Some(Kind::AccessRequest.text(request.id)),
    }
}
