//! Reading products: from memory, the same for every reader.

use uuid::Uuid;

use super::{Catalogue, Component, Product};
use crate::error::Result;
use crate::products::catalogue_holding;
use crate::read::{ById, Scope};

impl ById for Product {
    fn id(&self) -> Uuid {
        self.0.model.id
    }

    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        let is_there = |known: &Catalogue| known.has(ids.iter().copied());
        let catalogue = catalogue_holding(scope.app(), is_there).await?;
        Ok(ids
            .iter()
            .filter_map(|id| catalogue.by_id(*id).cloned())
            .collect())
    }
}

impl ById for Component {
    fn id(&self) -> Uuid {
        self.0.id
    }

    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        let is_there = |known: &Catalogue| ids.iter().all(|id| known.component(*id).is_some());
        let catalogue = catalogue_holding(scope.app(), is_there).await?;
        Ok(ids
            .iter()
            .filter_map(|id| catalogue.component(*id).cloned())
            .collect())
    }
}
