//! Imports that are taken back: what each row did, what became of it, and how far the taking back is. Imports whose columns were named by hand, found again by their
//! headers.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, COLUMNS).await
    }
}

/// What a row of before did is not known: it is left, and says so.
const COLUMNS: &str = "
ALTER TABLE imports ADD COLUMN undo {json}
;;
ALTER TABLE import_rows ADD COLUMN effects {json}
;;
ALTER TABLE import_rows ADD COLUMN undo {text} CHECK (undo IN ('UNDONE', 'LEFT'))
;;
ALTER TABLE import_rows ADD COLUMN undo_problems {json}
;;
ALTER TABLE imports ADD COLUMN mapping {json}
;;
ALTER TABLE imports ADD COLUMN header_key {text}
;;
CREATE INDEX imports_by_headers ON imports (account_id, header_key, id) WHERE mapping IS NOT NULL
";
