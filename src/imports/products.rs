//! Which products the words of a cell mean. Pure.

use super::nearest::{nearest, suggestion};
use super::parse::Row;
use crate::error::{Code, Refusal};
use crate::limits::FILE_PRODUCTS;
use crate::person::trim;
use crate::products::{Catalogue, Product};

/// Whether everything that good rows say of products is in the catalogue.
pub fn are_known(rows: &[Row], catalogue: &Catalogue) -> bool {
    let entries = rows.iter().filter_map(|row| row.entry.as_ref().ok());
    let mut words = entries.flat_map(|entry| &entry.products);
    words.all(|word| !catalogue.by_word(word).is_empty() || separated(word, catalogue).is_some())
}

/// What people put between products instead of the `|` of the template. A word is cut by one of them only if each part is a product then: names of products
/// may hold any of them.
const SEPARATORS: [&[char]; 6] = [
    &[';', '；'],
    &[',', '，', '、'],
    &['\n', '\r'],
    &['/'],
    &['+'],
    &['&'],
];

/// The products of one word of a cell.
pub fn meant<'a>(word: &str, catalogue: &'a Catalogue) -> Result<Vec<&'a Product>, Refusal> {
    let products = catalogue.by_word(word);
    match products.as_slice() {
        [_] => Ok(products),
        [] => separated(word, catalogue).ok_or_else(|| unknown_product(word, catalogue)),
        several => Err(ambiguous_product(word, several)),
    }
}

fn parts<'a>(word: &'a str, separators: &'static [char]) -> impl Iterator<Item = &'a str> {
    word.split(separators).map(trim).filter(|part| !part.is_empty())
}

/// The products of a word that holds several, separated in another way than the template's.
fn separated<'a>(word: &str, catalogue: &'a Catalogue) -> Option<Vec<&'a Product>> {
    let cut = |separators: &&'static [char]| {
        if !word.contains(*separators) || parts(word, separators).count() > FILE_PRODUCTS {
            return None;
        }
        let each = parts(word, separators).map(|part| match catalogue.by_word(part).as_slice() {
            [product] => Some(*product),
            _ => None,
        });
        each.collect::<Option<Vec<_>>>()
            .filter(|products| !products.is_empty())
    };
    SEPARATORS.iter().find_map(cut)
}

/// Names what is wrong: the whole word, or the one part of it that is no product while others are.
fn unknown_product(word: &str, catalogue: &Catalogue) -> Refusal {
    let is_unknown = |part: &&str| catalogue.by_word(part).is_empty();
    let separators = SEPARATORS.iter().find(|separators| word.contains(**separators));
    let unknown = separators.and_then(|separators| {
        let is_list = !parts(word, separators).all(|part| is_unknown(&part));
        is_list
            .then(|| parts(word, separators).find(is_unknown))
            .flatten()
    });
    let unknown = unknown.unwrap_or(word);
    let models = || catalogue.all().iter().map(|product: &Product| &product.0.model);
    let near = nearest(
        unknown,
        models()
            .map(|model| model.code.as_str())
            .chain(models().map(|model| model.name.as_str())),
    );
    let hint = match separators {
        Some(_) => " Put \"|\" between several products.",
        None => "",
    };
    Refusal::new(
        Code::ProductUnknown,
        format!("There is no product \"{unknown}\".{}{hint}", suggestion(near)),
    )
}

/// Whose seat it would be is not for us to guess.
fn ambiguous_product(word: &str, products: &[&Product]) -> Refusal {
    let codes: Vec<&str> = products
        .iter()
        .map(|product| product.0.model.code.as_str())
        .collect();
    let text = format!(
        "\"{word}\" can mean several products. Write the code of the one that is meant: {}.",
        codes.join(", ")
    );
    Refusal::new(Code::ProductUnknown, text)
}
