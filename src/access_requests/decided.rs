//! Writing what was decided, and telling whoever asked: as many statements for one as for a hundred.

use std::collections::HashMap;

use entity::access_request::{Column, Entity, Model, Status};
use entity::ids::Kind;
use entity::notification::{self, Severity};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;
use crate::notifications::{Notice, notify_each};
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::products::{Catalogue, catalogue_holding};

/// The requests that are named, by their ids. What is another account's is as absent as what never was.
pub async fn named(work: &Work, account_id: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, Model>> {
    let found = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, ids))
        .all(work.reader())
        .await?;
    Ok(found.into_iter().map(|request| (request.id, request)).collect())
}

/// What is decided of a request.
pub struct Decided<'a> {
    pub request: &'a Model,
    /// Approved, and a seat is waited for.
    pub waits: bool,
}

/// Writes it. The requests are open.
pub async fn write(
    work: &mut Work,
    account_id: Uuid,
    status: Status,
    answer: Option<&str>,
    decided: &[Decided<'_>],
) -> Result<()> {
    if decided.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = decided.iter().map(|one| one.request.id).collect();
    let by = work.actor().member().map(|member| member.user_id);
    let update = Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.to_value()))
        .col_expr(Column::Answer, Expr::value(answer.map(str::to_owned)))
        .col_expr(Column::DecidedAt, Expr::value(work.now()))
        .col_expr(Column::DecidedBy, Expr::value(by))
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, &ids))
        .filter(Column::Status.eq_constant(Status::Open));
    work.update(update).await?;
    let is_there = |known: &Catalogue| known.has(decided.iter().map(|one| one.request.product_id));
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let mut notices = Vec::with_capacity(decided.len());
    for one in decided {
        work.touch(Kind::AccessRequest.text(one.request.id));
        work.touch(Kind::User.text(one.request.user_id));
        let product = catalogue.by_id(one.request.product_id);
        let product = product
            .map(|product| product.0.model.name.clone())
            .unwrap_or_default();
        notices.push((one.request.user_id, notice(one, status, answer, &product)));
    }
    notify_each(work, account_id, &notices).await?;
    Ok(())
}

fn notice(decided: &Decided<'_>, status: Status, answer: Option<&str>, product: &str) -> Notice {
    let (title, body) = match (status, decided.waits) {
        (Status::Declined, _) => (
            format!("Your request for {product} was declined"),
            "You can ask again, or talk to an administrator.",
        ),
        (_, true) => (
            format!("Your request for {product} was approved"),
            "No seat is free at the moment. You get the next one that is, and are told by mail.",
        ),
        (_, false) => (format!("You have {product} now"), "Your request was approved."),
    };
    let said = answer
        .map(|answer| format!(" They say: {answer}"))
        .unwrap_or_default();
    Notice {
        kind: notification::Kind::AccessDecided,
        severity: Severity::Info,
        title,
        body: format!("{body}{said}"),
        subject: Some(Kind::AccessRequest.text(decided.request.id)),
    }
}
