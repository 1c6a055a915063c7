//! Which embedded store a database belongs to. A second server with a folder of its own would look in it for files that lie in the other's.

use entity::embedded_store::{self, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};

/// Notes that the files of this database lie in a store, or refuses to serve it with another.
#[derive(Clone, Debug)]
pub struct BelongToStore {
    /// The store's own id, kept in its folder.
    pub id: String,
}

impl Command for BelongToStore {
    type Output = ();
    const NAME: &'static str = "uploads.belong_to_store";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let row = embedded_store::ActiveModel {
            only_one: Set(1),
            id: Set(self.id.clone()),
            created_at: Set(work.now()),
        };
        let known = OnConflict::column(Column::OnlyOne).do_nothing().to_owned();
        work.insert_new(vec![row], known).await?;
        let known = Entity::find_by_id(1).one(work.reader()).await?;
        if known.is_some_and(|known| known.id == self.id) {
            return Ok(());
        }
        Err(Error::BadInput(
            "The files of this database lie in the embedded store of another data directory (MUSTER_DATA_DIR). Several servers need one store for all, \
             S3_BUCKET; a single one needs the directory it had. If that directory is gone for good, and its files with it: muster admin forget-store."
                .into(),
        ))
    }
}

/// Forgets where the files lay, so that the next server that starts begins with a store of its own.
#[derive(Clone, Copy, Debug)]
pub struct ForgetStore;

impl Command for ForgetStore {
    type Output = ();
    const NAME: &'static str = "uploads.forget_store";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.delete(Entity::delete_many()).await?;
        Ok(())
    }
}
