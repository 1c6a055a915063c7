//! `muster assign`, `unassign` and `undo` against a running server: named as people name things, told as an import is.

use entity::account::Plan;
use muster::client::{AssignArgs, ClientError, ImportArgs, UnassignArgs, UndoArgs, assign, unassign, undo};
use secrecy::SecretString;
use serde_json::json;

use crate::support::{Database, House, add_product, team};

#[tokio::test(flavor = "multi_thread")]
async fn products_are_given_taken_and_an_import_undone_from_the_command_line() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.csv");
    let rows = "First Name,Last Name,Email\nA,X,a@acme.example\nB,X,b@acme.example\nC,X,c@acme.example\n";
    std::fs::write(&path, rows).unwrap();
    let token = team.admin.token.clone().map(SecretString::from);
    let file = |dry_run| ImportArgs {
        file: path.clone(),
        url: house.url.clone(),
        token: token.clone(),
        dry_run,
        force: true,
        json: true,
    };
    let give = |product: &str, component: &str, dry_run| {
        assign(AssignArgs {
            file: file(dry_run),
            products: vec![product.to_owned()],
            components: vec![component.to_owned()],
        })
    };
    for (product, component, what) in [("DRUM", "core", "product"), ("draw", "CROWN", "component")] {
        let refused = give(product, component, false).await.unwrap_err();
        assert!(matches!(refused, ClientError::Unknown { what: told, .. } if told == what));
        assert_eq!(refused.exit_code(), 1);
    }
    assert_eq!(team.seats(&draw).await, (2, 0, 0));

    let dry = give("draw", "core", true).await.unwrap();
    assert_eq!(
        (dry.status.as_str(), dry.exit_code()),
        ("AWAITING_CONFIRMATION", 2),
        "a seat is missing"
    );
    assert_eq!(team.seats(&draw).await, (2, 0, 0));
    let given = give("Product DRAW", "CORE part", false).await.unwrap();
    assert_eq!(
        (given.outcomes["INVITED_AND_ASSIGNED"], given.outcomes["FAILED"]),
        (2, 1)
    );
    assert_eq!(given.exit_code(), 2);
    assert_eq!(team.seats(&draw).await, (2, 2, 2));

    let args = UnassignArgs {
        file: file(false),
        products: vec!["DRAW".to_owned()],
    };
    let taken = unassign(args).await.unwrap();
    assert_eq!(
        (taken.outcomes["UNASSIGNED"], taken.outcomes["UNCHANGED"]),
        (2, 1)
    );
    assert_eq!((taken.exit_code(), team.seats(&draw).await), (0, (2, 0, 0)));

    let back = |import_id: &str| {
        undo(UndoArgs {
            import: import_id.to_owned(),
            url: house.url.clone(),
            token: token.clone(),
            json: true,
        })
    };
    let again = back(&taken.import_id).await.unwrap();
    assert_eq!((again.outcomes["UNDONE"], again.exit_code()), (2, 0));
    assert_eq!(team.seats(&draw).await, (2, 2, 2));
    // Given again they are other seats than the import gave, so they stay with their people.
    let undone = back(&given.import_id).await.unwrap();
    assert_eq!((undone.outcomes["LEFT"], undone.exit_code()), (2, 2));
    assert!(
        undone.to_text().contains("Line 2: The person holds a seat"),
        "{}",
        undone.to_text()
    );
    assert_eq!(team.counts().await["userCounts"]["pending"], json!(2));
    let unknown = back("imp_nonsense").await.unwrap_err();
    assert!(matches!(unknown, ClientError::Refused(_)), "{unknown}");
    house.settle_mails().await;
    house.close().await;
}
