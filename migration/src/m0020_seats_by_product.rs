//! Who holds seats of a product, in the order they were given; and components that need others.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, SEATS).await
    }
}

const SEATS: &str = "
CREATE UNIQUE INDEX assignments_by_product ON assignments (account_id, product_id, id)
;;
ALTER TABLE components ADD COLUMN needs {json} NOT NULL DEFAULT '[]'
";
