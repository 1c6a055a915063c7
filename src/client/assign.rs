//! `muster assign` and `muster unassign`: everybody of a file gets the same products, or gives them back, named as people name them.

use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::Api;
use super::error::ClientError;
use super::import::{ImportArgs, bring};
use super::print;
use super::summary::Summary;

/// Give everybody in a CSV file a seat of the same products; who is new is invited.
#[derive(Clone, Debug, clap::Args)]
pub struct AssignArgs {
    #[command(flatten)]
    pub file: ImportArgs,
    /// Code or name of a product; several are given one after the other.
    #[arg(long = "product", required = true)]
    pub products: Vec<String>,
    /// Code or name of a component that is on; without any the products' defaults are, with some all others of the same product are off.
    #[arg(long = "component")]
    pub components: Vec<String>,
}

/// Does it all, prints the summary to standard output and gives it back.
pub async fn assign(args: AssignArgs) -> Result<Summary, ClientError> {
    let began = Instant::now();
    let api = args.file.api()?;
    let offer = Offer::find(&api, &args.products).await?;
    let mut options = json!({ "kind": "ASSIGNMENTS", "sources": offer.sources() });
    if !args.components.is_empty() {
        options["componentIds"] = offer.components(&args.components)?.into();
    }
    let summary = bring(&api, &args.file, &options, began).await?;
    print::summary(&summary, args.file.json)?;
    Ok(summary)
}

/// Take seats of the same products back from everybody in a CSV file.
#[derive(Clone, Debug, clap::Args)]
pub struct UnassignArgs {
    #[command(flatten)]
    pub file: ImportArgs,
    /// Code or name of a product; several are given one after the other.
    #[arg(long = "product", required = true)]
    pub products: Vec<String>,
}

/// Does it all, prints the summary to standard output and gives it back.
pub async fn unassign(args: UnassignArgs) -> Result<Summary, ClientError> {
    let began = Instant::now();
    let api = args.file.api()?;
    let offer = Offer::find(&api, &args.products).await?;
    let options = json!({ "kind": "UNASSIGNMENTS", "sources": offer.sources() });
    let summary = bring(&api, &args.file, &options, began).await?;
    print::summary(&summary, args.file.json)?;
    Ok(summary)
}

/// The products that are meant.
struct Offer(Vec<Thing>);

/// A product with its components, or one of these.
#[derive(Clone, Deserialize)]
struct Thing {
    id: String,
    code: String,
    name: String,
    #[serde(default)]
    components: Vec<Thing>,
}

impl Thing {
    fn is_called(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.code.to_lowercase() == word || self.name.to_lowercase() == word
    }
}

const PRODUCTS: &str = "query Products($after: String) {
  account {
    products(first: 100, after: $after) {
      nodes { id code name components { id code name } }
      pageInfo { hasNextPage endCursor }
    }
  }
}";

impl Offer {
    async fn find(api: &Api, words: &[String]) -> Result<Self, ClientError> {
        let all = products(api).await?;
        let found = words.iter().map(|word| {
            // A code is heard before a name, as in files.
            let by_code = all.iter().find(|product| product.code.eq_ignore_ascii_case(word));
            let found = by_code.or_else(|| all.iter().find(|product| product.is_called(word)));
            found.cloned().ok_or_else(|| unknown("product", word, all.iter()))
        });
        Ok(Self(found.collect::<Result<_, _>>()?))
    }

    fn sources(&self) -> Value {
        let source = |product: &Thing| json!({ "productId": product.id });
        self.0.iter().map(source).collect()
    }

    /// The components that are meant: of every product that has one of that name.
    fn components(&self, words: &[String]) -> Result<Vec<String>, ClientError> {
        let all = || self.0.iter().flat_map(|product| &product.components);
        let mut ids = Vec::new();
        for word in words {
            let found = all()
                .filter(|part| part.is_called(word))
                .map(|part| part.id.clone());
            let before = ids.len();
            ids.extend(found);
            if ids.len() == before {
                return Err(unknown("component", word, all()));
            }
        }
        Ok(ids)
    }
}

async fn products(api: &Api) -> Result<Vec<Thing>, ClientError> {
    #[derive(Deserialize)]
    struct Data {
        account: Account,
    }
    #[derive(Deserialize)]
    struct Account {
        products: Page,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        nodes: Vec<Thing>,
        page_info: PageInfo,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PageInfo {
        has_next_page: bool,
        end_cursor: Option<String>,
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let data: Data = api.query_patiently(PRODUCTS, json!({ "after": after })).await?;
        let Page { nodes, page_info } = data.account.products;
        all.extend(nodes);
        if !page_info.has_next_page {
            return Ok(all);
        }
        after = page_info.end_cursor;
    }
}

/// Names that a message lists.
const LISTED: usize = 20;

fn unknown<'a>(what: &'static str, word: &str, there: impl Iterator<Item = &'a Thing>) -> ClientError {
    let codes: Vec<&str> = there.map(|thing| thing.code.as_str()).take(LISTED).collect();
    ClientError::Unknown {
        what,
        word: word.to_owned(),
        there: codes.join(", "),
    }
}
