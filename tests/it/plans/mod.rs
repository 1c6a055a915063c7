//! How PostgreSQL answers what is asked most often, with a history behind it: nothing reads a table that grows from end to end, and nothing reads or sorts more
//! than some pages.
//!
//! The plans are those of the very statements that Muster sends, on its own connections and with the values it sends: `auto_explain` tells each to whoever sent it.

mod asked;
mod rows;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use entity::account::Plan as AccountPlan;
use muster::background::chores;

use crate::support::statements::normal;
use crate::support::{Database, House, add_product, team};
use told::Told;

/// Tables that do not grow with accounts, their people or time: what reads one of these from end to end reads little.
const SMALL: [&str; 8] = [
    "chores",
    "components",
    "embedded_stores",
    "products",
    "seaql_migrations",
    "signing_keys",
    // An account has a few at most, and most have none; all are of this test's few.
    "identity_providers",
    "identity_provider_domains",
];
/// Rows that one step of a plan may read or sort: some pages, or a batch of what is cleared away.
const MOST_ROWS: f64 = 1_500.0;

/// What may read more than that of an account, by the operation and a part of its statement, and why. Nothing may read from end to end.
const MAY_READ_AN_ACCOUNT: [(&str, &str, &str); 25] = [
    ("imports", "COUNT(*)", COUNTED),
    ("users of a status", "COUNT(*)", COUNTED),
    ("a report of usage", "usage_months", REPORTED),
    ("a report of usage", "COUNT(DISTINCT", COUNTED),
    ("rows of usage by a sum", "usage_months", REPORTED),
    ("rows of usage by a sum", "COUNT(*)", COUNTED),
    ("usage of products", "usage_months", REPORTED),
    ("seats that were not used", "LIMIT", FILTERED),
    ("seats to be reclaimed", "LIMIT", FILTERED),
    ("users signed in lately", "COUNT(*)", COUNTED),
    ("who has a seat", "COUNT(*)", COUNTED),
    ("who has none", "COUNT(*)", COUNTED),
    ("who has a seat of a product", "COUNT(*)", COUNTED),
    ("whose invitation stands", "COUNT(*)", COUNTED),
    ("who did not sign in lately", "COUNT(*)", COUNTED),
    ("how much happened", "COUNT(*)", COUNTED),
    ("what was done with users", "LIMIT", FILTERED),
    ("what came from an address", "LIMIT", FILTERED),
    ("who has a seat", "LIMIT", FILTERED),
    ("who has none", "LIMIT", FILTERED),
    ("who has a seat of a product", "LIMIT", FILTERED),
    ("whose invitation stands", "LIMIT", FILTERED),
    (
        "the numbers",
        "GROUP BY",
        "who holds which role is counted where somebody asks for it, and the account keeps a counter of administrators alone",
    ),
    (
        "rows of an import",
        "import_rows",
        "rows of an outcome are looked for within their import, which has 5,000 at most",
    ),
    (
        "importing",
        "u.email_key = ANY",
        "a file's addresses are looked up at once; for hundreds of them reading an account of this size is not dearer than as many ways down an index",
    ),
];
const REPORTED: &str =
    "what an account used is summed up from its months, whose number does not grow with the days";
const COUNTED: &str = "how many match is counted where somebody asks for it";
const FILTERED: &str =
    "what has no index of its own is looked for in the order of the list, until the page is full";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_most_often_reads_no_growing_table_from_end_to_end_and_sorts_no_more_than_some_pages() {
    let house = House::open_with(Database::Postgres, told::explain_everything).await;
    let team = team(&house, "acme", AccountPlan::Premium).await;
    let subscription = add_product(&house, "acme", "DRAW", 20_000).await;
    let products = "{ account { products(first: 1) { nodes { id } } } }";
    let products = team.admin.ask(products, serde_json::json!({})).await;
    let product = products["account"]["products"]["nodes"][0]["id"]
        .as_str()
        .unwrap();
    rows::fill(&house, &team).await;
    told::take();

    let mut judge = Judge::default();
    for (operation, query, variables) in asked::reads(&house, &team, &subscription, product) {
        team.admin.ask(query, variables).await;
        judge.judge(operation);
    }
    asked::following_page(&team).await;
    judge.judge("users, the following page");
    asked::signing_in(&house).await;
    judge.judge("signing in, going on, forgetting a password");
    asked::by_token(&house, &team).await;
    judge.judge("asking by an API token");
    asked::people(&house, &team, &subscription).await;
    judge.judge("inviting, giving seats, disabling, removing");
    asked::recording(&house, &team).await;
    judge.judge("recording usage");
    asked::import(&house, &team).await;
    judge.judge("importing");
    assert!(chores::once(&house.app).await.unwrap());
    judge.judge("clearing away");
    rows::assert_cleared(&house).await;
    judge.end();
    house.close().await;
}

/// What was seen so far.
#[derive(Default)]
struct Judge {
    statements: BTreeSet<String>,
    tables: BTreeSet<String>,
    /// By the statement: each is told of once.
    faults: BTreeMap<String, String>,
}

impl Judge {
    /// Looks at all that was told since the last time.
    fn judge(&mut self, operation: &str) {
        let plans = told::take();
        assert!(!plans.is_empty(), "{operation}: no plan was told");
        for plan in plans {
            let statement = normal(&plan.sql);
            for step in &plan.steps {
                self.tables.extend(step.table.clone());
            }
            if let Some(fault) = Self::fault(operation, &plan) {
                let told = format!("{operation}: {fault}\n{}\n{}\n", plan.sql, plan.shape());
                self.faults.entry(statement.clone()).or_insert(told);
            }
            self.statements.insert(statement);
        }
    }

    fn fault(operation: &str, plan: &Told) -> Option<String> {
        for step in &plan.steps {
            let of_growing = step.table.as_deref().is_some_and(|table| !SMALL.contains(&table));
            if step.kind.contains("Seq Scan") && of_growing {
                return Some(format!("reads {:?} from end to end", step.table));
            }
            let reads_much = of_growing && step.read > MOST_ROWS;
            let sorts_much = step.kind.contains("Sort") && step.sorted > MOST_ROWS;
            if !reads_much && !sorts_much {
                continue;
            }
            let is_allowed = MAY_READ_AN_ACCOUNT
                .iter()
                .any(|(of, part, _)| operation == *of && plan.sql.contains(part));
            if !is_allowed {
                let rows = step.read.max(step.sorted);
                return Some(format!("a step reads or sorts {rows} rows"));
            }
        }
        None
    }

    /// Fails if anything was found, and if less was looked at than this test is for.
    fn end(self) {
        let faults: Vec<String> = self.faults.into_values().collect();
        assert!(
            faults.is_empty(),
            "{} statements:\n\n{}",
            faults.len(),
            faults.join("\n")
        );
        assert!(
            self.statements.len() >= 100,
            "only {} statements: {:#?}",
            self.statements.len(),
            self.statements
        );
        let missing = rows::GROWING
            .iter()
            .filter(|table| !self.tables.contains(**table));
        let missing: Vec<&&str> = missing.collect();
        assert!(missing.is_empty(), "nothing was asked of {missing:?}");
    }
}
