//! Searching users by words: whoever plain comparison finds is found, and nobody else, with an index and without.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use entity::account::Plan;
use migration::{Migrator, MigratorTrait};
use muster::person::findable::{Findable, folded};
use muster::person::{Collation, EmailAddress};
use muster::users::invite::InviteUsers;
use muster::users::invitee::Invitee;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::rows::{force, query, texts};
use crate::support::{Client, Database, House, Team, discard, empty, postgres_server, team};

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $order: UserOrder, $filter: UserFilter) {
    account { users(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {
        totalCount nodes { email } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }
}";

/// Somebody, and what is searched of them.
#[derive(Clone, Debug)]
struct Person {
    email: EmailAddress,
    given_name: String,
    family_name: String,
}

impl Person {
    fn new(email: &str, given_name: &str, family_name: &str) -> Self {
        Self {
            email: EmailAddress::parse(email).unwrap(),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
        }
    }

    fn text(&self) -> String {
        let (given, family) = (Some(self.given_name.as_str()), Some(self.family_name.as_str()));
        let collation = Collation::of("en").unwrap();
        Findable::of(&collation, given, family, self.email.as_typed(), self.email.key()).search_text
    }

    /// The plain reference: every word stands in the text.
    fn is_found_by(&self, search: &str) -> bool {
        let text = self.text();
        search.split_whitespace().all(|word| text.contains(&folded(word)))
    }
}

async fn add(house: &House, team: &Team, people: &[Person]) {
    let entries = people.iter().map(|person| Invitee {
        known_as: None,
        told: None,
        email: person.email.clone(),
        given_name: Some(person.given_name.clone()),
        family_name: Some(person.family_name.clone()),
        role: entity::user::Role::User,
        external_id: None,
        locale: None,
        seats: Vec::new(),
        groups: Vec::new(),
    });
    let command = InviteUsers {
        seats_at: None,
        view: entity::account::View::Current,
        earlier: Vec::new(),
        entries: entries.collect(),
        message: None,
        send_now: false,
        only_new: false,
        terms: muster::users::invite::SeatTerms::default(),
        origin: entity::user::Origin::CsvImport,
        seat_source: entity::assignment::Source::CsvImport,
        all_or_nothing: true,
    };
    house.app.run(&team.actor(house).await, command).await.unwrap();
}

async fn page(client: &Client, variables: Value) -> Value {
    client.ask(PAGE, variables).await["account"]["users"].clone()
}

fn emails(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["email"].as_str().unwrap().to_owned())
        .collect()
}

/// Everybody who is found, page by page, each page with the same total.
async fn found(client: &Client, search: &str, order: &Value, length: usize) -> Vec<String> {
    let (mut met, mut after, mut totals) = (Vec::new(), Value::Null, BTreeSet::new());
    loop {
        let variables =
            json!({"first": length, "after": after, "order": order, "filter": {"search": search}});
        let read = page(client, variables).await;
        met.extend(emails(&read));
        totals.insert(read["totalCount"].as_u64().unwrap());
        if read["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = read["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(totals, BTreeSet::from([met.len() as u64]), "{search:?}");
    met
}

fn by_name() -> Value {
    json!({"field": "DISPLAY_NAME", "direction": "ASC"})
}

/// A number of people who are all alike to a search, but for their number.
fn crowd(many: usize) -> Vec<Person> {
    (0..many)
        .map(|number| {
            Person::new(
                &format!("crowd{number:04}@acme.example"),
                &format!("Bert{number:04}"),
                "Crowd",
            )
        })
        .collect()
}

/// Parts of names: letters of several scripts, accents composed and not, and signs that mean something to one database or the other.
fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "anna", "Ann", "berg", "Bern", "o'Neil", "Müller", "Mu\u{308}ller", "ŁUKASZ", "Straße", "STRASSE", "İpek", "Зоя", "Мария", "李", "李小龍",
            "한글", "ＷＩＤＥ", "ﬁnn", "Jean-Luc", "d’Arc", "100%", "under_score", "back\\slash", "say\"so\"", "AND", "OR", "NOT", "NEAR", "a*", "^x",
            "col:on", "(p)", "--", "'; DROP", "😀", "नमस्ते",
        ]).prop_map(str::to_owned),
        1 => "[a-dé%_]{1,4}",
    ];
    prop::collection::vec(part, 1..3).prop_map(|parts| parts.join(" "))
}

