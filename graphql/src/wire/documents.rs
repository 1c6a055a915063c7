//! Remembers parsed documents, and with them that they are valid: the console sends the same few dozen texts over and over.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{
    ServerError,
    parser::{self, parse_query},
};

use crate::Document;

use super::{fault::Fault, introspection::Sizes, limits, tokens};

const MOST_REMEMBERED: usize = 1_000;
/// Bounds the memory: a parsed token takes some 200 bytes.
const MOST_TOKENS_REMEMBERED: usize = 200_000;
const LONGEST_REMEMBERED: usize = 32 * 1024;

/// Documents that are within the limits, by their text; the oldest is forgotten first.
#[derive(Default)]
pub struct Documents {
    shelf: Mutex<Shelf>,
}

impl Documents {
    /// The parsed document, or why it is refused. Nothing refused is remembered.
    pub fn read(&self, text: &str, sizes: &Sizes) -> Result<Arc<Document>, ServerError> {
        if let Some(document) = self.with_shelf(|shelf| shelf.find(text)) {
            return Ok(document);
        }
        let tokens = tokens::count(text)?;
        let document = parse_query(text).map_err(|error| unreadable(&error))?;
        let introspected = limits::check(&document, sizes)?;
        let document = Arc::new(Document::new(document).introspecting(introspected));
        if text.len() <= LONGEST_REMEMBERED {
            self.with_shelf(|shelf| shelf.keep(text, tokens, &document));
        }
        Ok(document)
    }

    fn with_shelf<T>(&self, work: impl FnOnce(&mut Shelf) -> T) -> T {
        // The shelf is whole at every step, so a panic elsewhere does not spoil it.
        work(&mut self.shelf.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why a text is no document, in our words and with its places.
fn unreadable(error: &parser::Error) -> ServerError {
    let message = match error {
        parser::Error::Syntax { start, .. } => {
            let (line, column) = (start.line, start.column);
            format!("The document is no GraphQL from line {line}, column {column} on.")
        }
        parser::Error::MultipleOperations { .. } => {
            "Of several operations in a document each has a name.".to_owned()
        }
        parser::Error::OperationDuplicated { operation, .. } => {
            format!("Two operations are named `{operation}`.")
        }
        parser::Error::FragmentDuplicated { fragment, .. } => {
            format!("Two fragments are named `{fragment}`.")
        }
        parser::Error::MissingOperation => "The document has no operation.".to_owned(),
        parser::Error::RecursionLimitExceeded => "The document is nested too deeply.".to_owned(),
        _ => "The document is no GraphQL.".to_owned(),
    };
    let mut refusal = Fault::ParseFailed.error(message, None);
    refusal.locations = error.positions().collect();
    refusal
}

#[derive(Default)]
struct Shelf {
    by_text: HashMap<Arc<str>, Arc<Document>>,
    /// Texts and their tokens in the order in which they came.
    age: VecDeque<(Arc<str>, usize)>,
    tokens: usize,
}

impl Shelf {
    fn find(&self, text: &str) -> Option<Arc<Document>> {
        self.by_text.get(text).cloned()
    }

    fn keep(&mut self, text: &str, tokens: usize, document: &Arc<Document>) {
        // Two requests may have parsed the same text at the same time.
        if self.by_text.contains_key(text) {
            return;
        }
        let text: Arc<str> = text.into();
        self.by_text.insert(text.clone(), document.clone());
        self.age.push_back((text, tokens));
        self.tokens += tokens;
        while self.age.len() > MOST_REMEMBERED || self.tokens > MOST_TOKENS_REMEMBERED {
            let Some((oldest, tokens)) = self.age.pop_front() else {
                break;
            };
            self.by_text.remove(&oldest);
            self.tokens -= tokens;
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    impl Documents {
        fn get(&self, text: &str) -> Result<Arc<Document>, ServerError> {
            self.read(text, &Sizes::default())
        }
    }

    #[test]
    fn the_same_text_is_parsed_once() {
        let documents = Documents::default();
        let first = documents.get("{ a }").unwrap();
        assert!(Arc::ptr_eq(&first, &documents.get("{ a }").unwrap()));
        assert!(!Arc::ptr_eq(&first, &documents.get("{ b }").unwrap()));
    }

    #[test]
    fn the_oldest_is_forgotten_when_there_are_a_thousand() {
        let documents = Documents::default();
        let first = documents.get("{ a }").unwrap();
        for n in 0..MOST_REMEMBERED {
            documents.get(&format!("{{ a{n} }}")).unwrap();
        }
        assert_eq!(documents.with_shelf(|shelf| shelf.by_text.len()), MOST_REMEMBERED);
        assert!(!Arc::ptr_eq(&first, &documents.get("{ a }").unwrap()));
    }

    #[test]
    fn many_tokens_push_out_the_oldest_too() {
        let documents = Documents::default();
        for n in 0..70 {
            documents
                .get(&format!("{{ a{n} {{ {} }} }}", "b ".repeat(2_900)))
                .unwrap();
        }
        assert!(documents.with_shelf(|shelf| shelf.tokens) <= MOST_TOKENS_REMEMBERED);
        assert!(documents.with_shelf(|shelf| shelf.by_text.len() == shelf.age.len()));
    }

    #[rstest]
    #[case("{ a ", "The document is no GraphQL from line 1, column 5 on.", &[(1, 5)])]
    #[case("{ a }\n{ b }", "Of several operations in a document each has a name.", &[(2, 1), (1, 1)])]
    #[case("query A { a } query A { b }", "Two operations are named `A`.", &[(1, 15), (1, 1)])]
    #[case(
        "{ ...F } fragment F on Q { a } fragment F on Q { b }",
        "Two fragments are named `F`.",
        &[(1, 32), (1, 10)]
    )]
    #[case("fragment F on Q { a }", "The document has no operation.", &[])]
    fn what_is_no_document_is_told_with_its_place_and_not_as_the_parser_says_it(
        #[case] text: &str,
        #[case] told: &str,
        #[case] places: &[(usize, usize)],
    ) {
        let refusal = Documents::default().get(text).unwrap_err();
        assert_eq!(
            (&*refusal.message, Fault::of(&refusal)),
            (told, Some(Fault::ParseFailed))
        );
        let at: Vec<_> = refusal
            .locations
            .iter()
            .map(|pos| (pos.line, pos.column))
            .collect();
        assert_eq!(at, places);
    }

    #[test]
    fn long_and_refused_texts_are_not_remembered() {
        let documents = Documents::default();
        documents
            .get(&format!("{{ a }} #{}", "x".repeat(LONGEST_REMEMBERED)))
            .unwrap();
        assert_eq!(
            Fault::of(&documents.get("{").unwrap_err()),
            Some(Fault::ParseFailed)
        );
        assert_eq!(documents.with_shelf(|shelf| shelf.by_text.len()), 0);
    }

    #[test]
    fn the_deepest_nesting_that_is_let_through_does_not_exhaust_the_stack() {
        let (depth, documents) = (60, Documents::default());
        let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        for value in [
            nested("[", "]"),
            nested("{a:", "}"),
            nested("[{a:", "}]").replace('1', ""),
        ] {
            let _ = documents.get(&format!("{{ a(b: {value}) }}"));
            let _ = documents.get(&format!(
                "query($v: {}Int{} = {value}) {{ a }}",
                "[".repeat(60),
                "]".repeat(60)
            ));
            let _ = documents.get(&format!("{{ a {} }}", nested("{a", "}")));
        }
    }
}
