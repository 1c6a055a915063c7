//! Where a purse comes from, and how it is written.

use entity::ids::Kind as Id;
use entity::lists::Numbers;
use entity::{account, credit_book, credit_entry, credit_lot};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::Purse;
use crate::command::Work;
use crate::credits::{Credits, NOTICE_PERCENTS, notice};
use crate::error::Result;

impl Purse {
    /// The purse of an account, which is locked; `None` where no credits are kept for it. Two statements.
    ///
    /// Once a transaction: what was written to a purse before may wait still, and it is the entries that move the book, which no statement names. One opened too early is refused by
    /// the database.
    pub async fn open(work: &Work, account_id: Uuid) -> Result<Option<Self>> {
        let book = credit_book::Entity::find_by_id((account_id, account_id))
            .one(work.reader())
            .await?;
        let Some(book) = book else { return Ok(None) };
        let lots = credit_lot::Entity::find()
            .filter(credit_lot::Column::AccountId.eq(account_id))
            // As the index has it, so that lots of long ago cost nothing.
            .filter(Expr::cust("rest > 0"))
            .all(work.reader())
            .await?;
        Ok(Some(Self::of(book, lots, work.now())))
    }

    /// The same, of an account whose credits are kept from now on if they were not.
    pub async fn begin(work: &Work, account_id: Uuid) -> Result<Self> {
        if let Some(purse) = Self::open(work, account_id).await? {
            return Ok(purse);
        }
        let book = credit_book::Model {
            account_id,
            id: account_id,
            entries: 0,
            balance: 0,
            granted: 0,
            consumed: 0,
            expired: 0,
            adjusted: 0,
            allows_overdraft: false,
            least: 0,
            pot: 0,
            told_percent: 0,
            notice_percents: Numbers(NOTICE_PERCENTS.to_vec()),
            created_at: work.now(),
        };
        // At once: entries are booked in it, and no statement sees its own rows.
        let known = OnConflict::columns([credit_book::Column::AccountId, credit_book::Column::Id])
            .do_nothing()
            .to_owned();
        work.insert_new(vec![book.clone().into_active_model()], known)
            .await?;
        Ok(Self::of(book, Vec::new(), work.now()))
    }

    /// Writes what was worked out, and tells the administrators of what it comes to. A purse that nothing was done with writes nothing.
    pub async fn write(mut self, work: &mut Work, account: &account::Model) -> Result<()> {
        if self.entries.is_empty() && !self.holds_anew {
            return Ok(());
        }
        let (before, after) = (self.book.balance, self.balance());
        work.touch(Id::Account.text(account.id));
        if after.0 != before {
            let before = Credits(before).to_string();
            work.changed("creditBalance", Some(before), Some(after.to_string()));
        }
        let crossed = self.crossed();
        self.place();
        let last = self.entries.last().map(|entry| entry.id).unwrap_or_default();
        let touched = self.touched;
        let lots = self.lots.into_iter().filter(|lot| touched.contains(&lot.id));
        let as_they_are = OnConflict::columns([credit_lot::Column::AccountId, credit_lot::Column::Id])
            .update_column(credit_lot::Column::Rest)
            .to_owned();
        let lots: Vec<credit_lot::ActiveModel> = lots.map(IntoActiveModel::into_active_model).collect();
        work.insert_or(lots, as_they_are).await?;
        let entries: Vec<credit_entry::ActiveModel> = self
            .entries
            .into_iter()
            .map(IntoActiveModel::into_active_model)
            .collect();
        work.insert(entries).await?;
        if let Some(percent) = crossed {
            self.book.told_percent = percent;
        }
        if self.holds_anew || crossed.is_some() {
            // What is overdrawn stays so, and grows no more where it may not.
            self.book.least = after.0.min(0);
            settle(work, &self.book).await?;
        }
        match crossed {
            Some(percent) => notice::tell(work, account, percent, after, self.book.pot, last).await,
            None => Ok(()),
        }
    }
}

/// Writes what holds for an account's credits. What they come to is not among it: the database has that from the entries.
async fn settle(work: &Work, book: &credit_book::Model) -> Result<()> {
    use credit_book::Column;
    let update = credit_book::Entity::update_many()
        .col_expr(Column::AllowsOverdraft, Expr::value(book.allows_overdraft))
        .col_expr(Column::Least, Expr::value(book.least))
        .col_expr(Column::Pot, Expr::value(book.pot))
        .col_expr(Column::ToldPercent, Expr::value(book.told_percent))
        .filter(Column::AccountId.eq(book.account_id))
        .filter(Column::Id.eq(book.account_id));
    work.update(update).await?;
    Ok(())
}