fn person(number: usize) -> impl Strategy<Value = Person> {
    let domain = prop::sample::select(vec!["acme.example", "bücher.example", "other-site.example"]);
    let local = prop::sample::select(vec![
        "jo",
        "first.last",
        "x_y",
        "o'neil",
        "anna+tag",
        "longlocalpart",
    ]);
    (name(), name(), local, domain).prop_map(move |(given, family, local, domain)| {
        Person::new(&format!("{local}{number}@{domain}"), &given, &family)
    })
}

/// What is looked for: words out of what somebody has, cut anywhere, in either case, and what nobody has.
fn search(texts: Vec<String>) -> impl Strategy<Value = String> {
    let cut = (
        prop::sample::select(texts),
        0..60_usize,
        1..20_usize,
        any::<bool>(),
    );
    let cut = cut.prop_map(|(text, from, length, is_upper)| {
        let letters: Vec<char> = text.chars().collect();
        let part: String = letters.iter().skip(from % letters.len()).take(length).collect();
        if is_upper { part.to_uppercase() } else { part }
    });
    let strange = prop::sample::select(vec![
        "%",
        "_",
        "\\",
        "\"",
        "'",
        "*",
        "AND",
        "an",
        "é",
        "李",
        "zz",
        "\"\"",
        "a\"b",
        "an*",
        "NOT anna",
        "search_text:anna",
        "---",
        "a-b",
        "@a",
        "example",
        "@acme.example",
        "jo1@acme.example",
        "\\%",
        "^",
        "()",
        "Σ",
        "ẞ",
        "ſ",
        "1 2 3 4 5 6 7 8",
    ]);
    let word = prop_oneof![5 => cut, 1 => strange.prop_map(str::to_owned)];
    prop::collection::vec(word, 1..4).prop_map(|words| {
        let words = words.join(" ");
        // The bound on words is shown elsewhere.
        words.split_whitespace().take(8).collect::<Vec<_>>().join(" ")
    })
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_plain_comparison_finds_is_found_and_nobody_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (acme, rival) = (
        team(&house, "acme", Plan::Standard).await,
        team(&house, "rival", Plan::Standard).await,
    );
    let mut runner = TestRunner::deterministic();
    let mut people = Vec::new();
    for number in 0..150 {
        people.push(person(number).new_tree(&mut runner).unwrap().current());
    }
    add(&house, &acme, &people).await;
    // The same names in another account, of which nothing may be seen.
    add(&house, &rival, &people[75..]).await;
    people.push(Person::new("admin@acme.example", "Ada", "Admin"));
    // No one of these may be a guess of the planner's.
    if database == Database::Postgres {
        house.force("ANALYZE users").await.unwrap();
    }

    let searches = search(people.iter().map(Person::text).collect());
    let fields = [
        "DISPLAY_NAME",
        "EMAIL",
        "CREATED_AT",
        "LAST_SIGNED_IN_AT",
        "ROLE",
        "FAMILY_NAME",
        "STATUS",
    ];
    let (mut some, mut none) = (0, 0);
    for round in 0..200 {
        let search = searches.new_tree(&mut runner).unwrap().current();
        let expected: BTreeSet<String> = people
            .iter()
            .filter(|person| person.is_found_by(&search))
            .map(|person| person.email.as_typed().to_owned())
            .collect();
        let direction = if round % 2 == 0 { "ASC" } else { "DESC" };
        let order = json!({"field": fields[round % fields.len()], "direction": direction});
        let met = found(&acme.admin, &search, &order, 40).await;
        let distinct: BTreeSet<String> = met.iter().cloned().collect();
        assert_eq!(distinct.len(), met.len(), "nobody twice: {search:?}");
        assert_eq!(distinct, expected, "{search:?}");
        match expected.is_empty() {
            true => none += 1,
            false => some += 1,
        }
    }
    assert!(
        some > 50 && none > 10,
        "some find and some do not: {some}, {none}"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_stands_in_the_order_of_the_list_from_either_end(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let mut people = crowd(300);
    // Behind the first rows of the list, so that the index has to find them, and some of the crowd among them.
    people.extend(
        (0..30).map(|n| Person::new(&format!("zoe{n:02}@acme.example"), &format!("Zoë{n:02}"), "Quast")),
    );
    people.push(Person::new("early@acme.example", "Aaron", "Quast"));
    add(&house, &acme, &people).await;
    let mut expected: Vec<(String, String)> = people
        .iter()
        .filter(|person| person.is_found_by("quast"))
        .map(|person| (person.text(), person.email.as_typed().to_owned()))
        .collect();
    expected.sort();
    let expected: Vec<String> = expected.into_iter().map(|(_, email)| email).collect();
    assert_eq!(found(&acme.admin, "QUAST", &by_name(), 7).await, expected);

    let mut backwards = Vec::new();
    let mut before = Value::Null;
    loop {
        let variables =
            json!({"last": 7, "before": before, "order": by_name(), "filter": {"search": "quast"}});
        let read = page(&acme.admin, variables).await;
        let mut emails = emails(&read);
        emails.reverse();
        backwards.extend(emails);
        if read["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
        before = read["pageInfo"]["startCursor"].clone();
    }
    backwards.reverse();
    assert_eq!(backwards, expected);
    // Words that everybody has, that few have, and that are too short for an index, together with other conditions.
    let filter = json!({"search": "crowd be acme", "status": ["STAGED"], "email": {"startsWith": "crowd02"}});
    let read = page(
        &acme.admin,
        json!({"first": 100, "order": by_name(), "filter": filter}),
    )
    .await;
    assert_eq!(
        (emails(&read).len(), read["totalCount"].clone()),
        (100, json!(100))
    );
    let filter = json!({"search": "zoë qu", "status": ["ACTIVE"]});
    let read = page(&acme.admin, json!({"first": 100, "filter": filter})).await;
    assert_eq!((emails(&read).len(), read["totalCount"].clone()), (0, json!(0)));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_as_they_are_called_now_and_not_once_they_are_gone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    add(&house, &acme, &crowd(100)).await;
    let found = async |search: &str| found(&acme.admin, search, &by_name(), 50).await;
    let id = acme.invite("walker@acme.example").await;
    assert_eq!(found("walker").await, ["walker@acme.example"]);
    let update = async |given: &str, family: &str| {
        let query =
            "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
        let input = json!({"userId": id, "givenName": given, "familyName": family});
        let answer = acme.admin.ask(query, json!({"input": input})).await;
        assert_eq!(answer["updateUser"]["userErrors"], json!([]));
    };
    update("Żaneta", "Quillon").await;
    assert_eq!(found("quillon").await, ["walker@acme.example"]);
    update("Żaneta", "Baker").await;
    assert_eq!(found("quillon").await, Vec::<String>::new());
    assert_eq!(found("ŻANETA baker").await, ["walker@acme.example"]);

    // Who accepts may give another name: their identity comes to it.
    let accepting = "accepting@acme.example";
    let token = {
        acme.admin
            .ask(
                "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code } } }",
                json!({"input": {"email": accepting, "givenName": "Before", "familyName": "Known"}}),
            )
            .await;
        house.invitation_token(accepting).await
    };
    assert_eq!(found("before").await, [accepting.to_owned()]);
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let input =
        json!({"token": token, "password": "correct horse battery staple", "givenName": "Afterwards"});
    let answer = house.anonymous().ask(accept, json!({"input": input})).await;
    assert_eq!(answer["acceptInvitation"]["userErrors"], json!([]));
    assert_eq!(found("before").await, Vec::<String>::new());
    assert_eq!(found("afterwards").await, [accepting.to_owned()]);

    let remove = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    let answer = acme.admin.ask(remove, json!({"input": {"userIds": [id]}})).await;
    assert_eq!(answer["removeUsers"]["summary"]["applied"], 1);
    assert_eq!(found("baker").await, Vec::<String>::new());
    assert_eq!(found("walker").await, Vec::<String>::new());
    acme.invite("walker@acme.example").await;
    assert_eq!(found("walker").await, ["walker@acme.example"]);
    assert_eq!(found("baker").await, Vec::<String>::new());
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_search_of_as_many_and_as_long_words_as_may_be_is_answered(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let long = "abcdefghij".repeat(6);
    let mut people = crowd(100);
    people.push(Person::new("long@acme.example", &long, &long));
    add(&house, &acme, &people).await;
    // Characters that become eighteen when they are folded.
    let wide = "\u{fdfa}".repeat(100);
    let many: Vec<String> = (0..8).map(|n| format!("{n}{}", "x\"'%é".repeat(19))).collect();
    for search in [wide.as_str(), &many.join(" "), &format!("{long}x")] {
        assert_eq!(
            found(&acme.admin, search, &by_name(), 50).await,
            Vec::<String>::new()
        );
    }
    assert_eq!(
        found(&acme.admin, &long.to_uppercase(), &by_name(), 50).await,
        ["long@acme.example"]
    );
    house.close().await;
}

/// An account of twenty thousand, written past the commands: what is asked here is how they are found. In a much smaller one reading everybody costs no more.
async fn fill(house: &House, team: &Team) {
    let account = house.literal(team.account_id);
    let sql = format!(
        "INSERT INTO users (account_id, id, version, email, email_key, email_verified, given_key, search_text, role, status, origin, created_at)
         SELECT {account}, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, e, e, FALSE, convert_to(e, 'UTF8'), e, 'USER', 'STAGED', 'API', now()
         FROM (SELECT n, 'p' || md5(n::text) || '@acme.example' AS e FROM generate_series(1, 20000) n) made"
    );
    house.force(&sql).await.unwrap();
    house.force("ANALYZE users").await.unwrap();
}

/// How often the index of trigrams was asked, once the server has told; it tells within a second or so.
async fn scans(house: &House) -> i64 {
    tokio::time::sleep(Duration::from_millis(1500)).await;
    house
        .number("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'users_search'")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_is_asked_for_rare_words_only() {
    let house = House::open(Database::Postgres).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    fill(&house, &acme).await;
    let first = async |search: &str| {
        let variables = json!({"first": 20, "order": by_name(), "filter": {"search": search}});
        let query = "query($first: Int, $order: UserOrder, $filter: UserFilter) { account { users(first: $first, filter: $filter, orderBy: $order) { nodes { email } } } }";
        acme.admin.ask(query, variables).await["account"]["users"]["nodes"]
            .as_array()
            .unwrap()
            .len()
    };
    // More often than the server plans anew: what comes then is the plan that is kept.
    for _ in 0..60 {
        assert_eq!(first("acme").await, 20);
        assert_eq!(first("x2").await, 0);
        assert_eq!(first("@").await, 20);
    }
    assert_eq!(
        scans(&house).await,
        0,
        "what everybody has, and what has no trigram"
    );
    for _ in 0..60 {
        // The md5 of 7.
        assert_eq!(first("8f14e45fceea167a").await, 1);
    }
    // Each connection tells what it did when it does something again.
    let begun = Instant::now();
    while scans(&house).await < 60 {
        first("acme").await;
        assert!(begun.elapsed() < Duration::from_secs(30), "the index is not used");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_index_the_same_people_are_found() {
    let house = House::open(Database::Postgres).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let mut people = crowd(150);
    people.push(Person::new("zoe@acme.example", "Zoë", "Quast"));
    add(&house, &acme, &people).await;
    house.force("DROP INDEX users_search").await.unwrap();
    let replica = Client {
        token: acme.admin.token.clone(),
        ..house.replica().await
    };
    assert_eq!(
        found(&replica, "zoë quast", &by_name(), 50).await,
        ["zoe@acme.example"]
    );
    assert_eq!(found(&replica, "crowd", &by_name(), 50).await.len(), 150);
    assert_eq!(
        found(&replica, "nobody", &by_name(), 50).await,
        Vec::<String>::new()
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_allows_no_extensions_is_migrated_and_named_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let url = empty(Database::Postgres, folder.path()).await;
    let (name, password) = (
        format!("limited_{}", Uuid::new_v4().simple()),
        Uuid::new_v4().simple().to_string(),
    );
    let server = sea_orm::Database::connect(&postgres_server()).await.unwrap();
    force(
        &server,
        &format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"),
    )
    .await
    .unwrap();
    let own = sea_orm::Database::connect(&url).await.unwrap();
    // Tables may be made, extensions not.
    force(&own, &format!("GRANT CREATE ON SCHEMA public TO {name}"))
        .await
        .unwrap();
    let mut limited: url::Url = url.parse().unwrap();
    limited.set_username(&name).unwrap();
    limited.set_password(Some(&password)).unwrap();

    let mut serving = Command::new(env!("CARGO_BIN_EXE_muster"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            limited.as_str(),
            "--data-dir",
        ])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (say, mut said) = tokio::sync::mpsc::unbounded_channel();
    let (out, err) = (serving.stdout.take().unwrap(), serving.stderr.take().unwrap());
    let sources: [Box<dyn std::io::Read + Send>; 2] = [Box::new(out), Box::new(err)];
    for source in sources {
        let say = say.clone();
        std::thread::spawn(move || {
            BufReader::new(source)
                .lines()
                .map_while(Result::ok)
                .for_each(|line| drop(say.send(line)));
        });
    }
    let mut log = Vec::new();
    let told = tokio::time::timeout(Duration::from_mins(1), async {
        while let Some(line) = said.recv().await {
            let is_it =
                line.contains("users are searched without an index") && line.contains("docs/operations.md");
            log.push(line);
            if is_it {
                return true;
            }
        }
        false
    });
    let told = told.await;
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert_eq!(told, Ok(true), "{log:#?}");
    let last = texts(&own, "SELECT max(version) FROM seaql_migrations").await;
    assert_eq!(last, [Migrator::migrations().last().unwrap().name()]);
    let made = "SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql' UNION SELECT indexname::text FROM pg_indexes WHERE indexname = 'users_search'";
    assert_eq!(texts(&own, made).await, Vec::<String>::new());
    own.close().await.unwrap();
    discard(Database::Postgres, &url).await;
    force(&server, &format!("DROP ROLE {name}")).await.unwrap();
    server.close().await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn those_who_were_there_before_the_index_are_in_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let url = empty(database, folder.path()).await;
    let options = if database == Database::Sqlite {
        "?mode=rwc"
    } else {
        ""
    };
    let connection = sea_orm::Database::connect(format!("{url}{options}"))
        .await
        .unwrap();
    let steps = Migrator::migrations();
    let before = steps
        .iter()
        .position(|step| step.name() == "m0014_search")
        .unwrap();
    Migrator::up(&connection, Some(u32::try_from(before).unwrap()))
        .await
        .unwrap();
    let id = |number: u128| match database {
        Database::Sqlite => format!("x'{}'", Uuid::from_u128(number).simple()),
        Database::Postgres => format!("'{}'::uuid", Uuid::from_u128(number)),
    };
    let time = "'2026-01-02T03:04:05+00:00'";
    for account in [1, 2] {
        let sql = format!(
            "INSERT INTO accounts (id, version, name, slug, plan, view, invitation_lifetime_days, allowed_invite_domains, default_locale,
             users_staged, users_pending, users_active, users_disabled, users_admin, created_at)
             VALUES ({}, 1, 'a', 'a{account}', 'STANDARD', 'CURRENT', 90, '[]', 'en', 0, 0, 0, 0, 0, {time})",
            id(account)
        );
        force(&connection, &sql).await.unwrap();
    }
    for (number, account, name, status) in [
        (10, 1, "ada walker", "STAGED"),
        (11, 1, "zoë quast", "STAGED"),
        (12, 2, "ada walker", "STAGED"),
        (13, 1, "gone walker", "REMOVED"),
    ] {
        let sql = format!(
            "INSERT INTO users (account_id, id, version, email, email_key, email_verified, sort_name, search_text, role, status, origin, created_at)
             VALUES ({}, {}, 1, 'e{number}', 'e{number}', FALSE, '{name}', '{name}', 'USER', '{status}', 'API', {time})",
            id(account),
            id(number)
        );
        force(&connection, &sql).await.unwrap();
    }
    Migrator::up(&connection, None).await.unwrap();
    let sql = match database {
        Database::Sqlite => {
            "SELECT r.search_text FROM user_search s JOIN search_rows r ON r.number = s.rowid
             WHERE user_search MATCH '\"wal\" \"lke\"' ORDER BY 1"
        }
        Database::Postgres => {
            "SELECT search_text FROM users WHERE search_text LIKE '%walke%' AND status <> 'REMOVED' ORDER BY 1"
        }
    };
    if database == Database::Postgres {
        let valid = "SELECT indexrelid::regclass::text FROM pg_index WHERE indexrelid = 'users_search'::regclass AND indisvalid";
        assert_eq!(texts(&connection, valid).await, ["users_search"]);
        let believed = "SELECT attoptions::text FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'account_id'";
        assert_eq!(texts(&connection, believed).await, ["{n_distinct=-0.001}"]);
    }
    let found = texts(&connection, sql).await;
    match database {
        Database::Sqlite => assert_eq!(found, ["ada walker", "ada walker", "gone walker"]),
        Database::Postgres => assert_eq!(found, ["ada walker", "ada walker"]),
    }
    if database == Database::Sqlite {
        crate::support::search::assert_search_agrees(&url).await;
        let rows = query(&connection, "SELECT number FROM search_rows").await.len();
        assert_eq!(rows, 4);
    }
    connection.close().await.unwrap();
    discard(database, &url).await;
}
