//! What nobody would write by hand, sent to everything that reads: no crash, no fault of ours, an answer in time.
//!
//! Inputs are made up from a seed, so that a failure can be had again. Each target has a budget of time: `MUSTER_FUZZ_SECONDS` (3 without it) and
//! `MUSTER_FUZZ_SEED` (1). A failure names seed and round and the least input that shows it. Where the process dies before it could tell, `MUSTER_FUZZ_TRACE`
//! names a file that holds the input tried last. What was found once is a test of its own beside the code that was wrong.

mod documents;
mod requests;
mod sockets;
mod store;
mod texts;
mod tokens;

use std::fmt::Debug;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;
use tokio::runtime::Handle;

/// How long any answer may take, on a machine that does much else beside.
const LONGEST: Duration = Duration::from_secs(5);
/// Inputs with one seed, before the clock is looked at.
const ROUND: u32 = 32;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a whole number"))
}

/// Tries inputs until the time is over.
fn fuzz<S: Strategy>(strategy: &S, check: impl Fn(S::Value) -> Result<(), String>)
where
    S::Value: Debug,
{
    let (begun, seed) = (Instant::now(), setting("MUSTER_FUZZ_SEED", 1));
    let budget = Duration::from_secs(setting("MUSTER_FUZZ_SECONDS", 3));
    let trace = std::env::var_os("MUSTER_FUZZ_TRACE");
    let mut tried = 0;
    for round in 0_u64.. {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&round.to_le_bytes());
        let config = Config {
            cases: ROUND,
            failure_persistence: None,
            max_shrink_time: 20_000,
            ..Config::default()
        };
        let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let tried_one = TestRunner::new_with_rng(config, chance).run(strategy, |given| {
            if let Some(file) = &trace {
                std::fs::write(file, format!("{given:?}")).expect("a file that can be written");
            }
            check(given).map_err(TestCaseError::fail)
        });
        if let Err(failure) = tried_one {
            panic!("seed {seed}, round {round}: {failure}");
        }
        tried += ROUND;
        if begun.elapsed() >= budget {
            break;
        }
    }
    eprintln!("{tried} inputs in {:?}", begun.elapsed());
}

/// As [`fuzz`], for what is asked over the network. That nothing panics is looked after for whatever the house does beside.
fn fuzz_live<S: Strategy>(strategy: &S, check: impl AsyncFn(S::Value) -> Result<(), String>)
where
    S::Value: Debug,
{
    note_panics();
    tokio::task::block_in_place(|| {
        fuzz(strategy, |given| {
            Handle::current().block_on(check(given))?;
            match panics() {
                panics if panics.is_empty() => Ok(()),
                panics => Err(format!("panicked: {panics:?}")),
            }
        });
    });
}

static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Has panics of any thread noted. A task that panicked says so to nobody but who waits for it.
pub fn note_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panicked| {
            PANICS
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(panicked.to_string());
            usual(panicked);
        }));
    });
}

/// The panics since they were asked for last.
pub fn panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Any JSON, with the names a reader may look for more often than others.
fn json_value(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let name = prop_oneof![4 => prop::sample::select(names).prop_map(str::to_owned), 1 => ".{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(&[0_i64, 1, -1, i64::MAX, i64::MIN, 253_402_300_800, 4_102_444_800])
            .prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        (0_usize..3_000).prop_map(|length| Value::from("x".repeat(length))),
    ];
    leaf.prop_recursive(6, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A change somewhere in a text.
#[derive(Clone, Debug)]
enum Edit {
    Insert(usize, String),
    Remove(usize, usize),
    Repeat(usize, usize),
}

fn edits(inserted: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = Vec<Edit>> {
    let place = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    let edit = prop_oneof![
        (place.clone(), inserted).prop_map(|(place, text)| Edit::Insert(place, text)),
        (place.clone(), 1_usize..12).prop_map(|(place, length)| Edit::Remove(place, length)),
        (place, 1_usize..40).prop_map(|(place, length)| Edit::Repeat(place, length)),
    ];
    prop::collection::vec(edit, 0..5)
}

/// The text with all changes made.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for edit in edits {
        let length = characters.len();
        match edit {
            Edit::Insert(place, text) => {
                let at = place % (length + 1);
                characters.splice(at..at, text.chars());
            }
            Edit::Remove(place, count) if length > 0 => {
                let at = place % length;
                characters.drain(at..(at + count).min(length));
            }
            Edit::Repeat(place, count) if length > 0 => {
                let at = place % length;
                let again: Vec<char> = characters[at..(at + count).min(length)].to_vec();
                characters.splice(at..at, again);
            }
            Edit::Remove(..) | Edit::Repeat(..) => {}
        }
    }
    characters.into_iter().collect()
}
