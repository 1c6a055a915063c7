//! The catalogue in memory.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use entity::{component, product};
use sea_orm::{EntityTrait, QueryOrder};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::app::{App, Shared};
use crate::error::Result;
use crate::platform::db::{Lane, Reader};
use crate::platform::events::Wake;

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

/// Every product there is, by name, and those of one name by id.
#[derive(Debug, Default)]
pub struct Catalogue {
    products: Vec<Product>,
    by_id: HashMap<Uuid, usize>,
    /// In lower case. Codes are unique as they are spelt, which is not to say in any case; names need not be.
    by_code: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Catalogue {
    async fn load(db: &Reader) -> Result<Self> {
        let models = product::Entity::find().all(db).await?;
        let parts = component::Entity::find()
            .order_by_asc(component::Column::Position)
            .all(db)
            .await?;
        Ok(Self::of(models, parts))
    }

    /// Components in the order given. Products are put in order here: pages are cut by comparing names as Rust does, which no database promises to.
    fn of(mut models: Vec<product::Model>, parts: Vec<component::Model>) -> Self {
        models.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
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
            let (code, name) = (model.code.to_lowercase(), model.name.to_lowercase());
            catalogue.by_code.entry(code).or_default().push(place);
            catalogue.by_name.entry(name).or_default().push(place);
            let components = of_product.remove(&model.id).unwrap_or_default();
            catalogue
                .products
                .push(Product(Arc::new(ProductData { model, components })));
        }
        catalogue
    }

    pub fn all(&self) -> &[Product] {
        &self.products
    }

    pub fn by_id(&self, id: Uuid) -> Option<&Product> {
        self.by_id.get(&id).map(|place| &self.products[*place])
    }

    /// Whether all of some products are there.
    pub fn has(&self, ids: impl IntoIterator<Item = Uuid>) -> bool {
        ids.into_iter().all(|id| self.by_id.contains_key(&id))
    }

    pub fn component(&self, id: Uuid) -> Option<&Component> {
        self.products
            .iter()
            .flat_map(|product| &product.0.components)
            .find(|component| component.0.id == id)
    }

    /// The products a word can mean, in any case: those with this code and, only where there is none, those with this name. The word says which one is meant
    /// when there is but one; a code as it is spelt always does.
    pub fn by_word(&self, word: &str) -> Vec<&Product> {
        let key = word.to_lowercase();
        let places = self.by_code.get(&key).or_else(|| self.by_name.get(&key));
        let places = places.into_iter().flatten();
        let mut meant: Vec<&Product> = places.map(|place| &self.products[*place]).collect();
        if meant.iter().any(|product| product.0.model.code == word) {
            meant.retain(|product| product.0.model.code == word);
        }
        meant
    }
}

/// How often to read the catalogue in any case, should no wake tell of a change: on SQLite the operator's process cannot.
const LOOK_AFTER: Duration = Duration::from_mins(1);
/// Whoever asks for what is not there has it looked for this often at most.
const PAUSE: Duration = Duration::from_secs(1);

/// The catalogue as of the last wake, or the last look.
#[derive(Clone)]
struct CatalogueCache {
    current: Arc<RwLock<Current>>,
    /// When somebody last looked for what was not there.
    missed_at: Arc<Mutex<Option<Instant>>>,
    db: Reader,
}

#[derive(Debug, Default)]
struct Current {
    /// Grows with every wake: what was loaded before one must not be kept after it.
    generation: u64,
    catalogue: Option<Arc<Catalogue>>,
}

impl CatalogueCache {
    async fn get(&self) -> Result<Arc<Catalogue>> {
        let known = self.current().catalogue.clone();
        match known {
            Some(known) => Ok(known),
            None => self.load().await,
        }
    }

