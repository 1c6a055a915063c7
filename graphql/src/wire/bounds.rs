//! The bounds of the transports, as the docs tell of them.

use super::{envelope, http, limits, tokens, websocket};
use crate::{COST_LIMIT, admission};

/// How much of something a client may send.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    pub meaning: &'static str,
    pub unit: &'static str,
    pub value: u64,
}

const fn bound(meaning: &'static str, unit: &'static str, value: usize) -> Bound {
    Bound {
        meaning,
        unit,
        value: value as u64,
    }
}

/// All of them.
pub const BOUNDS: [Bound; 16] = [
    bound("The body of a request.", "bytes", http::LARGEST_BODY),
    bound(
        "The variables of a request.",
        "bytes",
        envelope::LARGEST_VARIABLES,
    ),
    bound("Tokens of a document.", "tokens", tokens::MOST_TOKENS),
    bound("A name in a document.", "bytes", tokens::LONGEST_WORD),
    bound(
        "Brackets within one another in a document.",
        "levels",
        tokens::DEEPEST_NESTING,
    ),
    bound(
        "Fields of an operation's root.",
        "fields",
        limits::MOST_ROOT_FIELDS,
    ),
    bound("Aliases of a document.", "aliases", limits::MOST_ALIASES),
    bound("Directives in one place.", "directives", limits::MOST_DIRECTIVES),
    bound("Fields within one another.", "levels", limits::DEEPEST),
    bound(
        "Selection sets, those of fragments too, within one another.",
        "levels",
        limits::MOST_LEVELS,
    ),
    bound(
        "Selections, every fragment in its place.",
        "selections",
        limits::MOST_SELECTIONS,
    ),
    bound(
        "Fields of introspection within one another.",
        "levels",
        limits::DEEPEST_INTROSPECTION,
    ),
    bound(
        "Lists of introspection within one another.",
        "lists",
        limits::MOST_INTROSPECTION_LISTS,
    ),
    Bound {
        meaning: "Values an introspection can answer with.",
        unit: "values",
        value: limits::MOST_INTROSPECTION,
    },
    bound("A message of a socket.", "bytes", websocket::LARGEST_MESSAGE),
    bound(
        "Operations of a socket at a time.",
        "operations",
        websocket::MOST_OPERATIONS,
    ),
];

/// What a process answers at the same time.
pub const AT_ONCE: [Bound; 5] = [
    Bound {
        meaning: "An operation.",
        unit: "in cost",
        value: COST_LIMIT,
    },
    Bound {
        meaning: "All operations at a time that cost more than 1,000 each; those of one account half of it.",
        unit: "in cost",
        value: admission::LARGE_ROOM,
    },
    Bound {
        meaning: "All others at a time; those of one account half of it.",
        unit: "in cost",
        value: admission::SMALL_ROOM,
    },
    bound(
        "Operations of one account that wait for room, small and large ones each.",
        "operations",
        admission::MOST_WAITING,
    ),
    Bound {
        meaning: "How long one waits for room.",
        unit: "seconds",
        value: admission::PATIENCE.as_secs(),
    },
];
