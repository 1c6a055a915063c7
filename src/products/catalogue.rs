//! The catalogue in memory.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use entity::{component, product};
use sea_orm::{DatabaseConnection, EntityTrait, QueryOrder};
use uuid::Uuid;

use crate::error::Result;
use crate::platform::events::{Events, Wake};

/// A product with its components.
#[derive(Clone, Debug)]
pub struct Product(pub Arc<ProductData>);

#[derive(Debug)]
pub struct ProductData {
    pub model: product::Model,
    pub components: Vec<Component>,
}

/// A part of a product.
#[derive(Clone, Debug)]
pub struct Component(pub Arc<component::Model>);

/// Every product there is, by name.
#[derive(Debug, Default)]
pub struct Catalogue {
    products: Vec<Product>,
    by_id: HashMap<Uuid, usize>,
    by_word: HashMap<String, usize>,
}

impl Catalogue {
    async fn load(db: &DatabaseConnection) -> Result<Self> {
        let models = product::Entity::find()
            .order_by_asc(product::Column::Name)
            .all(db)
            .await?;
        let parts = component::Entity::find()
            .order_by_asc(component::Column::Position)
            .all(db)
            .await?;
        let mut of_product: HashMap<Uuid, Vec<Component>> = HashMap::new();
        for part in parts {
            of_product
                .entry(part.product_id)
                .or_default()
                .push(Component(Arc::new(part)));
        }
        let mut catalogue = Self::default();
        for model in models {
            let place = catalogue.products.len();
            catalogue.by_id.insert(model.id, place);
            catalogue.by_word.insert(model.name.to_lowercase(), place);
            catalogue.by_word.insert(model.code.to_lowercase(), place);
            let components = of_product.remove(&model.id).unwrap_or_default();
            catalogue
                .products
                .push(Product(Arc::new(ProductData { model, components })));
        }
        Ok(catalogue)
    }

    pub fn all(&self) -> &[Product] {
        &self.products
    }

    pub fn by_id(&self, id: Uuid) -> Option<&Product> {
        self.by_id.get(&id).map(|place| &self.products[*place])
    }

    pub fn component(&self, id: Uuid) -> Option<&Component> {
        self.products
            .iter()
            .flat_map(|product| &product.0.components)
            .find(|component| component.0.id == id)
    }

    /// A product by its code or name, in any case.
    pub fn by_word(&self, word: &str) -> Option<&Product> {
        self.by_word
            .get(&word.to_lowercase())
            .map(|place| &self.products[*place])
    }
}

/// The catalogue as of the last wake.
#[derive(Clone, Debug)]
pub struct CatalogueCache {
    current: Arc<RwLock<Current>>,
    db: DatabaseConnection,
}

#[derive(Debug, Default)]
struct Current {
    /// Grows with every wake: what was loaded before one must not be kept after it.
    generation: u64,
    catalogue: Option<Arc<Catalogue>>,
}

impl CatalogueCache {
    /// Starts listening for changes.
    pub fn start(db: DatabaseConnection, events: &Events) -> Self {
        let cache = Self {
            current: Arc::default(),
            db,
        };
        let mut listener = events.subscribe();
        let current = cache.current.clone();
        tokio::spawn(async move {
            while listener.wait_for(|wake| wake == Wake::Catalogue).await.is_some() {
                let mut current = current.write().unwrap_or_else(PoisonError::into_inner);
                current.generation += 1;
                current.catalogue = None;
            }
        });
        cache
    }

    pub async fn get(&self) -> Result<Arc<Catalogue>> {
        let generation = {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = &current.catalogue {
                return Ok(known.clone());
            }
            current.generation
        };
        let loaded = Arc::new(Catalogue::load(&self.db).await?);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation {
            current.catalogue = Some(loaded.clone());
        }
        Ok(loaded)
    }
}