    /// As [`get`](Self::get), read anew when `is_there` does not find what it looks for.
    async fn holding(&self, is_there: impl Fn(&Catalogue) -> bool + Send + Sync) -> Result<Arc<Catalogue>> {
        let known = self.get().await?;
        if is_there(&known) {
            return Ok(known);
        }
        // One look at a time: who waited for another's may find it there.
        let mut missed_at = self.missed_at.lock().await;
        let known = self.get().await?;
        if is_there(&known) || missed_at.is_some_and(|at| at.elapsed() < PAUSE) {
            return Ok(known);
        }
        *missed_at = Some(Instant::now());
        self.load().await
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn load(&self) -> Result<Arc<Catalogue>> {
        let generation = self.current().generation;
        let loaded = Arc::new(Catalogue::load(&self.db).await?);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation {
            current.catalogue = Some(loaded.clone());
        }
        Ok(loaded)
    }
}

impl Shared for CatalogueCache {
    /// Starts listening for changes.
    fn start(app: &App) -> Self {
        let cache = Self {
            current: Arc::default(),
            missed_at: Arc::default(),
            // Whoever asks first, requests are whom it is for.
            db: app.db().reader(Lane::Requests).clone(),
        };
        let mut listener = app.events().subscribe();
        let current = cache.current.clone();
        tokio::spawn(async move {
            loop {
                let woken = listener.wait_for(|wake| wake == Wake::Catalogue);
                if let Ok(None) = tokio::time::timeout(LOOK_AFTER, woken).await {
                    return;
                }
                let mut current = current.write().unwrap_or_else(PoisonError::into_inner);
                current.generation += 1;
                current.catalogue = None;
            }
        });
        cache
    }
}

/// Products and components, from memory.
pub async fn catalogue(app: &App) -> Result<Arc<Catalogue>> {
    app.shared::<CatalogueCache>().get().await
}

/// The same for who looks for something in particular: read anew, once a second at most, when `is_there` does not find it. Another process may have
/// defined it a moment ago.
pub async fn catalogue_holding(
    app: &App,
    is_there: impl Fn(&Catalogue) -> bool + Send + Sync,
) -> Result<Arc<Catalogue>> {
    app.shared::<CatalogueCache>().holding(is_there).await
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::product;
    use uuid::Uuid;

    use super::Catalogue;

    fn catalogue(products: &[(u128, &str, &str)]) -> Catalogue {
        let model = |(id, code, name): &(u128, &str, &str)| product::Model {
            id: Uuid::from_u128(*id),
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            kind: product::Kind::Application,
            description: None,
            created_at: DateTime::UNIX_EPOCH,
        };
        Catalogue::of(products.iter().map(model).collect(), Vec::new())
    }

    fn meant<'a>(catalogue: &'a Catalogue, word: &str) -> Vec<&'a str> {
        let products = catalogue.by_word(word).into_iter();
        products.map(|product| product.0.model.code.as_str()).collect()
    }

    #[test]
    fn a_code_is_heard_before_a_name_whichever_product_comes_first() {
        for names in [["Alpha", "Render"], ["Zeta", "Render"]] {
            let catalogue = catalogue(&[(1, "RENDER", names[0]), (2, "RND", names[1])]);
            assert_eq!(meant(&catalogue, "render"), ["RENDER"]);
            assert_eq!(meant(&catalogue, "Rnd"), ["RND"]);
            assert_eq!(meant(&catalogue, names[0]), ["RENDER"]);
            assert_eq!(meant(&catalogue, "draw"), [""; 0]);
        }
    }

    #[test]
    fn a_word_that_could_mean_two_products_gives_both() {
        let catalogue = catalogue(&[
            (2, "A", "Draw"),
            (1, "B", "DRAW"),
            (3, "ink", "One"),
            (4, "INK", "Two"),
        ]);
        assert_eq!(meant(&catalogue, "draw"), ["B", "A"]);
        assert_eq!(meant(&catalogue, "Ink"), ["ink", "INK"]);
        assert_eq!(meant(&catalogue, "INK"), ["INK"], "as it is spelt");
    }

    #[test]
    fn products_of_one_name_stand_in_the_order_of_their_ids() {
        let catalogue = catalogue(&[
            (3, "C", "Same"),
            (1, "A", "same"),
            (2, "B", "Same"),
            (4, "D", "Other"),
        ]);
        let codes = catalogue
            .all()
            .iter()
            .map(|product| product.0.model.code.as_str());
        assert_eq!(codes.collect::<Vec<_>>(), ["D", "B", "C", "A"]);
    }
}
